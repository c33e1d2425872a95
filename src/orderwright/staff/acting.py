"""Acting: what people who work here did, read from the log of events."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql


class Act(NamedTuple):
    """An event that somebody who works here caused."""

    id: int
    kind: str
    order_id: int | None
    person: int
    facts: dict[str, Any]
    at: datetime  # when it was done


def acts(
    *,
    person: int | None = None,
    noun: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> list[Act]:
    """The newest acts below the id `before`: of a person, about a noun (`stock`, `order`), between two moments."""
    conditions, parameters = [], []  # type: list[str], list[object]
    for condition, value in (
        ("actor = %s::text", None if person is None else f"staff:{person}"),
        ("starts_with(kind, %s::text)", f"{noun}." if noun else None),
        ("recorded_at >= %s::timestamptz", since),
        ("recorded_at < %s::timestamptz", until),
        ("id < %s::bigint", before),
    ):
        if value is not None:
            conditions.append(f" AND {condition}")
            parameters.append(value)
    found = sql.rows(ACTS.format(conditions="".join(conditions)), [*parameters, limit])
    return [
        Act(id_, kind, order_id, int(actor.partition(":")[2]), _facts(facts), at)
        for id_, kind, order_id, actor, facts, at in found
    ]


def _facts(found: Any) -> dict[str, Any]:
    """The driver tells JSON as text."""
    facts: dict[str, Any] = msgspec.json.decode(found) if isinstance(found, str | bytes) else found
    return facts


# In these very words, for the index of acts has them too.
ACTS = """
    SELECT id, kind, order_id, actor, facts, recorded_at
      FROM event
     WHERE actor LIKE 'staff:%%'{conditions}
     ORDER BY id DESC
     LIMIT %s::bigint
"""
