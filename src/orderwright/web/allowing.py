"""Who may see a page of the desk: people who work here, each as far as their role goes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import actors
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.staff.models import User
from orderwright.staff.roles import VERBS, verbs_of
from orderwright.web.answering import go


class Visit(HttpRequest):
    """A request of somebody who works here and is signed in."""

    user: User
    actor: Actor
    may: frozenset[str]


class NotAllowed(Refusal):
    code = "role_lacks_verb"
    status = 403
    sentence = _("Your role does not allow this. Somebody who may give roles can help: it needs “{verb}”.")


View = Callable[..., HttpResponseBase]


def allow(verb: str) -> Callable[[View], View]:
    """Only for people whose role has `verb`; others are led to sign in, or refused."""
    assert verb in VERBS, verb

    def over(view: View) -> View:
        @wraps(view)
        def seen(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return go(request, "/sign-in?" + urlencode({"next": _back_to(request)}))
            visit = cast(Visit, request)
            visit.actor = actors.staff(visit.user.pk)
            visit.may = may_of(visit)
            if verb not in visit.may:
                raise NotAllowed(verb=verb)
            return view(visit, **parts)

        cast(Any, seen).verb = verb
        return seen

    return over


def may_of(request: HttpRequest) -> frozenset[str]:
    """What somebody may do; nothing, where nobody is signed in."""
    user = request.user
    return verbs_of(user.role) if user.is_authenticated else frozenset()


def demand(visit: Visit, verb: str) -> None:
    """Refuse what the role does not allow: for a view of which only a part needs more."""
    if verb not in visit.may:
        raise NotAllowed(verb=verb)


def _back_to(request: HttpRequest) -> str:
    return request.get_full_path() if request.method == "GET" else request.path
