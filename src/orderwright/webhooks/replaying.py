"""Replaying: an endpoint is told a span of the feed again, one delivery, or a ping; always under the same message id.

What was never told it, for it was not there yet or did not want it, is told now.  What waits anyway stays as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, feed, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.webhooks import lining_up
from orderwright.webhooks.editing import check_kinds, locked
from orderwright.webhooks.following import ALL, PINGED, lock_reader

MOST_EVENTS = 100_000


class TooMuchToReplay(Refusal):
    code = "too_much_to_replay"
    sentence = _("This span holds more than {most} events. Replay it in parts.")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of the feed: behind a cursor and up to another, or by when events happened; of some kinds."""

    after: str = feed.START
    until: str = feed.START  # up to this cursor, with it; to the end, where left out
    since: datetime | None = None
    before: datetime | None = None
    kinds: Collection[str] = ()  # those the endpoint wants, where left out


@transaction.atomic
def replay(webhook_id: int, span: Span, *, actor: Actor) -> int:
    """Tell an endpoint a span of the feed again; answers how many events."""
    if span.kinds:
        check_kinds(span.kinds)
    if span.since is not None and span.before is not None and span.since >= span.before:
        raise Invalid(field="before", problem=_("it is not later than since"))
    stands = lock_reader()  # what the reader has not dealt with yet will be told anyway
    endpoint = locked(webhook_id)
    until = min([stands, span.until or stands], key=feed.position)
    kinds = sorted(span.kinds or endpoint.kinds)
    bounds = {"after": sql.ints(feed.position(span.after)), "until": sql.ints(feed.position(until))}
    wanted = {"all": ALL in kinds, "kinds": sql.texts(kinds), "since": span.since, "before": span.before}
    events = [id_ for (id_,) in sql.rows(SPAN, {**bounds, **wanted, "most": MOST_EVENTS + 1})]
    if len(events) > MOST_EVENTS:
        raise TooMuchToReplay(most=MOST_EVENTS)
    told = _put_back(webhook_id, events)
    record([Happening("webhook.replayed", actor, {"webhook": webhook_id, "events": told})])
    return told


@transaction.atomic
def resend(webhook_id: int, delivery_id: int, *, actor: Actor) -> None:
    """Tell an endpoint of one event again.  A delivery that waits is tried now, if it has its turn."""
    locked(webhook_id)
    found = sql.rows(EVENT_OF, [delivery_id, webhook_id])
    if not found:
        raise NotFound(thing=_("delivery"), name=delivery_id)
    if _put_back(webhook_id, [found[0][0]]):
        record([Happening("webhook.replayed", actor, {"webhook": webhook_id, "events": 1})])
    else:
        sql.run(TRY_NOW, [clock.now(), delivery_id])


@transaction.atomic
def resend_failed(webhook_id: int, *, actor: Actor) -> int:
    """Tell an endpoint again of all that was given up; answers how many events."""
    locked(webhook_id)
    told = _put_back(webhook_id, [id_ for (id_,) in sql.rows(FAILED, [webhook_id])])
    if told:
        record([Happening("webhook.replayed", actor, {"webhook": webhook_id, "events": told})])
    return told


@transaction.atomic
def ping(webhook_id: int, *, actor: Actor) -> int:
    """Tell an endpoint, and no other, that it was pinged; answers the delivery's id."""
    locked(webhook_id)
    (event,) = record([Happening(PINGED, actor, {"webhook": webhook_id})])
    return int(sql.value(PING, [webhook_id, clock.now(), event]))


def _put_back(webhook_id: int, events: Collection[int]) -> int:
    told = sql.run(PUT_BACK, [webhook_id, sql.ints(events)])
    if told:
        lining_up.line_up_all(webhook_id, clock.now())
    return told


SPAN = """
    SELECT id
      FROM event
     WHERE (epoch, xact, id) > ((%(after)s::bigint[])[1], (%(after)s::bigint[])[2], (%(after)s::bigint[])[3])
       AND (epoch, xact, id) <= ((%(until)s::bigint[])[1], (%(until)s::bigint[])[2], (%(until)s::bigint[])[3])
       AND (%(since)s::timestamptz IS NULL OR at >= %(since)s::timestamptz)
       AND (%(before)s::timestamptz IS NULL OR at < %(before)s::timestamptz)
       AND (%(all)s::boolean OR ARRAY[kind, split_part(kind, '.', 1) || '.*'] && %(kinds)s::text[])
       AND kind <> 'webhook.pinged'
     LIMIT %(most)s::bigint
"""

PUT_BACK = """
    INSERT INTO webhook_delivery (endpoint_id, event_id, kind, order_id, place_in_order, replays)
    SELECT %s::bigint, id, kind, order_id, place_in_order, 1 FROM event WHERE id = ANY (%s::bigint[]) ORDER BY id
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
       SET state = 'waiting', settled_at = NULL, leased_until = NULL, failures = 0, first_failed_at = NULL,
           replays = webhook_delivery.replays + 1
     WHERE webhook_delivery.state <> 'waiting'
"""

FAILED = "SELECT event_id FROM webhook_delivery WHERE endpoint_id = %s::bigint AND state = 'failed'"

EVENT_OF = "SELECT event_id FROM webhook_delivery WHERE id = %s::bigint AND endpoint_id = %s::bigint"

TRY_NOW = """
    UPDATE webhook_delivery SET due_at = %s::timestamptz
     WHERE id = %s::bigint AND state = 'waiting' AND due_at IS NOT NULL
"""

PING = """
    INSERT INTO webhook_delivery (endpoint_id, event_id, kind, due_at)
    SELECT %s::bigint, id, kind, %s::timestamptz FROM event WHERE id = %s::bigint
    RETURNING id
"""
