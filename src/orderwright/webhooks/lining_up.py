"""Lining up: of an order's events, an endpoint is told the earlier before the later; only the first has its turn.

The row of an endpoint is the lock of its lines: `lock` comes first in every transaction that adds to them, settles
what stood in them, or puts something back.
"""

from collections.abc import Collection
from datetime import datetime

from orderwright.kernel import sql


def lock(endpoint_ids: Collection[int]) -> None:
    """Lock the lines of these endpoints, by id."""
    sql.run(LOCK, [sql.ints(sorted(endpoint_ids))])


def call_next(lines: Collection[tuple[int, int]], now: datetime) -> None:
    """Give the first that waits in each of these lines (endpoint, order) its turn, if it has none yet."""
    if lines:
        sql.run(CALL_NEXT, [now, *_columns(lines)])


def line_up(lines: Collection[tuple[int, int]], now: datetime) -> None:
    """Give the first in each of these lines its turn now, and no other one, wherever they came in."""
    if lines:
        endpoints, orders = _columns(lines)
        sql.run(LINE_UP, [endpoints, orders, now])


def line_up_all(endpoint_id: int, now: datetime) -> None:
    """The same for all lines of an endpoint; what belongs to no order waits for nothing."""
    sql.run(LINE_UP_ALL, [endpoint_id, now])


def _columns(lines: Collection[tuple[int, int]]) -> list[str]:
    pairs = sorted(set(lines))
    return [sql.ints(endpoint for endpoint, _order in pairs), sql.ints(order for _endpoint, order in pairs)]


LOCK = "SELECT id FROM webhook_endpoint WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"

CALL_NEXT = """
    UPDATE webhook_delivery d
       SET due_at = %s::timestamptz
      FROM unnest(%s::bigint[], %s::bigint[]) AS line(endpoint_id, order_id)
     CROSS JOIN LATERAL (
           SELECT f.id
             FROM webhook_delivery f
            WHERE f.endpoint_id = line.endpoint_id AND f.order_id = line.order_id AND f.state = 'waiting'
            ORDER BY f.place_in_order
            LIMIT 1) AS first
     WHERE d.id = first.id AND d.due_at IS NULL
"""

TURNS = """
    UPDATE webhook_delivery d
       SET due_at = CASE WHEN line.first THEN %s::timestamptz END
      FROM line
     WHERE d.id = line.id AND line.first <> (line.due_at IS NOT NULL)
"""

LINE_UP = (
    """
    WITH line AS (
        SELECT id, due_at, row_number() OVER (PARTITION BY endpoint_id, order_id ORDER BY place_in_order) = 1 AS first
          FROM unnest(%s::bigint[], %s::bigint[]) AS l(endpoint_id, order_id)
          JOIN webhook_delivery USING (endpoint_id, order_id)
         WHERE state = 'waiting')
"""
    + TURNS
)

LINE_UP_ALL = (
    """
    WITH line AS (
        SELECT id, due_at,
               order_id IS NULL OR row_number() OVER (PARTITION BY order_id ORDER BY place_in_order) = 1 AS first
          FROM webhook_delivery
         WHERE endpoint_id = %s::bigint AND state = 'waiting')
"""
    + TURNS
)
