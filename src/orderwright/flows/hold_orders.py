"""Holding orders: reasons not to go on yet are put on orders, and lifted again."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, changed, each
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import holding, noting, reasons, status
from orderwright.orders.holding import NewHold, NoSuchHold, NothingToHold, Standing
from orderwright.orders.locking import lock_orders
from orderwright.orders.summary import figures


class PutHold(NamedTuple):
    order_id: int
    reason: str  # one word, see orders.reasons
    note: str = ""


class LiftHold(NamedTuple):
    """Lift one hold, those of one reason, or all that stand."""

    order_id: int
    hold_id: int | None = None
    reason: str | None = None


@transaction.atomic
def hold_orders(requests: Sequence[PutHold], *, actor: Actor) -> list[Answer]:
    """Put a hold on each order.  An order may have several; one that is on its way already cannot be held."""
    ids = [request.order_id for request in requests]
    locked, standing = lock_orders(ids), figures(ids)

    def decide(request: PutHold) -> NewHold:
        word = status.fulfilment(standing[request.order_id].units)
        if word in status.SETTLED:
            raise NothingToHold(number=locked[request.order_id].number, status=word.label)
        note = noting.check_text(request.note) if request.note else ""
        return NewHold(request.order_id, reasons.check(request.reason), note)

    decided = each(requests, decide)
    holds = [one for one in decided if isinstance(one, NewHold)]
    record(
        [
            Happening(
                "order.held",
                actor,
                {"number": locked[hold.order_id].number, "hold": hold_id, "reason": hold.reason},
                hold.order_id,
            )
            for hold, hold_id in zip(holds, holding.place(holds, actor=actor), strict=True)
        ]
    )
    answers = [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]
    summarize(changed(answers))
    return answers


@transaction.atomic
def lift_holds(requests: Sequence[LiftHold], *, actor: Actor) -> list[Answer]:
    """Lift holds; an order goes on when none is left."""
    ids = [request.order_id for request in requests]
    locked, standing = lock_orders(ids), holding.standing(ids)

    def decide(request: LiftHold) -> list[Standing]:
        meant = [
            hold
            for hold in standing[request.order_id]
            if request.hold_id in (None, hold.id) and request.reason in (None, hold.reason)
        ]
        if not meant:
            raise NoSuchHold(number=locked[request.order_id].number)
        standing[request.order_id] = [hold for hold in standing[request.order_id] if hold not in meant]
        return meant

    decided = each(requests, decide)
    lifted = [hold for one in decided if not isinstance(one, Refusal) for hold in one]
    holding.lift([hold.id for hold in lifted], actor=actor)
    record(
        [
            Happening(
                "order.hold_lifted",
                actor,
                {"number": locked[hold.order_id].number, "hold": hold.id, "reason": hold.reason},
                hold.order_id,
            )
            for hold in lifted
        ]
    )
    answers = [one if isinstance(one, Refusal) else Done(one[0].order_id) for one in decided]
    summarize(changed(answers))
    return answers
