"""/desk/exceptions: one queue of what needs somebody, with its cause, its next step, what repairs it, and an owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from orderwright.exceptions import queries
from orderwright.exceptions.caring import care
from orderwright.exceptions.closing import Closed, closed
from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Asked, Choice, Stands
from orderwright.exceptions.queries import Filters
from orderwright.exceptions.repairing import repair
from orderwright.inventory.queries import locations
from orderwright.kernel import clock
from orderwright.staff.people import people
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, is_part, page, part, say
from orderwright.web.exception_words import OF_MONEY, TITLES, subject_url
from orderwright.web.latest import words_of
from orderwright.web.once import once, word
from orderwright.web.reading import one_of, text, whole_or_none
from orderwright.web.whose import called

ROWS = 40
MINE, NOBODY = "me", "nobody"
AGES: Mapping[str, tuple[Promise, timedelta]] = {
    "1d": (gettext_lazy("For over a day"), timedelta(days=1)),
    "3d": (gettext_lazy("For over 3 days"), timedelta(days=3)),
    "7d": (gettext_lazy("For over a week"), timedelta(days=7)),
}
NEEDS: Mapping[str, Promise] = {
    "package": gettext_lazy("Package"),
    "amount": gettext_lazy("Amount"),
    "reason": gettext_lazy("Reason"),
    "location": gettext_lazy("Location"),
}


class Row(NamedTuple):
    """An exception as a person sees it."""

    one: Stands
    title: str | Promise
    cause: str
    next_step: str | Promise
    choices: Sequence[Choice]
    url: str
    by: str = ""  # of one that cleared: what happened just before
    who: str = ""


@require_safe
@allow("exceptions:read")
def exceptions(request: Visit) -> HttpResponse:
    """The queue, the longest standing first, by kind, owner and age; or what cleared last."""
    kind = request.GET.get("kind", "") if request.GET.get("kind") in KINDS else ""
    words: dict[str, Any] = {
        "kind": kind,
        "owner": request.GET.get("owner", "").replace("\x00", "")[:100],
        "age": request.GET.get("age", "") if request.GET.get("age") in AGES else "",
        "cleared": request.GET.get("cleared") == "1",
        "ages": [(age, name) for age, (name, _span) in AGES.items()],
        "kinds": [(one, TITLES[one.kind]) for one in queries.counts() if one.standing or one.kind == kind],
        **_around(request),
    }
    words["standing"] = sum(one.standing for one, _title in words["kinds"])
    words |= _cleared(request, kind) if words["cleared"] else _standing(request, words)
    template = "exceptions/_queue.html" if is_part(request) else "exceptions/list.html"
    return (part if is_part(request) else page)(request, template, words)


@require_POST
@allow("exceptions:write")
@once
def put_right(request: Visit, exception_id: int) -> HttpResponse:
    """Have it repaired by the flow that somebody chose."""
    asked = Asked(
        text(request.POST, "choice", most=40),
        text(request.POST, "reason", most=50),
        text(request.POST, "package", most=100),
        text(request.POST, "location", most=100),
        text(request.POST, "amount", most=20).replace(",", "."),
    )
    repaired = repair(exception_id, asked, actor=request.actor)
    done = _("Done, and cleared.") if repaired.cleared else _("Done. It clears as soon as that has taken effect.")
    return _answer(request, exception_id, done)


@require_POST
@allow("exceptions:write")
@once
def look_after(request: Visit, exception_id: int) -> HttpResponse:
    """Take it, give it to somebody, or write down what is known of it."""
    owner = None
    if "owner" in request.POST:
        owner = one_of(request.POST, "owner", {"", *_names(request)})
    note = text(request.POST, "note", most=2000) if "note" in request.POST else None
    care(exception_id, owner=owner, note=note, seen=whole_or_none(request.POST, "version"))
    return _answer(request, exception_id, _("Written down."))


def _answer(request: Visit, exception_id: int, words: str) -> HttpResponse:
    """The row as it is now, or the whole page where no script asked."""
    if not is_part(request):
        say(request, words)
        return go(request, "/desk/exceptions")
    row = _row(queries.one(exception_id))
    return part(request, "exceptions/_row.html", {"row": row, "said": words, **_around(request)})


def _standing(request: Visit, words: Mapping[str, Any]) -> dict[str, Any]:
    owner = {"": None, NOBODY: "", MINE: _me(request)}.get(words["owner"], words["owner"])
    before = clock.now() - AGES[words["age"]][1] if words["age"] else None
    after = _place(request)
    filters = Filters([words["kind"]] if words["kind"] else (), owner, None, before)
    found = queries.listed(filters, after=after, limit=ROWS + 1)
    last = found[ROWS - 1] if len(found) > ROWS else None
    return {
        "rows": [_row(one) for one in found[:ROWS]],
        "older": f"{last.since.isoformat()}~{last.id}" if last else "",
        "behind": after is not None,
    }


def _cleared(request: Visit, kind: str) -> dict[str, Any]:
    after = _place(request)
    found = closed([kind] if kind else (), before=after[0] if after else None, limit=ROWS + 1)
    who = called({one.actor for one in found if one.actor})
    last = found[ROWS - 1].exception if len(found) > ROWS else None
    return {
        "rows": [_row(one.exception, one, who.get(one.actor, "")) for one in found[:ROWS]],
        "older": f"{last.cleared_at.isoformat()}~{last.id}" if last and last.cleared_at else "",
        "behind": after is not None,
    }


def _place(request: Visit) -> tuple[datetime, int] | None:
    """The place in the queue behind which to go on; the beginning, where an address names none."""
    moment, _tilde, id_ = request.GET.get("after", "").partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, int(id_)) if at.tzinfo and id_.isascii() and id_.isdigit() and len(id_) < 19 else None


def _row(one: Stands, cleared: Closed | None = None, who: str = "") -> Row:
    kind = KINDS[one.kind]
    return Row(
        one,
        TITLES[one.kind],
        queries.cause(one),
        kind.next_step,
        kind.choices,
        subject_url(one, kind.about),
        str(words_of(cleared.event)[0]) if cleared and cleared.event else "",
        who,
    )


def _around(request: Visit) -> dict[str, Any]:
    """What each row is shown with: who can be an owner, what repairs ask for, what is not told of money."""
    return {
        "me": _me(request),
        "once": word(),
        "names": _names(request),
        "locations": locations(limit=500),
        "needs": NEEDS,
        "of_money": () if "prices:read" in request.may else OF_MONEY,
    }


def _me(request: Visit) -> str:
    return request.user.first_name or request.user.email


def _names(request: Visit) -> list[str]:
    return sorted({one.name or one.email for one in people() if one.is_active} | {_me(request)})


PATHS = [
    path("desk/exceptions", exceptions),
    path("desk/exceptions/<int:exception_id>/repair", put_right),
    path("desk/exceptions/<int:exception_id>/care", look_after),
]
