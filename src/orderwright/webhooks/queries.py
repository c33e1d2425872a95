"""What is there to read of endpoints: how they do, what they were told, and by which attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import NotFound
from orderwright.webhooks.models import Attempt, DeliveryState, Endpoint, EndpointState


class Secrecy(NamedTuple):
    """A secret, known by its beginning."""

    hint: str
    created_at: datetime
    expires_at: datetime | None


class Health(NamedTuple):
    """How an endpoint does."""

    waiting: int
    failed: int  # given up and not sent again
    oldest_waiting_at: datetime | None  # when that happened which has waited longest
    lag_seconds: float  # how long it has waited


class Entry(NamedTuple):
    """A line of the log of deliveries."""

    id: int
    event_id: int
    kind: str
    order: str | None
    place_in_order: int | None
    state: str
    tries: int
    replay: int
    next_try_at: datetime | None
    written_at: datetime
    settled_at: datetime | None


class Filters(NamedTuple):
    """Which deliveries to list."""

    state: str | None = None
    kind: str | None = None
    order: str | None = None
    event: int | None = None


def endpoints(*, after: int = 0, limit: int = 50) -> list[Endpoint]:
    """Endpoints behind the id `after`, the oldest first."""
    return list(Endpoint.objects.exclude(state=EndpointState.DELETED).filter(pk__gt=after).order_by("pk")[:limit])


def endpoint(webhook_id: int) -> Endpoint:
    """An endpoint by its id.  Refused where there is none."""
    found = Endpoint.objects.exclude(state=EndpointState.DELETED).filter(pk=webhook_id).first()
    if found is None:
        raise NotFound(thing=_("webhook"), name=webhook_id)
    return found


def owner_of(webhook_id: int) -> str:
    """Whom to write to when an endpoint is paused: an e-mail address, or nothing where none is known."""
    found = sql.rows("SELECT owner_email FROM webhook_endpoint WHERE id = %s::bigint", [webhook_id])
    return str(found[0][0]) if found else ""


def secrets(webhook_ids: Sequence[int]) -> dict[int, list[Secrecy]]:
    """What may be shown of the secrets that sign for these endpoints, the newest first."""
    found: dict[int, list[Secrecy]] = {webhook_id: [] for webhook_id in webhook_ids}
    for webhook_id, *more in sql.rows(SECRETS, [clock.now(), sql.ints(webhook_ids)]):
        found[webhook_id].append(Secrecy(*more))
    return found


def health(webhook_id: int) -> Health:
    """How far an endpoint is behind."""
    now = clock.now()
    ((waiting, failed, oldest),) = sql.rows(HEALTH, {"endpoint": webhook_id})
    return Health(waiting, failed, oldest, max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)


def deliveries(webhook_id: int, filters: Filters, *, before: int | None, limit: int) -> list[Entry]:
    """What an endpoint was told and is to be told, the newest first, behind the delivery `before`."""
    # Written out, for an index of those that wait is not found for a parameter.
    conditions = f" AND d.state = '{DeliveryState(filters.state)}'" if filters.state is not None else ""
    parameters: list[object] = [webhook_id]
    for condition, value in (
        ("d.id < %s::bigint", before),
        ("d.kind = %s::text", filters.kind),
        (OF_ORDER, filters.order),
        ("d.event_id = %s::bigint", filters.event),
    ):
        if value is not None:
            conditions += f" AND {condition}"
            parameters.append(value)
    return [Entry(*row) for row in sql.rows(LOG.format(conditions=conditions), [*parameters, limit])]


def delivery(webhook_id: int, delivery_id: int) -> Entry:
    """One delivery.  Refused where there is none."""
    found = sql.rows(LOG.format(conditions=" AND d.id = %s::bigint"), [webhook_id, delivery_id, 1])
    if not found:
        raise NotFound(thing=_("delivery"), name=delivery_id)
    return Entry(*found[0])


def attempts(delivery_id: int) -> list[Attempt]:
    """All attempts of a delivery, the first one first."""
    return list(Attempt.objects.filter(delivery_id=delivery_id).order_by("number"))


def waiting_and_failing() -> tuple[int, int]:
    """How many deliveries wait, and how many endpoints are paused or have had no success since they failed."""
    ((waiting, failing),) = sql.rows(WAITING_AND_FAILING)
    return waiting, failing


SECRETS = """
    SELECT endpoint_id, left(secret, 10) || '…', created_at, expires_at
      FROM webhook_secret
     WHERE (expires_at IS NULL OR expires_at > %s::timestamptz) AND endpoint_id = ANY (%s::bigint[])
     ORDER BY id DESC
"""

HEALTH = """
    SELECT (SELECT count(*) FROM webhook_delivery WHERE endpoint_id = %(endpoint)s::bigint AND state = 'waiting'),
           (SELECT count(*) FROM webhook_delivery WHERE endpoint_id = %(endpoint)s::bigint AND state = 'failed'),
           (SELECT e.at
              FROM (SELECT min(event_id) AS event_id FROM webhook_delivery
                     WHERE endpoint_id = %(endpoint)s::bigint AND state = 'waiting') d
              JOIN event e ON e.id = d.event_id)
"""

LOG = """
    SELECT d.id, d.event_id, d.kind, o.number, d.place_in_order, d.state, d.tries, d.replays, d.due_at, d.written_at,
           d.settled_at
      FROM webhook_delivery d
      LEFT JOIN orders o ON o.id = d.order_id
     WHERE d.endpoint_id = %s::bigint {conditions}
     ORDER BY d.id DESC
     LIMIT %s::bigint
"""

OF_ORDER = """
    d.event_id = ANY (ARRAY(SELECT e.id FROM orders p JOIN event e ON e.order_id = p.id WHERE p.number = %s::text))
"""

WAITING_AND_FAILING = """
    SELECT (SELECT count(*) FROM webhook_endpoint w JOIN webhook_delivery d ON d.endpoint_id = w.id
             WHERE w.state <> 'deleted' AND d.state = 'waiting'),
           (SELECT count(*) FROM webhook_endpoint
             WHERE state = 'paused' OR (state = 'active' AND failing_since IS NOT NULL))
"""
