"""/v1/locations/…/terms: whether a location is asked before it works, when, and how much it does on a day."""

from datetime import time
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import BeforeValidator, Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Day
from orderwright.api.versions import seen_version, tag
from orderwright.fulfilment.agreeing import (
    LONGEST_HANDLING_DAYS,
    MOST_DAYS,
    MOST_ORDERS,
    Agreement,
    set_terms,
    terms_of,
)
from orderwright.fulfilment.models import Accepting

router = Router()

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"

Clock = Annotated[str, Field(pattern=CLOCK, examples=["14:00"], description="By the location's own clock.")]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]


def _as_word(value: Any) -> Any:
    return value.isoformat(timespec="minutes" if not value.second else "seconds") if isinstance(value, time) else value


class TermsIn(Body):
    accepting: Accepting = Field(Accepting.AT_ONCE, description="`asked`: what is given to it is only offered.")
    orders_per_day: Annotated[int, Field(strict=True, ge=1, le=MOST_ORDERS)] | None = Field(
        None, description="So many fulfilment orders leave on one day; without end, where this is null."
    )
    cut_off: Clock = "14:00"
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = Field(
        [1, 2, 3, 4, 5, 6, 7], description="The days on which it works; 1 is Monday."
    )
    closed_on: Annotated[list[Day], Field(max_length=MOST_DAYS)] = []
    handling_days: Annotated[int, Field(strict=True, ge=0, le=LONGEST_HANDLING_DAYS)] = Field(
        0, description="Working days from the release to the day on which it leaves."
    )


class TermsOut(Schema):
    accepting: Accepting
    orders_per_day: int | None
    cut_off: Annotated[str, BeforeValidator(_as_word)]
    weekdays: list[int]
    closed_on: list[Day]
    handling_days: int
    version: int = Field(description="0 where nobody has set any.")


@router.get(
    "/locations/{code}/terms", response=TermsOut, auth=needs("fulfilment:read"), summary="Get a location's terms"
)
def get_terms(request: HttpRequest, response: HttpResponse, code: Code) -> dict[str, Any]:
    """A location takes on everything at once, every day, without end, unless its terms say otherwise."""
    return _told(response, *terms_of(code))


@router.put(
    "/locations/{code}/terms", response=TermsOut, auth=needs("fulfilment:write"), summary="Set a location's terms"
)
def put_terms(request: HttpRequest, response: HttpResponse, code: Code, body: TermsIn) -> dict[str, Any]:
    """All of them, if nobody changed them since they were read (If-Match).

    They hold for what is released from now on.
    """
    cut_off = time.fromisoformat(body.cut_off)
    agreement = Agreement(**{**body.dict(), "accepting": body.accepting.value, "cut_off": cut_off})
    return _told(response, *set_terms(code, agreement, seen=seen_version(request), actor=actor(request)))


def _told(response: HttpResponse, agreement: Agreement, version: int) -> dict[str, Any]:
    tag(response, version)
    return {
        "accepting": agreement.accepting,
        "orders_per_day": agreement.orders_per_day,
        "cut_off": agreement.cut_off,
        "weekdays": list(agreement.weekdays),
        "closed_on": [day.isoformat() for day in agreement.closed_on],
        "handling_days": agreement.handling_days,
        "version": version,
    }
