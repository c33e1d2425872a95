"""The queue of those who wait for a SKU: priority first, then who was promised an earlier day, then who came first."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor


class InQueue(NamedTuple):
    """Units of a line that wait for a SKU."""

    sku_id: int
    line_id: int
    order_id: int
    top_line_id: int  # of a kit's part: the kit's line
    position: int
    quantity: int
    priority: int
    ship_on: date | None
    placed_at: datetime
    number: str


def queue(sku_ids: Collection[int]) -> list[InQueue]:
    """Who waits for these SKUs, in the order in which they are served; one statement."""
    return [InQueue(*row) for row in sql.rows(QUEUE, [sql.ints(sorted(sku_ids))])]


def who_waits(sku_codes: Collection[str], order_ids: Collection[int]) -> list[int]:
    """The orders that wait for any of these SKUs, or for one that these orders have in their lines."""
    return [id_ for (id_,) in sql.rows(WHO_WAITS, [sql.texts(sorted(sku_codes)), sql.ints(sorted(order_ids))])]


def prioritize(order_ids: Sequence[int], priorities: Sequence[int], *, actor: Actor) -> dict[int, int]:
    """Set the priorities of orders; answers what they were."""
    before = dict(sql.rows("SELECT order_id, priority FROM order_priority WHERE order_id = ANY (%s::bigint[])",
                           [sql.ints(order_ids)]))  # fmt: skip
    sql.run(PRIORITIZE, [actor, clock.now(), sql.ints(order_ids), sql.ints(priorities)])
    return before


QUEUE = """
    SELECT l.sku_id, l.id, l.order_id, coalesce(l.parent_id, l.id), l.position, w.units, coalesce(r.priority, 0),
           p.ship_on, o.placed_at, o.number
      FROM (SELECT holder_id, sum(backordered)::bigint AS units
              FROM line_sheet WHERE backordered > 0 GROUP BY holder_id) w
      JOIN order_line l ON l.id = w.holder_id
      JOIN orders o ON o.id = l.order_id
      LEFT JOIN order_priority r ON r.order_id = o.id
      LEFT JOIN promise p ON p.line_id = coalesce(l.parent_id, l.id) AND p.superseded_at IS NULL
     WHERE l.sku_id = ANY (%s::bigint[])
     ORDER BY l.sku_id, coalesce(r.priority, 0) DESC, coalesce(p.ship_on, 'infinity'), o.placed_at, o.id, l.position
"""

WHO_WAITS = """
    SELECT DISTINCT l.order_id
      FROM line_sheet s
      JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0
       AND l.sku_id IN (SELECT id FROM sku WHERE code = ANY (%s::text[])
                        UNION SELECT sku_id FROM order_line WHERE order_id = ANY (%s::bigint[]))
"""

PRIORITIZE = """
    INSERT INTO order_priority (set_by, set_at, order_id, priority)
    SELECT %s::text, %s::timestamptz, order_id, priority FROM unnest(%s::bigint[], %s::int[]) AS n(order_id, priority)
    ON CONFLICT (order_id) DO UPDATE
       SET priority = excluded.priority, set_by = excluded.set_by, set_at = excluded.set_at
"""
