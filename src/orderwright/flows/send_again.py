"""Sending again: units of packages that were lost or came back are kept for their order anew, or waited for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.customers.drafting import AddressDraft
from orderwright.flows._each import Answer, Done, each
from orderwright.flows.summarize import summarize
from orderwright.fulfilment.sourcing.places import destination, places
from orderwright.fulfilment.sourcing.plan import Plan, plan
from orderwright.inventory.availability import load_safeties, sellable
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import Shelves, lock_shelves
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.orders.locking import lock_orders
from orderwright.shipping import again, tracking
from orderwright.shipping.packages import Inside, PackageSeen, contents, packages_of_orders
from orderwright.shipping.tracking import Settled


class SendAgain(NamedTuple):
    """What was in these packages of an order (names; None: all that were lost or came back) is to leave again."""

    order_id: int
    packages: Sequence[str] | None = None
    at: datetime | None = None


class Dealt(NamedTuple):
    """Units of a package that are kept at a place now; at none, where they are waited for."""

    package: PackageSeen
    part: Inside
    place: int
    quantity: int


@transaction.atomic
def send_again(requests: Sequence[SendAgain], *, actor: Actor) -> list[Answer]:
    """Want the units of lost or returned packages again, for the same lines: no new order, no new money.

    They are sourced as they were when the order was placed; what is short is backordered.
    """
    order_ids = sorted({request.order_id for request in requests})
    locked = lock_orders(order_ids)
    there, ways = packages_of_orders(locked), _ways(order_ids)
    inside = contents([package.id for some in there.values() for package in some if package.settled])
    skus = {part.sku_id for parts in inside.values() for part in parts}
    shelves, safeties, sources = lock_shelves(skus), load_safeties(skus), sql.ask(places())
    codes = {place.id: place.code for place in sources}
    gone: set[int] = set()

    def decide(request: SendAgain) -> tuple[list[Dealt], Happening]:
        number = locked[request.order_id].number
        left = [package for package in there[request.order_id] if package.id not in gone]
        chosen = again.choose(left, request.packages, number=number)
        gone.update(package.id for package in chosen)
        parts = [(package, part) for package in chosen for part in inside[package.id]]
        channel_id, sourcing, to = ways[request.order_id]
        wanted: dict[int, int] = {}
        for _package, part in parts:
            wanted[part.sku_id] = wanted.get(part.sku_id, 0) + part.quantity
        sourced = plan(wanted, sellable(shelves, safeties, channel_id), sources, destination(to), sourcing)
        dealt = _deal(parts, sourced, shelves)
        facts = {
            "number": number,
            "packages": [package.name for package in chosen],
            "units": _facts(dealt, codes),
            "sourcing": sourced.reason,
        }
        return dealt, Happening("order.sent_again", actor, facts, request.order_id, request.at)

    decided = each(requests, decide)
    _write([one for one in decided if not isinstance(one, Refusal)])
    return [
        one if isinstance(one, Refusal) else Done(request.order_id, sum(part.quantity for part in one[0]))
        for one, request in zip(decided, requests, strict=True)
    ]


def _ways(order_ids: Sequence[int]) -> dict[int, tuple[int, list[str], AddressDraft]]:
    """The channel of each order, how it is sourced, and where the order goes."""
    return {
        id_: (channel_id, list(sourcing), AddressDraft(country=country, latitude=north, longitude=east))
        for id_, channel_id, sourcing, country, north, east in sql.rows(WAYS, [sql.ints(order_ids)])
    }


def _deal(parts: Sequence[tuple[PackageSeen, Inside]], sourced: Plan, shelves: Shelves) -> list[Dealt]:
    """Deal what was sourced to what is to be sent again; it leaves the shelves in memory."""
    takes = {sku: [[take.place, take.amount] for take in taken] for sku, taken in sourced.taken.items()}
    dealt = []
    for package, part in parts:
        left = part.quantity
        for take in takes.get(part.sku_id, ()):
            place, amount = take
            here = min(left, amount)
            if here:
                shelves[part.sku_id, place] -= here
                take[1] -= here
                left -= here
                dealt.append(Dealt(package, part, place, here))
        if left:
            dealt.append(Dealt(package, part, NOWHERE, left))
    return dealt


def _facts(dealt: Sequence[Dealt], codes: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {"line": one.part.position, "sku": one.part.sku, "quantity": one.quantity}
        | ({"location": codes[one.place]} if one.place else {})
        for one in dealt
    ]


def _write(decided: Sequence[tuple[list[Dealt], Happening]]) -> None:
    if not decided:
        return
    events = record([happening for _dealt, happening in decided])
    moved = [(one, event) for (dealt, _happening), event in zip(decided, events, strict=True) for one in dealt]
    post(
        STOCK,
        [
            Movement(one.part.sku_id, one.place, "available", one.place, "reserved", one.quantity, event)
            for one, event in moved
            if one.place
        ],
        locked=True,
    )
    post(LINES, [movement for one, event in moved for movement in _line_movements(one, event)])
    packages = {one.package.id: one.package for one, _event in moved}
    tracking.write([again.step(package, Settled.SENT_AGAIN) for package in packages.values()])
    summarize(sorted({package.order_id for package in packages.values()}))


def _line_movements(one: Dealt, event: int) -> list[Movement]:
    """Open again, and then kept or waited for."""
    left, line = one.package.location_id, one.part.line_id
    target = "reserved" if one.place else "backordered"
    return [
        Movement(line, left, one.package.settled, NOWHERE, "open", one.quantity, event),
        Movement(line, NOWHERE, "open", one.place, target, one.quantity, event),
    ]


WAYS = """
    SELECT o.id, o.channel_id, c.sourcing, coalesce(a.country, ''), a.latitude, a.longitude
      FROM orders o
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     WHERE o.id = ANY (%s::bigint[])
"""
