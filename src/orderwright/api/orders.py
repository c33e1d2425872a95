"""/v1/orders: reading orders, and moving them on.  Placing them is `front`'s (`api.placing`).

Every step exists for one order, where a refusal is the answer, and for many, where each gets an answer of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from orderwright.api import problems
from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, Id, LongText, Moment
from orderwright.api.order_answers import MomentOut, OrderListed, OrderOut, listed, whole
from orderwright.api.pages import After, Limit, Page, name, page, place
from orderwright.flows._each import Answer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.release_orders import Release, TakeBack, release_orders, take_back_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.fulfilment import telling as fulfilment_telling
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.lists import searching
from orderwright.lists.asking import Question, read, within_people
from orderwright.lists.refusals import PeopleNotSeen
from orderwright.notifications import telling as letters_telling
from orderwright.orders import queries
from orderwright.orders.locking import id_of, ids_of
from orderwright.orders.moving import Wanted
from orderwright.orders.queries import Filters
from orderwright.orders.status import Status
from orderwright.orders.timeline import SENTENCES, timeline
from orderwright.payments import telling
from orderwright.payments.queries import tenders_of
from orderwright.promises import telling as promises_telling
from orderwright.shipping import telling as shipping_telling

router = Router()

R = TypeVar("R")
B = TypeVar("B", bound="Step")

MOST_IN_A_BATCH = 200
WRITE = needs("orders:write")
READ = needs("orders:read")
STATUSES: Any = Query([], max_length=20, description="Only these.")  # type: ignore[type-arg]


Search = Annotated[
    str,
    Field(
        max_length=300,
        description="Words, and `field:value`, as docs/searching.md tells them.",
        examples=["lovelace is:open amount:>100"],
    ),
]
Reason = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$", examples=["customer_request"])]
Tag = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Tags = Annotated[list[Tag], Field(max_length=50)]


class WantedIn(Body):
    line: Annotated[int, Field(strict=True, ge=1, le=100_000, description="Its position.")]
    quantity: Count = Field(description="Of a kit's line: how many kits.")


class WantedThereIn(WantedIn):
    location: Code | None = Field(None, description="Only what is there; wherever, where it is left out.")


class Step(Body):
    """What a step needs to know, beside the order."""


class CancelIn(Step):
    reason: Reason
    lines: Annotated[list[WantedIn], Field(min_length=1, max_length=2000)] | None = Field(
        None, description="All of the order, where this is left out."
    )


class HoldIn(Step):
    reason: Reason
    note: LongText = ""


class LiftIn(Step):
    hold: Id | None = Field(None, description="The hold's id; all that stand, where neither is given.")
    reason: Reason | None = None


class NoteIn(Step):
    text: Annotated[str, Field(min_length=1, max_length=5000, pattern=r"\S")]


class TagsIn(Step):
    put_on: Tags = []
    take_off: Tags = []


class ReleaseIn(Step):
    """All that is reserved."""


class UnitsIn(Step):
    lines: Annotated[list[WantedThereIn], Field(min_length=1, max_length=2000)] | None = Field(
        None, description="All that can, where this is left out."
    )


class DeliverIn(Step):
    packages: Annotated[list[Code], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Their names; all that are on their way, where this is left out."
    )


class Numbered(Body):
    number: Code


class CancelOneIn(CancelIn, Numbered):
    pass


class HoldOneIn(HoldIn, Numbered):
    pass


class LiftOneIn(LiftIn, Numbered):
    pass


class TagOneIn(TagsIn, Numbered):
    pass


class ReleaseOneIn(ReleaseIn, Numbered):
    pass


class UnitsOneIn(UnitsIn, Numbered):
    pass


class DeliverOneIn(DeliverIn, Numbered):
    pass


class CancelManyIn(Body):
    orders: Annotated[list[CancelOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class HoldManyIn(Body):
    orders: Annotated[list[HoldOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class LiftManyIn(Body):
    orders: Annotated[list[LiftOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class TagManyIn(Body):
    orders: Annotated[list[TagOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class ReleaseManyIn(Body):
    orders: Annotated[list[ReleaseOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class UnitsManyIn(Body):
    orders: Annotated[list[UnitsOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class DeliverManyIn(Body):
    orders: Annotated[list[DeliverOneIn], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class MovedOut(Schema):
    """An order after a step; no word of its customer."""

    order: OrderListed
    units: int = Field(description="How many units moved.")


class OneOut(Schema):
    number: str
    units: int | None = None
    order: OrderListed | None = None
    problem: dict[str, Any] | None = Field(None, description="Why it was refused (RFC 9457).")


class ManyOut(Schema):
    items: list[OneOut] = Field(description="What became of each, in the order of the request.")


@router.get("/orders", response=Page[OrderListed], auth=READ, summary="List orders")
def list_orders(
    request: HttpRequest,
    status: list[Status] = STATUSES,
    channel: Code | None = None,
    customer: Id | None = None,
    email: Annotated[str, Field(max_length=254)] | None = None,
    number: Code | None = None,
    reference: Code | None = None,
    tag: Code | None = None,
    placed_from: Moment | None = None,
    placed_before: Moment | None = None,
    q: Search | None = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The newest first.

    With `q`, a page may have fewer orders than asked for, or none, and name a next one all the same: it looked at as
    many orders as it may.  Beside `q`, `number` and `email` are beginnings.  Keys that may not read customers search by
    no e-mail address, phone number or name; their words are none.
    """
    scopes = request.auth.scopes  # type: ignore[attr-defined]
    if email is not None and "customers:read" not in scopes:
        raise PeopleNotSeen
    if q is not None:
        named = (("email", email), ("number", number), ("reference", reference))
        asked = within_people(read(q), scopes)
        asked = replace(
            asked,
            status=(*asked.status, *status),
            channel=(*asked.channel, *([channel] if channel else [])),
            tag=(*asked.tag, *([tag] if tag else [])),
            customer=customer or asked.customer,
            named=(*asked.named, *[(field, value.replace("\x00", "")) for field, value in named if value]),
            placed_from=placed_from or asked.placed_from,
            placed_before=placed_before or asked.placed_before,
        )
        return _searched(asked, place(after, tuple[datetime, int]), limit)
    filters = Filters(status, channel, customer, email, number, reference, tag, placed_from, placed_before)
    found = queries.listed(filters, after=place(after, tuple[datetime, int]), limit=limit + 1)
    return page(list(map(listed, found)), [(order.placed_at, order.id) for order in found], limit)


