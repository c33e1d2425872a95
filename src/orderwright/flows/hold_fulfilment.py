"""Holding work: reasons not to go on are put on fulfilment orders, and lifted again."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows._working import Bench, lay_out
from orderwright.fulfilment import holding
from orderwright.fulfilment.holding import NewHold, Standing
from orderwright.fulfilment.refusals import HandleTaken, NoSuchWorkHold
from orderwright.fulfilment.working import Work
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import noting, reasons


class PutWorkHold(NamedTuple):
    """Hold a fulfilment order (its name).  Without a handle the reason is its handle."""

    fulfilment_order: str
    reason: str  # one word, see orders.reasons
    handle: str | None = None
    note: str = ""


class LiftWorkHold(NamedTuple):
    """Lift the hold with this handle, or all that stand."""

    fulfilment_order: str
    handle: str | None = None


@transaction.atomic
def hold_fulfilment(requests: Sequence[PutWorkHold], *, actor: Actor) -> list[Answer]:
    """Put holds on fulfilment orders: nothing of them is packed or leaves before all are lifted."""
    bench = lay_out([request.fulfilment_order for request in requests])
    standing = _standing(bench)

    def decide(request: PutWorkHold) -> tuple[Work, NewHold]:
        work = bench.find(request.fulfilment_order)
        reason = reasons.check(request.reason)
        handle = holding.check_handle(reason if request.handle is None else request.handle)
        if any(hold.handle == handle for hold in standing[work.id]):
            raise HandleTaken(fulfilment_order=work.name, handle=handle)
        note = noting.check_text(request.note) if request.note else ""
        standing[work.id].append(Standing(0, handle, reason))
        return work, NewHold(work.id, handle, reason, note)

    decided = each(requests, decide)
    placed = [one for one in decided if not isinstance(one, Refusal)]
    holding.place([hold for _work, hold in placed], actor=actor)
    record(
        [
            _happening("fulfilment.held", work, bench, handle=hold.handle, reason=hold.reason, actor=actor)
            for work, hold in placed
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one[0].order_id) for one in decided]


@transaction.atomic
def lift_fulfilment_holds(requests: Sequence[LiftWorkHold], *, actor: Actor) -> list[Answer]:
    """Lift holds; a fulfilment order goes on when none is left."""
    bench = lay_out([request.fulfilment_order for request in requests])
    standing = _standing(bench)

    def decide(request: LiftWorkHold) -> tuple[Work, list[Standing]]:
        work = bench.find(request.fulfilment_order)
        meant = [hold for hold in standing[work.id] if request.handle in (None, hold.handle)]
        if not meant:
            raise NoSuchWorkHold(fulfilment_order=work.name)
        standing[work.id] = [hold for hold in standing[work.id] if hold not in meant]
        return work, meant

    decided = each(requests, decide)
    lifted = [(work, hold) for one in decided if not isinstance(one, Refusal) for work in one[:1] for hold in one[1]]
    holding.lift([hold.id for _work, hold in lifted], actor=actor)
    record(
        [
            _happening("fulfilment.hold_lifted", work, bench, handle=hold.handle, reason=hold.reason, actor=actor)
            for work, hold in lifted
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one[0].order_id) for one in decided]


def _standing(bench: Bench) -> dict[int, list[Standing]]:
    return holding.standing([work.id for works in bench.works.values() for work in works])


def _happening(kind: str, work: Work, bench: Bench, *, handle: str, reason: str, actor: Actor) -> Happening:
    number = bench.orders[work.order_id].number
    facts = {"number": number, "fulfilment_order": work.name, "handle": handle, "reason": reason}
    return Happening(kind, actor, facts, work.order_id)
