"""What holds for every page: the visitor's language and time zone, refusals in words, and compression."""

import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import NotFound, Refusal
from orderwright.web import navigation, once
from orderwright.web.allowing import may_of
from orderwright.web.answering import refused

LANGUAGE_COOKIE = "language"
LARGEST_ID = 2**63 - 1
NOT_PAGES = ("/v1/", "/assets/", "/healthz", "/readyz", "/metrics")


class NoSuchAddress(Refusal):
    code = "no_such_address"
    status = 404
    sentence = _("There is nothing at this address.")


class StrangeForm(Refusal):
    code = "strange_form"
    status = 403
    sentence = _(
        "This form was open for too long, or did not come from this site. Go back, load the page anew and try again."
    )


class VisitMiddleware:
    """Pages speak the visitor's language, show the visitor's times, and say refusals in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.pack = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(NOT_PAGES):
            return self.get_response(request)
        language, zone = _ways(request)
        with translation.override(language), timezone.override(zone):
            answer = self.get_response(request)
        if isinstance(answer, HttpResponse) and not answer.has_header("Content-Encoding"):
            return self.pack.process_response(request, answer)
        return answer

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        parts: Sequence[Any],
        named: Mapping[str, Any],
    ) -> HttpResponse | None:
        """An id in an address that no row can have leads nowhere."""
        if any(isinstance(part, int) and part > LARGEST_ID for part in named.values()):
            return refused(request, NoSuchAddress())
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal, or a thing that is not there, in words; all else is a failure."""
        if request.path_info.startswith(NOT_PAGES):
            return None
        if isinstance(error, Refusal):
            return refused(request, error)
        if isinstance(error, Http404):
            return refused(request, NoSuchAddress())
        if isinstance(error, RequestDataTooBig):
            return refused(request, NotFound(thing="form", name=request.path))
        return None


def _ways(request: HttpRequest) -> tuple[str, zoneinfo.ZoneInfo]:
    """The language and the time zone of whoever looks."""
    known = {code for code, _name in settings.LANGUAGES}
    language, zone = request.COOKIES.get(LANGUAGE_COOKIE, ""), ""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        language, zone = request.user.language or language, request.user.time_zone
    if language not in known:
        language = translation.get_language_from_request(request)
    try:
        return language, zoneinfo.ZoneInfo(zone or settings.SHOP_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return language, zoneinfo.ZoneInfo("UTC")


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What every template knows: the shop, who looks and what they may, and the menu of the desk."""
    may = may_of(request) if hasattr(request, "user") else frozenset()
    return {
        "shop_name": settings.SHOP_NAME,
        "may": may,
        "languages": settings.LANGUAGES,
        "menu": navigation.menu(request.path, may) if may else [],
        "csrf_token_value": lambda: get_token(request),
        "once": once.word,
    }


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing is at an address that no view answers."""
    return refused(request, NoSuchAddress())


def strange_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token that this site gave (CSRF)."""
    return refused(request, StrangeForm())
