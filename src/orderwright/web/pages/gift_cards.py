"""/desk/gift-cards: gift cards that were issued, what is left on them and what became of it; and customers' credit."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwright.catalog.queries import channels
from orderwright.credits import codes, disabling, issuing, queries
from orderwright.kernel import money
from orderwright.kernel.errors import Invalid
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, page, say
from orderwright.web.once import once
from orderwright.web.reading import id_or_none

ROWS = 50
MOST_AT_ONCE = 100
MOST_CHANNELS = 100
SHOWN_ONCE = "gift_card_codes"
TONES = {"active": "good", "empty": "calm", "expired": "wait", "disabled": "bad"}


def states() -> dict[str, tuple[str, str]]:
    """The word and the tone of each state."""
    words = {"active": _("Active"), "empty": _("Spent"), "expired": _("Expired"), "disabled": _("Disabled")}
    return {state: (word, TONES[state]) for state, word in words.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("credits:read")
def cards(request: Visit) -> HttpResponse:
    """The list; new ones are issued by its form."""
    if request.method == "POST":
        return _issue(request)
    return _list(request)


@require_safe
@allow("credits:read")
def card(request: Visit, card_id: int) -> HttpResponse:
    """One, with what became of its money."""
    found = queries.card(card_id)
    moved = queries.history(card_id)
    return page(request, "gift_cards/one.html", {"card": found, "state": states()[found.state], "moved": moved})


@require_POST
@allow("credits:write")
def switch(request: Visit, card_id: int) -> HttpResponse:
    """Disable it, or enable it again."""
    found = queries.card(card_id)
    with transaction.atomic():
        if request.POST.get("do") == "enable":
            disabling.enable([found.id], actor=request.actor)
            say(request, _("The gift card can be spent again."))
        else:
            disabling.disable([found.id], actor=request.actor)
            say(request, _("The gift card is disabled."))
    return go(request, f"/desk/gift-cards/{card_id}")


@require_POST
@allow("credits:write")
@once
def customer_credit(request: Visit, customer_id: int) -> HttpResponse:
    """Give a customer credit, or take back what is not spent: the form of the customer's page."""
    currency = request.POST.get("currency", "").strip().upper()[:3]
    amount = money.minor(request.POST.get("amount", "").strip().replace(",", ".")[:20], currency)
    if request.POST.get("do") == "withdraw":
        amount = -amount
    with transaction.atomic():
        issuing.change_credit(customer_id, amount, currency, _reason(request), actor=request.actor)
    say(request, _("The credit was changed."))
    return go(request, f"/desk/customers/{customer_id}")


def _list(request: Visit) -> HttpResponse:
    four = request.GET.get("q", "").strip()[-4:]
    found = queries.cards(last_four=four, before=id_or_none(request.GET, "before"), limit=ROWS + 1)
    words = {
        "cards": [(one, *states()[one.state]) for one in found[:ROWS]],
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "q": four,
        "issued": request.session.pop(SHOWN_ONCE, []),
        "currency": _usual_currency(),
    }
    return page(request, "gift_cards/list.html", words)


@once
def _issue(request: Visit) -> HttpResponse:
    """The codes are shown once, on the page that is led to; loading that anew issues nothing."""
    demand(request, "credits:write")
    currency = request.POST.get("currency", "").strip().upper()[:3]
    amount = money.minor(request.POST.get("amount", "").strip().replace(",", ".")[:20], currency)
    said, until = request.POST.get("count", "1"), request.POST.get("expires_on", "")
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:6]) <= MOST_AT_ONCE):
        raise Invalid(field=_("How many"), problem=_("1 to {most} at once").format(most=MOST_AT_ONCE))
    try:
        expires_on = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid(field=_("Expires on"), problem=_("is no day")) from error
    with transaction.atomic():
        new = [issuing.NewCard(amount, currency, expires_on)] * int(said)
        issued = issuing.issue_cards(new, actor=request.actor, reason=_reason(request))
    request.session[SHOWN_ONCE] = [codes.written(one.code) for one in issued]
    return go(request, "/desk/gift-cards")


def _reason(request: Visit) -> str:
    """A word for the event, never a sentence about somebody."""
    word = request.POST.get("reason", "").strip().lower().replace(" ", "_")[:40]
    return word if all(letter.isascii() and (letter.isalpha() or letter == "_") for letter in word) else ""


def _usual_currency() -> str:
    """What the shop's own channel sells in; of a shop without it, what another channel does, to begin with."""
    currencies = {channel.code: channel.currency for channel in channels(limit=MOST_CHANNELS)}
    return currencies.get(settings.SHOP_CHANNEL) or next(iter(currencies.values()), "")


PATHS = [
    path("desk/gift-cards", cards),
    path("desk/gift-cards/<int:card_id>", card),
    path("desk/gift-cards/<int:card_id>/switch", switch),
    path("desk/customers/<int:customer_id>/credit", customer_credit),
]
