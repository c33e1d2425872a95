"""/desk/settings/keys: programs that may call, and how far each may go.  A key is shown once, and then never again."""

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.kernel.errors import Invalid
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES
from orderwright.web import reading
from orderwright.web.allowing import NotAllowed, Visit, allow
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show

ROWS = 250


@require_http_methods(["GET", "HEAD", "POST"])
@allow("keys:write")
def keys_of_programs(request: Visit) -> HttpResponse:
    """All keys; the answer to a new one shows it, this once."""
    issued = _issue(request) if request.method == "POST" else None
    found = keys.listed(after=reading.id_or_none(request.GET, "after") or 0, limit=ROWS + 1)
    words = {
        "keys": sorted(found[:ROWS], key=lambda key: (key.revoked_at is not None, -key.id)),
        "further": found[ROWS - 1].id if len(found) > ROWS else None,
        "scopes": SCOPES.items(),
        "issued": issued,
        "calls_per_minute": keys.CALLS_PER_MINUTE,
    }
    return show(request, "keys", "settings/keys.html", words)


def _issue(request: Visit) -> keys.Issued:
    scopes = request.POST.getlist("scopes")
    if not scopes:
        raise Invalid(field="scopes", problem=_("one at least"))
    for scope in scopes:
        if scope in SCOPES and scope not in request.may:  # nobody gives what they do not have
            raise NotAllowed(verb=scope)
    calls = reading.whole(request.POST, "calls_per_minute", least=1, most=keys.CALLS_PER_MINUTE_MOST)
    name = reading.text(request.POST, "name", most=100, needed=True)
    return keys.issue(name, scopes, actor=request.actor, calls_per_minute=calls)


@require_POST
@allow("keys:write")
def revoke(request: Visit, key_id: int) -> HttpResponse:
    """Have a key open nothing any more."""
    key = keys.revoke(key_id, actor=request.actor)
    say(request, _("The key of {name} opens nothing any more.").format(name=key.name))
    return go(request, "/desk/settings/keys")


PATHS = [
    path("desk/settings/keys", keys_of_programs),
    path("desk/settings/keys/<int:key_id>/revoke", revoke),
]
