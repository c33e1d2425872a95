"""/desk/runs: acts on many orders, begun from a list of them; how each goes on, and what became of each order."""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from orderwright.lists import running
from orderwright.lists.models import Act
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, is_part, page, part
from orderwright.web.pages.orders import SHOWN_TO, needed_for
from orderwright.web.reading import id_or_none

ROWS = 100
RUNS = 50
ANSWERS = ("done", "refused", "failed")


@require_POST
@allow("orders:read")
def begin(request: Visit) -> HttpResponse:
    """Begin a run on the orders that are selected, or on all that match."""
    form = request.POST
    act = Act(reading.one_of(form, "act", Act.values))
    demand(request, needed_for(act))
    columns = [one for one in form.getlist("column") if SHOWN_TO.get(one, "orders:read") in request.may]
    words = {"word": reading.text(form, "word", most=100), "columns": columns, "mark": True}
    picked = [int(one) for one in form.getlist("order") if one.isascii() and one.isdigit() and len(one) < 19]
    query = form.get("asked", "").replace("\x00", "")[:2000] if reading.ticked(form, "all") else None
    return go(request, f"/desk/runs/{running.begin(act, request.user.pk, words, picked=picked, query=query)}")


@require_safe
@allow("orders:read")
def runs(request: Visit) -> HttpResponse:
    """The runs that somebody began."""
    return page(request, "orders/runs.html", {"runs": running.runs_of(request.user.pk, RUNS)})


@require_safe
@allow("orders:read")
def run(request: Visit, run_id: int) -> HttpResponse:
    """A run: how far it is, and its answers."""
    found = running.seen(run_id)
    only = request.GET.get("only", "") if request.GET.get("only") in ANSWERS else ""
    rows = running.rows_of(run_id, only=only, after=id_or_none(request.GET, "after") or 0, limit=ROWS + 1)
    words = {
        "run": found,
        "answered": found.done + found.refused + found.failed,
        "rows": [row for _place, row in rows[:ROWS]],
        "older": f"?only={only}&after={rows[ROWS - 1][0]}" if len(rows) > ROWS else "",
        "only": only,
        "mine": found.begun_by_id == request.user.pk,
        "made": (Act.EXPORT, Act.SLIPS),
    }
    if is_part(request):
        return part(request, "orders/_run.html", words)
    return page(request, "orders/run.html", words)


@require_safe
@allow("orders:read")
def file(request: Visit, run_id: int) -> HttpResponseBase:
    """What a run exported, piece by piece; only for who began it."""
    return _fetched(
        request, run_id, Act.EXPORT, "text/csv; charset=utf-8", f'attachment; filename="orders-{run_id}.csv"'
    )


@require_safe
@allow("shipments:read")
def slips(request: Visit, run_id: int) -> HttpResponseBase:
    """The packing slips of a run, one behind the other, to be printed; only for who began it."""
    name = f'inline; filename="packing-slips-{run_id}.pdf"'
    return _fetched(request, run_id, Act.SLIPS, "application/pdf", name)


def _fetched(request: Visit, run_id: int, act: Act, content_type: str, disposition: str) -> HttpResponseBase:
    places = running.parts(run_id, request.user.pk, act)

    def pieces() -> Iterator[bytes]:
        for place in places:
            yield running.part(run_id, place)

    answer = StreamingHttpResponse(pieces(), content_type=content_type)
    answer["Content-Disposition"] = disposition
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


PATHS = [
    path("desk/orders/-/runs", begin),
    path("desk/runs", runs),
    path("desk/runs/<int:run_id>", run),
    path("desk/runs/<int:run_id>/orders.csv", file),
    path("desk/runs/<int:run_id>/packing-slips.pdf", slips),
]
