"""/desk/palette: finds anything: orders, customers, SKUs, shipments, pages, and things to do.  Opened by Ctrl-K."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.customers import finding as customers
from orderwright.inventory.surveying import stocked
from orderwright.lists import searching
from orderwright.lists.asking import Question
from orderwright.shipping import finding as shipments
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import part
from orderwright.web.navigation import PLACES, Place
from orderwright.web.words import word

MOST = 5
MOST_WORDS = 6
MOST_CHARACTERS = 80
MOST_PAGES = 8

# Pages that no menu names, and what can be done, each as a page on which it is done.
DEEPER = (
    Place(_("Acts on many orders"), "/desk/runs", "orders", "orders:read"),
    Place(_("Transfers of stock"), "/desk/stock/-/transfers", "truck", "stock:read"),
    Place(_("Counts of stock"), "/desk/stock/-/counts", "check", "stock:read"),
    Place(_("Settings: shop"), "/desk/settings/shop", "settings", "settings:read"),
    Place(_("Settings: locations"), "/desk/settings/locations", "pin", "settings:read"),
    Place(_("Settings: delivery"), "/desk/settings/delivery", "truck", "settings:read"),
    Place(_("Settings: taxes"), "/desk/settings/taxes", "money", "settings:read"),
    Place(_("Settings: payments"), "/desk/settings/payments", "money", "settings:read"),
    Place(_("Settings: channels"), "/desk/settings/channels", "cart", "settings:read"),
    Place(_("Settings: letters"), "/desk/settings/letters", "letter", "settings:read"),
    Place(_("Settings: webhooks"), "/desk/settings/webhooks", "arrow", "webhooks:read"),
    Place(_("Settings: API keys"), "/desk/settings/keys", "lock", "keys:write"),
    Place(_("Settings: people and roles"), "/desk/settings/people", "people", "staff:read"),
    Place(_("What people did"), "/desk/settings/audit", "clock", "staff:read"),
    Place(_("Your account"), "/desk/me", "people", "orders:read"),
)
ACTIONS = (
    Place(_("Release what is ready"), "/desk/orders?status=ready", "truck", "orders:write"),
    Place(_("Orders that are late"), "/desk/orders?late=missed", "clock", "orders:read"),
    Place(_("Orders on hold"), "/desk/orders?status=on_hold", "pause", "orders:read"),
    Place(_("Payments that are waited for"), "/desk/orders?status=unpaid", "money", "orders:read"),
    Place(_("Stock that is waited for"), "/desk/stock?only=short", "stock", "stock:read"),
    Place(_("Import stock levels"), "/desk/stock/-/import", "upload", "stock:write"),
    Place(_("Exceptions of mine"), "/desk/exceptions?owner=me", "alert", "exceptions:read"),
    Place(_("Exceptions without an owner"), "/desk/exceptions?owner=nobody", "alert", "exceptions:read"),
)


class Option(NamedTuple):
    """One thing that was found."""

    id: str
    name: str | Promise
    words: str | Promise
    url: str
    icon: str


class Group(NamedTuple):
    name: Promise
    options: list[Option]


@require_safe
@allow("orders:read")
def palette(request: Visit) -> HttpResponse:
    """What the words may mean, in groups: as many statements as there are groups of rows, and few rows of each."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:MOST_CHARACTERS]
    groups = [group for group in _found(request, asked) if group.options]
    return part(request, "palette/_found.html", {"groups": groups, "asked": asked})


def _found(request: Visit, asked: str) -> Iterator[Group]:
    may = request.may
    yield Group(_("Orders") if asked else _("Newest orders"), list(_orders(asked, "customers:read" in may)))
    if asked and "customers:read" in may:
        yield Group(_("Customers"), list(_customers(asked)))
    if asked and "stock:read" in may:
        yield Group(_("SKUs"), list(_skus(asked)))
    if asked and "shipments:read" in may:
        yield Group(_("Shipments"), list(_shipments(asked)))
    yield Group(_("Pages"), _places("page", asked, (*PLACES, *DEEPER) if asked else PLACES, may))
    yield Group(_("To do"), _places("do", asked, ACTIONS, may))


def _orders(asked: str, by_name: bool) -> Iterator[Option]:
    question = Question(words=tuple(asked.split()[:MOST_WORDS]), people=by_name)
    for row in searching.search(question, limit=MOST).rows[:MOST]:
        words = " · ".join(str(one) for one in (by_name and row.customer, word("order", row.status).label) if one)
        yield Option(f"order-{row.id}", row.number, words, f"/desk/orders/{quote(row.number, safe='')}", "orders")


def _customers(asked: str) -> Iterator[Option]:
    for one in customers.find(asked, MOST):
        name, words = (one.name, one.email) if one.name else (one.email, "")
        yield Option(f"customer-{one.id}", name, words, f"/desk/customers/{one.id}", "people")


def _skus(asked: str) -> Iterator[Option]:
    for one in stocked(search=asked, limit=MOST):
        url = f"/desk/stock/{quote(one.code, safe='')}"
        yield Option(f"sku-{one.id}", one.code, one.name or one.product, url, "stock")


def _shipments(asked: str) -> Iterator[Option]:
    for place, one in enumerate(shipments.find(asked, MOST)):
        words = " · ".join(str(part) for part in (one.tracking_number, word("package", one.stage).label) if part)
        yield Option(f"shipment-{place}", one.name, words, f"/desk/orders/{quote(one.order, safe='')}", "truck")


def _places(kind: str, asked: str, places: tuple[Place, ...], may: frozenset[str]) -> list[Option]:
    """Pages in whose names all the words appear."""
    wanted = asked.casefold().split()
    return [
        Option(f"{kind}-{at}", place.name, "", place.url, place.icon)
        for at, place in enumerate(places)
        if place.verb in may and all(part in str(place.name).casefold() for part in wanted)
    ][: MOST if asked else MOST_PAGES]


PATHS = [path("desk/palette", palette)]
