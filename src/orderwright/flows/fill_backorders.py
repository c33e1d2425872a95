"""Filling backorders: what came in goes to those who wait for it, the oldest order first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.customers.drafting import AddressDraft
from orderwright.flows._each import Done
from orderwright.flows.summarize import summarize
from orderwright.fulfilment.sourcing.places import destination, places
from orderwright.fulfilment.sourcing.plan import Plan, plan
from orderwright.inventory.availability import load_safeties, sellable
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import Shelves, lock_shelves
from orderwright.kernel import actors, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.orders.locking import lock_orders
from orderwright.orders.units import LineUnits, OrderUnits, units_of

ACTOR = actors.system("backorders")
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


class Waiting(NamedTuple):
    """An order that waits for stock: where it was sold, how that is sourced, and where it goes."""

    order_id: int
    placed_at: datetime
    channel_id: int
    sourcing: list[str]
    to: AddressDraft


class Filled(NamedTuple):
    """Units of a line that were waiting and are kept at a place now."""

    line: LineUnits
    place: int
    quantity: int


@transaction.atomic
def fill_backorders(sku_ids: Collection[int], *, actor: Actor = ACTOR, limit: int = 200) -> list[Done]:
    """Keep what there is of these SKUs for the orders that wait for them, `limit` of the oldest at most.

    Units are sourced as they are when an order is placed, and safety stock stays back.  An order gets what there is:
    the rest of it waits on.  The number of statements does not depend on how many orders wait.
    """
    return _fill(sku_ids, _waiting(sku_ids, limit), actor)


def _fill(sku_ids: Collection[int], waiting: Sequence[Waiting], actor: Actor) -> list[Done]:
    if not waiting:
        return []
    locked = lock_orders([one.order_id for one in waiting])
    units = units_of(locked)
    shelves, safeties, sources = lock_shelves(sku_ids), load_safeties(sku_ids), sql.ask(places())
    codes = {place.id: place.code for place in sources}
    filled: list[tuple[int, list[Filled]]] = []
    told: list[Happening] = []
    for one in waiting:
        wanted = _wanted(units[one.order_id], shelves)
        if not wanted:
            continue
        there = sellable(shelves, safeties, one.channel_id) if safeties else shelves
        sourced = plan(wanted, there, sources, destination(one.to), one.sourcing)
        dealt = _deal(units[one.order_id], sourced, shelves)
        if dealt:
            filled.append((one.order_id, dealt))
            facts = {"number": locked[one.order_id].number, "units": _facts(dealt, codes), "sourcing": sourced.reason}
            told.append(Happening("order.backorder_filled", actor, facts, one.order_id))
    _write(filled, record(told))
    summarize([order_id for order_id, _dealt in filled])
    return [Done(order_id, sum(one.quantity for one in dealt)) for order_id, dealt in filled]


def fill_all(limit: int = 200) -> int:
    """Fill what can be filled of every SKU that somebody waits for, in short transactions; answers how many units.

    Orders that get nothing, for safety stock stays back from their channel, do not stand in the way of others.
    """
    total = 0
    for (sku_id,) in sql.rows(SKUS_TO_FILL):
        last: Waiting | None = None
        while waiting := _waiting([sku_id], limit, last):
            with transaction.atomic():
                total += sum(one.units for one in _fill([sku_id], waiting, ACTOR))
            last = waiting[-1]
    return total


def _waiting(sku_ids: Collection[int], limit: int, last: Waiting | None = None) -> list[Waiting]:
    """The oldest orders that wait for any of these SKUs, behind `last`."""
    behind = (last.placed_at, last.order_id) if last else (BEGINNING, 0)
    found = sql.rows(WAITING, [sql.ints(sorted(sku_ids)), *behind, limit])
    return [
        Waiting(id_, at, channel_id, list(sourcing), AddressDraft(country=country, latitude=north, longitude=east))
        for id_, at, channel_id, sourcing, country, north, east in found
    ]


def _wanted(order: OrderUnits, shelves: Shelves) -> dict[int, int]:
    """Units of each SKU that an order waits for, of those whose shelves are locked."""
    stocked = {sku for sku, _place in shelves}
    wanted: dict[int, int] = {}
    for line in order.leaves():
        backordered = line.count("backordered")
        if backordered and line.sku_id in stocked:
            wanted[line.sku_id] = wanted.get(line.sku_id, 0) + backordered
    return wanted


def _deal(order: OrderUnits, sourced: Plan, shelves: Shelves) -> list[Filled]:
    """Deal what was sourced to the lines that wait, in their order; it leaves the shelves in memory."""
    dealt = []
    for sku, takes in sourced.taken.items():
        lines = [(line, line.count("backordered")) for line in order.leaves() if line.sku_id == sku]
        for place, amount in takes:
            shelves[sku, place] -= amount
            left = amount
            for index, (line, backordered) in enumerate(lines):
                part = min(left, backordered)
                if part:
                    lines[index] = (line, backordered - part)
                    left -= part
                    dealt.append(Filled(line, place, part))
    return dealt


def _facts(filled: Sequence[Filled], codes: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {"line": one.line.position, "sku": one.line.sku, "quantity": one.quantity, "location": codes[one.place]}
        for one in filled
    ]


def _write(filled: Sequence[tuple[int, Sequence[Filled]]], events: Sequence[int]) -> None:
    moved = [(one, event) for (_order, dealt), event in zip(filled, events, strict=True) for one in dealt]
    post(
        STOCK,
        [
            Movement(one.line.sku_id, one.place, "available", one.place, "reserved", one.quantity, event)
            for one, event in moved
        ],
        locked=True,
    )
    post(
        LINES,
        [
            Movement(one.line.id, NOWHERE, "backordered", one.place, "reserved", one.quantity, event)
            for one, event in moved
        ],
    )


# The partial index of sheets with waiting units keeps this small, whatever was sold before.
WAITING = """
    SELECT o.id, o.placed_at, o.channel_id, c.sourcing, coalesce(a.country, ''), a.latitude, a.longitude
      FROM (SELECT DISTINCT l.order_id
              FROM line_sheet s JOIN order_line l ON l.id = s.holder_id
             WHERE s.backordered > 0 AND l.sku_id = ANY (%s::bigint[])) w
      JOIN orders o ON o.id = w.order_id
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     WHERE (o.placed_at, o.id) > (%s::timestamptz, %s::bigint)
     ORDER BY o.placed_at, o.id
     LIMIT %s::bigint
"""

SKUS_TO_FILL = """
    SELECT DISTINCT l.sku_id
      FROM line_sheet s JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0
       AND EXISTS (SELECT FROM stock_sheet k JOIN location p ON p.id = k.place_id AND p.active
                    WHERE k.holder_id = l.sku_id AND k.available > 0)
     ORDER BY l.sku_id
"""
