"""The kinds of letters: one table of what is told to whom, after which events, and by which channels.

A letter is one per event, kind, channel, package and recipient.  So that two causes in one moment make no two letters
that contradict each other:

- A card that is declined brings `payment_due` too, a quarter of an hour later, unless another card paid by then.
- An order that is secure as it is placed is confirmed by `order.placed`, another by `order.confirmed`; one that waits
  for money gets `payment_due` first.  One whose card is being asked gets nothing until the answer is there.
- Units that an order waits for from its first day are in its confirmation, with their date; `backordered` tells of a
  date that changed for units that are still waited for, `delayed` of all other dates that became later, `sooner` of
  those that became earlier by more than a day, or because a person decided so.  What they tell is compared, line by
  line, with what the customer was told before (`notifications.comparing`).
- A parcel whose label is still being asked for is told of when it has its number, or after half an hour without.
- `order.reallocated` and `package.delayed` make no letters: what they change for a customer is a promise.
- What is no longer true when it is to be sent is not sent (`notifications.deciding`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.notifications.promising import read

EMAIL, SMS = "email", "sms"
CHANNELS = (EMAIL, SMS)
ALL = "*"
NOT_SECURE = frozenset({"unpaid", "partly_paid", "pending"})
TIME_FOR_ANOTHER_CARD_SECONDS = 15 * 60
WAITS_FOR_MONEY = frozenset({"unpaid", "partly_paid"})


class Kind(NamedTuple):
    """A kind of letter.  By e-mail it is sent unless somebody said no, by SMS only to customers who said yes."""

    code: str
    name: Promise
    events: tuple[str, ...]
    staff: bool = False  # to the shop's own address
    sms: bool = False
    on: bool = True  # where the shop has not chosen
    always: bool = False  # its reader asked for it in this moment: nobody can say no to it


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("order_confirmed", _("Order confirmed"), ("order.placed", "order.confirmed")),
        Kind("payment_due", _("Payment due"), ("order.placed", "tender.declined")),
        Kind("shipped", _("Shipped"), ("order.shipped",), sms=True),
        Kind("out_for_delivery", _("Out for delivery"), ("package.sent_out",), sms=True),
        Kind("ready_for_pickup", _("Ready for pickup"), ("package.made_ready",), sms=True),
        Kind("delivery_failed", _("Delivery attempt failed"), ("package.attempted",), sms=True),
        Kind("delivered", _("Delivered"), ("order.delivered",), sms=True),
        Kind("delayed", _("Delayed"), ("promise.changed",), sms=True),
        Kind("sooner", _("Sooner than promised"), ("promise.changed",)),
        Kind("backordered", _("Backordered, with a new date"), ("promise.changed",)),
        Kind("canceled", _("Canceled"), ("order.canceled",)),
        Kind("partly_canceled", _("Partly canceled"), ("order.partly_canceled",)),
        Kind("order_edited", _("Order changed"), ("order.edited",)),
        Kind("refunded", _("Refunded"), ("tender.refunded",)),
        Kind("package_lost", _("Parcel lost"), ("package.lost",)),
        Kind("package_returned", _("Parcel returned"), ("package.returned",)),
        Kind("sign_in_link", _("Link to sign in"), ("customer.link_asked",), always=True),
        Kind("claim_link", _("Order asked for by an account"), ("order.claim_asked",), always=True),
        Kind("webhook_paused", _("Webhook paused"), ("webhook.paused",), staff=True),
        Kind("authorization_expiring", _("Authorization expiring"), ("tender.expiring",), staff=True),
        Kind("stock_low", _("Stock low"), ("stock.low",), staff=True, on=False),
        Kind("stock_out", _("Stock out"), ("stock.out",), staff=True, on=False),
    )
}

CAUSES = frozenset(event for kind in KINDS.values() for event in kind.events)

TELLS_NEW_DAYS = frozenset({"delayed", "sooner", "backordered"})
TELLS_ALL_DAYS = frozenset({"order_confirmed", "payment_due", "order_edited"})
WORTH_TELLING = timedelta(days=2)

OF_PACKAGES = {
    "package.sent_out": "out_for_delivery",
    "package.made_ready": "ready_for_pickup",
    "package.attempted": "delivery_failed",
    "package.lost": "package_lost",
    "package.returned": "package_returned",
}

PLAIN = {
    "customer.link_asked": "sign_in_link",
    "order.claim_asked": "claim_link",
    "order.confirmed": "order_confirmed",
    "order.canceled": "canceled",
    "order.partly_canceled": "partly_canceled",
    "tender.refunded": "refunded",
    "tender.expiring": "authorization_expiring",
    "stock.low": "stock_low",
    "stock.out": "stock_out",
}


class Wanted(NamedTuple):
    """A letter that an event causes."""

    kind: str
    package: str = ""
    wait_seconds: int = 0  # before it is sent: perhaps it is not needed any more then


def caused_by(event: str, facts: Mapping[str, Any], *, waiting: bool = False) -> list[Wanted]:
    """The letters that an event causes; `waiting`: a line that it speaks of still waits for stock."""
    if event == "order.placed":
        if facts.get("payment") in WAITS_FOR_MONEY:
            return [Wanted("payment_due")]
        return [] if facts.get("payment") in NOT_SECURE else [Wanted("order_confirmed")]
    if event == "order.shipped":
        return [Wanted("shipped", one["package"]) for one in facts.get("packages") or ()] or [Wanted("shipped")]
    if event == "order.delivered":
        return [Wanted("delivered", name) for name in facts.get("packages") or ()] or [Wanted("delivered")]
    if event in OF_PACKAGES:
        return [Wanted(OF_PACKAGES[event], facts.get("package") or "")]
    if event == "promise.changed":
        if waiting:
            return [Wanted("backordered")]
        if facts.get("later"):
            return [Wanted("delayed")]
        return [Wanted("sooner")] if _is_good_news(facts) else []
    if event == "order.edited":
        return [Wanted("order_edited")] if facts.get("tells_customer") else []
    if event == "tender.declined":
        return [Wanted("payment_due", wait_seconds=TIME_FOR_ANOTHER_CARD_SECONDS)]
    if event == "webhook.paused":
        return [] if facts.get("by") == "hand" else [Wanted("webhook_paused")]
    return [Wanted(PLAIN[event])]


def _is_good_news(facts: Mapping[str, Any]) -> bool:
    """Something comes sooner by more than what changes from day to day, or because a person decided so."""
    least = timedelta(days=1) if facts.get("why") in ("reallocated", "prioritized") else WORTH_TELLING
    for line in facts.get("lines") or ():
        was, now = read(line, "was_").day, read(line).day
        if now is not None and (was is None or was - now >= least):
            return True
    return False
