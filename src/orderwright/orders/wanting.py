"""Wanting: which orders keep units of a SKU, and of which SKUs more is wanted than there is."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql

MOST_LOOKED_AT = 150  # of the newest reservations: a SKU that everybody buys has millions
MOST_SHORT = 5000


class Keeper(NamedTuple):
    """An order that keeps units of a SKU at a location."""

    order_id: int
    number: str
    placed_at: datetime
    location: str
    reserved: int
    released: int  # they are the warehouse's by now


def keepers(sku_id: int, *, limit: int) -> list[Keeper]:
    """The orders that keep units of a SKU, those that reserved last first; one statement.

    It looks through the newest reservations, and at those to whom these orders gave units.
    """
    parameters = {"sku": sku_id, "most": MOST_LOOKED_AT, "limit": limit}
    return [Keeper(*row) for row in sql.rows(KEEPERS, parameters)]


def skus_waited_for() -> list[int]:
    """The SKUs that somebody waits for, so many at most as anybody can look at."""
    return [row[0] for row in sql.rows(SHORT, [MOST_SHORT])]


def units_waited_for(sku_ids: Collection[int]) -> dict[int, int]:
    """How many units of these SKUs are waited for; those that nobody waits for are left out."""
    return dict(sql.rows(WAITED_FOR, [sql.ints(sorted(sku_ids))]))


KEEPERS = """
    WITH kept AS (
        SELECT DISTINCT v.order_id
          FROM (SELECT event_id FROM stock_entry
                 WHERE holder_id = %(sku)s::bigint AND target = 'reserved' ORDER BY id DESC LIMIT %(most)s::bigint) e
          JOIN event v ON v.id = e.event_id
         WHERE v.order_id IS NOT NULL
    ), taken AS (
        SELECT o.id
          FROM kept k
          JOIN event v ON v.order_id = k.order_id AND v.kind = 'order.reallocated'
          JOIN orders o ON o.number = v.facts ->> 'to'
    )
    SELECT o.id, o.number, o.placed_at, coalesce(p.code, ''), sum(s.reserved)::bigint, sum(s.released)::bigint
      FROM (SELECT order_id FROM kept UNION SELECT id FROM taken) k(order_id)
      JOIN orders o ON o.id = k.order_id
      JOIN order_line l ON l.order_id = o.id AND l.sku_id = %(sku)s::bigint
      JOIN line_sheet s ON s.holder_id = l.id AND (s.reserved > 0 OR s.released > 0)
      LEFT JOIN location p ON p.id = s.place_id
     GROUP BY o.id, o.number, o.placed_at, p.code
     ORDER BY o.placed_at DESC, o.id DESC, p.code
     LIMIT %(limit)s::bigint
"""

SHORT = """
    SELECT DISTINCT l.sku_id
      FROM line_sheet s
      JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0
     LIMIT %s::bigint
"""

WAITED_FOR = """
    SELECT l.sku_id, sum(s.backordered)::bigint
      FROM line_sheet s
      JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0 AND l.sku_id = ANY (%s::bigint[])
     GROUP BY l.sku_id
"""
