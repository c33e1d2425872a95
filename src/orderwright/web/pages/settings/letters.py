"""/desk/settings/letters: which letters are sent and who gets them; how one looks; a trial of it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.notifications import resending, switching, templating, ways
from orderwright.notifications.kinds import CHANNELS, KINDS, Kind
from orderwright.orders.queries import Filters, listed
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.mailbox import FRAME
from orderwright.web.pages.settings.frame import show

SAMPLES = 25


@require_http_methods(["GET", "HEAD", "POST"])
@allow("letters:read")
def letters(request: Visit) -> HttpResponse:
    """The kinds of letters, each on or off by channel."""
    if request.method == "POST":
        demand(request, "letters:write")
        kind = reading.one_of(request.POST, "kind", KINDS)
        channel = reading.one_of(request.POST, "channel", CHANNELS)
        on = request.POST.get("on") == "yes"
        switching.switch(kind, channel, on, actor=request.actor)
        name = KINDS[kind].name
        say(request, (_("“{name}” is sent.") if on else _("“{name}” is not sent any more.")).format(name=name))
        return go(request, "/desk/settings/letters")
    sent = switching.switches()
    kinds = [
        {"kind": kind, "email": sent[kind.code, "email"], "sms": sent.get((kind.code, "sms"))}
        for kind in KINDS.values()
    ]
    words = {"kinds": kinds, "ways": ways.health(), "broken": templating.broken()}
    return show(request, "letters", "settings/letters.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("letters:read")
def letter(request: Visit, kind: str) -> HttpResponse:
    """How a kind of letter looks, by the example of an order; a trial to an address of the shop's own."""
    found = _kind(kind)
    if request.method == "POST":
        return _try(request, kind)
    number, language = _asked(request)
    recent = [] if number else _recent(kind)
    number = number or (recent[0] if recent else "")
    words: dict[str, Any] = {
        "kind": found,
        "order": number,
        "language": language,
        "languages_known": settings.LANGUAGES,
        "to": request.user.email,
        "ready": None,
        "problem": "",
        "query": urlencode({"order": number, "language": language}),
    }
    if number:
        try:
            words["ready"] = resending.preview(kind, number, language=language).composed
        except Refusal as refusal:  # said on the page itself, beside the choice of another order
            words["problem"] = str(refusal)
    return show(request, "letters", "settings/letter.html", words)


@require_safe
@allow("letters:read")
def letter_html(request: Visit, kind: str) -> HttpResponse:
    """The letter as a mail program would show it, in a frame in which nothing runs."""
    _kind(kind)
    number, language = _asked(request)
    headers = {"Content-Security-Policy": FRAME, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    answer = HttpResponse(resending.preview(kind, number, language=language).composed.html, headers=headers)
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _try(request: Visit, kind: str) -> HttpResponse:
    """Send the letter to somebody of the shop.  The address stands in no address and is not kept."""
    demand(request, "letters:write")
    to = reading.text(request.POST, "to", needed=True)
    try:
        validate_email(to)
    except ValidationError as error:
        raise Invalid(field="to", problem=" ".join(error.messages)) from error
    number = reading.text(request.POST, "order", needed=True)
    language = request.POST.get("language", "")
    known = language if language in dict(settings.LANGUAGES) else ""
    tried = resending.send_test(kind, number, to, language=known)
    said = _("{provider} took the letter: {answer}")
    say(request, said.format(provider=tried.provider, answer=tried.answer))
    return go(request, f"/desk/settings/letters/{kind}?" + urlencode({"order": number, "language": known}))


def _asked(request: Visit) -> tuple[str, str]:
    language = request.GET.get("language", "")
    number = request.GET.get("order", "").strip()[:100].replace("\x00", "")
    return number, language if language in dict(settings.LANGUAGES) else ""


def _recent(kind: str) -> list[str]:
    """Newest orders of which there is such a letter; none, where the newest ones have none."""
    if KINDS[kind].staff:
        return []
    for order in listed(Filters(), after=None, limit=SAMPLES):
        try:
            resending.preview(kind, order.number)
        except Refusal:
            continue
        return [order.number]
    return []


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise NotFound(thing=_("kind of letter"), name=code)
    return KINDS[code]


PATHS = [
    path("desk/settings/letters", letters),
    path("desk/settings/letters/<slug:kind>", letter),
    path("desk/settings/letters/<slug:kind>/html", letter_html),
]
