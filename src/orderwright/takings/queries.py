"""Reading what was sold between moments, to the last order: what the reader has not counted yet is added here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.kernel import feed, sql
from orderwright.takings.counting import KINDS, READER, sale

QUARTER = timedelta(minutes=15)
BEGIN = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
MOST_UNREAD = 2000  # beyond these, the figures are a moment behind


class Sold(NamedTuple):
    """What was sold in a quarter of an hour by a channel, in a currency."""

    quarter_at: datetime
    channel: str
    currency: str
    orders: int
    sold_minor: int
    taken_back_minor: int


def sold(since: datetime, until: datetime) -> list[Sold]:
    """What was sold by quarter, channel and currency, in the quarters that begin from one moment to another."""
    cursor, counted = _counted(since, until)
    unread = [sale(told) for told in feed.read(cursor, limit=MOST_UNREAD, kinds=KINDS)]
    ids = {one.order_id for one in unread}
    channels = dict(sql.rows(CHANNELS, [sql.ints(sorted(ids))])) if ids else {}
    late = [
        Sold._make((quarter_of(one.at), channels[one.order_id], *one[2:]))
        for one in unread
        if since <= quarter_of(one.at) < until and one.order_id in channels
    ]
    return added_up([*counted, *late])


def before(moment: datetime, found: Iterable[Sold]) -> list[Sold]:
    """Of what was sold in a past day, what had been sold by this moment; one statement.

    Of the quarter in which it lies, the orders are counted that were placed before it.
    """
    last = quarter_of(moment)
    part = [Sold._make((last, *row, 0)) for row in sql.rows(OF_PART, [last, moment])]
    return added_up([*[one for one in found if one.quarter_at < last], *part])


def quarter_of(moment: datetime) -> datetime:
    """When the quarter of an hour that a moment lies in begins."""
    return BEGIN + (moment - BEGIN) // QUARTER * QUARTER


def added_up(found: Iterable[Sold]) -> list[Sold]:
    """One row for each quarter, channel and currency, in this order."""
    sums: dict[tuple[datetime, str, str], list[int]] = {}
    for one in found:
        amounts = sums.setdefault((one.quarter_at, one.channel, one.currency), [0, 0, 0])
        for at, amount in enumerate(one[3:]):
            amounts[at] += amount
    return [Sold(*key, *amounts) for key, amounts in sorted(sums.items())]


def _counted(since: datetime, until: datetime) -> tuple[str, Sequence[Sold]]:
    """What the reader counted, and the cursor up to which it did: both as of one moment."""
    rows = sql.rows(COUNTED, [READER, since, until])
    return rows[0][0], [Sold(*row[1:]) for row in rows if row[1] is not None]


COUNTED = """
    SELECT coalesce(r.cursor, ''), t.quarter_at, c.code, t.currency, t.orders, t.sold_minor, t.taken_back_minor
      FROM (SELECT max(cursor) AS cursor FROM reader_position WHERE reader = %s) r
      LEFT JOIN taking t ON t.quarter_at >= %s::timestamptz AND t.quarter_at < %s::timestamptz
      LEFT JOIN channel c ON c.id = t.channel_id
"""

CHANNELS = "SELECT o.id, c.code FROM orders o JOIN channel c ON c.id = o.channel_id WHERE o.id = ANY (%s::bigint[])"

# Of what they came to, what was canceled since is off the summary's total.
OF_PART = """
    SELECT c.code, o.currency, count(*)::bigint, coalesce(sum(s.total_minor), 0)::bigint
      FROM (SELECT order_id, channel_id, total_minor
              FROM order_summary
             WHERE placed_at >= %s::timestamptz AND placed_at < %s::timestamptz
             LIMIT 5000) s
      JOIN orders o ON o.id = s.order_id
      JOIN channel c ON c.id = s.channel_id
     GROUP BY c.code, o.currency
"""
