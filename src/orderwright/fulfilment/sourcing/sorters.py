"""Strategies by name: each says how good a location is for an order; the lower, the better.

A channel lists the names it wants; each breaks the ties of those before it.  More of them may be installed under the
entry point group `orderwright.sourcing_sorter`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from orderwright.kernel import ports

EARTH_RADIUS_KM = 6371.0
FAR_AWAY_KM = 100_000.0  # of a place whose coordinates nobody knows

FEWEST_PARCELS = "fewest_parcels"


class Place(NamedTuple):
    """A location that may be a source."""

    id: int
    code: str
    rank: int
    country: str
    latitude: float | None
    longitude: float | None
    days_to_leave: int = 0  # until the first day on which one more fulfilment order can leave


class Destination(NamedTuple):
    country: str
    latitude: float | None
    longitude: float | None


Sorter = Callable[[Place, Destination, int], float]  # the last: how many of the wanted units the place has


@lru_cache(maxsize=50_000)
def distance_km(place: Place, to: Destination) -> float:
    """Great-circle distance by the haversine formula."""
    if place.latitude is None or place.longitude is None or to.latitude is None or to.longitude is None:
        return 0.0 if place.country and place.country == to.country else FAR_AWAY_KM
    up, down = radians(place.latitude), radians(to.latitude)
    half = sin((down - up) / 2) ** 2 + cos(up) * cos(down) * sin(radians(to.longitude - place.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))


def nearest(place: Place, to: Destination, _covered: int) -> float:
    return round(distance_km(place, to))


def ranked(place: Place, _to: Destination, _covered: int) -> float:
    return place.rank


def most_units(_place: Place, _to: Destination, covered: int) -> float:
    return -covered


def soonest(place: Place, _to: Destination, _covered: int) -> float:
    return place.days_to_leave


SORTERS: Mapping[str, Sorter] = {
    "nearest": nearest,
    "ranked": ranked,
    "soonest": soonest,
    FEWEST_PARCELS: most_units,
}


def sorter(name: str) -> Sorter:
    """The strategy of this name; refused where there is none."""
    return SORTERS.get(name) or ports.adapter("sourcing_sorter", name)


def known(name: str) -> bool:
    return name in SORTERS or name in ports.installed("sourcing_sorter")
