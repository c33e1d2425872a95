"""Taking deliveries whose turn it is, with all that is needed to send them.

A delivery is leased before it is sent, so whoever dies while sending delays it and loses nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import clock, sql
from orderwright.kernel.feed import Told
from orderwright.orders.telling import described

LEASE_SECONDS = 60
BREAKS_AT = 5  # failures one after the other; then one request at a time finds out whether it is back


class Open(NamedTuple):
    """An endpoint that can be told something now."""

    id: int
    url: str
    concurrency: int
    failures: int
    secrets: tuple[str, ...]

    @property
    def at_once(self) -> int:
        """How many requests it gets at once."""
        return self.concurrency if self.failures < BREAKS_AT else 1


class Leased(NamedTuple):
    """A delivery that we are to send."""

    id: int
    endpoint_id: int
    order_id: int | None
    number: int  # of this attempt
    failures: int  # before it
    first_failed_at: datetime | None
    message_id: str
    body: bytes


def open_endpoints() -> list[Open]:
    """The endpoints that are neither paused nor resting."""
    return [
        Open(id_, url, concurrency, failures, tuple(secrets))
        for id_, url, concurrency, failures, secrets in sql.rows(OPEN, {"now": clock.now()})
    ]


def take(rooms: Mapping[int, int]) -> list[Leased]:
    """Lease deliveries whose turn it is: for each endpoint as many as there is room for, the longest waiting first."""
    rooms = {endpoint: room for endpoint, room in rooms.items() if room > 0}
    if not rooms:
        return []
    now = clock.now()
    until = now + timedelta(seconds=LEASE_SECONDS)
    found = sql.rows(TAKE, {"ids": sql.ints(rooms), "rooms": sql.ints(rooms.values()), "now": now, "until": until})
    if not found:
        return []
    told = {one.id: one for one in _events(sorted({row[2] for row in found}))}
    documents = described(list(told.values()))
    bodies = {event: _encode(_message(document)) for event, document in zip(told, documents, strict=True)}
    return [
        Leased(id_, endpoint, order, number, failures, first_failed, message_id(endpoint, told[event]), bodies[event])
        for id_, endpoint, event, order, number, failures, first_failed in sorted(found)
    ]


def give_back(deliveries: Sequence[Leased]) -> None:
    """End the lease of deliveries that were not sent."""
    if deliveries:
        columns = [sql.ints(one.id for one in deliveries), sql.ints(one.number for one in deliveries)]
        sql.run(GIVE_BACK, columns)


def message_id(endpoint_id: int, event: Told) -> str:
    """What a receiver knows an event by, however often it comes.  A restore counts ids anew, in another epoch."""
    return f"msg_{event.cursor.partition('.')[0]}_{event.id}_{endpoint_id}"


def document_of(endpoint_id: int, event_id: int) -> tuple[str, dict[str, Any]]:
    """The message that tells an endpoint of an event: its id, and what it says."""
    (event,) = _events([event_id])
    return message_id(endpoint_id, event), _message(described([event])[0])


def _message(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of an event: the same whenever it is sent."""
    return {"type": document["kind"], "timestamp": document["at"], "data": document}


def _events(ids: Sequence[int]) -> list[Told]:
    return [
        Told(f"{epoch}.{xact}.{id_}", id_, kind, version, order, place, actor, msgspec.json.decode(facts), at, recorded)
        for epoch, xact, id_, kind, version, order, place, actor, facts, at, recorded in sql.rows(
            EVENTS, [sql.ints(ids)]
        )
    ]


_encode = msgspec.json.Encoder().encode

OPEN = """
    SELECT w.id, w.url, w.concurrency, w.failures,
           ARRAY(SELECT s.secret FROM webhook_secret s
                  WHERE s.endpoint_id = w.id AND (s.expires_at IS NULL OR s.expires_at > %(now)s::timestamptz)
                  ORDER BY s.id DESC)
      FROM webhook_endpoint w
     WHERE w.state = 'active' AND (w.rests_until IS NULL OR w.rests_until <= %(now)s::timestamptz)
     ORDER BY w.id
"""

TAKE = """
    WITH due AS (
        SELECT d.id
          FROM unnest(%(ids)s::bigint[], %(rooms)s::int[]) AS asked(endpoint_id, room)
         CROSS JOIN LATERAL (
               SELECT f.id
                 FROM webhook_delivery f
                WHERE f.endpoint_id = asked.endpoint_id AND f.state = 'waiting' AND f.due_at <= %(now)s::timestamptz
                  AND (f.leased_until IS NULL OR f.leased_until <= %(now)s::timestamptz)
                ORDER BY f.due_at, f.id
                LIMIT asked.room
                  FOR NO KEY UPDATE SKIP LOCKED) AS d)
    UPDATE webhook_delivery d
       SET leased_until = %(until)s::timestamptz, tries = d.tries + 1
      FROM due
     WHERE d.id = due.id
    RETURNING d.id, d.endpoint_id, d.event_id, d.order_id, d.tries, d.failures, d.first_failed_at
"""

GIVE_BACK = """
    UPDATE webhook_delivery d
       SET leased_until = NULL, tries = d.tries - 1
      FROM unnest(%s::bigint[], %s::int[]) AS given(id, number)
     WHERE d.id = given.id AND d.tries = given.number AND d.state = 'waiting'
"""

EVENTS = """
    SELECT epoch, xact, id, kind, version, order_id, place_in_order, actor, facts::text, at, recorded_at
      FROM event
     WHERE id = ANY (%s::bigint[])
"""
