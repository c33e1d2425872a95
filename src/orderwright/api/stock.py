"""/v1/stock: what stands where and may be promised, and putting it right."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, CountOrNone, Id, Text
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.inventory import adjusting, queries, receiving, setting
from orderwright.inventory.availability import SafetyRow, availability, incoming, short_of
from orderwright.inventory.history import NEWEST, history
from orderwright.inventory.keeping_back import keep_back
from orderwright.inventory.naming import find_channels, find_locations, find_skus, names_of
from orderwright.inventory.units import Units
from orderwright.orders.models import Order

router = Router()

MOST_LINES = 1000
Signed = Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000, examples=[-2])]
SKUS: Any = Query([], max_length=250, description="Only these SKUs.")  # type: ignore[type-arg]
LOCATIONS: Any = Query([], max_length=250, description="Only these locations.")  # type: ignore[type-arg]


class LevelOut(Schema):
    sku: str
    location: str
    on_hand: int = Field(description="What stands there: available, reserved, damaged and in quality control.")
    available: int
    reserved: int
    damaged: int
    quality_control: int
    in_transit: int = Field(description="On its way there, and not on hand.")


class StockMovedOut(Schema):
    event: int | None = Field(description="The event that tells it; null where nothing had to move.")
    levels: list[LevelOut] = Field(description="The levels after it.")


@router.get("/stock/levels", response=Page[LevelOut], auth=needs("stock:read"), summary="List stock levels")
def list_levels(
    request: HttpRequest,
    sku: list[Code] = SKUS,
    location: list[Code] = LOCATIONS,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Every SKU at every location where it ever was."""
    found = queries.levels(
        skus=find_skus(sku).values() if sku else None,
        locations=find_locations(location).values() if location else None,
        after=place(after, tuple[int, int]) or (0, 0),
        limit=limit + 1,
    )
    return page(found, [(level.sku_id, level.location_id) for level in found], limit)


class ShelfOut(Schema):
    location: str
    available: int


class IncomingOut(Schema):
    location: str
    quantity: int
    expected_on: date
    reference: str
    expectation: int
    transfer: int | None


class AvailabilityOut(Schema):
    sku: str
    available: int = Field(description="What may be promised of it; of a kit, what its scarcest part allows.")
    locations: list[ShelfOut]
    incoming: list[IncomingOut] = Field(description="What will come, the earliest first.")


