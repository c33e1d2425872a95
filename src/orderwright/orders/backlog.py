"""The backlog: orders that wait for something, by what they wait for and how long ago they were placed.

Counted to a bound, for nobody needs to know whether ten thousand or eleven thousand wait before he acts; so the time
this takes does not grow with the shop.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.orders.status import Status

STAGES = (
    Status.UNPAID,
    Status.ON_HOLD,
    Status.BACKORDERED,
    Status.READY,
    Status.IN_WORK,
    Status.PARTLY_SHIPPED,
)
AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))  # where one age ends and the next begins
MOST = 2500  # of a stage and an age
LONG_AGO = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


class Count(NamedTuple):
    """How many, or at least how many."""

    number: int
    more: bool = False


class Stage(NamedTuple):
    """Orders that wait for the same."""

    status: Status
    all: Count
    by_age: tuple[Count, ...]  # the youngest first
    oldest_at: datetime | None


class Short(NamedTuple):
    """Units that are waited for, and how many lines of orders wait for them."""

    units: int
    lines: Count


def backlog(now: datetime) -> list[Stage]:
    """The stages in their order; one statement."""
    ends = [now + timedelta(days=365), *[now - age for age in AGES], LONG_AGO]
    cells = [(status, age, until, since) for status in STAGES for age, (until, since) in enumerate(pairwise(ends))]
    statuses, ages, untils, sinces = zip(*cells, strict=True)
    found = {
        (status, age): (number, oldest)
        for status, age, number, oldest in sql.rows(
            BACKLOG,
            [
                sql.texts(statuses),
                sql.ints(ages),
                sql.texts(until.isoformat() for until in untils),
                sql.texts(since.isoformat() for since in sinces),
                MOST + 1,
            ],
        )
    }
    return [_stage(status, [found[status, age] for age in range(len(AGES) + 1)]) for status in STAGES]


def short() -> Short:
    """What is waited for; one statement."""
    units, lines = sql.rows(SHORT, [MOST + 1])[0]
    return Short(units, _count(lines))


def _stage(status: Status, cells: list[tuple[int, datetime | None]]) -> Stage:
    counts = tuple(_count(number) for number, _oldest in cells)
    whole = Count(sum(one.number for one in counts), any(one.more for one in counts))
    return Stage(status, whole, counts, min((oldest for _number, oldest in cells if oldest), default=None))


def _count(number: int) -> Count:
    return Count(min(number, MOST), number > MOST)


BACKLOG = """
    SELECT v.status, v.age, count(s.placed_at)::int, min(s.placed_at)
      FROM unnest(%s::text[], %s::int[], %s::timestamptz[], %s::timestamptz[]) AS v(status, age, until, since)
      LEFT JOIN LATERAL (SELECT o.placed_at
                           FROM order_summary o
                          WHERE o.status = v.status AND o.placed_at <= v.until AND o.placed_at > v.since
                          ORDER BY o.placed_at, o.order_id
                          LIMIT %s::bigint) s ON true
     GROUP BY v.status, v.age
"""

SHORT = """
    SELECT coalesce(sum(s.backordered), 0)::bigint, count(*)::int
      FROM (SELECT backordered FROM line_sheet WHERE backordered > 0 LIMIT %s::bigint) s
"""
