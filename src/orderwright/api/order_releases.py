"""/v1/orders: when they are released, how they are called back, and why they come from where they come from."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from orderwright.api.auth import actor, needs
from orderwright.api.fields import Code, Moment
from orderwright.api.order_answers import OrderListed, listed
from orderwright.api.orders import (
    MOST_IN_A_BATCH,
    ManyOut,
    MovedOut,
    Numbered,
    Reason,
    Step,
    WantedIn,
    hand_many,
    hand_one,
)
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.schedule_releases import Schedule, schedule_releases, unschedule_releases
from orderwright.fulfilment.explaining import decisions
from orderwright.kernel.errors import Refusal
from orderwright.orders import queries
from orderwright.orders.locking import id_of
from orderwright.orders.moving import Wanted

router = Router()

WRITE = needs("orders:write")
READ = needs("orders:read")


class ScheduleIn(Step):
    release_at: Moment = Field(description="One that is past means as soon as may be.")


class UnscheduleIn(Step):
    """It is released when somebody does."""


class ScheduleOneIn(ScheduleIn, Numbered):
    pass


class ScheduleManyIn(Step):
    orders: Annotated[list[ScheduleOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class RecallIn(Step):
    reason: Reason
    lines: Annotated[list[WantedIn], Field(min_length=1, max_length=2000)] | None = Field(
        None, description="All that has not left, where this is left out."
    )


class RecalledOut(Schema):
    order: OrderListed
    units: int = Field(description="How many units are canceled now.")
    asked: list[str] = Field(description="The fulfilment orders whose locations are asked to give units back.")


class CandidateOut(Schema):
    location: str
    has: int = Field(description="So many of the wanted units.")
    of: int
    distance_km: int | None
    scores: dict[str, float] = Field(description="By each strategy; the lower, the better.")
    chosen: bool


class LeftOutOut(Schema):
    location: str
    why: str


class SourcedOut(Schema):
    line: int
    sku: str
    quantity: int
    location: str | None = Field(description="null: waited for.")


class DecisionOut(Schema):
    event: int
    kind: str = Field(description="The event that told of it.")
    at: datetime
    actor: str
    words: str = Field(description="The whole decision as a clerk would tell it.")
    strategies: list[str]
    candidates: list[CandidateOut] = Field(
        description="The best first.  A location that is neither here nor left out had nothing of it."
    )
    chosen: list[str]
    left_out: list[LeftOutOut]
    units: list[SourcedOut]


class DecisionsOut(Schema):
    items: list[DecisionOut]


@router.get("/orders/{number}/decisions", response=DecisionsOut, auth=READ, summary="Read why units come from where")
def read_decisions(request: HttpRequest, number: Code) -> dict[str, Any]:
    """Every decision about where its units come from: the candidates with their scores, and who was left out."""
    return {"items": decisions(id_of(number))}


@router.post("/orders/{number}/recall", response=RecalledOut, auth=WRITE, summary="Cancel an order while it moves")
def recall_order(request: HttpRequest, number: Code, body: RecallIn) -> dict[str, Any]:
    """What no location has is canceled at once; of the rest, its location is asked, and may answer too late."""
    lines = None if body.lines is None else [Wanted(line.line, line.quantity) for line in body.lines]
    order_id = id_of(number)
    (answer,) = recall([Recall(order_id, body.reason, lines)], actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    head = queries.heads([order_id])[order_id]
    return {"order": listed(head), "units": answer.units, "asked": answer.asked}


@router.post("/orders/schedule-release", response=ManyOut, auth=WRITE, summary="Schedule the release of many orders")
def schedule_many(request: HttpRequest, body: ScheduleManyIn) -> dict[str, Any]:
    """Each is scheduled or refused by itself."""
    return hand_many(request, body.orders, schedule_releases, lambda id_, body: Schedule(id_, body.release_at))


@router.post("/orders/{number}/schedule-release", response=MovedOut, auth=WRITE, summary="Schedule an order's release")
def schedule_order(request: HttpRequest, number: Code, body: ScheduleIn) -> dict[str, Any]:
    """It is released at that moment, and not before; if it cannot be then, it is tried again."""
    return hand_one(request, number, body, schedule_releases, lambda id_, body: Schedule(id_, body.release_at))


@router.post(
    "/orders/{number}/unschedule-release", response=MovedOut, auth=WRITE, summary="Do not release it by itself"
)
def unschedule_order(request: HttpRequest, number: Code, body: UnscheduleIn) -> dict[str, Any]:
    """It may be released at any time from now on."""
    return hand_one(request, number, body, unschedule_releases, lambda id_, body: id_)