def _searched(asked: Question, after: tuple[datetime, int] | None, limit: int) -> dict[str, Any]:
    found = searching.search(asked, after=after, limit=limit)
    heads = queries.heads([row.id for row in found.rows])
    return {
        "items": [listed(heads[row.id]) for row in found.rows],
        "next": name(found.older) if found.older else None,
    }


# Before the paths with a number in them, which would take `cancel` for one.
@router.post("/orders/cancel", response=ManyOut, auth=WRITE, summary="Cancel many orders")
def cancel_many(request: HttpRequest, body: CancelManyIn) -> dict[str, Any]:
    """Each is canceled or refused by itself."""
    return hand_many(request, body.orders, cancel_orders, _cancel)


@router.post("/orders/hold", response=ManyOut, auth=WRITE, summary="Put holds on many orders")
def hold_many(request: HttpRequest, body: HoldManyIn) -> dict[str, Any]:
    """Each is held or refused by itself."""
    return hand_many(request, body.orders, hold_orders, _hold)


@router.post("/orders/lift", response=ManyOut, auth=WRITE, summary="Lift holds of many orders")
def lift_many(request: HttpRequest, body: LiftManyIn) -> dict[str, Any]:
    """Each is lifted or refused by itself."""
    return hand_many(request, body.orders, lift_holds, _lift)


@router.post("/orders/tags", response=ManyOut, auth=WRITE, summary="Change the tags of many orders")
def tag_many(request: HttpRequest, body: TagManyIn) -> dict[str, Any]:
    """Each is tagged or refused by itself."""
    return hand_many(request, body.orders, tag_orders, _tag)


