"""Noting what is only told once: that a provider contradicted itself, so that it stands until it is settled."""

from collections.abc import Sequence

import msgspec

from orderwright.kernel import clock, readers, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.feed import Told

READER = "exceptions"
CONTRADICTED = "tender.contradicted"


def note_contradictions() -> int:
    """Read the log for contradictions, and note them; answers how many."""
    return readers.read_on(READER, _note, kinds=[CONTRADICTED])


def settle_contradiction(event_id: int, *, actor: Actor) -> int:
    """Somebody found out which of the provider's two answers is right; answers how many were settled."""
    return sql.run(SETTLE, [clock.now(), actor, event_id])


def _note(told: Sequence[Told]) -> None:
    sql.run(
        NOTE,
        [
            sql.ints(one.id for one in told),
            sql.ints(one.order_id for one in told),
            sql.texts(str(one.facts["attempt"]) for one in told),
            sql.texts(msgspec.json.encode(one.facts).decode() for one in told),
            sql.texts(one.at.isoformat() for one in told),
        ],
    )


NOTE = """
    INSERT INTO payment_contradiction (event_id, order_id, attempt_id, facts, told_at)
    SELECT event_id, order_id, attempt_id, facts::jsonb, told_at
      FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[])
           AS n(event_id, order_id, attempt_id, facts, told_at)
        ON CONFLICT DO NOTHING
"""

SETTLE = """
    UPDATE payment_contradiction SET settled_at = %s::timestamptz, settled_by = %s
     WHERE event_id = %s::bigint AND settled_at IS NULL
"""
