"""Shipping orders: what was prepared leaves as it was packed, and the rest that may leave in a box of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows._leaving import Bench, lay_out, leave, refuse_stopped
from orderwright.flows.confirm_shipments import confirm_one
from orderwright.fulfilment.working import Work
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.orders.moving import NotThatMany, Wanted, leaves
from orderwright.orders.shipping import NothingToShip
from orderwright.orders.units import LineUnits
from orderwright.shipping import leaving, packing
from orderwright.shipping.options import active_options
from orderwright.shipping.packing import Box, Content, Packed, Parcelled


class Ship(NamedTuple):
    """All that locations have accepted of an order, or these units of what is open there, left."""

    order_id: int
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def ship_orders(requests: Sequence[Ship], *, actor: Actor) -> list[Answer]:
    """Note that released units left, a shipment for each fulfilment order, one package in each that is new.

    A hold that came after the release still stops an order here, and so does money that was let go since.  Where the
    channel captures at shipment, what has left is to be paid now: the providers are asked for it.
    """
    ids = sorted({request.order_id for request in requests})
    bench, now = lay_out(ids), clock.now()
    prepared = leaving.load(leaving.prepared_of(ids), bench.works, at=now)
    waiting: dict[int, list[Parcelled]] = {}
    for one in prepared.values():
        waiting.setdefault(one.work.order_id, []).append(one)

    def decide(request: Ship) -> list[Parcelled]:
        order = refuse_stopped(bench, request.order_id)
        at = request.at or now
        if request.lines is not None:
            return _choose(bench, request, order.number, at)
        ready = [one for one in waiting.pop(order.id, []) if not one.is_voiding]
        shipments = [confirm_one(one, bench, at) for one in ready if not one.work.held]
        for work in _workable(bench, order.id):
            if any(line.open for line in work.lines):
                units = bench.units[order.id]
                shipments.append(packing.pack(work, units, (Box(),), number=order.number, at=at, target="shipped"))
        if not shipments:
            _say_why(bench, order.id)
            raise NothingToShip(number=order.number)
        return shipments

    decided = each(requests, decide)
    shipments = [one for some in decided if not isinstance(some, Refusal) for one in some]
    new = [one for one in shipments if not one.id]
    if new:
        packing.choose_options(new, [None] * len(new), active_options())
    leave(shipments, bench, actor=actor)
    return [
        some if isinstance(some, Refusal) else Done(request.order_id, sum(one.quantity for one in some))
        for some, request in zip(decided, requests, strict=True)
    ]


def _workable(bench: Bench, order_id: int) -> list[Work]:
    """The fulfilment orders with which their locations may go on."""
    found = []
    for work in bench.works[order_id]:
        try:
            packing.refuse_unworkable(work)
        except Refusal:
            continue
        found.append(work)
    return found


def _say_why(bench: Bench, order_id: int) -> None:
    """Refuse as the first fulfilment order does that has something to do and may not."""
    for work in bench.works[order_id]:
        if any(line.open or line.packed for line in work.lines):
            packing.refuse_unworkable(work)


def _choose(bench: Bench, request: Ship, number: str, at: datetime) -> list[Parcelled]:
    """Take the units that are wanted out of what is open, wherever it is, in memory; all of them, or none."""
    assert request.lines is not None
    if not request.lines:
        raise Invalid(field="lines", problem="there are none")
    order, works = bench.units[request.order_id], _workable(bench, request.order_id)
    taken: dict[int, list[Content]] = {}
    try:
        for wanted in request.lines:
            for leaf, quantity in leaves(order, wanted):
                _take(works, leaf, quantity, wanted.location, taken)
    except Refusal:
        for contents in taken.values():
            for line, quantity in contents:
                line.open += quantity
                line.shipped -= quantity
        raise
    return [
        Parcelled(work, number, [Packed(Box(), packing.summed(taken[work.id]))], at, leaves=True)
        for work in works
        if work.id in taken
    ]


def _take(
    works: Sequence[Work], leaf: LineUnits, quantity: int, location: str | None, taken: dict[int, list[Content]]
) -> None:
    left = quantity
    there = [
        (work, line)
        for work in works
        for line in work.lines
        if line.line_id == leaf.id and line.open and location in (None, work.location)
    ]
    if sum(line.open for _work, line in there) < quantity:
        open_ = sum(line.open for _work, line in there)
        raise NotThatMany(asked=quantity, sku=leaf.sku, there=open_, bucket="released")
    for work, line in there:
        part = min(left, line.open)
        if part:
            line.open -= part
            line.shipped += part
            left -= part
            taken.setdefault(work.id, []).append(Content(line, part))
