"""/v1/webhooks: the addresses that are told what happens, their secrets, and how they do."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Id, Moment, Text
from orderwright.api.once import personal
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.webhooks import editing, pausing, queries, replaying
from orderwright.webhooks.models import Endpoint

router = Router()

Kind = Annotated[
    str,
    Field(pattern=r"^(\*|[a-z_]{1,40}\.([a-z_]{1,40}|\*))$", examples=["order.placed", "order.*", "*"]),
]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(min_length=1, max_length=2000, examples=["https://example.com/orderwright"])]
Email = Annotated[str, Field(max_length=200, description="Whom a letter tells when it is paused.")]
AtOnce = Annotated[int, Field(strict=True, ge=1, le=64, description="How many requests it gets at once.")]
GivenSecret = Annotated[str, Field(max_length=100, description="whsec_ and 24 to 64 bytes in base64; else a new one.")]
Seconds = Annotated[int, Field(strict=True, ge=0, le=30 * 86_400)]
Cursor = Annotated[str, Field(max_length=80)]


class WebhookIn(Body):
    url: Url
    kinds: Kinds = ["*"]
    description: Text = ""
    owner_email: Email = ""
    concurrency: AtOnce = 8
    secret: GivenSecret = ""


class WebhookChange(Body):
    url: Url = ""
    kinds: Kinds = ["*"]
    description: Text = ""
    owner_email: Email = ""
    concurrency: AtOnce = 8


class SecretOut(Schema):
    hint: str
    created_at: datetime
    expires_at: datetime | None


class WebhookOut(Schema):
    id: int
    url: str
    kinds: list[str]
    description: str
    owner_email: str
    concurrency: int
    state: Literal["active", "paused"]
    paused_at: datetime | None
    paused_by: Literal["", "hand", "failures", "gone"]
    secrets: list[SecretOut] = Field(description="Known by how they begin; all of them sign.")
    version: int
    created_at: datetime


class NewWebhookOut(WebhookOut):
    secret: str | None = Field(description="Shown this once.")


class RotateIn(Body):
    overlap_seconds: Seconds = Field(86_400, description="So long the secrets before it sign along.")
    secret: GivenSecret = ""


class NewSecretOut(Schema):
    id: int
    secret: str | None = Field(description="Shown this once.")
    old_expire_at: datetime | None


class ReplayIn(Body):
    after: Cursor = Field("", description="Behind this cursor; from the beginning, where left out.")
    until: Cursor = Field("", description="Up to this cursor, with it; up to now, where left out.")
    since: Moment | None = Field(None, description="What happened at this moment or later.")
    before: Moment | None = Field(None, description="What happened before this moment.")
    kinds: list[Kind] = Field([], max_length=100, description="Those the webhook wants, where left out.")


class ReplayOut(Schema):
    events: int = Field(description="How many events are told again; what waits anyway is not counted.")


class PingOut(Schema):
    delivery: int


class WebhookHealthOut(Schema):
    state: Literal["active", "paused"]
    waiting: int
    failed: int = Field(description="Given up, and not sent again.")
    oldest_waiting_at: datetime | None
    lag_seconds: float
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None = Field(description="No success since then.")
    failures: int = Field(description="Without an answer, one after the other.")
    rests_until: datetime | None
    last_problem: str


@router.get("/webhooks", response=Page[WebhookOut], auth=needs("webhooks:read"), summary="List webhooks")
def list_webhooks(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """All webhooks, paused ones too, the oldest first."""
    found = queries.endpoints(after=place(after, int) or 0, limit=limit + 1)
    return page(_shown(found), [endpoint.pk for endpoint in found], limit)


def _read_again(request: HttpRequest, webhook_id: int) -> dict[str, Any]:
    return _one(queries.endpoint(webhook_id)) | {"secret": None}


def _no_secret_again(request: HttpRequest, webhook_id: int) -> dict[str, Any]:
    return {"id": webhook_id, "secret": None, "old_expire_at": None}


@router.post("/webhooks", response={201: NewWebhookOut}, auth=needs("webhooks:write"), summary="Create a webhook")
@personal(read_again=_read_again)
def create_webhook(request: HttpRequest, response: HttpResponse, body: WebhookIn) -> Status[dict[str, Any]]:
    """Events of its kinds that happen from now on are posted to its address, signed with the secret in the answer."""
    asked = body.dict()
    secret = asked.pop("secret")
    endpoint, secret = editing.create_webhook(editing.Wish(**asked), actor=actor(request), secret=secret)
    tag(response, endpoint.version)
    return Status(201, _one(endpoint) | {"secret": secret})


@router.get("/webhooks/{webhook}", response=WebhookOut, auth=needs("webhooks:read"), summary="Get a webhook")
def get_webhook(request: HttpRequest, response: HttpResponse, webhook: Id) -> dict[str, Any]:
    """Its ETag is the version that an edit asks for."""
    return _tagged(response, queries.endpoint(webhook))


@router.patch("/webhooks/{webhook}", response=WebhookOut, auth=needs("webhooks:write"), summary="Edit a webhook")
def edit_webhook(request: HttpRequest, response: HttpResponse, webhook: Id, body: WebhookChange) -> dict[str, Any]:
    """Change the fields that are named, if nobody changed the webhook since it was read (If-Match)."""
    changes = body.dict(exclude_unset=True)
    return _tagged(response, editing.edit_webhook(webhook, changes, seen=seen_version(request), actor=actor(request)))


@router.delete("/webhooks/{webhook}", response={204: None}, auth=needs("webhooks:write"), summary="Delete a webhook")
def delete_webhook(request: HttpRequest, webhook: Id) -> Status[None]:
    """Nothing is told it any more; what waited is dropped."""
    editing.delete_webhook(webhook, actor=actor(request))
    return Status(204, None)


@router.post(
    "/webhooks/{webhook}/rotate-secret", response=NewSecretOut, auth=needs("webhooks:write"), summary="Rotate a secret"
)
@personal(read_again=_no_secret_again)
def rotate_webhook_secret(request: HttpRequest, webhook: Id, body: RotateIn) -> dict[str, Any]:
    """A new secret signs from now on; those before it sign along until they expire, so nothing is refused meanwhile."""
    overlap = timedelta(seconds=body.overlap_seconds)
    secret, expire = editing.rotate_secret(webhook, overlap=overlap, actor=actor(request), secret=body.secret)
    return {"id": webhook, "secret": secret, "old_expire_at": expire}


@router.post("/webhooks/{webhook}/pause", response=WebhookOut, auth=needs("webhooks:write"), summary="Pause a webhook")
@personal(read_again=_read_again)
def pause_webhook(request: HttpRequest, response: HttpResponse, webhook: Id) -> dict[str, Any]:
    """What happens meanwhile waits for it."""
    return _tagged(response, pausing.pause_webhook(webhook, actor=actor(request)))


@router.post(
    "/webhooks/{webhook}/resume", response=WebhookOut, auth=needs("webhooks:write"), summary="Resume a webhook"
)
@personal(read_again=_read_again)
def resume_webhook(request: HttpRequest, response: HttpResponse, webhook: Id) -> dict[str, Any]:
    """What waited is told it, an order's events in their order."""
    return _tagged(response, pausing.resume_webhook(webhook, actor=actor(request)))


