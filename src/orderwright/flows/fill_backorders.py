"""Filling backorders: what came in goes to those who wait for it: priority first, then promise, then age."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.customers.drafting import AddressDraft
from orderwright.flows._each import Done
from orderwright.flows.summarize import summarize
from orderwright.fulfilment.rejecting import left_out
from orderwright.fulfilment.sourcing.places import destination, places
from orderwright.fulfilment.sourcing.plan import Plan, plan
from orderwright.inventory.availability import load_safeties, sellable
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import Shelves, lock_shelves
from orderwright.kernel import actors, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.kernel.feed import Told
from orderwright.kernel.readers import read_on
from orderwright.orders.book import LINES
from orderwright.orders.locking import lock_orders
from orderwright.orders.units import LineUnits, OrderUnits, units_of

ACTOR = actors.system("backorders")
READER = "arrivals"
ARRIVALS = ("stock.received", "stock.arrived", "stock.adjusted", "stock.set", "stock.counted", "order.canceled",
            "order.partly_canceled", "fulfilment.recall_accepted")  # fmt: skip


class Waiting(NamedTuple):
    """An order that waits for stock: where it was sold, how that is sourced, and where it goes."""

    order_id: int
    place: int  # in the queue of those who wait for these SKUs
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
    """Keep what there is of these SKUs for the orders that wait for them, the first `limit` of the queue at most.

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
    barred = left_out({line.id for order in units.values() for line in order.leaves() if line.count("backordered")})
    filled: list[tuple[int, list[Filled]]] = []
    told: list[Happening] = []
    for one in waiting:
        wanted = _wanted(units[one.order_id], shelves)
        if not wanted:
            continue
        there = sellable(shelves, safeties, one.channel_id) if safeties else shelves
        said_no = {at: why for line in units[one.order_id].leaves() for at, why in barred.get(line.id, {}).items()}
        sourced = plan(wanted, there, sources, destination(one.to), one.sourcing, said_no)
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
    return sum(_fill_sku(sku_id, limit) for (sku_id,) in sql.rows(SKUS_TO_FILL))


def fill_arrivals() -> int:
    """Fill what can be filled, where the log says that something came in or was let go of since; answers how many."""
    arrived: list[int] = []

    def note(told: Sequence[Told]) -> None:
        arrived.append(len(told))

    read_on(READER, note, kinds=ARRIVALS)
    return fill_all() if arrived else 0


def _fill_sku(sku_id: int, limit: int) -> int:
    """Offer what there is of a SKU to its whole queue, as it stood when this began."""
    total, waiting = 0, _waiting([sku_id], None)
    for start in range(0, len(waiting), limit):
        some = waiting[start : start + limit]
        with transaction.atomic():
            total += sum(one.units for one in _fill([sku_id], some, ACTOR))
        if not sql.value(ANY_LEFT, [sku_id]):
            break
    return total


def _waiting(sku_ids: Collection[int], limit: int | None) -> list[Waiting]:
    """The orders that wait for any of these SKUs, in the order in which they are served."""
    return [
        Waiting(id_, place, channel_id, list(sourcing), AddressDraft(country=country, latitude=north, longitude=east))
        for id_, place, channel_id, sourcing, country, north, east in sql.rows(
            WAITING, [sql.ints(sorted(sku_ids)), limit]
        )
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
    SELECT o.id, row_number() OVER (ORDER BY coalesce(r.priority, 0) DESC, w.ship_on, o.placed_at, o.id), o.channel_id,
           c.sourcing, coalesce(a.country, ''), a.latitude, a.longitude
      FROM (SELECT l.order_id, min(coalesce(p.ship_on, 'infinity')) AS ship_on
              FROM line_sheet s
              JOIN order_line l ON l.id = s.holder_id
              LEFT JOIN promise p ON p.line_id = coalesce(l.parent_id, l.id) AND p.superseded_at IS NULL
             WHERE s.backordered > 0 AND l.sku_id = ANY (%s::bigint[])
             GROUP BY l.order_id) w
      JOIN orders o ON o.id = w.order_id
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN order_priority r ON r.order_id = o.id
      LEFT JOIN address a ON a.id = o.ship_to_id
     ORDER BY 2
     LIMIT %s::bigint
"""

ANY_LEFT = "SELECT EXISTS (SELECT FROM stock_sheet WHERE holder_id = %s::bigint AND available > 0)"

SKUS_TO_FILL = """
    SELECT DISTINCT l.sku_id
      FROM line_sheet s JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0
       AND EXISTS (SELECT FROM stock_sheet k JOIN location p ON p.id = k.place_id AND p.active
                    WHERE k.holder_id = l.sku_id AND k.available > 0)
     ORDER BY l.sku_id
"""
