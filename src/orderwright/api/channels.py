"""/v1/channels: where we sell, in which currency and under which numbers, and how its orders are sourced and paid."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Currency, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.catalog import queries
from orderwright.catalog.editing import Wanted, Way, edit_channels, only
from orderwright.catalog.models import Channel
from orderwright.fulfilment.sourcing.sorters import SORTERS, sorter

router = Router()

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Prefix = Annotated[str, Field(max_length=20, description="Stands before the number; its last character is no digit.")]
Strategy = Annotated[str, Field(max_length=60, examples=list(SORTERS))]
Sourcing = Annotated[list[Strategy], Field(min_length=1, max_length=20, description="The first that tells decides.")]
Seconds = Annotated[int, Field(strict=True, ge=60, le=400 * 86_400, description="Unpaid orders expire after it.")]
TransferSeconds = Annotated[
    int,
    Field(
        strict=True,
        ge=60,
        le=400 * 86_400,
        description="Orders that wait for a transfer expire after it; without it, like the others.",
    ),
]
Capture = Literal["placement", "shipment"]


class ChannelFields(Body):
    active: Truth = True
    prices_include_tax: Truth = True
    sourcing: Sourcing = ["fewest_parcels", "nearest", "ranked"]
    capture_when: Capture = "placement"
    unpaid_expires_seconds: Seconds | None = None
    transfer_expires_seconds: TransferSeconds | None = None


class ChannelIn(ChannelFields):
    code: Code
    name: Name
    currency: Currency
    series: Code | None = Field(None, description="Channels may share a series of numbers; its own, where left out.")
    number_prefix: Prefix | None = None


class ChannelChange(ChannelFields):
    name: Name = ""


class ChannelOut(Schema):
    code: str
    name: str
    currency: str
    series: str
    number_prefix: str
    active: bool
    prices_include_tax: bool
    sourcing: list[str]
    capture_when: str
    unpaid_expires_seconds: int | None
    transfer_expires_seconds: int | None
    version: int


@router.get("/channels", response=Page[ChannelOut], auth=needs("catalog:read"), summary="List channels")
def list_channels(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """Channels by code."""
    found = queries.channels(after=place(after, str), limit=limit)
    return page(found, [channel.code for channel in found], limit)


@router.post("/channels", response={201: ChannelOut}, auth=needs("catalog:write"), summary="Open a channel")
def create_channel(request: HttpRequest, response: HttpResponse, body: ChannelIn) -> Status[Channel]:
    """Its code, its currency and how its orders are numbered are for ever."""
    fields = {name: value for name, value in body.dict(exclude_unset=True).items() if value is not None}
    for strategy in fields.get("sourcing", ()):
        sorter(strategy)
    only(edit_channels([Wanted(fields.pop("code"), fields, Way.CREATE)], actor=actor(request)))
    return Status(201, _shown(response, body.code.strip()))


@router.get("/channels/{code}", response=ChannelOut, auth=needs("catalog:read"), summary="Get a channel")
def get_channel(request: HttpRequest, response: HttpResponse, code: Code) -> Channel:
    """Its ETag is the version that an edit asks for."""
    return _shown(response, code)


@router.patch("/channels/{code}", response=ChannelOut, auth=needs("catalog:write"), summary="Edit a channel")
def edit_channel(request: HttpRequest, response: HttpResponse, code: Code, body: ChannelChange) -> Channel:
    """Change the fields that are named, if nobody changed the channel since it was read (If-Match)."""
    fields = body.dict(exclude_unset=True)
    for strategy in fields.get("sourcing", ()):
        sorter(strategy)
    only(edit_channels([Wanted(code, fields, Way.CHANGE, seen_version(request))], actor=actor(request)))
    return _shown(response, code)


def _shown(response: HttpResponse, code: str) -> Channel:
    channel = queries.channel(code)
    tag(response, channel.version)
    return channel
