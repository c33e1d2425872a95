"""/v1/webhooks/…/deliveries: what a webhook was told and is to be told, with every request and its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Code, Id
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.webhooks import queries
from orderwright.webhooks.asking import ALWAYS_SAID
from orderwright.webhooks.models import Attempt
from orderwright.webhooks.replaying import resend
from orderwright.webhooks.taking import document_of

router = Router()

State = Literal["waiting", "delivered", "failed"]
Kind = Annotated[str, Field(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")]


class DeliveryOut(Schema):
    id: int
    event_id: int
    kind: str
    order: str | None
    place_in_order: int | None
    state: State
    tries: int
    replay: int = Field(description="How often it was told again by request.")
    next_try_at: datetime | None = Field(description="Null where it waits behind another event of its order.")
    written_at: datetime
    settled_at: datetime | None


class DeliveryAttemptOut(Schema):
    number: int
    at: datetime
    seconds: float
    url: str
    request_headers: dict[str, str] = Field(description="Without the signature.")
    outcome: str = Field(description="delivered, refused, timeout, unreachable or broken.")
    status: int | None
    headers: dict[str, str]
    answer: str = Field(description="How the answer's body begins, or why there was none.")


class DeliveryMessageOut(Schema):
    id: str = Field(description="The webhook-id that it is sent with, always the same.")
    body: dict[str, Any]


class DeliveryWithAttemptsOut(DeliveryOut):
    message: DeliveryMessageOut
    attempts: list[DeliveryAttemptOut]


@router.get(
    "/webhooks/{webhook}/deliveries", response=Page[DeliveryOut], auth=needs("webhooks:read"), summary="List deliveries"
)
def list_deliveries(
    request: HttpRequest,
    webhook: Id,
    after: After = None,
    limit: Limit = 50,
    state: State | None = None,
    kind: Kind | None = None,
    order: Code | None = None,
    event: Id | None = None,
) -> dict[str, Any]:
    """The newest first."""
    queries.endpoint(webhook)
    filters = queries.Filters(state, kind, order, event)
    found = queries.deliveries(webhook, filters, before=place(after, int), limit=limit + 1)
    return page([entry._asdict() for entry in found], [entry.id for entry in found], limit)


@router.get(
    "/webhooks/{webhook}/deliveries/{delivery}",
    response=DeliveryWithAttemptsOut,
    auth=needs("webhooks:read"),
    summary="Get a delivery",
)
def get_delivery(request: HttpRequest, webhook: Id, delivery: Id) -> dict[str, Any]:
    """The message, and all attempts to deliver it."""
    queries.endpoint(webhook)
    return _shown(webhook, delivery)


@router.post(
    "/webhooks/{webhook}/deliveries/{delivery}/resend",
    response={202: DeliveryWithAttemptsOut},
    auth=needs("webhooks:write"),
    summary="Resend a delivery",
)
def resend_delivery(request: HttpRequest, webhook: Id, delivery: Id) -> Status[dict[str, Any]]:
    """It is told once more under the same message id; one that waits is tried now."""
    resend(webhook, delivery, actor=actor(request))
    return Status(202, _shown(webhook, delivery))


def _shown(webhook: int, delivery: int) -> dict[str, Any]:
    entry = queries.delivery(webhook, delivery)
    message_id, body = document_of(webhook, entry.event_id)
    attempts = [_with_request(attempt, message_id) for attempt in queries.attempts(delivery)]
    return entry._asdict() | {"message": {"id": message_id, "body": body}, "attempts": attempts}


def _with_request(attempt: Attempt, message_id: str) -> dict[str, Any]:
    named = ("number", "at", "seconds", "url", "outcome", "status", "headers", "answer")
    said = {**ALWAYS_SAID, "webhook-id": message_id, "webhook-timestamp": str(int(attempt.at.timestamp()))}
    return {name: getattr(attempt, name) for name in named} | {"request_headers": said}
