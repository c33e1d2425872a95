"""Readdressing: where orders go, and whether that may still change."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import sql


class Going(NamedTuple):
    """Whose an order is, where it goes, and whether no location has got any of it."""

    customer_id: int
    ship_to: int | None
    country: str
    is_untouched: bool  # all that is not canceled is reserved or waited for, and there is some of it


def where(order_ids: Collection[int]) -> dict[int, Going]:
    """Where these orders go; one statement."""
    return {row[0]: Going(*row[1:]) for row in sql.rows(WHERE, [sql.ints(sorted(order_ids))])}


def write(rows: Sequence[tuple[int, int]]) -> None:
    """Have orders go to these addresses (order, address), which are its customer's; the orders are locked."""
    if rows:
        orders, addresses = zip(*rows, strict=True)
        sql.run(WRITE, [sql.ints(orders), sql.ints(addresses)])


WHERE = """
    SELECT o.id, o.customer_id, o.ship_to_id, coalesce(a.country, ''),
           coalesce(bool_and(s.released + s.shipped + s.delivered + s.returned + s.lost = 0)
                    AND sum(s.open + s.backordered + s.reserved) > 0, false)
      FROM orders o
      LEFT JOIN address a ON a.id = o.ship_to_id
      LEFT JOIN order_line l ON l.order_id = o.id
      LEFT JOIN line_sheet s ON s.holder_id = l.id
     WHERE o.id = ANY (%s::bigint[])
     GROUP BY o.id, a.country
"""

WRITE = """
    UPDATE orders o SET ship_to_id = w.address
      FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, address)
     WHERE o.id = w.id
"""
