"""/v1/locations: the places that hold stock."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Text, Truth
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.api.versions import seen_version, tag
from orderwright.inventory import queries
from orderwright.inventory.locating import Place, create_location, edit_location
from orderwright.inventory.models import Location

router = Router()

NewCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", examples=["BERLIN"])]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2})?$", description="ISO 3166-1 alpha-2.")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Rank = Annotated[
    int, Field(strict=True, ge=0, le=1_000_000, description="Lower goes first where locations are ranked.")
]
TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"])]


class LocationIn(Body):
    code: NewCode
    name: Text
    country: Country = ""
    city: Text = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    rank: Rank = 100
    active: Truth = True
    time_zone: TimeZone = "UTC"


class LocationChange(Body):
    name: Text = ""
    country: Country = ""
    city: Text = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    rank: Rank = 100
    active: Truth = Field(True, description="An inactive location sells nothing.")
    time_zone: TimeZone = "UTC"


class LocationOut(Schema):
    code: str
    name: str
    country: str
    city: str
    latitude: float | None
    longitude: float | None
    rank: int
    active: bool
    time_zone: str
    version: int


@router.get("/locations", response=Page[LocationOut], auth=needs("catalog:read"), summary="List locations")
def list_locations(request: HttpRequest, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """All locations, inactive ones too, the oldest first."""
    found = queries.locations(after=place(after, int) or 0, limit=limit + 1)
    return page(found, [location.pk for location in found], limit)


@router.post("/locations", response={201: LocationOut}, auth=needs("catalog:write"), summary="Set up a location")
def create(request: HttpRequest, response: HttpResponse, body: LocationIn) -> Status[Location]:
    """Its code is its name for ever.  Coordinates let sourcing find the nearest."""
    asked = body.dict()
    location = create_location(asked.pop("code"), Place(**asked), actor=actor(request))
    tag(response, location.version)
    return Status(201, location)


@router.get("/locations/{code}", response=LocationOut, auth=needs("catalog:read"), summary="Get a location")
def get(request: HttpRequest, response: HttpResponse, code: Code) -> Location:
    """Its ETag is the version that an edit asks for."""
    location = queries.location_by_code(code)
    tag(response, location.version)
    return location


@router.patch("/locations/{code}", response=LocationOut, auth=needs("catalog:write"), summary="Edit a location")
def edit(request: HttpRequest, response: HttpResponse, code: Code, body: LocationChange) -> Location:
    """Change the fields that are named, if nobody changed the location since it was read (If-Match)."""
    changes = body.dict(exclude_unset=True)
    location = edit_location(code, changes, seen=seen_version(request), actor=actor(request))
    tag(response, location.version)
    return location
