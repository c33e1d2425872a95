"""/v1/fulfilment-orders: what locations have to do, and what they answer."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from orderwright.api import problems
from orderwright.api.auth import actor, needs
from orderwright.api.fields import Body, Code, Count, LongText
from orderwright.api.orders import Reason as Word
from orderwright.api.orders import WantedIn
from orderwright.api.pages import After, Limit, Page, page, place
from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.hold_fulfilment import LiftWorkHold, PutWorkHold, hold_fulfilment, lift_fulfilment_holds
from orderwright.flows.merge_fulfilment import Merge, merge_fulfilment
from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.split_fulfilment import Split, split_fulfilment
from orderwright.fulfilment import queries
from orderwright.fulfilment.models import State
from orderwright.fulfilment.queries import Whole, WorkSeen
from orderwright.fulfilment.reasons import Reason
from orderwright.inventory.queries import location_by_code
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import id_of
from orderwright.orders.moving import Wanted

router = Router()

READ = needs("fulfilment:read")
WRITE = needs("fulfilment:write")
MOST_IN_A_BATCH = 200

Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$", examples=["address-check-7"])]
Lines = Annotated[list[WantedIn], Field(min_length=1, max_length=2000)]
Names = Annotated[list[Code], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class AcceptIn(Body):
    """It is taken on as a whole; what cannot be done is rejected."""


class RejectIn(Body):
    reason: Reason = Field(description="`short` and `damaged` say where the units are in truth, and stock follows.")
    lines: Lines | None = Field(None, description="All that is open, where this is left out.")
    note: LongText = ""


class WorkMoveIn(Body):
    to: Code = Field(description="The location that does it instead.")
    lines: Lines | None = Field(None, description="All that is open, where this is left out.")


class SplitIn(Body):
    lines: Lines = Field(description="What goes into the new one.")


class MergeIn(Body):
    others: Annotated[list[Code], Field(min_length=1, max_length=20)] = Field(description="What goes into this one.")


class WorkHoldIn(Body):
    reason: Word
    handle: Handle | None = Field(None, description="What you call it; the reason, where this is left out.")
    note: LongText = ""


class WorkLiftIn(Body):
    handle: Handle | None = Field(None, description="All that stand, where this is left out.")


class AnswerIn(Body):
    answer: Annotated[str, Field(pattern="^(accepted|refused)$", examples=["accepted"])]
    note: LongText = ""


class AcceptManyIn(Body):
    fulfilment_orders: Names


class RejectManyIn(Body):
    fulfilment_orders: Names
    reason: Reason
    note: LongText = ""


class WorkLineOut(Schema):
    line: int = Field(description="Its position in the order.")
    sku: str
    name: str
    quantity: Count
    units: dict[str, int] = Field(description="How far they are: bucket and units; empty ones are left out.")


class WorkOut(Schema):
    name: str
    order: str
    location: str
    state: State
    ship_on: date = Field(description="The day, at the location, on which it is to leave.")
    released_at: datetime
    closed_at: datetime | None
    held: bool
    recalled: bool = Field(description="The location is asked to give some of it back.")
    lines: list[WorkLineOut]


class WorkHoldOut(Schema):
    handle: str
    reason: str
    note: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class CalledBackOut(Schema):
    line: int
    sku: str
    quantity: int


class RecallOut(Schema):
    reason: str
    lines: list[CalledBackOut]
    asked_by: str
    asked_at: datetime
    answer: str | None = Field(description="accepted, refused, too_late; null: not answered.")
    note: str
    answered_by: str | None
    answered_at: datetime | None


class RejectionOut(Schema):
    line: int
    sku: str
    quantity: int
    reason: Reason
    note: str
    rejected_by: str
    rejected_at: datetime


class WholeWorkOut(WorkOut):
    holds: list[WorkHoldOut]
    recalls: list[RecallOut]
    rejections: list[RejectionOut]


class WorkListOut(Schema):
    items: list[WorkOut]


class DoneOut(Schema):
    fulfilment_order: WorkOut
    units: int = Field(description="How many units it was about.")
    new: list[str] = Field([], description="Fulfilment orders that came of it.")
    kept: int | None = Field(None, description="Of what was rejected: units that are kept elsewhere.")
    backordered: int | None = Field(None, description="Of what was rejected: units that are waited for.")


class WorkOneOut(Schema):
    name: str
    units: int | None = None
    new: list[str] = []
    problem: dict[str, Any] | None = Field(None, description="Why it was refused (RFC 9457).")


class WorkManyOut(Schema):
    items: list[WorkOneOut] = Field(description="What became of each, in the order of the request.")


@router.get("/locations/{code}/fulfilment-orders", response=Page[WorkOut], auth=READ, summary="List a location's work")
def list_work(
    request: HttpRequest, code: Code, state: State | None = None, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """What it has to do, the most urgent first."""
    location = location_by_code(code)
    behind = place(after, tuple[date, int])
    found = queries.to_do(
        location.pk,
        state=state.value if state else None,
        after=(behind[0].isoformat(), behind[1]) if behind else None,
        limit=limit + 1,
    )
    return page(list(map(_work, found)), [(work.ship_on, work.id) for work in found], limit)


@router.get("/orders/{number}/fulfilment-orders", response=WorkListOut, auth=READ, summary="List an order's work")
def list_work_of_order(request: HttpRequest, number: Code) -> dict[str, Any]:
    """All its fulfilment orders, closed ones too, the oldest first."""
    return {"items": list(map(_work, queries.of_order(id_of(number))))}


@router.get("/fulfilment-orders/{name}", response=WholeWorkOut, auth=READ, summary="Get a fulfilment order")
def get_work(request: HttpRequest, name: Code) -> dict[str, Any]:
    """With its holds, recalls and rejections."""
    whole: Whole = queries.get(name)
    return {**_work(whole.work), **{part: getattr(whole, part) for part in ("holds", "recalls", "rejections")}}


@router.post("/fulfilment-orders/accept", response=WorkManyOut, auth=WRITE, summary="Accept many fulfilment orders")
def accept_many(request: HttpRequest, body: AcceptManyIn) -> dict[str, Any]:
    """Each is accepted or refused by itself."""
    return _many(request, body.fulfilment_orders, accept_fulfilment, Accept)


@router.post("/fulfilment-orders/reject", response=WorkManyOut, auth=WRITE, summary="Reject many fulfilment orders")
def reject_many(request: HttpRequest, body: RejectManyIn) -> dict[str, Any]:
    """All that is open of each is sourced anew, or refused by itself."""

    def ask(name: str) -> Reject:
        return Reject(name, body.reason.value, note=body.note)

    return _many(request, body.fulfilment_orders, reject_fulfilment, ask)


@router.post("/fulfilment-orders/{name}/accept", response=DoneOut, auth=WRITE, summary="Accept a fulfilment order")
def accept_work(request: HttpRequest, name: Code, body: AcceptIn) -> dict[str, Any]:
    """The location does what it was offered."""
    return _one(request, name, accept_fulfilment, Accept(name))


@router.post("/fulfilment-orders/{name}/reject", response=DoneOut, auth=WRITE, summary="Reject a fulfilment order")
def reject_work(request: HttpRequest, name: Code, body: RejectIn) -> dict[str, Any]:
    """What it does not do is sourced anew, with its location left out; what nobody has waits on backorder."""
    return _one(request, name, reject_fulfilment, Reject(name, body.reason.value, _wanted(body.lines), body.note))


@router.post("/fulfilment-orders/{name}/move", response=DoneOut, auth=WRITE, summary="Move work to another location")
def move_work(request: HttpRequest, name: Code, body: WorkMoveIn) -> dict[str, Any]:
    """Refused where the other location does not have the stock."""
    return _one(request, name, move_fulfilment, Move(name, body.to, _wanted(body.lines)))


@router.post("/fulfilment-orders/{name}/split", response=DoneOut, auth=WRITE, summary="Split a fulfilment order")
def split_work(request: HttpRequest, name: Code, body: SplitIn) -> dict[str, Any]:
    """Some of its open units go on by themselves, at the same location."""
    return _one(request, name, split_fulfilment, Split(name, _wanted(body.lines) or []))


@router.post("/fulfilment-orders/{name}/merge", response=DoneOut, auth=WRITE, summary="Merge fulfilment orders")
def merge_work(request: HttpRequest, name: Code, body: MergeIn) -> dict[str, Any]:
    """What is open of others of the same order and location goes into this one."""
    return _one(request, name, merge_fulfilment, Merge(name, body.others))


@router.post("/fulfilment-orders/{name}/hold", response=DoneOut, auth=WRITE, summary="Hold a fulfilment order")
def hold_work(request: HttpRequest, name: Code, body: WorkHoldIn) -> dict[str, Any]:
    """Nothing of it is packed or leaves before all its holds are lifted."""
    return _one(request, name, hold_fulfilment, PutWorkHold(name, body.reason, body.handle, body.note))


@router.post("/fulfilment-orders/{name}/lift", response=DoneOut, auth=WRITE, summary="Lift holds of a fulfilment order")
def lift_work(request: HttpRequest, name: Code, body: WorkLiftIn) -> dict[str, Any]:
    """One hold by its handle, or all that stand."""
    return _one(request, name, lift_fulfilment_holds, LiftWorkHold(name, body.handle))


@router.post("/fulfilment-orders/{name}/answer", response=DoneOut, auth=WRITE, summary="Answer a recall")
def answer_recall(request: HttpRequest, name: Code, body: AnswerIn) -> dict[str, Any]:
    """What the location gives back is canceled; what is packed of it is unpacked first."""
    return _one(request, name, answer_recalls, AnswerRecall(name, body.answer, body.note))


def _one(request: HttpRequest, name: str, flow: Callable[..., Sequence[Any]], asked: Any) -> dict[str, Any]:
    """Hand one fulfilment order to a flow; its refusal is the answer."""
    (answer,) = flow([asked], actor=actor(request))
    if isinstance(answer, Refusal):
        raise answer
    told = {word: getattr(answer, word, None) for word in ("kept", "backordered")}
    return {"fulfilment_order": _work(queries.named([name])[name]), "units": answer.units, "new": _new(answer), **told}


def _many(
    request: HttpRequest, names: Sequence[str], flow: Callable[..., Sequence[Any]], ask: Callable[[str], Any]
) -> dict[str, Any]:
    answers = flow([ask(name) for name in names], actor=actor(request))
    return {
        "items": [
            {"name": name, "problem": problems.problem(answer)[1]}
            if isinstance(answer, Refusal)
            else {"name": name, "units": answer.units, "new": _new(answer)}
            for name, answer in zip(names, answers, strict=True)
        ]
    }


def _new(answer: Any) -> list[str]:
    """The fulfilment orders that came of a step."""
    one = getattr(answer, "fulfilment_order", None)
    return [one] if one else list(getattr(answer, "fulfilment_orders", ()))


def _wanted(lines: Sequence[WantedIn] | None) -> list[Wanted] | None:
    return None if lines is None else [Wanted(line.line, line.quantity) for line in lines]


def _work(work: WorkSeen) -> dict[str, Any]:
    lines = [{**line._asdict(), "line": line.position} for line in work.lines]
    return {**work._asdict(), "order": work.number, "lines": lines}