@router.post("/webhooks/{webhook}/ping", response={202: PingOut}, auth=needs("webhooks:write"), summary="Try it out")
def ping_webhook(request: HttpRequest, webhook: Id) -> Status[dict[str, int]]:
    """A `webhook.pinged` is sent to this webhook alone, whatever kinds it wants; the delivery tells the answer."""
    return Status(202, {"delivery": replaying.ping(webhook, actor=actor(request))})


@router.post(
    "/webhooks/{webhook}/replay", response={202: ReplayOut}, auth=needs("webhooks:write"), summary="Replay a span"
)
def replay_to_webhook(request: HttpRequest, webhook: Id, body: ReplayIn) -> Status[dict[str, int]]:
    """The events of a span of the feed are told it once more, under the same message ids; older ones than it, too."""
    return Status(202, {"events": replaying.replay(webhook, replaying.Span(**body.dict()), actor=actor(request))})


@router.get(
    "/webhooks/{webhook}/health", response=WebhookHealthOut, auth=needs("webhooks:read"), summary="How a webhook does"
)
def webhook_health(request: HttpRequest, webhook: Id) -> dict[str, Any]:
    """How far it is behind, and since when it fails."""
    endpoint = queries.endpoint(webhook)
    named = ("state", "last_attempt_at", "last_success_at", "failing_since", "failures", "rests_until", "last_problem")
    return queries.health(webhook)._asdict() | {name: getattr(endpoint, name) for name in named}


def _tagged(response: HttpResponse, endpoint: Endpoint) -> dict[str, Any]:
    tag(response, endpoint.version)
    return _one(endpoint)


def _one(endpoint: Endpoint) -> dict[str, Any]:
    return _shown([endpoint])[0]


def _shown(endpoints: list[Endpoint]) -> list[dict[str, Any]]:
    secrets = queries.secrets([endpoint.pk for endpoint in endpoints])
    fields = ("id", *WebhookChange.model_fields, "state", "paused_at", "paused_by", "version", "created_at")
    return [
        {field: getattr(endpoint, field) for field in fields}
        | {"secrets": [secret._asdict() for secret in secrets[endpoint.pk]]}
        for endpoint in endpoints
    ]
