"""Closing: what cleared last, and what happened to the order just before that: nobody closes an exception by hand."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.exceptions import queries
from orderwright.exceptions.kinds import Stands
from orderwright.kernel import sql


class Closed(NamedTuple):
    """An exception that cleared; the event that preceded it, where it is about an order."""

    exception: Stands
    event: str  # its kind
    actor: str


def closed(kinds: Collection[str], *, before: datetime | None, limit: int) -> list[Closed]:
    """Those that cleared last, before a moment, the newest first; of these kinds, or of all.  Two statements."""
    found = sql.rows(CLOSED, [before, before, sql.texts(sorted(kinds)), sql.texts(sorted(kinds)), limit])
    seen = {one.id: one for one in queries.these([row[0] for row in found])}
    return [Closed(seen[id_], event or "", actor or "") for id_, event, actor in found]


# The event is looked for among those that were written until then.
CLOSED = """
    SELECT x.id, e.kind, e.actor
      FROM exception x
      LEFT JOIN LATERAL (SELECT kind, actor
                           FROM event
                          WHERE order_id = x.order_id AND at <= x.cleared_at
                            AND kind NOT LIKE 'exception.%%' AND kind NOT LIKE 'letter.%%'
                          ORDER BY place_in_order DESC
                          LIMIT 1) e ON x.order_id IS NOT NULL
     WHERE x.cleared_at IS NOT NULL AND (%s::timestamptz IS NULL OR x.cleared_at < %s::timestamptz)
       AND (cardinality(%s::text[]) = 0 OR x.kind = ANY (%s::text[]))
     ORDER BY x.cleared_at DESC, x.id DESC
     LIMIT %s::bigint
"""
