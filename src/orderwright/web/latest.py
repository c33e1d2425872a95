"""What happened last, in a few words each: of money it tells only those who may see payments."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.orders.latest import latest
from orderwright.web.whose import called

# How it is said, and in which tone.
WORDS: Mapping[str, tuple[Promise, str]] = {
    "order.placed": (_("Placed"), "busy"),
    "order.confirmed": (_("Confirmed"), "good"),
    "order.edited": (_("Edited"), "calm"),
    "order.held": (_("Put on hold"), "wait"),
    "order.hold_lifted": (_("Hold lifted"), "good"),
    "order.noted": (_("Note written"), "calm"),
    "order.tagged": (_("Tagged"), "calm"),
    "order.untagged": (_("Tag taken off"), "calm"),
    "order.canceled": (_("Canceled"), "bad"),
    "order.partly_canceled": (_("Partly canceled"), "bad"),
    "order.backorder_filled": (_("Stock came in"), "good"),
    "order.released": (_("Released"), "busy"),
    "order.taken_back": (_("Taken back from the warehouse"), "wait"),
    "order.shipped": (_("Shipped"), "good"),
    "order.delivered": (_("Delivered"), "good"),
    "tender.authorized": (_("Payment secured"), "good"),
    "tender.captured": (_("Payment taken"), "good"),
    "tender.received": (_("Payment received"), "good"),
    "tender.declined": (_("Payment declined"), "bad"),
    "tender.action_required": (_("Buyer is asked by the bank"), "wait"),
    "tender.capture_declined": (_("Payment not given"), "bad"),
    "tender.expiring": (_("Authorization ends soon"), "wait"),
    "tender.refunded": (_("Money given back"), "wait"),
    "tender.voided": (_("Payment let go"), "calm"),
    "fulfilment.accepted": (_("Accepted by the warehouse"), "busy"),
    "fulfilment.rejected": (_("Rejected by the warehouse"), "bad"),
    "fulfilment.moved": (_("Moved to another location"), "wait"),
    "fulfilment.held": (_("Work put on hold"), "wait"),
    "shipment.prepared": (_("Packed"), "busy"),
    "package.label_made": (_("Labelled"), "busy"),
    "package.label_refused": (_("Label refused"), "bad"),
    "package.handed_over": (_("Handed over"), "busy"),
    "package.forwarded": (_("On its way"), "busy"),
    "package.stopped_at_customs": (_("At customs"), "wait"),
    "package.delayed": (_("Parcel delayed"), "bad"),
    "package.sent_out": (_("Out for delivery"), "busy"),
    "package.made_ready": (_("Ready to be fetched"), "wait"),
    "package.attempted": (_("Nobody at home"), "wait"),
    "package.contradicted": (_("Scans contradict"), "bad"),
    "package.returned": (_("Parcel came back"), "bad"),
    "package.lost": (_("Parcel lost"), "bad"),
    "promise.changed": (_("Another date promised"), "wait"),
    "promise.missed": (_("Date missed"), "bad"),
    "promise.kept": (_("Date kept"), "good"),
}
NOT_TOLD = frozenset({"letter.", "promise.made", "tender.opened", "tender.capture_asked", "tender.refund_asked"})
OF_MONEY = "tender."


class Told(NamedTuple):
    """An event as people read it."""

    id: int
    words: str | Promise
    tone: str
    order: str
    who: str
    at: datetime


def tell(limit: int, may: Collection[str]) -> list[Told]:
    """The newest events of orders, the newest first; three statements at most."""
    found = latest(limit, without=NOT_TOLD if "payments:read" in may else NOT_TOLD | {OF_MONEY})
    who = called({one.actor for one in found})
    return [Told(one.id, *words_of(one.kind), one.order, who[one.actor], one.at) for one in found]


def words_of(kind: str) -> tuple[str | Promise, str]:
    """How an event of this kind is told, and in which tone."""
    return WORDS.get(kind) or (kind.replace(".", " ").replace("_", " ").capitalize(), "calm")
