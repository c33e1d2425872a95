"""/desk/settings/audit: every act of staff, by person, kind and day."""

from datetime import date, datetime, time, timedelta

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from orderwright.staff.acting import acts
from orderwright.staff.people import people
from orderwright.web import reading
from orderwright.web.acts import NOUNS, tell
from orderwright.web.allowing import Visit, allow
from orderwright.web.pages.settings.frame import show

ROWS = 50


@require_safe
@allow("staff:read")
def audit(request: Visit) -> HttpResponse:
    """The newest first; narrowed to a person, a kind of thing, a day."""
    person = reading.id_or_none(request.GET, "person")
    noun = request.GET.get("about", "")
    day = _day(request.GET.get("day", ""))
    since = timezone.make_aware(datetime.combine(day, time())) if day else None
    found = acts(
        person=person,
        noun=noun if noun in NOUNS else "",
        since=since,
        until=since + timedelta(days=1) if since else None,
        before=reading.id_or_none(request.GET, "before"),
        limit=ROWS + 1,
    )
    words = {
        "acts": tell(found[:ROWS]),
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "people": people(),
        "person": person,
        "nouns": NOUNS.items(),
        "about": noun,
        "day": day,
    }
    return show(request, "audit", "settings/audit.html", words)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        return None


PATHS = [path("desk/settings/audit", audit)]
