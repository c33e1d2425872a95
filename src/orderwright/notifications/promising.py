"""What is promised of an order's lines, and what its customer was last told of it."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from orderwright.kernel import sql

Told = dict[int, date | None]  # by the line's position; None: that nobody can say


class Promised(NamedTuple):
    """When a line is to leave, and to arrive; None where nobody can say."""

    ship_on: date | None
    deliver_on: date | None
    reason: str
    first_on: date | None = None  # the day that was promised first

    @property
    def day(self) -> date | None:
        """The day that a customer is told."""
        return self.deliver_on or self.ship_on


def promised(order_ids: Collection[int]) -> dict[int, dict[int, Promised]]:
    """The promises that stand and are open, by order and position of the line; one statement."""
    found: dict[int, dict[int, Promised]] = {}
    for order_id, position, *rest in sql.rows(PROMISES, [sql.ints(sorted(order_ids))]):
        found.setdefault(order_id, {})[position] = Promised(*rest)
    return found


def told(order_ids: Collection[int]) -> dict[tuple[int, str], Told]:
    """What letters that were sent told last of each line, by order and channel; one statement."""
    found: dict[tuple[int, str], Told] = {}
    for order_id, channel, position, day in sql.rows(TOLD, [sql.ints(sorted(order_ids))]):
        found.setdefault((order_id, channel), {})[position] = _day(day)
    return found


def read(line: Mapping[str, Any], before: str = "") -> Promised:
    """A promise as facts tell it; `before`: "was_", where they tell what was promised before."""
    return Promised(_day(line.get(f"{before}ship_on")), _day(line.get(f"{before}deliver_on")), line.get("reason") or "")


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


PROMISES = """
    SELECT p.order_id, l.position, p.ship_on, p.deliver_on, p.reason,
           (SELECT coalesce(f.deliver_on, f.ship_on) FROM promise f WHERE f.line_id = p.line_id ORDER BY f.id LIMIT 1)
      FROM promise p
      JOIN order_line l ON l.id = p.line_id
     WHERE p.order_id = ANY (%s::bigint[]) AND p.superseded_at IS NULL AND p.came_on IS NULL
     ORDER BY p.order_id, l.position
"""

TOLD = """
    SELECT DISTINCT ON (l.order_id, l.channel, t.position) l.order_id, l.channel, t.position, t.day
      FROM letter l
     CROSS JOIN LATERAL (SELECT key::int, value FROM jsonb_each_text(l.told)) AS t(position, day)
     WHERE l.order_id = ANY (%s::bigint[]) AND l.told IS NOT NULL AND l.sent_at IS NOT NULL
     ORDER BY l.order_id, l.channel, t.position, l.sent_at DESC, l.id DESC
"""
