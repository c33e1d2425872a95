"""Following the log: each event becomes a delivery for every endpoint that wants it, exactly once."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.kernel import clock, readers, sql
from orderwright.kernel.feed import Told
from orderwright.webhooks import lining_up

READER = "webhooks"
PORTION = 500
ALL = "*"
PINGED = "webhook.pinged"  # told only to the endpoint that it is about, whatever that wants


class Followed(NamedTuple):
    """How much was read, and whether there may be more."""

    events: int
    more: bool


def follow() -> int:
    """Read the log to its end; answers how many events were dealt with."""
    read = 0
    while True:
        followed = follow_once()
        read += followed.events
        if not followed.more:
            return read


@transaction.atomic
def follow_once() -> Followed:
    """Write the deliveries of the next events that somebody wants.

    Endpoints are made and changed under the reader's lock, so those that are seen here are those that want it.
    """
    lock_reader()
    wanted = {kind for (kinds,) in sql.rows(WANTED) for kind in kinds}
    kinds = () if ALL in wanted else sorted(wanted | {PINGED})
    read = readers.read_once(READER, _write, kinds=kinds, limit=PORTION)
    return Followed(read, read == PORTION)


def lock_reader() -> str:
    """Keep the reader from reading on until the end of the transaction; answers the cursor where it stands."""
    sql.run(readers.BEGIN, [READER])
    return str(sql.value("SELECT cursor FROM reader_position WHERE reader = %s FOR UPDATE", [READER]))


def _write(told: Sequence[Told]) -> None:
    endpoints = [id_ for (id_,) in sql.rows(LIVING)]
    lining_up.lock(endpoints)
    written = sql.rows(
        WRITE,
        [
            clock.now(),
            *(sql.ints(column) for column in zip(*(map(int, one.cursor.split(".")) for one in told), strict=True)),
            sql.texts([one.kind for one in told]),
            sql.ints([one.order_id for one in told]),
            sql.ints([one.place_in_order for one in told]),
            sql.ints([_about(one) for one in told]),
        ],
    )
    behind = {(endpoint, order) for endpoint, order, has_turn in written if not has_turn}
    lining_up.line_up(behind, clock.now())


def _about(one: Told) -> int | None:
    """The only endpoint that is told of this event; None where all are that want it."""
    return one.facts["webhook"] if one.kind == PINGED else None


def wants(endpoint: str, kind: str, about: str) -> str:
    """The condition in SQL that an endpoint wants an event, with columns as they are named in the query."""
    return (
        f"CASE WHEN {kind} = '{PINGED}' THEN {about} = {endpoint}.id"
        f" ELSE {endpoint}.kinds && ARRAY[{kind}, split_part({kind}, '.', 1) || '.*', '{ALL}'] END"
    )


WANTED = "SELECT kinds FROM webhook_endpoint WHERE state <> 'deleted'"

LIVING = "SELECT id FROM webhook_endpoint WHERE state <> 'deleted' ORDER BY id"

# The first of an order's events that nothing waits before has its turn at once.
WRITE = f"""
    INSERT INTO webhook_delivery (endpoint_id, event_id, kind, order_id, place_in_order, due_at)
    SELECT w.id, v.id, v.kind, v.order_id, v.place_in_order,
           CASE WHEN v.order_id IS NULL
                  OR (row_number() OVER (PARTITION BY w.id, v.order_id ORDER BY v.place_in_order) = 1
                      AND NOT EXISTS (SELECT FROM webhook_delivery d
                                       WHERE d.endpoint_id = w.id AND d.order_id = v.order_id
                                         AND d.state = 'waiting'))
                THEN v.now END
      FROM (SELECT *, %s::timestamptz AS now
              FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::bigint[])
                   AS u(epoch, xact, id, kind, order_id, place_in_order, about)) v
      JOIN webhook_endpoint w
        ON w.state <> 'deleted' AND {wants("w", "v.kind", "v.about")}
       AND ARRAY[v.epoch, v.xact, v.id] > string_to_array(w.wanted_since, '.')::bigint[]
     ORDER BY v.epoch, v.xact, v.id, w.id
    ON CONFLICT (endpoint_id, event_id) DO NOTHING
    RETURNING endpoint_id, order_id, due_at IS NOT NULL
"""
