"""The latest: what happened last, to whatever order."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql

MOST_LOOKED_AT = 400


class Latest(NamedTuple):
    """An event of an order."""

    id: int
    kind: str
    order: str
    actor: str
    at: datetime
    reason: str


def latest(limit: int, *, without: Collection[str] = ()) -> list[Latest]:
    """The newest events of orders, the newest first, but for kinds that begin with `without`; one statement."""
    passed_over = sql.texts(f"{beginning}%" for beginning in sorted(without))
    return [Latest(*row) for row in sql.rows(LATEST, [MOST_LOOKED_AT, passed_over, limit])]


# Between events of orders stand others, of stock for instance; more of them than so many are not looked through.
LATEST = """
    SELECT e.id, e.kind, o.number, e.actor, e.at, coalesce(e.facts->>'reason', '')
      FROM (SELECT id, kind, order_id, actor, at, facts FROM event ORDER BY id DESC LIMIT %s::bigint) e
      JOIN orders o ON o.id = e.order_id
     WHERE NOT e.kind LIKE ANY (%s::text[])
     ORDER BY e.id DESC
     LIMIT %s::bigint
"""
