"""/design: all that pages are made of, on one page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from orderwright.kernel import clock
from orderwright.web.answering import page
from orderwright.web.icons import ICONS
from orderwright.web.words import FAMILIES


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Tokens, components and states, each as it looks."""
    words = {
        "families": [(name, list(family)) for name, family in FAMILIES.items()],
        "icons": sorted(ICONS),
        "now": clock.now(),
        "hours": [(hour, height) for hour, height in enumerate((4, 7, 12, 18, 24, 31, 28, 22, 35, 41, 30, 17))],
        "steps": ("accent", "good", "wait", "bad", "busy"),
        "spaces": range(1, 7),
    }
    return page(request, "design.html", words)


PATHS = [path("design", design)]
