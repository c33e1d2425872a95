"""Pausing and resuming: what happens meanwhile waits, and is told in order later."""

from django.db import transaction

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening, record
from orderwright.webhooks.editing import locked, try_anew
from orderwright.webhooks.models import Endpoint, EndpointState


@transaction.atomic
def pause_webhook(webhook_id: int, *, actor: Actor) -> Endpoint:
    """Tell an endpoint nothing for now.  One that is paused stays as it is."""
    endpoint = locked(webhook_id)
    if endpoint.state == EndpointState.ACTIVE:
        endpoint.state, endpoint.paused_at, endpoint.paused_by = EndpointState.PAUSED, clock.now(), "hand"
        endpoint.version += 1
        endpoint.save(update_fields=["state", "paused_at", "paused_by", "version"])
        waiting = sql.value(WAITING, [webhook_id])
        record([Happening("webhook.paused", actor, {"webhook": webhook_id, "by": "hand", "waiting": waiting})])
    return endpoint


@transaction.atomic
def resume_webhook(webhook_id: int, *, actor: Actor) -> Endpoint:
    """Tell an endpoint what waited, and what follows.  Its failures are forgotten, and all is tried anew."""
    endpoint = locked(webhook_id)
    if endpoint.state == EndpointState.PAUSED:
        endpoint.state, endpoint.paused_at, endpoint.paused_by = EndpointState.ACTIVE, None, ""
        endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
        endpoint.version += 1
        endpoint.save(
            update_fields=[
                "state", "paused_at", "paused_by", "failures", "failing_since", "rests_until", "version"
            ]
        )  # fmt: skip
        try_anew(webhook_id)
        waiting = sql.value(WAITING, [webhook_id])
        record([Happening("webhook.resumed", actor, {"webhook": webhook_id, "waiting": waiting})])
    return endpoint


WAITING = "SELECT count(*) FROM webhook_delivery WHERE endpoint_id = %s::bigint AND state = 'waiting'"
