"""Signing in and out of the desk.

Passwords follow the OWASP authentication cheat sheet: fifteen characters or more, no rules about their kinds, not one
of those that everybody uses, kept as argon2id.  Five wrong ones for an address lock it for a quarter of an hour, and a
network that tries many addresses is slowed down as well; the answer never tells whether an address is known.
"""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.kernel import throttling
from orderwright.kernel.errors import Refusal
from orderwright.staff.models import User
from orderwright.web.answering import go, page
from orderwright.web.visiting import LANGUAGE_COOKIE

TRIES = 5
TRIES_OF_A_NETWORK = 50
WAIT_SECONDS = 15 * 60
DESK = "/desk"
LANGUAGE_KEPT_SECONDS = 365 * 86400


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page that asks who it is; after the right answer, where somebody wanted to go."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    words: dict[str, object] = {"next": wanted}
    if request.method != "POST":
        return page(request, "sign_in.html", words)
    email = request.POST.get("email", "").strip().lower()[:254].replace("\x00", "")
    words["email"] = email
    try:
        throttling.count("sign-in from", network_of(request), most=TRIES_OF_A_NETWORK, seconds=WAIT_SECONDS)
        throttling.count("sign-in as", email, most=TRIES, seconds=WAIT_SECONDS)
    except Refusal as refusal:
        return page(request, "sign_in.html", words | {"problem": str(refusal)}, status=refusal.status)
    user = authenticate(request, username=email, password=request.POST.get("password", "")[:4096].replace("\x00", ""))
    if not isinstance(user, User):
        problem = _("This e-mail address and this password do not belong together.")
        return page(request, "sign_in.html", words | {"problem": problem}, status=422)
    throttling.clear("sign-in as", email)
    login(request, user)  # with a session of a new name, so that nobody can give it away beforehand
    return go(request, safe(request, wanted))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return go(request, "/sign-in")


@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """Have pages in another language from now on, in this browser."""
    answer = go(request, safe(request, request.POST.get("next", ""), "/"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=LANGUAGE_KEPT_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
    return answer


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, as far as we know for sure.

    That is the address of the connection, or, behind as many proxies as the shop says it has, what the outermost of
    them wrote down; what a caller wrote before is not believed.
    """
    return network_behind(request.headers.get("X-Forwarded-For", ""), str(request.META.get("REMOTE_ADDR", "")))


def network_behind(forwarded: str, address: str) -> str:
    """The same, by the header X-Forwarded-For and the address of the connection."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        return hops[-settings.PROXIES]
    return address


def safe(request: HttpRequest, url: str, otherwise: str = DESK) -> str:
    """`url`, where it leads to this site, as a header may carry it; else another."""
    if url_has_allowed_host_and_scheme(url, allowed_hosts=None, require_https=request.is_secure()) and url.startswith(
        "/"
    ):
        return iri_to_uri(url) if url.isprintable() else otherwise
    return otherwise


PATHS = [path("sign-in", sign_in), path("sign-out", sign_out), path("language", speak)]
