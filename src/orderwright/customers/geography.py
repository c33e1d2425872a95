"""Where a country is, roughly, without asking anybody: good enough to tell the nearer of two warehouses.

The coordinates are those of `zone.tab` of the IANA time zone database (public domain), which gives one place for each
country and time zone, usually its largest city; the package `tzdata` carries it.
"""

import re
from functools import cache
from importlib.resources import files

# Where most people of a country live, where the table does not name that place first.
MAIN_ZONE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def coordinates(country: str) -> tuple[float, float] | None:
    """Latitude and longitude, in degrees, of a country (ISO 3166-1 alpha-2); None where it is not known."""
    return _places().get(country)


@cache
def _places() -> dict[str, tuple[float, float]]:
    """All countries' places.  A country has several rows; its main one counts, else its first."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="ascii")
    places: dict[str, tuple[float, float]] = {}
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        country, place, zone = line.split("\t")[:3]
        if country not in places or MAIN_ZONE.get(country) == zone:
            latitude, longitude = PLACE.fullmatch(place).groups()  # type: ignore[union-attr]
            places[country] = _degrees(latitude, 2), _degrees(longitude, 3)
    return places


PLACE = re.compile(r"([+-]\d{4,6})([+-]\d{5,7})")  # ISO 6709: ±DDMM[SS]±DDDMM[SS]


def _degrees(text: str, digits: int) -> float:
    sign = -1 if text[0] == "-" else 1
    degrees, minutes, seconds = text[1 : 1 + digits], text[1 + digits : 3 + digits], text[3 + digits :]
    return sign * round(int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600, 4)
