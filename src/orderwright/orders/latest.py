"""The latest: what happened last, to whatever order."""

from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql


class Latest(NamedTuple):
    """An event of an order."""

    id: int
    kind: str
    order: str
    actor: str
    at: datetime
    reason: str


def latest(limit: int) -> list[Latest]:
    """The newest events of orders, the newest first; one statement."""
    return [Latest(*row) for row in sql.rows(LATEST, [limit * 20, limit])]


# Between events of orders stand others, of stock for instance; more of them than so many are not looked through.
LATEST = """
    SELECT e.id, e.kind, o.number, e.actor, e.at, coalesce(e.facts->>'reason', '')
      FROM (SELECT id, kind, order_id, actor, at, facts FROM event ORDER BY id DESC LIMIT %s::bigint) e
      JOIN orders o ON o.id = e.order_id
     ORDER BY e.id DESC
     LIMIT %s::bigint
"""
