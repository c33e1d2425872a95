"""/v1/delivery-options: the ways of delivery that the shop offers."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Text, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.shipping import options
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.options import Way, create_option, edit_option

router = Router()

NewCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", examples=["STANDARD"])]
Carrier = Annotated[str, Field(max_length=100, description="The code of a carrier; empty: labels are made by hand.")]
Service = Annotated[str, Field(max_length=100, description="The carrier's own name for its product.")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Countries = Annotated[list[Country], Field(max_length=300, description="Where it goes; none: everywhere.")]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Rank = Annotated[int, Field(strict=True, ge=0, le=1_000_000, description="The lowest that goes there is the default.")]


class OptionIn(Body):
    code: NewCode
    name: Text
    carrier: Carrier = ""
    carrier_service: Service = ""
    countries: Countries = []
    days_least: Days = 1
    days_most: Days = 3
    rank: Rank = 100
    active: Truth = True


class OptionChange(Body):
    name: Text = ""
    carrier: Carrier = ""
    carrier_service: Service = ""
    countries: Countries = []
    days_least: Days = 1
    days_most: Days = 3
    rank: Rank = 100
    active: Truth = Field(True, description="An inactive option is offered no more; what was shipped with it stays.")


class OptionOut(Schema):
    code: str
    name: str
    carrier: str
    carrier_service: str
    countries: list[str]
    days_least: int
    days_most: int
    rank: int
    active: bool
    version: int


@router.get(
    "/delivery-options", response=Page[OptionOut], auth=needs("shipments:read"), summary="List delivery options"
)
def list_delivery_options(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """All delivery options, those that are not offered too, the oldest first."""
    found = options.options(after=place(after, int) or 0, limit=limit + 1)
    return page(found, [option.pk for option in found], limit)


@router.post(
    "/delivery-options", response={201: OptionOut}, auth=needs("settings:write"), summary="Set up a delivery option"
)
def create_delivery_option(request: HttpRequest, response: HttpResponse, body: OptionIn) -> Status[DeliveryOption]:
    """Its code is its name for ever.  Of those that go to a country the one of the lowest rank is the default."""
    asked = body.dict()
    option = create_option(asked.pop("code"), Way(**asked), actor=actor(request))
    tag(response, option.version)
    return Status(201, option)


@router.get(
    "/delivery-options/{code}", response=OptionOut, auth=needs("shipments:read"), summary="Get a delivery option"
)
def get_delivery_option(request: HttpRequest, response: HttpResponse, code: Code) -> DeliveryOption:
    """Its ETag is the version that an edit asks for."""
    option = options.option(code)
    tag(response, option.version)
    return option


@router.patch(
    "/delivery-options/{code}", response=OptionOut, auth=needs("settings:write"), summary="Edit a delivery option"
)
def edit_delivery_option(
    request: HttpRequest, response: HttpResponse, code: Code, body: OptionChange
) -> DeliveryOption:
    """Change the fields that are named, if nobody changed the option since it was read (If-Match)."""
    option = edit_option(code, body.dict(exclude_unset=True), seen=seen_version(request), actor=actor(request))
    tag(response, option.version)
    return option
