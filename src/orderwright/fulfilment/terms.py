"""Terms: whether a location takes work on at once, and on which day what it is given now can leave."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orderwright.fulfilment.models import Accepting, State
from orderwright.kernel import sql

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Conditions:
    """On what terms a location works; without any, it takes on everything at once, every day, without end."""

    code: str
    time_zone: str = "UTC"
    accepting: str = Accepting.AT_ONCE
    orders_per_day: int | None = None
    cut_off: time = time(14)
    weekdays: Collection[int] = EVERY_DAY
    closed_on: Collection[date] = ()
    handling_days: int = 0

    @property
    def state(self) -> State:
        """The state in which a fulfilment order begins."""
        return State.OFFERED if self.accepting == Accepting.ASKED else State.ACCEPTED

    def today(self, at: datetime) -> date:
        """Which day it is at the location."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.closed_on

    def ship_on(self, at: datetime) -> date:
        """The first day on which what is given at this moment can leave, were there nothing else to do.

        What comes after the cut-off, or on a day off, is begun on the next working day.
        """
        local = at.astimezone(ZoneInfo(self.time_zone))
        day = local.date()
        if not self.works_on(day) or local.time() >= self.cut_off:
            day = self.next_working_day(day)
        for _handling_day in range(self.handling_days):
            day = self.next_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after this one."""
        day += ONE_DAY
        while not self.works_on(day):
            day += ONE_DAY
        return day


@dataclass(slots=True)
class Diary:
    """The days of a location, and how many fulfilment orders leave on each.  What it is given fills it, in memory."""

    conditions: Conditions
    taken: dict[date, int] = field(default_factory=dict)
    full_until: dict[date, date] = field(default_factory=dict)  # from a day on all were taken up to this one

    def free_day(self, at: datetime) -> date:
        """The first day on which one more fulfilment order, given at this moment, can leave."""
        first, most = self.conditions.ship_on(at), self.conditions.orders_per_day
        day = self.full_until.get(first, first)
        while most is not None and self.taken.get(day, 0) >= most:
            day = self.conditions.next_working_day(day)
        self.full_until[first] = day
        return day

    def book(self, at: datetime) -> date:
        """Take a place on that day."""
        day = self.free_day(at)
        self.taken[day] = self.taken.get(day, 0) + 1
        return day


def conditions(location_ids: Collection[int]) -> dict[int, Conditions]:
    """On what terms these locations work."""
    found = sql.rows(CONDITIONS, [sql.ints(sorted(set(location_ids)))])
    return {
        id_: Conditions(code, time_zone, accepting, most, cut_off, weekdays, frozenset(closed_on), handling_days)
        for id_, code, time_zone, accepting, most, cut_off, weekdays, closed_on, handling_days in found
    }


def diaries(location_ids: Collection[int], since: datetime) -> dict[int, Diary]:
    """The diaries of these locations from `since` on; three statements at most.

    The terms of those that do so many orders a day are kept locked, so that nobody else books the last place.  They
    are locked after orders and stock sheets, by location.
    """
    limited = [location_id for (location_id,) in sql.rows(LOCK_LIMITED, [sql.ints(sorted(set(location_ids)))])]
    found = {id_: Diary(terms) for id_, terms in conditions(location_ids).items()}
    if limited:
        for location_id, day, orders in sql.rows(TAKEN, [sql.ints(limited), since.date() - ONE_DAY]):
            found[location_id].taken[day] = orders
    return found


def note_free_days(books: Mapping[int, Diary], at: datetime) -> None:
    """Write down for sourcing on which day locations that do so many orders a day have room; one statement at most.

    It may be earlier, once work is given back; it is looked at anew whenever work is given.
    """
    free = {id_: diary.free_day(at) for id_, diary in books.items() if diary.conditions.orders_per_day is not None}
    if free:
        sql.run(NOTE_FREE, [sql.ints(free), sql.texts(day.isoformat() for day in free.values())])


LOCK_LIMITED = """
    SELECT location_id FROM location_terms
     WHERE location_id = ANY (%s::bigint[]) AND orders_per_day IS NOT NULL
     ORDER BY location_id
       FOR NO KEY UPDATE
"""

CONDITION_COLUMNS = """l.code, l.time_zone, coalesce(t.accepting, 'at_once'), t.orders_per_day,
           coalesce(t.cut_off, '14:00'), coalesce(t.weekdays, '{1,2,3,4,5,6,7}'), coalesce(t.closed_on, '{}'),
           coalesce(t.handling_days, 0)"""

CONDITIONS = f"""
    SELECT l.id, {CONDITION_COLUMNS}
      FROM location l LEFT JOIN location_terms t ON t.location_id = l.id
     WHERE l.id = ANY (%s::bigint[])
     ORDER BY l.id
"""

TAKEN = """
    SELECT location_id, ship_on, count(*)
      FROM fulfilment_order
     WHERE location_id = ANY (%s::bigint[]) AND ship_on >= %s::date AND takes_place
     GROUP BY location_id, ship_on
"""

NOTE_FREE = """
    UPDATE location_terms t SET free_on = n.day
      FROM unnest(%s::bigint[], %s::date[]) AS n(location_id, day)
     WHERE t.location_id = n.location_id AND t.free_on IS DISTINCT FROM n.day
"""
