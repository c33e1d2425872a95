"""What is promised: of a cart before it is ordered, of orders, of a SKU day by day; and the queue of who waits."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, Day
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.flows._each import Done
from orderwright.flows.prioritize_orders import MOST, Prioritize, prioritize_orders
from orderwright.flows.quote_promises import promisable, quote
from orderwright.flows.reallocate_stock import Reallocate, reallocate_stock
from orderwright.inventory.naming import find_channels, find_skus
from orderwright.inventory.promising import earliest
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import id_of
from orderwright.promises import queries
from orderwright.promises.dating import words
from orderwright.promises.queueing import key, queue_behind

router = Router()

READ, WRITE, STOCK = needs("orders:read"), needs("orders:write"), needs("stock:read")
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["DE"])]


class PromisePartOut(Schema):
    reason: str
    quantity: int
    ship_on: date | None = None
    location: str = ""
    reference: str = Field("", description="Of the receipt.")
    expected_on: date | None = None
    was_expected_on: date | None = Field(None, description="It is overdue since.")


class DatedOut(Schema):
    ship_on: date | None = Field(description="When its last unit leaves; null: nobody can say yet.")
    deliver_on: date | None = Field(description="Null too where no delivery option goes there.")
    reason: str = Field(examples=["in_stock", "in_work", "receipt", "lead_time", "on_its_way", "lost", "unknown"])
    words: str
    parts: list[PromisePartOut]


class AskedIn(Body):
    sku: Code
    quantity: Count


class QuoteIn(Body):
    lines: Annotated[list[AskedIn], Field(min_length=1, max_length=200)]
    country: Country
    channel: Code | None = None


class QuotedLineOut(DatedOut):
    sku: str
    quantity: int


class QuotedOut(Schema):
    option: str | None = Field(description="The delivery option; null where none goes there.")
    lines: list[QuotedLineOut]


class QuotesOut(Schema):
    options: list[QuotedOut]


@router.post("/promises/quote", response=QuotesOut, auth=STOCK, summary="What would be promised?")
def quote_promises(request: HttpRequest, body: QuoteIn) -> dict[str, Any]:
    """When each line would leave and arrive, by each delivery option, were it ordered now.

    Who waits already comes first, then the lines in their order.  Nothing is kept by asking.
    """
    skus = find_skus([line.sku for line in body.lines])
    channel = find_channels([body.channel])[body.channel] if body.channel is not None else None
    found = quote([(skus[line.sku], line.quantity) for line in body.lines], body.country, channel=channel)
    return {
        "options": [
            {
                "option": one.option.code if one.option else None,
                "lines": [
                    {"sku": line.sku, "quantity": line.quantity, "ship_on": dated.ship_on,
                     "deliver_on": dated.deliver_on, **_why(dated.reason, dated.facts())}
                    for line, dated in zip(body.lines, one.lines, strict=True)
                ],
            }
            for one in found
        ]
    }  # fmt: skip


def _why(reason: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"reason": str(reason), "words": words(reason, facts["parts"]), "parts": facts["parts"]}


class PromiseOut(DatedOut):
    made_at: datetime
    option: str
    superseded_at: datetime | None = Field(description="Null: it stands.")
    came_on: date | None
    days_late: int | None = Field(description="Against this promise; zero or less: kept.")


class LinePromisesOut(Schema):
    line: int
    sku: str
    current: PromiseOut | None
    history: list[PromiseOut] = Field(description="What was promised before, the oldest first.")


class PromisesOut(Schema):
    lines: list[LinePromisesOut]


@router.get("/orders/{number}/promises", response=PromisesOut, auth=READ, summary="What was promised of an order")
def order_promises(request: HttpRequest, number: Code) -> dict[str, Any]:
    """The promise of each line that stands, all that were made before, and whether they were kept."""
    lines: dict[int, dict[str, Any]] = {}
    for one in queries.of_order(id_of(number)):
        line = lines.setdefault(one.line, {"line": one.line, "sku": one.sku, "current": None, "history": []})
        told = {**one._asdict(), **_why(one.reason, one.facts)}
        if one.superseded_at is None:
            line["current"] = told
        else:
            line["history"].append(told)
    return {"lines": list(lines.values())}


class LaneOut(Schema):
    location: str
    option: str
    country: str
    lines: int
    kept: int
    kept_share: float
    mean_days_late: float = Field(description="Lines that came early count below zero.")


class AccuracyOut(Schema):
    lanes: list[LaneOut]


@router.get("/promises/accuracy", response=AccuracyOut, auth=READ, summary="How well promises are kept")
def promise_accuracy(request: HttpRequest, first: Day, last: Day) -> dict[str, Any]:
    """Of lines that arrived from the first to the last of these days: were they there by the day promised first?

    By location, delivery option and country.
    """
    return {
        "lanes": [
            {**lane._asdict(), "kept_share": round(lane.kept / lane.lines, 4), "mean_days_late": lane.days_late}
            for lane in queries.accuracy(first, last)
        ]
    }


class QueuedOut(Schema):
    place: int
    order: str
    line: int
    quantity: int
    priority: int
    promised: date | None = Field(description="When it was promised to leave.")
    placed_at: datetime


@router.get("/skus/{code}/queue", response=Page[QueuedOut], auth=STOCK, summary="Who waits for a SKU")
def sku_queue(request: HttpRequest, code: Code, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """In the order in which they are served: priority first, then promise, then age."""
    found = queue_behind(find_skus([code])[code], place(after, tuple[int, date, datetime, int, int, int]), limit + 1)
    told = [
        {"place": there, "order": one.number, "line": one.position, "quantity": one.quantity,
         "priority": one.priority, "promised": one.ship_on, "placed_at": one.placed_at}
        for there, one in found
    ]  # fmt: skip
    return page(told, [key(one) for _place, one in found], limit)


class BucketOut(Schema):
    on: date
    location: str
    reference: str
    expectation: int | None = Field(description="Null: it stands on the shelf.")
    was_expected_on: date | None = Field(None, description="It is overdue since; `on` is what is reckoned with.")
    quantity: int
    discrete: int = Field(description="What is left of it when all who wait have had theirs.")
    cumulative: int = Field(description="What may be promised up to this day.")


class AtpOut(Schema):
    waiting: int = Field(description="Units that orders wait for.")
    buckets: list[BucketOut]
    earliest: date | None = Field(description="When the asked quantity can be had; null: not so many will come.")


@router.get("/skus/{code}/atp", response=AtpOut, auth=STOCK, summary="What may be promised, day by day")
def sku_atp(
    request: HttpRequest,
    code: Code,
    quantity: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1,
    channel: Code | None = None,
) -> dict[str, Any]:
    """What stands on shelves and what is expected, less what those who wait will have of it."""
    found = promisable(
        find_skus([code])[code], channel=find_channels([channel])[channel] if channel is not None else None
    )
    return {
        "waiting": found.waiting,
        "buckets": [
            {**one.coming._asdict(), "location": found.locations[one.coming.location], "discrete": one.discrete,
             "cumulative": one.cumulative}
            for one in found.buckets
        ],
        "earliest": earliest(found.buckets, quantity),
    }  # fmt: skip


class PriorityIn(Body):
    priority: Annotated[int, Field(strict=True, ge=-MOST, le=MOST, description="Higher goes first; 0 to begin with.")]


class PriorityOut(Schema):
    order: str
    priority: int


@router.put("/orders/{number}/priority", response=PriorityOut, auth=WRITE, summary="Prioritize an order")
def set_priority(request: HttpRequest, number: Code, body: PriorityIn) -> dict[str, Any]:
    """Put an order before others in the queues of what it waits for, or behind them."""
    _only(prioritize_orders([Prioritize(id_of(number), body.priority)], actor=actor(request)))
    return {"order": number, "priority": body.priority}


class ReallocateIn(Body):
    to: Code = Field(description="The number of the order that gets them.")
    sku: Code
    quantity: Count
    location: Code | None = Field(None, description="Only what is kept there; wherever, where it is left out.")


class ReallocatedOut(Schema):
    units: int


@router.post("/orders/{number}/reallocate", response=ReallocatedOut, auth=WRITE, summary="Give kept units away")
def reallocate(request: HttpRequest, number: Code, body: ReallocateIn) -> dict[str, Any]:
    """Units that this order keeps, and that are not released, go to another order that waits for them."""
    asked = Reallocate(id_of(number), id_of(body.to), body.sku, body.quantity, body.location)
    return {"units": _only(reallocate_stock([asked], actor=actor(request))).units}


def _only(answers: Sequence[Done | Refusal]) -> Done:
    (answer,) = answers
    if isinstance(answer, Refusal):
        raise answer
    return answer
