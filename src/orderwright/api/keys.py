"""/v1/keys: issuing and revoking API keys."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import ScopeMissing, actor, needs
from orderwright.api.fields import Body, Id
from orderwright.api.once import personal
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES

router = Router()

Scope = Annotated[str, Field(max_length=40, json_schema_extra={"enum": list(SCOPES)})]


class KeyIn(Body):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)]
    calls_per_minute: Annotated[int, Field(strict=True, ge=1, le=keys.CALLS_PER_MINUTE_MOST)] = keys.CALLS_PER_MINUTE


class KeyOut(Schema):
    id: int
    name: str
    hint: str = Field(description="Its first characters.")
    scopes: list[str]
    calls_per_minute: int
    created_at: datetime
    revoked_at: datetime | None


class IssuedOut(KeyOut):
    token: str | None = Field(None, description="The key itself, shown this once; null when the answer is repeated.")


def key_by_id(request: HttpRequest, key_id: int) -> keys.Key:
    """A key as it is now, without its secret."""
    return keys.get(key_id)


@router.get("/keys", response=Page[KeyOut], auth=needs("keys:write"), summary="List keys")
def list_keys(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """All keys, revoked ones too, the oldest first."""
    found = keys.listed(after=place(after, int) or 0, limit=limit + 1)
    return page(found, [key.id for key in found], limit)


@router.post("/keys", response={201: IssuedOut}, auth=needs("keys:write"), summary="Issue a key")
@personal(read_again=key_by_id)
def issue_key(request: HttpRequest, body: KeyIn) -> Status[dict[str, Any]]:
    """A key can only be given scopes that the caller has; its token is in this answer and nowhere else."""
    for scope in body.scopes:
        if scope in SCOPES and scope not in request.auth.scopes:  # type: ignore[attr-defined]
            raise ScopeMissing(scope=scope)
    issued = keys.issue(body.name, body.scopes, actor=actor(request), calls_per_minute=body.calls_per_minute)
    return Status(201, {**keys.get(issued.client.id)._asdict(), "token": issued.token})


@router.post("/keys/{key_id}/revoke", response=KeyOut, auth=needs("keys:write"), summary="Revoke a key")
def revoke_key(request: HttpRequest, key_id: Id) -> keys.Key:
    """It opens nothing any more, a second later at the latest.  Revoking twice is the same as once."""
    return keys.revoke(key_id, actor=actor(request))