@router.get(
    "/stock/availability", response=Page[AvailabilityOut], auth=needs("stock:read"), summary="What may be promised"
)
def list_availability(
    request: HttpRequest,
    sku: list[Code] = SKUS,
    channel: Code | None = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Available at active locations, less safety stock (that of the channel, where one is named).

    True at the moment of asking: it is read from the book itself.
    """
    channel_id = find_channels([channel])[channel] if channel is not None else None
    begin = place(after, int) or 0
    if sku:
        ids = [id_ for id_ in sorted(find_skus(sku).values()) if id_ > begin][: limit + 1]
    else:
        ids = queries.sku_ids(after=begin, limit=limit + 1)
    return page(_availability(ids, channel_id), ids, limit)


def _availability(ids: Sequence[int], channel_id: int | None) -> list[dict[str, Any]]:
    found = availability(ids, channel=channel_id)
    coming = incoming(ids)
    places = {at for each in found.values() for at in each.by_location} | {each.location for each in coming}
    names = names_of(ids, places)
    return [
        {
            "sku": names.skus[id_],
            "available": found[id_].total,
            "locations": [
                {"location": names.locations[at], "available": units} for at, units in found[id_].by_location.items()
            ],
            "incoming": [
                {**each._asdict(), "location": names.locations[each.location]} for each in coming if each.sku == id_
            ],
        }
        for id_ in ids
    ]


class SkuWantedIn(Body):
    sku: Code
    quantity: Count


class CoverIn(Body):
    lines: Annotated[list[SkuWantedIn], Field(min_length=1, max_length=MOST_LINES)]
    channel: Code | None = None


class ShortOut(Schema):
    sku: str
    wanted: int
    available: int


class CoverOut(Schema):
    covered: bool
    short: list[ShortOut] = Field(description="Of a kit, the parts that are short.")


@router.post("/stock/cover", response=CoverOut, auth=needs("stock:read"), summary="Is there enough for all of this?")
def cover(request: HttpRequest, body: CoverIn) -> dict[str, Any]:
    """Whether all lines could be promised at once: kits are taken apart, and lines that share a part are added up.

    Nothing is kept: placing the order does that.
    """
    skus = find_skus([line.sku for line in body.lines])
    channel_id = find_channels([body.channel])[body.channel] if body.channel is not None else None
    short = short_of([(skus[line.sku], line.quantity) for line in body.lines], channel=channel_id)
    names = names_of([each.sku for each in short], [])
    lines = [{"sku": names.skus[each.sku], "wanted": each.wanted, "available": each.there} for each in short]
    return {"covered": not short, "short": lines}


class ReceivedLine(Body):
    sku: Code
    location: Code
    quantity: Count
    expectation: Id | None = Field(None, description="The expectation that it was; it is closed when all came.")


class ReceiveIn(Body):
    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=MOST_LINES)]
    reason: Literal["purchase", "production", "opening", "consignment", "other"] = "purchase"
    reference: Text = Field("", description="The paper: a delivery note, a purchase order.")


@router.post("/stock/receive", response=StockMovedOut, auth=needs("stock:write"), summary="Receive units")
def receive(request: HttpRequest, body: ReceiveIn) -> dict[str, Any]:
    """Units come in from outside, and are available at once."""
    skus, locations = _ids(body.lines)
    lines = [Units(skus[line.sku], locations[line.location], line.quantity, line.expectation) for line in body.lines]
    receipt = receiving.Receipt(lines, body.reason, body.reference)
    return _moved(receiving.receive([receipt], actor=actor(request))[0], lines)


class ChangedLine(Body):
    sku: Code
    location: Code
    quantity: Signed = Field(description="So many more; less, below zero.")


class AdjustIn(Body):
    lines: Annotated[list[ChangedLine], Field(min_length=1, max_length=MOST_LINES)]
    reason: Literal[
        "correction", "found", "lost", "stolen", "expired", "given_away", "damaged", "mended", "written_off"
    ]
    reference: Text = Field("", description="The paper that says so.")


@router.post("/stock/adjust", response=StockMovedOut, auth=needs("stock:write"), summary="Adjust by so many units")
def adjust(request: HttpRequest, body: AdjustIn) -> dict[str, Any]:
    """Put the book right, for a reason; all lines or none.

    `found` and `mended` take units above zero, `correction` both, all others units below zero.  `damaged` units stay
    on hand and are not for sale; `mended` and `written_off` are of those.
    """
    skus, locations = _ids(body.lines)
    lines = [adjusting.Change(skus[line.sku], locations[line.location], line.quantity) for line in body.lines]
    adjustment = adjusting.Adjustment(lines, body.reason, body.reference)
    return _moved(adjusting.adjust([adjustment], actor=actor(request))[0], lines)


class FigureLine(Body):
    sku: Code
    location: Code
    quantity: CountOrNone
    expecting: CountOrNone | None = Field(description="What it was when you looked; null: set it whatever it is.")
    level: Literal["on_hand", "available"] = "on_hand"


class SetIn(Body):
    lines: Annotated[list[FigureLine], Field(min_length=1, max_length=MOST_LINES)]
    reason: Literal["correction", "synchronization", "import"] = "correction"
    reference: Text = ""


@router.post(
    "/stock/set", response=StockMovedOut, auth=needs("stock:write"), summary="Set levels, if they did not change"
)
def set_levels(request: HttpRequest, body: SetIn) -> dict[str, Any]:
    """Compare and set: where a level is not what you expect any more, nothing is set; `changed` tells what it is."""
    skus, locations = _ids(body.lines)
    lines = [
        setting.Figure(skus[line.sku], locations[line.location], line.quantity, line.expecting, line.level)
        for line in body.lines
    ]
    asked = setting.Setting(lines, body.reason, body.reference)
    return _moved(setting.set_levels([asked], actor=actor(request))[0], lines)


class MovementOut(Schema):
    entry: int
    event: int
    kind: str
    actor: str
    at: datetime | None
    order: str | None = Field(description="The number of the order it was for.")
    reason: str
    reference: str
    source: str
    source_location: str
    target: str
    target_location: str
    quantity: int
    change: int = Field(description="Of what is on hand; 0 where a unit only changes its bucket.")
    on_hand: int = Field(description="After it.")


@router.get("/stock/history/{sku}", response=Page[MovementOut], auth=needs("stock:read"), summary="Why is it so many?")
def read_history(
    request: HttpRequest, sku: Code, location: Code | None = None, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Every movement of a SKU back to the first, newest first, with the on-hand balance that each left behind.

    Balances are those of the location, where one is named, else of all together.
    """
    found = history(
        find_skus([sku])[sku],
        location=find_locations([location])[location] if location is not None else None,
        before=place(after, int) or NEWEST,
        limit=limit + 1,
    )
    names = names_of([], {at for each in found for at in (each.source_place, each.target_place)})
    ids = {each.order_id for each in found if each.order_id is not None}
    numbers = dict(Order.objects.filter(id__in=ids).values_list("id", "number")) if ids else {}
    movements = [
        {
            **each._asdict(),
            "order": numbers.get(each.order_id) if each.order_id is not None else None,
            "source_location": names.locations.get(each.source_place, ""),
            "target_location": names.locations.get(each.target_place, ""),
        }
        for each in found
    ]
    return page(movements, [each.entry for each in found], limit)


class SafetyLine(Body):
    sku: Code
    location: Code | None = Field(None, description="Null: of all locations together.")
    channel: Code | None = Field(None, description="Null: from every channel.")
    quantity: CountOrNone = Field(description="0 takes the row away.")


class SafetyIn(Body):
    lines: Annotated[list[SafetyLine], Field(min_length=1, max_length=MOST_LINES)]


class SafetyOut(Schema):
    sku: str
    location: str | None
    channel: str | None
    quantity: int


class SafetySetOut(Schema):
    event: int


@router.get("/stock/safety", response=Page[SafetyOut], auth=needs("stock:read"), summary="List safety stock")
def list_safety(request: HttpRequest, sku: list[Code] = SKUS, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """How many units are kept back, of which SKU, where and from whom."""
    ids = find_skus(sku).values() if sku else None
    found = queries.kept_back(skus=ids, after=place(after, int) or 0, limit=limit + 1)
    return page(found, [row.id for row in found], limit)


@router.post("/stock/safety", response=SafetySetOut, auth=needs("stock:write"), summary="Set safety stock")
def set_safety(request: HttpRequest, body: SafetyIn) -> dict[str, Any]:
    """Keep units back: at a location or of all together, from a channel or from everyone.

    Of several rows for the same shelf the largest counts; what locations keep back counts towards a row of all.
    """
    skus = find_skus([line.sku for line in body.lines])
    locations = find_locations([line.location for line in body.lines if line.location is not None])
    channels = find_channels([line.channel for line in body.lines if line.channel is not None])
    rows = [
        SafetyRow(
            skus[line.sku],
            locations[line.location] if line.location is not None else None,
            channels[line.channel] if line.channel is not None else None,
            line.quantity,
        )
        for line in body.lines
    ]
    return {"event": keep_back(rows, actor=actor(request))}


def _ids(lines: Sequence[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """The ids of the SKUs and of the locations that lines name."""
    return (find_skus([line.sku for line in lines]), find_locations([line.location for line in lines]))


def _moved(event: int | None, lines: Sequence[Any]) -> dict[str, Any]:
    return {"event": event, "levels": queries.levels_of({(line.sku, line.location) for line in lines})}
