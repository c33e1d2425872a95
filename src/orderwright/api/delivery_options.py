"""/v1/delivery-options: the ways of delivery that the shop offers."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Decimal, Text, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.kernel.errors import Invalid
from orderwright.kernel.money import minor, write
from orderwright.shipping import options
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.options import Way, create_option, edit_option

router = Router()

NewCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", examples=["STANDARD"])]
Carrier = Annotated[str, Field(max_length=100, description="The code of a carrier; empty: labels are made by hand.")]
Service = Annotated[str, Field(max_length=100, description="The carrier's own name for its product.")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Countries = Annotated[
    list[Country],
    Field(max_length=300, description="Where it goes; none: everywhere that no nearer zone serves with the same."),
]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Rank = Annotated[int, Field(strict=True, ge=0, le=1_000_000, description="The lowest that goes there is the default.")]


Kind = Annotated[
    Literal["delivery", "same_day", "pickup"],
    Field(description="same_day: offered while all can leave today; pickup: fetched at a location."),
]
CutOff = Annotated[time | None, Field(description="Same-day delivery is offered before it, where the goods leave.")]
Price = Annotated[Decimal | None, Field(description="To the buyer; null: what the carrier asks.", examples=["4.90"])]
Currency = Annotated[str, Field(pattern=r"^([A-Z]{3})?$", description="Of the price.")]
FreeFrom = Annotated[Decimal | None, Field(description="Goods worth so much are delivered for nothing.")]
PickupAt = Annotated[str, Field(max_length=100, description="The code of the location where the goods are fetched.")]


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
    kind: Kind = "delivery"
    cut_off: CutOff = None
    price: Price = None
    currency: Currency = ""
    free_from: FreeFrom = None
    pickup_at: PickupAt = ""


class OptionChange(Body):
    name: Text = ""
    carrier: Carrier = ""
    carrier_service: Service = ""
    countries: Countries = []
    days_least: Days = 1
    days_most: Days = 3
    rank: Rank = 100
    active: Truth = Field(True, description="An inactive option is offered no more; what was shipped with it stays.")
    kind: Kind = "delivery"
    cut_off: CutOff = None
    price: Price = None
    currency: Currency = ""
    free_from: FreeFrom = None
    pickup_at: PickupAt = ""


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
    kind: str
    cut_off: time | None
    price: str | None
    currency: str
    free_from: str | None
    pickup_at: str
    version: int


@router.get(
    "/delivery-options", response=Page[OptionOut], auth=needs("shipments:read"), summary="List delivery options"
)
def list_delivery_options(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """All delivery options, those that are not offered too, the oldest first."""
    found = options.options(after=place(after, int) or 0, limit=limit + 1)
    return page([_shown(option) for option in found], [option.pk for option in found], limit)


@router.post(
    "/delivery-options", response={201: OptionOut}, auth=needs("settings:write"), summary="Set up a delivery option"
)
def create_delivery_option(request: HttpRequest, response: HttpResponse, body: OptionIn) -> Status[dict[str, Any]]:
    """Its code is its name for ever.  Of those that go to a country the one of the lowest rank is the default."""
    asked = _way(body.dict(), body.currency)
    option = create_option(asked.pop("code"), Way(**asked), actor=actor(request))
    tag(response, option.version)
    return Status(201, _shown(option))


@router.get(
    "/delivery-options/{code}", response=OptionOut, auth=needs("shipments:read"), summary="Get a delivery option"
)
def get_delivery_option(request: HttpRequest, response: HttpResponse, code: Code) -> dict[str, Any]:
    """Its ETag is the version that an edit asks for."""
    option = options.option(code)
    tag(response, option.version)
    return _shown(option)


@router.patch(
    "/delivery-options/{code}", response=OptionOut, auth=needs("settings:write"), summary="Edit a delivery option"
)
def edit_delivery_option(
    request: HttpRequest, response: HttpResponse, code: Code, body: OptionChange
) -> dict[str, Any]:
    """Change the fields that are named, if nobody changed the option since it was read (If-Match)."""
    asked = body.dict(exclude_unset=True)
    if asked.keys() & AMOUNTS.keys():
        asked = _way(asked, asked.get("currency") or options.option(code).currency)
    option = edit_option(code, asked, seen=seen_version(request), actor=actor(request))
    tag(response, option.version)
    return _shown(option)


AMOUNTS = {"price": "price_minor", "free_from": "free_from_minor"}


def _way(asked: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The fields of an option as the shop keeps them: amounts in minor units."""
    kept = {name: value for name, value in asked.items() if name not in AMOUNTS}
    for name, ours in AMOUNTS.items():
        if name in asked:
            if asked[name] is not None and not currency:
                raise Invalid(field="currency", problem=_("a price needs its currency, such as EUR"))
            kept[ours] = None if asked[name] is None else minor(asked[name], currency)
    return kept


def _shown(option: DeliveryOption) -> dict[str, Any]:
    """An option as an `OptionOut`."""
    amounts = {
        name: None if (found := getattr(option, ours)) is None else write(found, option.currency)
        for name, ours in AMOUNTS.items()
    }
    plain = ("code", "name", "carrier", "carrier_service", "countries", "days_least", "days_most", "rank", "active")
    more = ("kind", "cut_off", "currency", "pickup_at", "version")
    return {name: getattr(option, name) for name in (*plain, *more)} | amounts
