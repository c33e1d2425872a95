"""/desk/settings/webhooks: who is told what happens, and whether they heard: each delivery with its attempts."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwright.kernel.errors import Invalid
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, say
from orderwright.web.pages.settings.frame import show
from orderwright.webhooks import editing, pausing, queries, replaying
from orderwright.webhooks.taking import document_of

MOST = 250
ROWS = 50
STATES = (
    ("", gettext_lazy("All")),
    ("waiting", gettext_lazy("Waiting")),
    ("delivered", gettext_lazy("Delivered")),
    ("failed", gettext_lazy("Failed")),
)
OVERLAPS = (
    (86_400, gettext_lazy("for a day")),
    (604_800, gettext_lazy("for a week")),
    (0, gettext_lazy("not at all: it leaked")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("webhooks:read")
def webhooks(request: Visit) -> HttpResponse:
    """All webhooks; the answer to a new one shows its secret, this once."""
    created = None
    if request.method == "POST":
        demand(request, "webhooks:write")
        endpoint, secret = editing.create_webhook(editing.Wish(**_wish(request)), actor=request.actor)
        created = {"endpoint": endpoint, "secret": secret}
    found = queries.endpoints(limit=MOST)
    return show(request, "webhooks", "settings/webhooks.html", {"endpoints": found, "created": created})


@require_http_methods(["GET", "HEAD", "POST"])
@allow("webhooks:read")
def webhook(request: Visit, id_: int) -> HttpResponse:
    """One webhook: what it wants, how it does, and the log of what it was told, the newest first."""
    if request.method == "POST":
        demand(request, "webhooks:write")
        seen = reading.whole(request.POST, "version")
        editing.edit_webhook(id_, _wish(request), seen=seen, actor=request.actor)
        say(request, _("The webhook was changed."))
        return _back(request, id_)
    return show(request, "webhooks", "settings/webhook.html", _seen(request, id_))


def _seen(request: Visit, id_: int) -> dict[str, Any]:
    endpoint = queries.endpoint(id_)
    state = request.GET.get("state", "")
    filters = queries.Filters(state=state if state in dict(STATES) and state else None)
    found = queries.deliveries(id_, filters, before=reading.id_or_none(request.GET, "before"), limit=ROWS + 1)
    return {
        "endpoint": endpoint,
        "kinds": " ".join(endpoint.kinds),
        "health": queries.health(id_),
        "secrets": queries.secrets([id_])[id_],
        "deliveries": found[:ROWS],
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "state": state,
        "states": STATES,
        "overlaps": OVERLAPS,
    }


@require_safe
@allow("webhooks:read")
def delivery(request: Visit, id_: int, delivery_id: int) -> HttpResponse:
    """One delivery: the message, and every request with its answer."""
    endpoint, entry = queries.endpoint(id_), queries.delivery(id_, delivery_id)
    message_id, body = document_of(id_, entry.event_id)
    words = {
        "endpoint": endpoint,
        "entry": entry,
        "message_id": message_id,
        "body": json.dumps(body, indent=2, ensure_ascii=False, default=str),
        "attempts": queries.attempts(delivery_id),
    }
    return show(request, "webhooks", "settings/delivery_of_webhook.html", words)


@require_POST
@allow("webhooks:write")
def act(request: Visit, id_: int) -> HttpResponse:
    """Pause, resume, try out, replay, tell again what was given up, or delete."""
    do = reading.one_of(request.POST, "do", ("pause", "resume", "ping", "resend_failed", "replay", "delete"))
    if do == "pause":
        pausing.pause_webhook(id_, actor=request.actor)
        say(request, _("It is told nothing for now; what happens meanwhile waits for it."))
    elif do == "resume":
        pausing.resume_webhook(id_, actor=request.actor)
        say(request, _("What waited is told it now."))
    elif do == "ping":
        made = replaying.ping(id_, actor=request.actor)
        return go(request, f"/desk/settings/webhooks/{id_}/deliveries/{made}")
    elif do == "delete":
        editing.delete_webhook(id_, actor=request.actor)
        say(request, _("The webhook is gone."))
        return go(request, "/desk/settings/webhooks")
    else:
        told = _tell_again(request, id_, do)
        say(request, _("{events} events are told again.").format(events=told))
    return _back(request, id_)


def _tell_again(request: Visit, id_: int, do: str) -> int:
    if do == "resend_failed":
        return replaying.resend_failed(id_, actor=request.actor)
    span = replaying.Span(since=_moment(request, "since"), before=_moment(request, "before"))
    return replaying.replay(id_, span, actor=request.actor)


def _moment(request: Visit, name: str) -> datetime | None:
    """A moment as a browser sends it, in the time zone of whoever typed it."""
    typed = reading.text(request.POST, name, most=30)
    if not typed:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(typed).replace(tzinfo=None))
    except ValueError as error:
        raise Invalid(field=name, problem=_("a day and a time are needed")) from error


@require_POST
@allow("webhooks:write")
def resend(request: Visit, id_: int, delivery_id: int) -> HttpResponse:
    """Tell it one event again."""
    replaying.resend(id_, delivery_id, actor=request.actor)
    say(request, _("It is told once more."))
    return go(request, f"/desk/settings/webhooks/{id_}/deliveries/{delivery_id}")


@require_POST
@allow("webhooks:write")
def rotate(request: Visit, id_: int) -> HttpResponse:
    """A new secret, shown this once; the old ones sign along for as long as was chosen."""
    overlap = reading.whole(request.POST, "overlap", most=30 * 86_400)
    secret, expire = editing.rotate_secret(id_, overlap=timedelta(seconds=overlap), actor=request.actor)
    words = _seen(request, id_) | {"new_secret": secret, "old_expire_at": expire}
    return show(request, "webhooks", "settings/webhook.html", words)


def _wish(request: Visit) -> dict[str, Any]:
    return {
        "url": reading.text(request.POST, "url", most=2000, needed=True),
        "kinds": reading.words(request.POST, "kinds") or ["*"],
        "description": reading.text(request.POST, "description"),
        "owner_email": reading.text(request.POST, "owner_email"),
        "concurrency": reading.whole(request.POST, "concurrency", least=1, most=64),
    }


def _back(request: Visit, id_: int) -> HttpResponse:
    return go(request, f"/desk/settings/webhooks/{id_}")


PATHS = [
    path("desk/settings/webhooks", webhooks),
    path("desk/settings/webhooks/<int:id_>", webhook),
    path("desk/settings/webhooks/<int:id_>/do", act),
    path("desk/settings/webhooks/<int:id_>/secret", rotate),
    path("desk/settings/webhooks/<int:id_>/deliveries/<int:delivery_id>", delivery),
    path("desk/settings/webhooks/<int:id_>/deliveries/<int:delivery_id>/resend", resend),
]
