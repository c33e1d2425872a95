"""/desk/settings/channels: where we sell, in which currency and under which numbers, and how orders are sourced."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orderwright.catalog import queries
from orderwright.catalog.editing import Wanted, Way, edit_channels, only
from orderwright.catalog.models import CaptureWhen
from orderwright.fulfilment.sourcing.sorters import SORTERS, sorter
from orderwright.kernel.errors import Invalid
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show
from orderwright.web.pages.settings.locations import new_code

MOST = 250


@require_http_methods(["GET", "HEAD", "POST"])
@allow("catalog:read")
def channels(request: Visit) -> HttpResponse:
    """All channels; a new one."""
    if request.method == "POST":
        demand(request, "catalog:write")
        code = new_code(request)
        fields = _fields(request) | {"currency": reading.text(request.POST, "currency", most=3, needed=True).upper()}
        for name in ("series", "number_prefix"):
            if typed := reading.text(request.POST, name, most=20):
                fields[name] = typed
        only(edit_channels([Wanted(code, fields, Way.CREATE)], actor=request.actor))
        say(request, _("Channel {code} was opened.").format(code=code))
        return go(request, f"/desk/settings/channels/{quote(code, safe='')}")
    words = {"channels": queries.channels(limit=MOST)[:MOST], **_choices()}
    return show(request, "channels", "settings/channels.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("catalog:read")
def channel(request: Visit, code: str) -> HttpResponse:
    """One channel, changed if nobody changed it meanwhile.  Its currency and its numbers are for ever."""
    if request.method == "POST":
        demand(request, "catalog:write")
        seen = reading.whole(request.POST, "version")
        only(edit_channels([Wanted(code, _fields(request), Way.CHANGE, seen)], actor=request.actor))
        say(request, _("Channel {code} was changed.").format(code=code))
        return go(request, f"/desk/settings/channels/{quote(code, safe='')}")
    found = queries.channel(code)
    words = {
        "channel": found,
        "sourcing": ", ".join(found.sourcing),
        "minutes": _in(60, found.unpaid_expires_seconds),
        "hours": _in(3600, found.transfer_expires_seconds),
    }
    return show(request, "channels", "settings/channel.html", words | _choices())


def _fields(request: Visit) -> dict[str, Any]:
    sourcing = reading.words(request.POST, "sourcing")
    if not sourcing:
        raise Invalid(field="sourcing", problem=_("one at least"))
    for strategy in sourcing:
        sorter(strategy)
    minutes = reading.whole_or_none(request.POST, "unpaid_minutes", least=1, most=400 * 1440)
    hours = reading.whole_or_none(request.POST, "transfer_hours", least=1, most=400 * 24)
    return {
        "name": reading.text(request.POST, "name", needed=True),
        "active": reading.ticked(request.POST, "active"),
        "prices_include_tax": reading.ticked(request.POST, "prices_include_tax"),
        "sourcing": sourcing,
        "capture_when": reading.one_of(request.POST, "capture_when", CaptureWhen.values),
        "unpaid_expires_seconds": None if minutes is None else minutes * 60,
        "transfer_expires_seconds": None if hours is None else hours * 3600,
    }


def _in(unit: int, seconds: int | None) -> int | None:
    return None if seconds is None else max(1, seconds // unit)


def _choices() -> dict[str, Any]:
    return {"strategies": ", ".join(SORTERS), "captures": CaptureWhen.choices}


PATHS = [
    path("desk/settings/channels", channels),
    path("desk/settings/channels/<str:code>", channel),
]
