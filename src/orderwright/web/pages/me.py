"""/desk/me: one's own name, language, time zone and password; and signing out everywhere."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from orderwright.kernel import throttling
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.staff import people
from orderwright.staff.roles import ROLES
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, page, say

TRIES = 5
WAIT_SECONDS = 15 * 60
HERE = "/desk/me"


class WrongPassword(Refusal):
    code = "wrong_password"
    status = 422
    sentence = gettext_lazy("This is not your present password.")


@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@allow("orders:read")
def me(request: Visit) -> HttpResponse:
    """Who one is, and how one works."""
    if request.method == "POST":
        do = reading.one_of(request.POST, "do", ("ways", "password", "everywhere"))
        return {"ways": _ways, "password": _password, "everywhere": _everywhere}[do](request)
    words = {
        "person": people.person(request.user.pk),
        "role": ROLES[request.user.role],
        "verbs": sorted(request.may),
        "language": request.user.language,
        "time_zone": request.user.time_zone,
        "languages_to_choose": [("", _("as my browser says")), *settings.LANGUAGES],
        "zones": sorted(available_timezones()),
        "shop_zone": settings.SHOP_TIME_ZONE,
    }
    return page(request, "settings/me.html", words)


def _ways(request: Visit) -> HttpResponse:
    language = reading.one_of(request.POST, "language", ("", *dict(settings.LANGUAGES)))
    time_zone = reading.text(request.POST, "time_zone", most=64)
    if time_zone and time_zone not in available_timezones():
        raise Invalid(field="time_zone", problem=_("it is none of the IANA data base"))
    people.call(request.user.pk, reading.text(request.POST, "name", most=150, needed=True), actor=request.actor)
    people.set_ways(request.user.pk, language=language, time_zone=time_zone)
    say(request, _("That is how you work from now on."))
    return go(request, HERE)


def _password(request: Visit) -> HttpResponse:
    """A new password, for whoever knows the present one; all other browsers have to sign in again."""
    _check_present(request)
    new = request.POST.get("password", "")[:4096]
    if new != request.POST.get("again", ""):
        raise Invalid(field="password", problem=_("the two are not the same"))
    people.set_password(request.user.pk, new, actor=request.actor)
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)
    say(request, _("Your password was changed; other browsers have to sign in again."))
    return go(request, HERE)


def _everywhere(request: Visit) -> HttpResponse:
    """End all sessions, this one too: whoever holds one has to know the password."""
    _check_present(request)
    people.sign_out_everywhere(request.user.pk, request.POST.get("present", "")[:4096], actor=request.actor)
    logout(request)
    return go(request, "/sign-in")


def _check_present(request: Visit) -> None:
    throttling.count("own password of", str(request.user.pk), most=TRIES, seconds=WAIT_SECONDS)
    if not request.user.check_password(request.POST.get("present", "")[:4096]):
        raise WrongPassword()
    throttling.clear("own password of", str(request.user.pk))


PATHS = [path("desk/me", me)]
