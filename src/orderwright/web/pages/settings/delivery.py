"""/desk/settings/delivery: the ways of delivery that the shop offers, where they go, and what they cost."""

import re
from datetime import time
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orderwright.inventory import queries as inventory
from orderwright.kernel.errors import Invalid
from orderwright.kernel.money import write
from orderwright.shipping import carriers, options
from orderwright.shipping.models import DeliveryOption, Handover
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show
from orderwright.web.pages.settings.locations import new_code

MOST = 500


@require_http_methods(["GET", "HEAD", "POST"])
@allow("shipments:read")
def delivery(request: Visit) -> HttpResponse:
    """All ways of delivery; a new one."""
    if request.method == "POST":
        demand(request, "settings:write")
        code = new_code(request)
        options.create_option(code, options.Way(**_way(request)), actor=request.actor)
        say(request, _("Delivery option {code} was set up.").format(code=code))
        return go(request, "/desk/settings/delivery")
    found = sorted(options.options(limit=MOST), key=lambda one: (one.rank, one.pk))
    return show(
        request,
        "delivery",
        "settings/delivery.html",
        {"options": found, "option": options.Way(name=""), **_choices(), **_kinds()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("shipments:read")
def option(request: Visit, code: str) -> HttpResponse:
    """One way of delivery, changed if nobody changed it meanwhile."""
    if request.method == "POST":
        demand(request, "settings:write")
        seen = reading.whole(request.POST, "version")
        options.edit_option(code, _way(request), seen=seen, actor=request.actor)
        say(request, _("Delivery option {code} was changed.").format(code=code))
        return go(request, f"/desk/settings/delivery/{quote(code, safe='')}")
    found = options.option(code)
    words = {
        "option": found,
        "price": _written(found, found.price_minor),
        "free_from": _written(found, found.free_from_minor),
        "goes_to": " ".join(found.countries),
        **_choices(),
        **_kinds(),
    }
    return show(request, "delivery", "settings/option.html", words)


def _way(request: Visit) -> dict[str, Any]:
    form = request.POST
    countries = [country.upper() for country in reading.words(form, "countries")]
    if not all(re.fullmatch("[A-Z]{2}", country) for country in countries):
        raise Invalid(field="countries", problem=_("a country has two letters, such as DE"))
    currency = reading.text(form, "currency", most=3).upper()
    price = reading.amount_or_none(form, "price", currency)
    free_from = reading.amount_or_none(form, "free_from", currency)
    return {
        "name": reading.text(form, "name", needed=True),
        "carrier": reading.text(form, "carrier", most=100),
        "carrier_service": reading.text(form, "carrier_service", most=100),
        "countries": countries,
        "days_least": reading.whole(form, "days_least", most=365),
        "days_most": reading.whole(form, "days_most", most=365),
        "rank": reading.whole(form, "rank", most=1_000_000),
        "active": reading.ticked(form, "active"),
        "kind": reading.one_of(form, "kind", Handover.values),
        "cut_off": _cut_off(request),
        "price_minor": price,
        "currency": currency,
        "free_from_minor": free_from,
        "pickup_at": reading.text(form, "pickup_at", most=100),
    }


def _cut_off(request: Visit) -> time | None:
    typed = reading.text(request.POST, "cut_off", most=8)
    try:
        return time.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Invalid(field="cut_off", problem=_("a time such as 14:00 is needed")) from error


def _written(found: DeliveryOption, amount: int | None) -> str:
    return "" if amount is None else write(amount, found.currency)


def _choices() -> dict[str, Any]:
    places = inventory.locations(limit=MOST)
    return {
        "carriers": [("", _("by hand")), *((code, code) for code in sorted(carriers.codes()))],
        "places_of_pickup": [("", "–"), *((one.code, f"{one.code} · {one.name}") for one in places)],
    }


def _kinds() -> dict[str, Any]:
    return {"kinds": Handover.choices}


PATHS = [
    path("desk/settings/delivery", delivery),
    path("desk/settings/delivery/<str:code>", option),
]
