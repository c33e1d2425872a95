"""Events: what happened, written in the transaction that made it true.

The row is the order's timeline, the outbox and the feed; `kernel.feed` reads it.  Facts are public for ever: they
carry no personal data, only numbers, codes and the ids of rows that can be erased.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import connection

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.numbering import take_ids


class Happening(NamedTuple):
    """Something to record.  `at` is when it happened in the business; now, where it is left out."""

    kind: str
    actor: Actor
    facts: Mapping[str, object] | msgspec.Struct | msgspec.Raw
    order_id: int | None = None
    at: datetime | None = None


def record(happenings: Sequence[Happening], *, ids: Sequence[int] = (), opening: bool = False) -> list[int]:
    """Write events down, in order, and answer their ids.

    The orders they belong to must be locked by this transaction, which makes each event's place in its order
    causal.  `opening` says that the orders are new in this transaction; `ids` that ids were taken before.
    """
    assert connection.in_atomic_block
    if not happenings:
        return []
    ids = list(ids) or take_ids("event_id_seq", len(happenings))
    now = clock.now()
    sql.run(
        RECORD_OPENING if opening else RECORD,
        [
            sql.ints(ids),
            "{" + ",".join([happening.kind for happening in happenings]) + "}",
            sql.ints([happening.order_id for happening in happenings]),
            sql.texts([happening.actor for happening in happenings]),
            sql.texts([_encode(happening.facts).decode() for happening in happenings]),
            sql.texts([(happening.at or now).isoformat() for happening in happenings]),
        ],
    )
    return ids


_encode = msgspec.json.Encoder().encode

# Of new orders nothing is to be looked up: their events are counted from 1.
RECORD_OPENING = """
    INSERT INTO event (id, kind, order_id, place_in_order, actor, facts, at)
    SELECT id, kind, order_id,
           CASE WHEN order_id IS NOT NULL THEN row_number() OVER (PARTITION BY order_id ORDER BY ordinal) END,
           actor, facts::jsonb, at
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
           WITH ORDINALITY AS h(id, kind, order_id, actor, facts, at, ordinal)
"""

RECORD = """
    INSERT INTO event (id, kind, order_id, place_in_order, actor, facts, at)
    SELECT id, kind, order_id,
           CASE WHEN order_id IS NOT NULL THEN
                row_number() OVER (PARTITION BY order_id ORDER BY ordinal)
                + coalesce((SELECT max(e.place_in_order) FROM event e WHERE e.order_id = h.order_id), 0) END,
           actor, facts::jsonb, at
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
           WITH ORDINALITY AS h(id, kind, order_id, actor, facts, at, ordinal)
"""
