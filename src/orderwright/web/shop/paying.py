"""/pay/… and /orders/thanks/…: what is due of an order is paid, and its buyer sees how it stands."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwright.flows.ask_providers import ask_about
from orderwright.flows.pay_orders import Pay, pay_orders
from orderwright.flows.summarize import look
from orderwright.kernel import actors, clock, throttling
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.models import Order
from orderwright.orders.queries import Listed, OrderSeen, get, heads
from orderwright.payments import asking, linking, opening, providers, queries, waiting
from orderwright.payments.methods import GIFT_CARD
from orderwright.payments.opening import NothingDue
from orderwright.payments.ports import CardFields
from orderwright.payments.queries import AttemptSeen
from orderwright.payments.reasons import REASONS
from orderwright.promises.queries import deliver_on
from orderwright.shipping.models import DeliveryOption
from orderwright.web.answering import go, page, policy
from orderwright.web.shop.reviewing import MOST_LINES, cart_of
from orderwright.web.signing_in import network_of

TRIES, TRIES_SECONDS = 30, 10 * 60  # of one network: who tries stolen cards needs more
LOOK_AGAIN_SECONDS = 3
LONGEST_TOKEN = 500
CUSTOMER = "customer"  # in the session of who is signed in to the shop

MANUAL_WORDS: Mapping[str, tuple[Promise, Promise]] = {
    "bank_transfer": (_("Bank transfer"), _("We send the goods when your money is here.")),
    "cash_on_delivery": (_("Cash on delivery"), _("You pay whoever brings the goods.")),
    "invoice": (_("Invoice"), _("You pay after the goods have come.")),
}


class State(StrEnum):
    """How the payment of an order stands, for its buyer."""

    DONE = "done"  # paid, or sure to be
    STEP = "step"  # the payer must do something at his bank
    ASKING = "asking"  # the provider was asked
    DECLINED = "declined"
    AWAITED = "awaited"  # a transfer that is to come
    DUE = "due"
    CANCELED = "canceled"


class Standing(NamedTuple):
    """An order, for who pays it."""

    head: Listed
    state: State
    due_minor: int
    reason: str | Promise  # why the card was declined
    step: AttemptSeen | None
    until: datetime | None  # when an order that is not paid is let go

    @property
    def is_soon(self) -> bool:
        """Whether hours and minutes tell more of that moment than its day."""
        return self.until is not None and self.until < clock.now() + timedelta(days=2)


def standing(order_id: int) -> Standing:
    """How an order stands now; six statements."""
    head = heads([order_id])[order_id]
    _figures, money = look([order_id])
    tenders = queries.tenders_of([order_id])
    attempts = [one for one in queries.attempts_of([tender.id for tender in tenders]) if one.verb == "authorize"]
    due = opening.due(money[order_id].owed, tenders, "")
    step = next((one for one in reversed(attempts) if one.answer == "action_required"), None)
    last = attempts[-1] if attempts else None
    state = _state(head, due, step, last, is_awaited=any(tender.balances["awaited"] for tender in tenders))
    reason = REASONS.get(last.reason, "") if last is not None and last.answer == "declined" else ""
    until = waiting.kept_until(order_id) if state not in (State.DONE, State.CANCELED) else None
    return Standing(head, state, due, reason, step, until)


def _state(head: Listed, due: int, step: AttemptSeen | None, last: AttemptSeen | None, *, is_awaited: bool) -> State:
    if head.status == "canceled":
        return State.CANCELED
    if head.payment == "pending":
        return State.STEP if step is not None else State.ASKING
    if not due:
        return State.DONE
    if last is not None and last.answer == "declined":
        return State.DECLINED
    return State.AWAITED if is_awaited else State.DUE


class Way(NamedTuple):
    """A means of payment that a buyer may choose."""

    code: str
    name: str | Promise
    words: str | Promise
    fields: CardFields | None = None
    kept_seconds: int | None = None  # so long the goods are kept for who has not paid; None: nobody waits, or for ever


def ways(request: HttpRequest, channel: str = "") -> list[Way]:
    """The means of payment that the shop's pages offer for a channel's orders, the shop's own, else: cards first."""
    cards = [
        Way(code, _("Card"), _("Your card is given to our payment provider; we never see it."), fields)
        for code, fields in providers.card_fields(f"{request.scheme}://{request.get_host()}").items()
    ]
    manual = [code for code in settings.SHOP_METHODS.split(",") if code in MANUAL_WORDS]
    patience = waiting.patience_of(channel or settings.SHOP_CHANNEL)
    offered = cards + [Way(code, *MANUAL_WORDS[code]) for code in manual]
    return [way._replace(kept_seconds=patience.for_method(way.code)) for way in offered]


def policy_for(offered: list[Way]) -> str:
    """The policy of a page with fields for cards: their frames, and the banks' steps that forms lead to."""
    origins = " ".join(sorted({way.fields.origin for way in offered if way.fields}))
    return policy(frame_src=origins, form_action=origins) if origins else policy()


def token_from(request: HttpRequest, way: Way) -> str:
    """What stands for the payer's card; a browser without scripts is led to the provider's own page."""
    token = request.POST.get("token", "").replace("\x00", "")[:LONGEST_TOKEN]
    return token or (way.fields.hosted_token if way.fields else "")


