"""Locating: the places that hold stock, set up and edited."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.models import Location
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record


class LocationTaken(Refusal):
    code = "location_taken"
    sentence = _("There is a location {location} already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a location is: all of it, as someone wants it to be."""

    name: str
    country: str = ""  # ISO 3166-1 alpha-2
    city: str = ""
    latitude: float | None = None  # degrees; both, or none
    longitude: float | None = None
    rank: int = 100  # lower goes first where locations are ranked
    active: bool = True  # an inactive location sells nothing
    time_zone: str = "UTC"  # of the IANA data base


FIELDS = tuple(field.name for field in fields(Place))


@transaction.atomic
def create_location(code: str, place: Place, *, actor: Actor) -> Location:
    """Set up a location.  Its code is its name for ever, in addresses and events."""
    if not code.strip():
        raise Invalid(field="code", problem=_("it is empty"))
    _check(place)
    if not sql.rows("SELECT true FROM location WHERE code = %s", [code]):
        created, fresh = Location.objects.get_or_create(code=code, defaults=_values(place))
        if fresh:
            record([Happening("location.created", actor, {"location": code, **_values(place)})])
            return Location.objects.get(pk=created.pk)
    raise LocationTaken(location=code)


@transaction.atomic
def edit_location(code: str, changes: Mapping[str, Any], *, seen: int | None, actor: Actor) -> Location:
    """Change some fields of a location, if it is still at the version that was `seen` (None: whatever it is at).

    A change that changes nothing makes no new version.
    """
    location = Location.objects.select_for_update(no_key=True).filter(code=code).first()
    if location is None:
        raise NotFound(thing=_("location"), name=code)
    if seen is not None and seen != location.version:
        raise Stale(thing=code, version=location.version)
    before = {field: getattr(location, field) for field in FIELDS}
    after = Place(**{**before, **changes})
    _check(after)
    changed = {field: value for field, value in _values(after).items() if value != before[field]}
    if changed:
        for field, value in changed.items():
            setattr(location, field, value)
        location.version += 1
        location.save(update_fields=[*changed, "version"])
        record([Happening("location.edited", actor, {"location": code, "version": location.version, **changed})])
    return location


def _values(place: Place) -> dict[str, Any]:
    return {field: getattr(place, field) for field in FIELDS}


def _check(place: Place) -> None:
    """Refuse what cannot be so, whatever the state of the shop."""
    if not place.name.strip():
        raise Invalid(field="name", problem=_("it is empty"))
    if (place.latitude is None) != (place.longitude is None):
        raise Invalid(field="latitude", problem=_("latitude and longitude come together"))
    for field, value, most in (("latitude", place.latitude, 90), ("longitude", place.longitude, 180)):
        if value is not None and not -most <= value <= most:
            problem = _("{value} is not between {least} and {most}").format(value=value, least=-most, most=most)
            raise Invalid(field=field, problem=problem)
    if place.country and not (len(place.country) == 2 and place.country.isascii() and place.country.isupper()):
        raise Invalid(field="country", problem=_("a country has two capital letters (ISO 3166-1)"))
    if place.time_zone not in available_timezones():
        raise Invalid(field="time_zone", problem=_("it is none of the IANA data base"))
