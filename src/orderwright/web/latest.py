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
    "tender.expired": (_("Payment not made in time"), "bad"),
    "tender.refunded": (_("Money given back"), "wait"),
    "tender.voided": (_("Payment let go"), "calm"),
    "fulfilment.accepted": (_("Accepted by the warehouse"), "busy"),
    "fulfilment.rejected": (_("Rejected by the warehouse"), "bad"),
    "shipment.prepared": (_("Packed"), "busy"),
    "package.packed": (_("Packed"), "busy"),
    "package.label_made": (_("Labelled"), "busy"),
    "package.in_transit": (_("On its way"), "busy"),
    "package.out_for_delivery": (_("Out for delivery"), "busy"),
    "package.delivered": (_("Parcel delivered"), "good"),
    "package.delayed": (_("Parcel delayed"), "bad"),
    "package.lost": (_("Parcel lost"), "bad"),
    "promise.made": (_("Date promised"), "calm"),
    "promise.changed": (_("Another date promised"), "wait"),
    "promise.missed": (_("Date missed"), "bad"),
    "promise.kept": (_("Date kept"), "good"),
}
NOT_TOLD = ("letter.", "promise.made", "tender.opened", "tender.authorization_asked", "tender.capture_asked")
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
    found = [one for one in latest(limit * 4) if not one.kind.startswith(NOT_TOLD)]
    if "payments:read" not in may:
        found = [one for one in found if not one.kind.startswith(OF_MONEY)]
    found = found[:limit]
    who = called({one.actor for one in found})
    return [Told(one.id, *_words(one.kind), one.order, who[one.actor], one.at) for one in found]


def _words(kind: str) -> tuple[str | Promise, str]:
    return WORDS.get(kind) or (kind.replace(".", " ").replace("_", " ").capitalize(), "calm")