def lead_on(request: HttpRequest, order_id: int) -> HttpResponse:
    """After placing or paying: the provider is asked while the payer waits, who is then sent where he is needed."""
    ask_about(order_id)
    found = standing(order_id)
    if found.step is not None and found.state == State.STEP:
        return go(request, _step_url(request, order_id, found.step))
    if found.state in (State.DECLINED, State.DUE):
        return go(request, f"/pay/{linking.token_of(order_id)}")
    return go(request, thanks_path(order_id))


def thanks_path(order_id: int) -> str:
    return f"/orders/thanks/{linking.token_of(order_id, linking.THANKS)}"


def _step_url(request: HttpRequest, order_id: int, step: AttemptSeen) -> str:
    (tender,) = (one for one in queries.tenders_of([order_id]) if one.id == step.tender_id)
    back = request.build_absolute_uri(f"{thanks_path(order_id)}?back")
    return providers.provider(tender.method).step_url(step.action_url, back)


def customer_of(request: HttpRequest) -> int | None:
    """The customer who is signed in to the shop; None, where nobody is."""
    found = request.session.get(CUSTOMER)
    return found if isinstance(found, int) else None


def guard(request: HttpRequest) -> None:
    """Refuse who tries to pay very often: cards are tried like this."""
    throttling.count("pay from", network_of(request), most=TRIES, seconds=TRIES_SECONDS)


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """What is due, and how to pay it; then it is paid."""
    order_id = linking.order_of(token)
    offered = ways(request)
    problem: str | Promise = ""
    if request.method == "POST":
        guard(request)
        problem = _pay(request, order_id, offered)
        if not problem:
            return lead_on(request, order_id)
    found = standing(order_id)
    words = {"standing": found, "ways": offered, "problem": problem, "token": token, "bank": bank()}
    if order_id in dict(request.session.get("placed", [])).values():  # a link to pay alone tells nobody what was bought
        words["again_token"] = linking.token_of(order_id, linking.THANKS)
    return page(request, "shop/pay.html", words, status=422 if problem else 200, content_policy=policy_for(offered))


def _pay(request: HttpRequest, order_id: int, offered: list[Way]) -> str | Promise:
    """Write the payment down; answers what is wrong with it.  What is paid or being paid already is no mistake."""
    if request.POST.get("do") == "gift_card":
        asked = Pay(order_id, GIFT_CARD, request.POST.get("gift_card", "").replace("\x00", "")[:LONGEST_TOKEN])
    else:
        way = next((way for way in offered if way.code == request.POST.get("method")), None)
        if way is None:
            return _("Choose how you want to pay.")
        asked = Pay(order_id, way.code, token_from(request, way))
    (answer,) = again_on_conflict(lambda: pay_orders([asked], actor=actors.system("shop")))
    if isinstance(answer, Refusal) and not isinstance(answer, NothingDue):
        raise answer
    return ""


@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """How the order stands, for who has just placed it or comes back from the bank."""
    order_id = linking.order_of(token, linking.THANKS)
    if "back" in request.GET:
        _ask_again(order_id)
        return go(request, thanks_path(order_id))
    found = standing(order_id)
    if found.state in (State.DECLINED, State.DUE):
        return go(request, f"/pay/{linking.token_of(order_id)}")
    order = get(found.head.number)
    words = {
        "standing": found,
        "order": order,
        "lines": [line for line in order.lines if line.kit is None],
        "email": Order.objects.values_list("customer__email", flat=True).get(pk=order_id),
        "delivery": _delivery(order),
        "deliver_on": deliver_on(order_id),
        "again_token": token,
        "pay_url": f"/pay/{linking.token_of(order_id)}",
        "track_url": f"/track/{linking.token_of(order_id, linking.TRACK)}",
        "step_url": _step_url(request, order_id, found.step) if found.step and found.state == State.STEP else "",
        "bank": bank(),
    }
    answer = page(request, "shop/thanks.html", words)
    if found.state == State.ASKING:
        answer["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return answer


@require_POST
def again(request: HttpRequest, token: str) -> HttpResponse:
    """Lay what an order had into the cart once more: it was not paid in time, and its goods went back to the shelf."""
    order_id = linking.order_of(token, linking.THANKS)
    head = heads([order_id])[order_id]
    if head.status != "canceled":
        return go(request, thanks_path(order_id))
    ordered: Counter[str] = Counter()
    for line in get(head.number).lines:
        if line.kit is None:
            ordered[line.sku] += line.quantity
    request.session["cart"] = dict(list((ordered | Counter(cart_of(request.session))).items())[:MOST_LINES])
    return go(request, "/cart")


def _ask_again(order_id: int) -> None:
    """The payer comes back from his bank: its message may be late, or never come, so the provider is looked up."""
    found = standing(order_id)
    if found.step is not None and found.state == State.STEP:
        asking.hasten([found.step.id])
        ask_about(order_id)


def _delivery(order: OrderSeen) -> str:
    names = DeliveryOption.objects.filter(code=order.wish.delivery_option).values_list("name", flat=True)
    return names.first() or ""


def bank() -> str:
    """Where a transfer goes."""
    return str(settings.BANK_DETAILS.replace("\\n", "\n"))


PATHS: list[Any] = [
    path("pay/<str:token>", pay),
    path("orders/thanks/<str:token>", thanks),
    path("orders/thanks/<str:token>/again", again),
]
