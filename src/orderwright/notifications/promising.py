"""What was promised of an order's lines, as its events tell it."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql


class Promised(NamedTuple):
    """When a line is to leave, and to arrive; None where nobody can say."""

    ship_on: date | None
    deliver_on: date | None
    reason: str


def promised(order_ids: Collection[int]) -> dict[int, dict[int, Promised]]:
    """The promises that stand, by order and position of the line; one statement."""
    found: dict[int, dict[int, Promised]] = {}
    for order_id, facts in sql.rows(PROMISES, [sql.ints(sorted(order_ids))]):
        known = msgspec.json.decode(facts) if isinstance(facts, str | bytes) else facts
        for line in known.get("lines") or ():
            found.setdefault(order_id, {})[line["line"]] = read(line)
    return found


def read(line: dict[str, Any], before: str = "") -> Promised:
    """A promise as facts tell it; `before`: "was_", where they tell what was promised before."""
    return Promised(_day(line.get(f"{before}ship_on")), _day(line.get(f"{before}deliver_on")), line.get("reason") or "")


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


PROMISES = """
    SELECT order_id, facts FROM event
     WHERE order_id = ANY (%s::bigint[]) AND kind IN ('promise.made', 'promise.changed')
     ORDER BY order_id, place_in_order
"""
