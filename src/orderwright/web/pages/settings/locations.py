"""/desk/settings/locations: the places that hold stock, and on what terms they work."""

import re
from datetime import date, time
from typing import Any
from urllib.parse import quote
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.fulfilment.agreeing import Agreement, set_terms, terms_of
from orderwright.fulfilment.models import Accepting
from orderwright.inventory import queries
from orderwright.inventory.locating import Place, create_location, edit_location
from orderwright.kernel.errors import Invalid
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show

MOST = 500
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
WEEKDAYS = (
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("catalog:read")
def locations(request: Visit) -> HttpResponse:
    """All locations; a new one."""
    if request.method == "POST":
        demand(request, "catalog:write")
        code = new_code(request)
        create_location(code, Place(**_place(request)), actor=request.actor)
        say(request, _("Location {code} was set up.").format(code=code))
        return go(request, f"/desk/settings/locations/{quote(code, safe='')}")
    words = {
        "locations": queries.locations(limit=MOST),
        "location": Place(name="", time_zone=settings.SHOP_TIME_ZONE),
        "zones": sorted(available_timezones()),
    }
    return show(request, "locations", "settings/locations.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("catalog:read")
def location(request: Visit, code: str) -> HttpResponse:
    """One location; what it is may be changed, if nobody changed it meanwhile."""
    if request.method == "POST":
        demand(request, "catalog:write")
        seen = reading.whole(request.POST, "version")
        edit_location(code, _place(request), seen=seen, actor=request.actor)
        say(request, _("Location {code} was changed.").format(code=code))
        return go(request, f"/desk/settings/locations/{quote(code, safe='')}")
    found = queries.location_by_code(code.replace("\x00", "?"))
    agreement, version = terms_of(code)
    words = {
        "location": found,
        "terms": agreement,
        "terms_version": version,
        "weekdays": WEEKDAYS,
        "zones": sorted(available_timezones()),
        "closed_on": "\n".join(day.isoformat() for day in agreement.closed_on),
        "accepting": [
            (Accepting.AT_ONCE.value, _("It takes on everything at once")),
            (Accepting.ASKED.value, _("It is asked first")),
        ],
    }
    return show(request, "locations", "settings/location.html", words)


@require_POST
@allow("fulfilment:write")
def terms(request: Visit, code: str) -> HttpResponse:
    """On what terms it works: all of them, if nobody changed them meanwhile."""
    agreement = Agreement(
        accepting=reading.one_of(request.POST, "accepting", Accepting.values),
        orders_per_day=reading.whole_or_none(request.POST, "orders_per_day", least=1),
        cut_off=_clock(request, "cut_off"),
        weekdays=tuple(int(day) for day in request.POST.getlist("weekdays") if day in "1234567" and day),
        closed_on=tuple(_days(request)),
        handling_days=reading.whole(request.POST, "handling_days", most=365),
    )
    set_terms(code, agreement, seen=reading.whole(request.POST, "version"), actor=request.actor)
    say(request, _("The terms of {code} were set.").format(code=code))
    return go(request, f"/desk/settings/locations/{quote(code, safe='')}")


def _place(request: Visit) -> dict[str, Any]:
    form = request.POST
    return {
        "name": reading.text(form, "name", needed=True),
        "country": reading.text(form, "country", most=2).upper(),
        "city": reading.text(form, "city"),
        "latitude": reading.decimal_or_none(form, "latitude"),
        "longitude": reading.decimal_or_none(form, "longitude"),
        "rank": reading.whole(form, "rank", most=1_000_000),
        "active": reading.ticked(form, "active"),
        "time_zone": reading.text(form, "time_zone", most=64, needed=True),
    }


def _days(request: Visit) -> list[date]:
    try:
        return [date.fromisoformat(word) for word in reading.words(request.POST, "closed_on", most=12_000)]
    except ValueError as error:
        raise Invalid(field="closed_on", problem=_("a day such as 2026-12-25 is needed, one a line")) from error


def _clock(request: Visit, name: str) -> time:
    try:
        return time.fromisoformat(reading.text(request.POST, name, most=8, needed=True))
    except ValueError as error:
        raise Invalid(field=name, problem=_("a time such as 14:00 is needed")) from error


def new_code(request: Visit) -> str:
    """The code of something new: a word that can stand in an address."""
    code = reading.text(request.POST, "code", most=100, needed=True)
    if not CODE.fullmatch(code):
        raise Invalid(field="code", problem=_("letters, digits, points, dashes and underlines are possible"))
    return code


PATHS = [
    path("desk/settings/locations", locations),
    path("desk/settings/locations/<str:code>", location),
    path("desk/settings/locations/<str:code>/terms", terms),
]
