"""What is known when something is promised: where units are, what will come, on what terms places work, who waits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orderwright.fulfilment.rejecting import asked_again
from orderwright.fulfilment.terms import CONDITION_COLUMNS, Conditions
from orderwright.inventory.availability import availability, incoming, load_safeties
from orderwright.inventory.promising import NOWHERE_SHUT, Coming, Dealt, Waiter, deal
from orderwright.kernel import sql
from orderwright.orders.units import LineUnits, OrderUnits
from orderwright.promises.dating import Part
from orderwright.promises.ledger import Stands
from orderwright.promises.models import Reason
from orderwright.promises.queueing import queue
from orderwright.shipping.options import CHOSEN, JOIN_CHOSEN, Option, active_options, chosen, default

FURTHEST = timedelta(days=3650)  # what is further off is not promised
END_OF_DAY = time(23, 59, 59)


class Facing(NamedTuple):
    """An order, as far as its dates depend on it."""

    placed_at: datetime
    country: str
    release_at: datetime | None  # it was chosen that it is not released before
    option: Option | None  # the way of delivery that its buyer chose


@dataclass(slots=True)
class Places:
    """On which days locations let goods leave; each asked once."""

    conditions: dict[int, Conditions]
    now: datetime
    free_on: Mapping[int, date] = field(default_factory=dict)  # where so many orders a day are full until then
    asked: dict[tuple[int, datetime], date] = field(default_factory=dict)

    def ship_on(self, location: int, at: datetime | None = None) -> date:
        """The day on which what is given to a location at a moment (now) leaves it."""
        key = location, at or self.now
        if key not in self.asked:
            day = self.conditions[location].ship_on(key[1])
            self.asked[key] = max(day, self.free_on.get(location, day))
        return self.asked[key]

    def after_receipt(self, coming: Coming) -> date:
        """What comes in on a day is put on its shelf that day, and leaves on the next working day or later."""
        if coming.expectation is None:
            return self.ship_on(coming.location, coming.opens_at)
        zone = ZoneInfo(self.conditions[coming.location].time_zone)
        return self.ship_on(coming.location, datetime.combine(coming.on, END_OF_DAY, zone))

    def working(self, location: int | None, day: date) -> date:
        """The first day from this one on, on which goods leave a location; any day, where none is known."""
        if location is None or self.conditions[location].works_on(day):
            return day
        return self.conditions[location].next_working_day(day)

    def today(self, location: int | None) -> date:
        """Which day it is at a location."""
        return self.conditions[location].today(self.now) if location else self.now.astimezone(UTC).date()

    def code(self, location: int) -> str:
        return self.conditions[location].code


@dataclass(slots=True)
class Supply:
    """What will come of some SKUs, and what of it is whose."""

    dealt: Mapping[tuple[int, int], Dealt]  # by line and SKU
    coming: Sequence[Coming]
    lead_days: Mapping[int, int | None]
    today: date

    def without_receipt(self, sku: int, quantity: int, places: Places) -> Part:
        """Units for which nothing is expected: to be ordered, and never earlier than what others wait for."""
        days = self.lead_days.get(sku)
        if days is None:
            return Part(Reason.UNKNOWN, quantity, None)
        expected = [places.after_receipt(one) for one in self.coming if one.sku == sku]
        return Part(Reason.LEAD_TIME, quantity, max([self.today + timedelta(days=days), *expected]))


@dataclass(slots=True)
class Known:
    """All that dates depend on."""

    orders: Mapping[int, Facing]
    places: Places
    supply: Supply
    work: Mapping[tuple[int, int], Sequence[tuple[date, int]]]  # line, location: the day, how many units
    options: Sequence[Option]
    came_on: Mapping[int, date]
    left_on: Mapping[tuple[int, int], date]  # line, location: when the last of what is on its way left there
    chosen: dict[str, Option | None] = field(default_factory=dict)

    def option_for(self, order_id: int) -> Option | None:
        """How an order is delivered: as its buyer chose, or else by the default for where it goes."""
        facing = self.orders[order_id]
        if facing.option is not None:
            return facing.option
        country = facing.country
        if country not in self.chosen:
            self.chosen[country] = default(country, self.options)
        return self.chosen[country]


def know(units: Mapping[int, OrderUnits], now: datetime) -> Known:
    """Find out what the dates of these orders depend on; a number of statements that does not depend on them."""
    leaves = [line for order in units.values() for line in order.leaves()]
    waiting = {line.sku_id for line in leaves if line.count("open", "backordered")}
    places = all_places(now)
    work: dict[tuple[int, int], list[tuple[date, int]]] = {}
    if any(line.count("released") for line in leaves):
        for line_id, location, day, quantity in sql.rows(WORK, [sql.ints(units)]):
            work.setdefault((line_id, location), []).append((day, quantity))
    away = [line.id for line in leaves if line.count("shipped")]
    arrived = [line.id for line in leaves if line.count("delivered")]
    return Known(
        {row[0]: Facing(row[1], row[2], row[3], chosen(row[4:])) for row in sql.rows(FACING, [now, sql.ints(units)])},
        places,
        supply_of(waiting, now),
        work,
        active_options(),
        dict(sql.rows(CAME, [sql.ints(arrived)])) if arrived else {},
        {(row[0], row[1]): row[2] for row in sql.rows(LEFT, [sql.ints(away)])} if away else {},
    )


def all_places(now: datetime) -> Places:
    """Every location with its terms; one statement."""
    found = sql.rows(TERMS)
    free = {row[0]: row[-1] for row in found if row[-1]}
    return Places({row[0]: Conditions(*row[1:-1]) for row in found}, now, free)


def supply_of(sku_ids: Collection[int], now: datetime) -> Supply:
    """What will come of these SKUs, dealt out to those who wait; no statement where there are none."""
    today = now.astimezone(UTC).date()
    if not sku_ids:
        return Supply({}, [], {}, today)
    return deal_out(sku_ids, today)


def deal_out(sku_ids: Collection[int], today: date, asked: Sequence[Waiter] = ()) -> Supply:
    """What will come of these SKUs, dealt out to those who wait, and to who asks behind them; six statements."""
    coming = [*on_shelves(sku_ids, today), *expected(sku_ids, today)]
    leads = dict(sql.rows("SELECT id, lead_days FROM sku WHERE id = ANY (%s::bigint[])", [sql.ints(sorted(sku_ids))]))
    return Supply(deal(coming, [*_waiters(sku_ids), *asked], load_safeties(sku_ids)), coming, leads, today)


def _waiters(sku_ids: Collection[int]) -> list[Waiter]:
    """Who waits for these SKUs, each with the locations that said no to something of their order a while ago."""
    waiting = queue(sku_ids)
    said_no = asked_again([one.line_id for one in waiting])
    shut: dict[int, dict[int, datetime]] = {}
    for one in waiting:
        for location, moment in said_no.get(one.line_id, {}).items():
            known = shut.setdefault(one.order_id, {})
            known[location] = max(moment, known.get(location, moment))
    return [
        Waiter(one.line_id, one.sku_id, one.quantity, one.channel_id, shut.get(one.order_id, NOWHERE_SHUT))
        for one in waiting
    ]


def on_shelves(sku_ids: Collection[int], today: date) -> list[Coming]:
    """What active locations have of these SKUs, with what they keep back."""
    return [Coming(sku, location, units, today) for sku, location, units in sql.rows(SHELVES, [sql.ints(sku_ids)])]


def what_comes(sku_ids: Collection[int], today: date, *, channel: int | None = None) -> list[Coming]:
    """What a channel may sell of these SKUs, and what will come; what is overdue, tomorrow at the earliest."""
    there = [
        Coming(sku, location, units, today)
        for sku, found in availability(sku_ids, channel=channel).items()
        for location, units in found.by_location.items()
        if units > 0
    ]
    return there + expected(sku_ids, today)


def expected(sku_ids: Collection[int], today: date) -> list[Coming]:
    """What will come of these SKUs; what is overdue, tomorrow at the earliest."""
    tomorrow = today + timedelta(days=1)
    return [
        Coming(one.sku, one.location, one.quantity, tomorrow, one.expectation, one.reference, one.expected_on)
        if one.expected_on < today
        else Coming(one.sku, one.location, one.quantity, one.expected_on, one.expectation, one.reference)
        for one in incoming(sku_ids)
        if one.quantity > 0 and one.expected_on <= today + FURTHEST
    ]


def parts_of(line: LineUnits, before: Stands | None, known: Known) -> list[Part]:
    """The units of a line that have not arrived, by when they leave."""
    return [*_kept(line, known), *_waiting(line, known), *_gone(line, before, known)]


def _kept(line: LineUnits, known: Known) -> Iterable[Part]:
    places, release_at = known.places, known.orders[line.order_id].release_at
    if release_at and release_at > places.now + FURTHEST:
        release_at = places.now + FURTHEST
    for location, sheet in line.sheets.items():
        if sheet["reserved"]:
            day = places.ship_on(location, release_at)
            yield Part(Reason.IN_STOCK, sheet["reserved"], day, location, places.code(location))
        in_work = known.work.get((line.id, location), ())
        for day, quantity in in_work:
            today = places.conditions[location].today(places.now)
            leaves = day if day >= today else places.ship_on(location)
            was = day if day < today else None
            code = places.code(location)
            yield Part(Reason.IN_WORK, quantity, leaves, location, code, was_expected_on=was)


def _waiting(line: LineUnits, known: Known) -> Iterable[Part]:
    wanted, places = line.count("backordered"), known.places
    dealt = known.supply.dealt.get((line.id, line.sku_id), Dealt([], wanted))
    yield from shares(dealt, places)
    missing = dealt.missing + line.count("open")
    if missing:
        yield known.supply.without_receipt(line.sku_id, missing, places)


def shares(dealt: Dealt, places: Places) -> Iterable[Part]:
    """Units out of stock and receipts, with the days on which they leave."""
    for coming, quantity in dealt.shares:
        reason = Reason.IN_STOCK if coming.expectation is None else Reason.RECEIPT
        day, code = places.after_receipt(coming), places.code(coming.location)
        yield Part(
            reason, quantity, day, coming.location, code, coming.reference, coming.on, None, coming.was_expected_on
        )


def _gone(line: LineUnits, before: Stands | None, known: Known) -> Iterable[Part]:
    """Units on their way have the day on which they left, and arrive as was promised; where that is over, they take as
    long again as they may.  When lost ones arrive nobody can say before they are sent again.
    """
    today, option = known.supply.today, known.option_for(line.order_id)
    days = max(1, option.days_most) if option else None
    for location, sheet in line.sheets.items():
        code = known.places.code(location) if location else ""
        if sheet["shipped"]:
            left = known.left_on.get((line.id, location), today)
            arrives = before.deliver_on if before else None
            if days is not None and arrives is None:
                arrives = left + timedelta(days=days)
            if days is not None and (arrives is None or arrives < today):
                arrives = today + timedelta(days=days)
            yield Part(Reason.ON_ITS_WAY, sheet["shipped"], left, location, code, arrives_on=arrives)
        if sheet["lost"]:
            yield Part(Reason.LOST, sheet["lost"], None, location, code)


TERMS = f"""
    SELECT l.id, {CONDITION_COLUMNS}, CASE WHEN t.orders_per_day IS NOT NULL THEN t.free_on END
      FROM location l LEFT JOIN location_terms t ON t.location_id = l.id
