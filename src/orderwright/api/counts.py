"""/v1/stock/counts: counting what stands on the shelves while the shop goes on."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, CountOrNone, Id, Text
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.inventory import queries
from orderwright.inventory.counting import close, post_figures, start
from orderwright.inventory.naming import find_locations, find_skus, names_of
from orderwright.inventory.units import check_once

router = Router()

MOST_LINES = 1000


class CountIn(Body):
    location: Code
    skus: Annotated[list[Code], Field(min_length=1, max_length=MOST_LINES)]
    reference: Text = ""


class CountSummaryOut(Schema):
    id: int
    location: str
    reference: str
    started_at: datetime
    closed_at: datetime | None


class CountLineOut(Schema):
    sku: str
    expected: int = Field(description="On hand by the book, when the counting of it began.")
    counted: int | None


class CountOut(CountSummaryOut):
    lines: list[CountLineOut]


class FigureIn(Body):
    sku: Code
    counted: CountOrNone


class FiguresIn(Body):
    lines: Annotated[list[FigureIn], Field(min_length=1, max_length=MOST_LINES)]


class FigureOut(Schema):
    sku: str
    counted: int
    expected: int
    outcome: Literal["posted", "count_again", "below_reserved"]


class FiguresOut(Schema):
    lines: list[FigureOut]


@router.get("/stock/counts", response=Page[CountSummaryOut], auth=needs("stock:read"), summary="List counts")
def list_counts(
    request: HttpRequest, open_only: bool = False, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Counts, the newest first."""
    found = queries.counts(open_only=open_only, before=place(after, int) or 2**63 - 1, limit=limit + 1)
    return page(found, [row.id for row in found], limit)


@router.post("/stock/counts", response={201: CountOut}, auth=needs("stock:write"), summary="Begin to count")
def create_count(request: HttpRequest, body: CountIn) -> Status[dict[str, Any]]:
    """Note what the book has of these SKUs at a location, to be compared with what is counted."""
    location = find_locations([body.location])[body.location]
    skus = find_skus(body.skus)
    count = start(location, skus.values(), reference=body.reference, actor=actor(request))
    return Status(201, _count(count))


@router.get("/stock/counts/{count}", response=CountOut, auth=needs("stock:read"), summary="Get a count")
def get_count(request: HttpRequest, count: Id) -> dict[str, Any]:
    """Its lines; what is not counted yet is null."""
    return _count(count)


@router.post(
    "/stock/counts/{count}/figures", response=FiguresOut, auth=needs("stock:write"), summary="Hand in counted figures"
)
def hand_in(request: HttpRequest, count: Id, body: FiguresIn) -> dict[str, Any]:
    """Each figure has its outcome: `posted`, the book says so now; `count_again`, units came or left meanwhile;
    `below_reserved`, more is reserved or damaged than was counted.  With the last one posted the count is closed.
    """
    check_once((line.sku for line in body.lines), field="lines")
    skus = find_skus([line.sku for line in body.lines])
    figures = {skus[line.sku]: line.counted for line in body.lines}
    outcomes = post_figures(count, figures, actor=actor(request))
    names = names_of(figures, [])
    return {"lines": [{**each._asdict(), "sku": names.skus[each.sku]} for each in outcomes]}


@router.post("/stock/counts/{count}/close", response=CountOut, auth=needs("stock:write"), summary="End a count")
def close_count(request: HttpRequest, count: Id) -> dict[str, Any]:
    """What was not counted stays as the book has it."""
    close(count, actor=actor(request))
    return _count(count)


def _count(id_: int) -> dict[str, Any]:
    row, lines = queries.count_by_id(id_)
    return {**row._asdict(), "lines": lines}
