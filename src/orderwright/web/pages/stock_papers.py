"""/desk/stock/-/…: transfers on their way, and counts: what stands on paper until somebody says what became of it."""

import re
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from orderwright.inventory import counting, queries, transferring
from orderwright.inventory.naming import find_locations, find_skus
from orderwright.kernel.errors import Invalid
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow, demand
from orderwright.web.answering import go, page, say
from orderwright.web.pages.stock import choices_of_places

ROWS = 50
MOST_LINES = 1000
NEWEST = 2**63 - 1
LINE = re.compile(r"(?P<sku>\S+)[\s;,]+(?P<quantity>[0-9]{1,9})")
OUTCOMES = {
    counting.Outcome.POSTED: ("good", gettext_lazy("The book says now what was counted.")),
    counting.Outcome.COUNT_AGAIN: ("wait", gettext_lazy("Units came or left meanwhile: count it again.")),
    counting.Outcome.BELOW_RESERVED: ("bad", gettext_lazy("More is reserved or damaged than was counted.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("stock:read")
def transfers(request: Visit) -> HttpResponse:
    """Transfers, the newest first; a new one of several SKUs."""
    if request.method == "POST":
        return _send(request)
    only_open = request.GET.get("view") != "all"
    before = reading.id_or_none(request.GET, "before") or NEWEST
    found = queries.transfers(open_only=only_open, before=before, limit=ROWS + 1)
    words = {
        "transfers": found[:ROWS],
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "only_open": only_open,
        **choices_of_places(),
    }
    return page(request, "stock/transfers.html", words)


def _send(request: Visit) -> HttpResponse:
    demand(request, "stock:write")
    codes = [reading.text(request.POST, name, needed=True) for name in ("source", "target")]
    places = find_locations(codes)
    asked = _lines(request.POST)
    skus = find_skus([sku for sku, _quantity in asked])
    lines = [(skus[sku], quantity) for sku, quantity in asked]
    on, reference = reading.day(request.POST, "expected_on"), reading.text(request.POST, "reference")
    sending = transferring.Sending(places[codes[0]], places[codes[1]], lines, on, reference)
    (id_,) = transferring.send([sending], actor=request.actor)
    say(request, _("Transfer {id} is on its way.").format(id=id_))
    return go(request, f"/desk/stock/-/transfers/{id_}")


def _lines(form: QueryDict) -> list[tuple[str, int]]:
    """What was typed line by line: a SKU, and how many of it."""
    typed = [line.strip() for line in reading.text(form, "lines", most=60_000, needed=True).splitlines()]
    lines = []
    for line in filter(None, typed):
        found = LINE.fullmatch(line)
        if found is None:
            problem = _("“{line}” is not a SKU and a number, such as TEE-M 12").format(line=line[:60])
            raise Invalid(field="lines", problem=problem)
        lines.append((found["sku"], int(found["quantity"])))
    if len(lines) > MOST_LINES:
        raise Invalid(field="lines", problem=_("at most {most} lines are possible").format(most=MOST_LINES))
    return lines


@require_http_methods(["GET", "HEAD", "POST"])
@allow("stock:read")
def transfer(request: Visit, id_: int) -> HttpResponse:
    """One transfer, and what became of its lines."""
    found = queries.transfer_by_id(id_)
    lines = queries.lines_of_transfers([id_])[id_]
    if request.method == "POST":
        return _arrive(request, id_, lines)
    words = {"transfer": found, "lines": lines, "reference": request.GET.get("reference", "")[:100]}
    return page(request, "stock/transfer.html", words)


def _arrive(request: Visit, id_: int, lines: list[queries.ExpectedLine]) -> HttpResponse:
    demand(request, "stock:write")
    skus = find_skus([line.sku for line in lines])
    came = []
    for line in lines:
        arrived = reading.whole_or_none(request.POST, f"arrived-{line.id}") or 0
        lost = reading.whole_or_none(request.POST, f"lost-{line.id}") or 0
        if arrived or lost:
            came.append(transferring.Came(skus[line.sku], arrived, lost))
    reference = reading.text(request.POST, "reference")
    transferring.arrive([transferring.Arrival(id_, came, reference)], actor=request.actor)
    say(request, _("{arrived} arrived, {lost} are lost.").format(
        arrived=sum(one.arrived for one in came), lost=sum(one.lost for one in came)))  # fmt: skip
    return go(request, f"/desk/stock/-/transfers/{id_}")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("stock:read")
def counts(request: Visit) -> HttpResponse:
    """Counts, the newest first; a new one of several SKUs."""
    if request.method == "POST":
        return _start(request)
    only_open = request.GET.get("view") != "all"
    before = reading.id_or_none(request.GET, "before") or NEWEST
    found = queries.counts(open_only=only_open, before=before, limit=ROWS + 1)
    words = {
        "counts": found[:ROWS],
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
        "only_open": only_open,
        **choices_of_places(),
    }
    return page(request, "stock/counts.html", words)


def _start(request: Visit) -> HttpResponse:
    demand(request, "stock:write")
    code = reading.text(request.POST, "location", needed=True)
    location = find_locations([code])[code]
    skus = find_skus(reading.words(request.POST, "skus", most=60_000))
    reference = reading.text(request.POST, "reference")
    id_ = counting.start(location, skus.values(), reference=reference, actor=request.actor)
    return go(request, f"/desk/stock/-/counts/{id_}")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("stock:read")
def count(request: Visit, id_: int) -> HttpResponse:
    """One count: figures are handed in without seeing what the book says."""
    found, lines = queries.count_by_id(id_)
    words: dict[str, Any] = {"count": found, "lines": lines, "outcomes": []}
    if request.method == "POST":
        demand(request, "stock:write")
        if request.POST.get("do") == "close":
            counting.close(id_, actor=request.actor)
            say(request, _("The count is ended; what was not counted stays as the book has it."))
            return go(request, f"/desk/stock/-/counts/{id_}")
        words["outcomes"] = _hand_in(request, id_, lines)
        words["count"], words["lines"] = queries.count_by_id(id_)
    return page(request, "stock/count.html", words)


def _hand_in(request: Visit, id_: int, lines: list[queries.CountLine]) -> list[dict[str, Any]]:
    """Post the figures that were typed; what became of each."""
    figures = {}
    for place, line in enumerate(lines):
        typed = reading.whole_or_none(request.POST, f"counted-{place}")
        if typed is not None and line.counted is None:
            figures[line.sku] = typed
    if not figures:
        raise Invalid(field="counted", problem=_("no figure was typed"))
    skus = find_skus(figures)
    codes = {id_: code for code, id_ in skus.items()}
    answers = counting.post_figures(id_, {skus[sku]: figure for sku, figure in figures.items()}, actor=request.actor)
    return [
        {"sku": codes[each.sku], "counted": each.counted, "expected": each.expected,
         "tone": OUTCOMES[each.outcome][0], "words": OUTCOMES[each.outcome][1]}
        for each in answers
    ]  # fmt: skip


PATHS = [
    path("desk/stock/-/transfers", transfers),
    path("desk/stock/-/transfers/<int:id_>", transfer),
    path("desk/stock/-/counts", counts),
    path("desk/stock/-/counts/<int:id_>", count),
]
