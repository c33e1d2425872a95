"""What the pages of settings have in common: where each is, who may see it, and the list of them at their side."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import page


class Place(NamedTuple):
    """A page of the settings."""

    code: str
    name: Promise
    sentence: Promise
    icon: str
    verb: str  # needed to see it

    @property
    def url(self) -> str:
        return f"/desk/settings/{self.code}"


PLACES = (
    Place("shop", _("Shop"), _("Its name, its address, its time zone."), "board", "settings:read"),
    Place("locations", _("Locations"), _("Where stock stands, when work is done there."), "pin", "catalog:read"),
    Place("delivery", _("Delivery"), _("Ways of delivery, where they go, what they cost."), "truck", "shipments:read"),
    Place("channels", _("Channels"), _("Where you sell, in which currency."), "tag", "catalog:read"),
    Place("taxes", _("Taxes"), _("Whether prices include them, and who works them out."), "note", "settings:read"),
    Place("payments", _("Payments"), _("Providers and other means, and how they do."), "money", "payments:read"),
    Place("letters", _("Letters"), _("Which are sent, how they look, a trial of each."), "letter", "letters:read"),
    Place("webhooks", _("Webhooks"), _("Who is told what happens, and whether they heard."), "arrow", "webhooks:read"),
    Place("keys", _("API keys"), _("Programs that may call, and how far they may go."), "lock", "keys:write"),
    Place("people", _("People and roles"), _("Who works here, and what each may do."), "people", "staff:read"),
    Place("audit", _("What people did"), _("Every act of staff, by person, kind and day."), "clock", "staff:read"),
)


def show(request: Visit, here: str, template: str, words: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the settings, with the others at its side."""
    places = [place for place in PLACES if place.verb in request.may]
    found = next(place for place in PLACES if place.code == here)
    return page(request, template, {"places": places, "here": found, **words}, status=status)


@require_safe
@allow("settings:read")
def index(request: Visit) -> HttpResponse:
    """All settings that somebody may see."""
    return page(request, "settings/index.html", {"places": [one for one in PLACES if one.verb in request.may]})


PATHS = [path("desk/settings", index)]
