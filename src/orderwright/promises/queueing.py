"""The queue of those who wait for a SKU: priority first, then who was promised an earlier day, then who came first."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor

NO_DAY = date.max  # who was promised no day stands behind those who were


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
    channel_id: int


def queue(sku_ids: Collection[int]) -> list[InQueue]:
    """Who waits for these SKUs, in the order in which they are served; one statement."""
    return [InQueue(*row) for row in sql.rows(QUEUE, [sql.ints(sorted(sku_ids))])]


Key = tuple[int, date, datetime, int, int, int]  # less is served earlier; see `key`


def key(one: InQueue) -> Key:
    """By what the queue is sorted."""
    return (-one.priority, one.ship_on or NO_DAY, one.placed_at, one.order_id, one.position, one.line_id)


def queue_behind(sku_id: int, after: Key | None, limit: int) -> list[tuple[int, InQueue]]:
    """Who waits for a SKU behind a key, `limit` at most, each with their place in the queue; one statement."""
    behind = after or (-(2**31), date.min, datetime.min.replace(tzinfo=UTC), 0, 0, 0)
    return [(row[0], InQueue(*row[1:])) for row in sql.rows(PAGE, [sql.ints([sku_id]), *behind, limit])]


def who_waits(sku_codes: Collection[str], order_ids: Collection[int]) -> list[int]:
    """The orders that wait for any of these SKUs, or for one that these orders have in their lines."""
    return [id_ for (id_,) in sql.rows(WHO_WAITS, [sql.texts(sorted(sku_codes)), sql.ints(sorted(order_ids))])]


def prioritize(order_ids: Sequence[int], priorities: Sequence[int], *, actor: Actor) -> dict[int, int]:
    """Set the priorities of orders; answers what they were."""
    before = dict(sql.rows("SELECT order_id, priority FROM order_priority WHERE order_id = ANY (%s::bigint[])",
                           [sql.ints(order_ids)]))  # fmt: skip
    sql.run(PRIORITIZE, [actor, clock.now(), sql.ints(order_ids), sql.ints(priorities)])
    return before


WAITING = """
    SELECT l.sku_id, l.id, l.order_id, coalesce(l.parent_id, l.id), l.position, w.units, coalesce(r.priority, 0),
           p.ship_on, o.placed_at, o.number, o.channel_id
      FROM (SELECT holder_id, sum(backordered)::bigint AS units
              FROM line_sheet WHERE backordered > 0 GROUP BY holder_id) w
      JOIN order_line l ON l.id = w.holder_id
      JOIN orders o ON o.id = l.order_id
      LEFT JOIN order_priority r ON r.order_id = o.id
      LEFT JOIN promise p ON p.line_id = coalesce(l.parent_id, l.id) AND p.superseded_at IS NULL
     WHERE l.sku_id = ANY (%s::bigint[])
"""

SERVED = "-priority, coalesce(ship_on, '9999-12-31'), placed_at, order_id, position, line_id"

COLUMNS = "sku_id, line_id, order_id, top_line_id, position, units, priority, ship_on, placed_at, number, channel_id"

QUEUE = f"""
    SELECT * FROM ({WAITING}) AS w({COLUMNS}) ORDER BY sku_id, {SERVED}
"""

PAGE = f"""
    SELECT place, {COLUMNS}
      FROM (SELECT row_number() OVER (ORDER BY {SERVED}) AS place, {COLUMNS} FROM ({WAITING}) AS w({COLUMNS})) q
     WHERE ({SERVED}) > (%s::bigint, %s::date, %s::timestamptz, %s::bigint, %s::bigint, %s::bigint)
     ORDER BY place
     LIMIT %s::bigint
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
