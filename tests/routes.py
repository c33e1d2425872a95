"""All addresses that the shop answers with pages, found where requests are sent on: what is new is among them."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, get_resolver

SAMPLES = {"str": "x", "slug": "x", "int": "1", "path": "x", "uuid": "0197a000-0000-7000-8000-000000000000"}
NOT_PAGES = ("assets/", "v1/", "problems/")
DESK = ("desk", "mailbox")


class Way(NamedTuple):
    """An address as it is written down, the same with something in its gaps, and the verb that it needs."""

    route: str
    address: str
    verb: str | None


def pages() -> Iterator[Way]:
    """Every page, of the desk and of the shop."""
    for pattern in get_resolver().url_patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLPattern) and not route.startswith(NOT_PAGES):
            yield Way(route, f"/{filled(route)}", getattr(pattern.callback, "verb", None))


def desk() -> list[Way]:
    """The pages for those who work here."""
    return [way for way in pages() if way.route.split("/")[0] in DESK]


def filled(route: str) -> str:
    """An address with something in its gaps."""
    for part in route.split("<")[1:]:
        gap = part.split(">")[0]
        route = route.replace(f"<{gap}>", SAMPLES[gap.split(":")[0]])
    return route