"""

SHELVES = """
    SELECT s.holder_id, s.place_id, s.available
      FROM stock_sheet s JOIN location l ON l.id = s.place_id AND l.active
     WHERE s.holder_id = ANY (%s::bigint[]) AND s.available > 0
     ORDER BY s.holder_id, s.place_id
"""

FACING = f"""
    SELECT o.id, o.placed_at, coalesce(a.country, ''), r.release_at, {CHOSEN}
      FROM orders o
      LEFT JOIN address a ON a.id = o.ship_to_id
      {JOIN_CHOSEN}
      LEFT JOIN scheduled_release r ON r.order_id = o.id AND r.release_at > %s::timestamptz
     WHERE o.id = ANY (%s::bigint[])
"""

WORK = """
    SELECT l.line_id, s.place_id, f.ship_on, sum(s.open + s.packed)::bigint
      FROM fulfilment_order f
      JOIN fulfilment_line l ON l.fulfilment_order_id = f.id
      JOIN work_sheet s ON s.holder_id = l.id
     WHERE f.order_id = ANY (%s::bigint[]) AND f.closed_at IS NULL AND s.open + s.packed > 0
     GROUP BY l.line_id, s.place_id, f.ship_on
     ORDER BY l.line_id, f.ship_on
"""

CAME = """
    SELECT n.holder_id, (max(v.at) AT TIME ZONE 'UTC')::date
      FROM line_entry n JOIN event v ON v.id = n.event_id
     WHERE n.holder_id = ANY (%s::bigint[]) AND n.target = 'delivered'
     GROUP BY n.holder_id
"""

LEFT = """
    SELECT n.holder_id, n.target_place, max((v.at AT TIME ZONE p.time_zone)::date)
      FROM line_entry n
      JOIN event v ON v.id = n.event_id
      JOIN location p ON p.id = n.target_place
     WHERE n.holder_id = ANY (%s::bigint[]) AND n.target = 'shipped'
     GROUP BY n.holder_id, n.target_place
"""
