"""/desk: the live board: what is sold, what waits and for how long, what is late, what needs somebody, what happens.

One page and one part of it, which is fetched anew as soon as something happens.  All that is shown is counted to a
bound or added up from counters, so it takes as long in a large shop as in a small one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.exceptions import queries as exceptions
from orderwright.fulfilment.falling_due import falling_due
from orderwright.kernel import clock
from orderwright.lists import searching
from orderwright.lists.asking import Question
from orderwright.orders.backlog import Count, Stage, backlog, short
from orderwright.orders.status import Status
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import is_part, page, part
from orderwright.web.exception_words import TITLES
from orderwright.web.latest import tell
from orderwright.web.navigation import badge_of
from orderwright.web.sales import sales

EVENTS = 12
MOST_KINDS = 8
AGES: tuple[tuple[str, Promise], ...] = (
    ("today", _("< 1 day")),
    ("1d", _("1–3 days")),
    ("3d", _("3–7 days")),
    ("7d", _("> 7 days")),
)
SOON = "not_packed"


class Cell(NamedTuple):
    """Orders of a stage and an age: how many, and where the piece of the bar stands, of a hundred."""

    age: str
    name: Promise
    orders: Count
    begins: float
    width: float


class Row(NamedTuple):
    """A stage of the backlog."""

    status: Status
    all: Count
    cells: list[Cell]
    oldest_at: datetime | None


class Kind(NamedTuple):
    """Exceptions of a kind."""

    code: str
    title: str | Promise
    standing: int
    oldest_since: datetime | None
    without_owner: int


@require_safe
@allow("orders:read")
def board(request: Visit) -> HttpResponse:
    """The board, or for htmx its moving part."""
    now = clock.now()
    due = falling_due(now) if "fulfilment:read" in request.may else []
    stages = backlog(now)
    words: dict[str, Any] = {
        "sales": sales(now, by_worth="prices:read" in request.may),
        "rows": _rows(stages),
        "ages": AGES,
        "unpaid": stages[0],
        "due": due,
        "late": searching.tally(Question(late="missed")),
        "today": searching.tally(Question(late="today")),
        "short": short(),
        "packed": searching.tally(Question(packed=True)) if "shipments:read" in request.may else None,
        "latest": tell(EVENTS, request.may),
        "now": now,
    }
    if "exceptions:read" in request.may:
        words |= _exceptions()
    if not is_part(request):
        return page(request, "board/board.html", words)
    if "exceptions" in words:
        words["badge"] = badge_of(words["exceptions"])
    return part(request, "board/_board.html", words)


def _rows(stages: Sequence[Stage]) -> list[Row]:
    """The stages, with bars whose whole is the stage with the most orders."""
    most = max((stage.all.number for stage in stages), default=0) or 1
    rows = []
    for stage in stages:
        cells, begins = [], 0.0
        for (age, name), count in zip(AGES, stage.by_age, strict=True):
            width = 100 * count.number / most
            cells.append(Cell(age, name, count, begins, width))
            begins += width
        rows.append(Row(stage.status, stage.all, cells, stage.oldest_at))
    return rows


def _exceptions() -> dict[str, Any]:
    counts = exceptions.counts()
    standing = [one for one in counts if one.standing]
    by_kind = {one.kind: one.standing for one in counts}
    kinds = sorted(standing, key=lambda one: (-one.standing, one.kind))
    return {
        "exceptions": sum(one.standing for one in standing),
        "without_owner": sum(one.without_owner for one in standing),
        "kinds": [Kind(one.kind, TITLES[one.kind], *one[1:]) for one in kinds[:MOST_KINDS]],
        "more_kinds": max(0, len(kinds) - MOST_KINDS),
        "arriving_late": by_kind["late_to_arrive"],
        "soon_late": by_kind[SOON],
    }


PATHS = [path("desk", board)]
