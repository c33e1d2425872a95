"""/v1/rates: what it would cost to send something, by each delivery option."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import needs
from orderwright.api.fields import Body, Code
from orderwright.api.once import asks_outside
from orderwright.kernel.errors import Invalid
from orderwright.kernel.money import write
from orderwright.shipping import rating
from orderwright.shipping.ports import Parcel
from orderwright.shipping.rating import Rated, Sending

router = Router()

MOST_PARCELS = 20
Grams = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Millimetres = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class ParcelIn(Body):
    weight_grams: Grams
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None


class RatesIn(Body):
    """An order, a fulfilment order, or a country with packages."""

    order: Code | None = Field(None, description="What is left of it, to where it goes.")
    fulfilment_order: Code | None = Field(None, description="What its location has open or packed of it.")
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])] | None = None
    postal_code: Annotated[str, Field(max_length=20)] = ""
    packages: Annotated[list[ParcelIn], Field(min_length=1, max_length=MOST_PARCELS)] | None = Field(
        None, description="Of an order or a fulfilment order: one of all that is left, where this is left out."
    )
    location: Code | None = Field(None, description="Where packages leave; the first, where this is left out.")


class RefusedOut(Schema):
    reason: str = Field(examples=["not_served"])
    message: str = Field(description="The carrier's words.")


class RateOut(Schema):
    option: str
    carrier: str = Field(description="Empty: labels are made by hand, and nobody is asked for a price.")
    price: str | None = Field(description="Of all packages; null where nobody knows it.", examples=["6.30"])
    currency: str
    days_least: int
    days_most: int
    from_: str = Field(alias="from", description="carrier: just now; cache: what it said when it was asked last; none.")
    learned_at: datetime | None = Field(description="When the carrier said so, where it is from the cache.")
    cheapest: bool
    fastest: bool
    refused: RefusedOut | None = Field(description="The carrier does not take it.")


class RatesOut(Schema):
    location: str
    country: str
    weight_grams: int
    options: list[RateOut]


@router.post("/rates", response=RatesOut, by_alias=True, auth=needs("shipments:read"), summary="What would it cost?")
@asks_outside
def quote_rates(request: HttpRequest, body: RatesIn) -> dict[str, Any]:
    """The price of each delivery option that goes there, asked of all carriers at once.

    They have two seconds; for who does not answer, what it said when it was asked last stands in.
    """
    sending = _sending(body)
    found = rating.rate(sending)
    best, soonest = rating.cheapest(found), rating.fastest(found)
    return {
        "location": sending.location,
        "country": sending.receiver.country,
        "weight_grams": sum(parcel.weight_grams for parcel in sending.parcels),
        "options": [_shown(one) | {"cheapest": one is best, "fastest": one is soonest} for one in found],
    }


def _sending(body: RatesIn) -> Sending:
    parcels = [Parcel(**one.dict()) for one in body.packages or ()]
    named = [body.order, body.fulfilment_order]
    if any(named):
        if all(named) or body.country is not None or body.location is not None or body.postal_code:
            raise Invalid(field="order", problem=_("it says itself where it comes from and goes to"))
        if body.order is not None:
            return rating.of_order(body.order, parcels)
        assert body.fulfilment_order is not None
        return rating.of_fulfilment_order(body.fulfilment_order, parcels)
    if body.country is None or not parcels:
        raise Invalid(field="country", problem=_("say an order, a fulfilment order, or a country and packages"))
    return rating.to_address(body.country, body.postal_code, parcels, location=body.location)


def _shown(one: Rated) -> dict[str, Any]:
    return {
        "option": one.option.code,
        "carrier": one.option.carrier,
        "price": write(one.price.minor, one.price.currency) if one.price else None,
        "currency": one.price.currency if one.price else "",
        "days_least": one.days_least,
        "days_most": one.days_most,
        "from": one.source,
        "learned_at": one.learned_at,
        "refused": {"reason": str(one.refused.reason), "message": one.refused.message} if one.refused else None,
    }
