"""Releasing: what is given to a location becomes a fulfilment order of its own, on the location's terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.models import State
from orderwright.fulfilment.terms import Diary, diaries, note_free_days
from orderwright.kernel import numbering, sql
from orderwright.kernel.books import Movement, post
from orderwright.orders.units import Units


class Given(NamedTuple):
    """Units of an order that locations are given to do: one fulfilment order each, of what is at a place together."""

    order_id: int
    number: str
    units: Sequence[Units]
    at: datetime
    ship_on: date | None = None  # None: the first day that the location's terms allow
    state: State | None = None  # None: as the location's terms say


@dataclass(slots=True)
class Opened:
    """A new fulfilment order: so many units of these order lines (id: quantity) at a place."""

    id: int
    name: str
    order_id: int
    place: int
    location: str
    state: State
    ship_on: date
    at: datetime
    lines: dict[int, int]

    def facts(self) -> dict[str, object]:
        """As the event of releasing tells it."""
        told = {"name": self.name, "location": self.location, "ship_on": self.ship_on.isoformat()}
        return {**told, "state": self.state.value}


def open_orders(given: Sequence[Given]) -> list[list[Opened]]:
    """Make the fulfilment orders, in memory, for `given` one by one; of orders that are locked.

    They are counted within their order, and take a place on a day of their location.
    """
    parts = [(one, _by_place(one.units)) for one in given]
    if not any(places for _one, places in parts):
        return [[] for _one in given]
    counts = dict(sql.rows(COUNTS, [sql.ints({one.order_id for one in given})]))
    ids = iter(numbering.take_ids("fulfilment_order_id_seq", sum(len(places) for _one, places in parts)))
    books = diaries({place for _one, places in parts for place in places}, min(one.at for one in given))
    opened = []
    for one, places in parts:
        opened.append([_open(one, place, lines, next(ids), counts, books) for place, lines in places.items()])
    note_free_days(books, max(one.at for one in given))
    return opened


def _by_place(units: Sequence[Units]) -> dict[int, dict[int, int]]:
    """Place: order line: how many; the places by their ids."""
    places: dict[int, dict[int, int]] = {}
    for part in units:
        lines = places.setdefault(part.place, {})
        lines[part.line.id] = lines.get(part.line.id, 0) + part.quantity
    return {place: places[place] for place in sorted(places)}


def _open(
    one: Given, place: int, lines: dict[int, int], id_: int, counts: dict[int, int], books: Mapping[int, Diary]
) -> Opened:
    position = counts[one.order_id] = counts.get(one.order_id, 0) + 1
    diary = books[place]
    ship_on = one.ship_on or diary.book(one.at)
    state = one.state or diary.conditions.state
    name = f"{one.number}-F{position}"
    return Opened(id_, name, one.order_id, place, diary.conditions.code, state, ship_on, one.at, lines)


class NewLine(NamedTuple):
    """So many units of an order line that a fulfilment order at a place is to do, because of an event."""

    fulfilment_order: int
    place: int
    line: int
    quantity: int
    event: int


def write(opened: Sequence[Opened], events: Sequence[int]) -> None:
    """Write fulfilment orders down, with their lines and units; `events` are those that handed them over, one each."""
    if not opened:
        return
    sql.run(
        WRITE_ORDERS,
        [
            sql.ints([one.id for one in opened]),
            sql.texts([one.name for one in opened]),
            sql.ints([one.order_id for one in opened]),
            sql.ints([one.place for one in opened]),
            sql.texts([one.state.value for one in opened]),
            sql.texts([one.ship_on.isoformat() for one in opened]),
            sql.texts([one.at.isoformat() for one in opened]),
        ],
    )
    write_lines(
        [
            NewLine(one.id, one.place, line, quantity, event)
            for one, event in zip(opened, events, strict=True)
            for line, quantity in one.lines.items()
        ]
    )


def write_lines(lines: Sequence[NewLine]) -> None:
    """Write lines of fulfilment orders down; their units are open."""
    if not lines:
        return
    ids = numbering.take_ids("fulfilment_line_id_seq", len(lines))
    orders, places, order_lines, quantities, events = zip(*lines, strict=True)
    sql.run(WRITE_LINES, [sql.ints(ids), sql.ints(orders), sql.ints(order_lines), sql.ints(quantities)])
    post(
        WORK,
        [
            Movement(id_, place, "asked", place, "open", quantity, event)
            for id_, place, quantity, event in zip(ids, places, quantities, events, strict=True)
        ],
        opening=True,
    )


COUNTS = "SELECT order_id, count(*) FROM fulfilment_order WHERE order_id = ANY (%s::bigint[]) GROUP BY order_id"

WRITE_ORDERS = """
    INSERT INTO fulfilment_order (id, name, order_id, location_id, state, ship_on, released_at)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::date[],
                         %s::timestamptz[])
"""

WRITE_LINES = """
    INSERT INTO fulfilment_line (id, fulfilment_order_id, line_id, quantity)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
