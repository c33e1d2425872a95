"""Counting: each order that is placed, and each amount that is taken off one, is added up once.

A reader of the log: its place moves in the transaction that adds, so nothing is counted twice and nothing is left out;
and placing an order pays nothing for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.feed import Told
from orderwright.kernel.money import minor
from orderwright.kernel.readers import read_on

READER = "takings"
PLACED = "order.placed"
EDITED = "order.edited"
KINDS = (PLACED, EDITED, "order.canceled", "order.partly_canceled")


class Sale(NamedTuple):
    """What an event adds: an order of so much, or an amount that is taken off one."""

    order_id: int
    at: datetime
    currency: str
    orders: int
    sold_minor: int
    taken_back_minor: int


def count(*, limit: int = 1000) -> int:
    """Read on until the log's end; answers how many events were counted."""
    return read_on(READER, _add, kinds=KINDS, limit=limit)


def sale(told: Told) -> Sale:
    """What an event of these kinds adds."""
    assert told.order_id is not None
    currency = str(told.facts["currency"])
    if told.kind == PLACED:
        return Sale(told.order_id, told.at, currency, 1, minor(str(told.facts["total"]), currency), 0)
    if told.kind == EDITED:  # what it comes to more was sold, what less was taken back
        more = minor(str(told.facts["total"]), currency) - minor(str(told.facts["total_before"]), currency)
        return Sale(told.order_id, told.at, currency, 0, max(0, more), max(0, -more))
    return Sale(told.order_id, told.at, currency, 0, 0, minor(str(told.facts["taken_back"]), currency))


def _add(told: Sequence[Told]) -> None:
    orders, times, currencies, *amounts = zip(*map(sale, told), strict=True)
    sql.run(
        ADD,
        [
            sql.ints(orders),
            sql.texts(at.isoformat() for at in times),
            sql.texts(currencies),
            *[sql.ints(column) for column in amounts],
        ],
    )


ADD = """
    INSERT INTO taking AS t (quarter_at, channel_id, currency, orders, sold_minor, taken_back_minor)
    SELECT date_bin('15 minutes', v.at, timestamptz '2000-01-01 00:00+00') AS quarter_at, o.channel_id, v.currency,
           sum(v.orders)::bigint, sum(v.sold)::bigint, sum(v.taken_back)::bigint
      FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
           AS v(order_id, at, currency, orders, sold, taken_back)
      JOIN orders o ON o.id = v.order_id
     GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3
        ON CONFLICT (quarter_at, channel_id, currency) DO UPDATE
       SET orders = t.orders + excluded.orders, sold_minor = t.sold_minor + excluded.sold_minor,
           taken_back_minor = t.taken_back_minor + excluded.taken_back_minor
"""