@router.post("/orders/release", response=ManyOut, auth=WRITE, summary="Release many orders")
def release_many(request: HttpRequest, body: ReleaseManyIn) -> dict[str, Any]:
    """Each is released or refused by itself."""
    return hand_many(request, body.orders, release_orders, lambda id_, body: Release(id_))


@router.post("/orders/take-back", response=ManyOut, auth=WRITE, summary="Take released units of many orders back")
def take_back_many(request: HttpRequest, body: UnitsManyIn) -> dict[str, Any]:
    """Each is taken back or refused by itself."""
    return hand_many(request, body.orders, take_back_orders, lambda id_, body: TakeBack(id_, _wanted(body.lines)))


@router.post("/orders/ship", response=ManyOut, auth=WRITE, summary="Ship many orders")
def ship_many(request: HttpRequest, body: UnitsManyIn) -> dict[str, Any]:
    """Each is shipped or refused by itself."""
    return hand_many(request, body.orders, ship_orders, lambda id_, body: Ship(id_, _wanted(body.lines)))


@router.post("/orders/deliver", response=ManyOut, auth=WRITE, summary="Note that many orders arrived")
def deliver_many(request: HttpRequest, body: DeliverManyIn) -> dict[str, Any]:
    """Each is delivered or refused by itself."""
    return hand_many(request, body.orders, deliver_orders, lambda id_, body: Deliver(id_, body.packages))


@router.get("/orders/{number}", response=OrderOut, auth=READ, summary="Get an order")
def get_order(request: HttpRequest, number: Code) -> dict[str, Any]:
    """An order whole: where each unit and each amount is.

    Its addresses are shown to keys that may read customers; to others they are null.
    """
    order = queries.get(number)
    answer = whole(order, tenders_of([order.head.id]))
    reads_customers = "customers:read" in request.auth.scopes  # type: ignore[attr-defined]
    return answer if reads_customers else answer | {"ship_to": None, "bill_to": None}


