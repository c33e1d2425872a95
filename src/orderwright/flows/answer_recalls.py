"""Answering recalls: a location gives back what is to be canceled, or says that it will not."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows import _recalling
from orderwright.flows._canceling import Desk, lay_out
from orderwright.flows._each import Answer, Done, each
from orderwright.flows._recalling import Struck, cancel_back
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.fulfilment import recalling
from orderwright.fulfilment.refusals import NotRecalled, WorkClosed
from orderwright.fulfilment.working import Work, open_work, orders_named
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import noting
from orderwright.orders.locking import lock_orders
from orderwright.shipping import leaving


class AnswerRecall(NamedTuple):
    """The location of a fulfilment order (its name) answers: `accepted` or `refused`."""

    fulfilment_order: str
    answer: str
    note: str = ""
    at: datetime | None = None


class _Decided(NamedTuple):
    answer: recalling.Answer
    work: Work
    struck: Struck | None  # None where the location refused


@transaction.atomic
def answer_recalls(requests: Sequence[AnswerRecall], *, actor: Actor) -> list[Answer]:
    """Note what locations answered.  What they give back is canceled: stock and money go back, too.

    What is packed of it is unpacked first, with all of its shipment.  What has left meanwhile has left.
    """
    owners = orders_named([request.fulfilment_order for request in requests])
    lock_orders(owners.values())
    checked = each(requests, _check)
    _unpack([one for one in checked if isinstance(one, AnswerRecall)], owners, actor=actor)
    desk, works = lay_out(owners.values()), open_work(owners.values())
    why = recalling.reasons_of([work for some in works.values() for work in some])

    def decide(request: AnswerRecall | Refusal) -> _Decided:
        if isinstance(request, Refusal):
            raise request
        return _decide(request, _find(request, owners, works), desk, why, actor)

    decided = each(checked, decide)
    done = [one for one in decided if isinstance(one, _Decided)]
    recalling.answer([one.answer for one in done], actor=actor)
    record([_refused(one, desk, actor) for one in done if one.struck is None])
    struck = [one.struck for one in done if one.struck is not None]
    _recalling.write(desk, struck, [one.work for one in done], actor=actor, answered_by=actor)
    return [
        one if isinstance(one, Refusal) else Done(one.work.order_id, one.struck.units if one.struck else 0)
        for one in decided
    ]


def _check(request: AnswerRecall) -> AnswerRecall:
    """The same with its note as it is kept; refused where it is no answer."""
    if request.answer not in recalling.ANSWERS:
        raise Invalid(field="answer", problem=f"{request.answer} is none of {', '.join(recalling.ANSWERS)}")
    return request._replace(note=noting.check_text(request.note) if request.note else "")


def _find(request: AnswerRecall, owners: dict[str, int], works: dict[int, list[Work]]) -> Work:
    if request.fulfilment_order not in owners:
        raise NotFound(thing="fulfilment order", name=request.fulfilment_order)
    for work in works[owners[request.fulfilment_order]]:
        if work.name == request.fulfilment_order:
            if work.recall is None:
                raise NotRecalled(fulfilment_order=work.name)
            return work
    raise WorkClosed(fulfilment_order=request.fulfilment_order)


def _decide(request: AnswerRecall, work: Work, desk: Desk, why: dict[int, str], actor: Actor) -> _Decided:
    assert work.recall is not None
    recall, at = work.recall, request.at or clock.now()
    struck = None
    if request.answer == "accepted":
        shares = recalling.give_back(work, work.recall_lines)
        struck = cancel_back(desk, work.order_id, [(work, shares)], (), why[recall], actor=actor, at=at)
    work.recall, work.recall_lines = None, {}
    return _Decided(recalling.Answer(recall, request.answer, request.note, at), work, struck)


def _unpack(answers: Sequence[AnswerRecall], owners: dict[str, int], *, actor: Actor) -> None:
    """Discard the shipments that hold what is given back; their orders are locked.  The first answer counts."""
    first: dict[str, str] = {}
    for request in answers:
        first.setdefault(request.fulfilment_order, request.answer)
    names = {name for name, answer in first.items() if answer == "accepted"}
    works = open_work({owners[name] for name in names if name in owners})
    packed = {
        work.id
        for some in works.values()
        for work in some
        if work.name in names and work.recall is not None and recalling.needs_unpacking(work)
    }
    if packed:
        prepared = leaving.load(leaving.prepared_of(works), works, at=clock.now())
        discard_shipments([name for name, one in prepared.items() if one.work.id in packed], actor=actor)


def _refused(one: _Decided, desk: Desk, actor: Actor) -> Happening:
    number = desk.orders[one.work.order_id].number
    facts = {"number": number, "fulfilment_order": one.work.name, "location": one.work.location}
    return Happening("fulfilment.recall_refused", actor, facts, one.work.order_id, one.answer.at)