@router.get("/orders/{number}/timeline", response=Page[MomentOut], auth=READ, summary="Read an order's timeline")
def read_timeline(request: HttpRequest, number: Code, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """What happened to it, in the order in which it happened, in sentences of the caller's language."""
    others = (telling, fulfilment_telling, promises_telling, shipping_telling, letters_telling)
    sentences = {**SENTENCES, **{kind: words for room in others for kind, words in room.SENTENCES.items()}}
    found = timeline(id_of(number), sentences, after=place(after, int) or 0, limit=limit + 1)
    return page(
        [{**moment._asdict(), "event": moment.event_id} for moment in found], [moment.place for moment in found], limit
    )


@router.post("/orders/{number}/cancel", response=MovedOut, auth=WRITE, summary="Cancel an order, or parts of it")
def cancel_order(request: HttpRequest, number: Code, body: CancelIn) -> dict[str, Any]:
    """Frees the stock, and lets go of the money or gives it back.  Not what the customer has.

    What a location has already is recalled instead: `/recall`.
    """
    return hand_one(request, number, body, cancel_orders, _cancel)


@router.post("/orders/{number}/hold", response=MovedOut, auth=WRITE, summary="Put a hold on an order")
def hold_order(request: HttpRequest, number: Code, body: HoldIn) -> dict[str, Any]:
    """It is not released, nor shipped, before all its holds are lifted."""
    return hand_one(request, number, body, hold_orders, _hold)


@router.post("/orders/{number}/lift", response=MovedOut, auth=WRITE, summary="Lift holds of an order")
def lift_order(request: HttpRequest, number: Code, body: LiftIn) -> dict[str, Any]:
    """One hold by its id, those of one reason, or all that stand."""
    return hand_one(request, number, body, lift_holds, _lift)


@router.post("/orders/{number}/note", response=MovedOut, auth=WRITE, summary="Write a note on an order")
def note_order(request: HttpRequest, number: Code, body: NoteIn) -> dict[str, Any]:
    """Notes are erased when their customer is forgotten."""
    return hand_one(request, number, body, note_orders, lambda id_, body: WriteNote(id_, body.text))


@router.post("/orders/{number}/tags", response=MovedOut, auth=WRITE, summary="Change the tags of an order")
def tag_order(request: HttpRequest, number: Code, body: TagsIn) -> dict[str, Any]:
    """What is there already, or not there to be taken off, changes nothing."""
    return hand_one(request, number, body, tag_orders, _tag)


@router.post("/orders/{number}/release", response=MovedOut, auth=WRITE, summary="Release an order")
def release_order(request: HttpRequest, number: Code, body: ReleaseIn) -> dict[str, Any]:
    """Hands what is reserved to the warehouse; not while it is on hold, and not before its money is secure."""
    return hand_one(request, number, body, release_orders, lambda id_, body: Release(id_))


@router.post("/orders/{number}/take-back", response=MovedOut, auth=WRITE, summary="Take released units back")
def take_back_order(request: HttpRequest, number: Code, body: UnitsIn) -> dict[str, Any]:
    """They stay reserved."""
    return hand_one(request, number, body, take_back_orders, lambda id_, body: TakeBack(id_, _wanted(body.lines)))


@router.post("/orders/{number}/ship", response=MovedOut, auth=WRITE, summary="Ship released units")
def ship_order(request: HttpRequest, number: Code, body: UnitsIn) -> dict[str, Any]:
    """What was prepared leaves as it was packed, and the rest that locations have accepted, a package from each.

    Where the channel captures at shipment, they are paid for now.
    """
    return hand_one(request, number, body, ship_orders, lambda id_, body: Ship(id_, _wanted(body.lines)))


@router.post("/orders/{number}/deliver", response=MovedOut, auth=WRITE, summary="Note that packages arrived")
def deliver_order(request: HttpRequest, number: Code, body: DeliverIn) -> dict[str, Any]:
    """Packages that nobody tracks reached the customer, and the units in them."""
    return hand_one(request, number, body, deliver_orders, lambda id_, body: Deliver(id_, body.packages))


def hand_one(
    request: HttpRequest, number: str, body: B, flow: Callable[..., list[Answer]], ask: Callable[[int, B], R]
) -> dict[str, Any]:
    """Hand one order to a flow; its refusal is the answer."""
    order_id = id_of(number)
    (answer,) = flow([ask(order_id, body)], actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    return {"order": listed(queries.heads([order_id])[order_id]), "units": answer.units}


def hand_many(
    request: HttpRequest, bodies: Sequence[Any], flow: Callable[..., list[Answer]], ask: Callable[[int, Any], R]
) -> dict[str, Any]:
    """Hand many orders to a flow; a number that no order has is answered like any other refusal."""
    ids = ids_of([body.number for body in bodies])
    known = [body for body in bodies if body.number in ids]
    answers = iter(flow([ask(ids[body.number], body) for body in known], actor=actor(request)))
    told = [
        (body.number, next(answers) if body.number in ids else NotFound(thing="order", name=body.number))
        for body in bodies
    ]
    heads = queries.heads([answer.order_id for _number, answer in told if not isinstance(answer, Refusal)])
    return {
        "items": [
            {"number": number, "problem": problems.problem(answer)[1]}
            if isinstance(answer, Refusal)
            else {"number": number, "units": answer.units, "order": listed(heads[answer.order_id])}
            for number, answer in told
        ]
    }


def _cancel(order_id: int, body: CancelIn) -> Cancel:
    lines = None if body.lines is None else [Wanted(line.line, line.quantity) for line in body.lines]
    return Cancel(order_id, body.reason, lines)


def _hold(order_id: int, body: HoldIn) -> PutHold:
    return PutHold(order_id, body.reason, body.note)


def _lift(order_id: int, body: LiftIn) -> LiftHold:
    return LiftHold(order_id, body.hold, body.reason)


def _tag(order_id: int, body: TagsIn) -> PutTags:
    return PutTags(order_id, body.put_on, body.take_off)


def _wanted(lines: Sequence[WantedThereIn] | None) -> list[Wanted] | None:
    return None if lines is None else [Wanted(line.line, line.quantity, line.location) for line in lines]
