"""Scheduling releases: an order goes to its locations at a moment that was chosen, and not before."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment import scheduling
from orderwright.fulfilment.scheduling import NotScheduled, PutOff
from orderwright.kernel import actors, clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import lock_orders
from orderwright.orders.releasing import NothingToRelease
from orderwright.orders.units import units_of

ACTOR = actors.system("schedule")
TO_COME = ("open", "backordered", "reserved")


class Schedule(NamedTuple):
    """Release an order at this moment; one that is past means as soon as may be."""

    order_id: int
    release_at: datetime


@transaction.atomic
def schedule_releases(requests: Sequence[Schedule], *, actor: Actor) -> list[Answer]:
    """Choose when orders are released; what was chosen before counts no longer."""
    ids = [request.order_id for request in requests]
    locked, units, now = lock_orders(ids), units_of(ids), clock.now()
    times: dict[int, datetime] = {}

    def decide(request: Schedule) -> Happening:
        order = locked[request.order_id]
        if request.release_at.tzinfo is None:
            raise Invalid(field="release_at", problem="it has no time zone")
        if not units[order.id].count(*TO_COME):
            raise NothingToRelease(number=order.number)
        times[order.id] = request.release_at
        facts = {"number": order.number, "release_at": request.release_at.isoformat()}
        return Happening("order.release_scheduled", actor, facts, order.id)

    decided = each(requests, decide)
    scheduling.write(times, actor=actor, at=now)
    return _told(decided)


@transaction.atomic
def unschedule_releases(order_ids: Sequence[int], *, actor: Actor) -> list[Answer]:
    """Let orders be released when somebody does, and not by themselves."""
    locked, known = lock_orders(order_ids), scheduling.scheduled(order_ids)
    dropped: list[int] = []

    def decide(order_id: int) -> Happening:
        if known.pop(order_id, None) is None:
            raise NotScheduled(number=locked[order_id].number)
        dropped.append(order_id)
        return Happening("order.release_unscheduled", actor, {"number": locked[order_id].number}, order_id)

    decided = each(order_ids, decide)
    scheduling.drop(dropped)
    return _told(decided)


def release_due(*, limit: int = 200, batches: int = 20) -> int:
    """Release what is due, `limit` orders a transaction, for so many transactions; answers how many were released."""
    released = 0
    for _batch in range(batches):
        answers = _release_due(limit)
        released += sum(isinstance(answer, Done) for answer in answers)
        if len(answers) < limit:
            break
    return released


@transaction.atomic
def _release_due(limit: int) -> list[Answer]:
    """What is refused is told and put off: for an hour, and longer each time; what has nothing to come is dropped."""
    now = clock.now()
    ids = scheduling.due(now, limit)
    if not ids:
        return []
    locked, known = lock_orders(ids), scheduling.scheduled(ids)
    answers = release_orders([Release(order_id) for order_id in ids], actor=ACTOR)
    refused = {id_: one for id_, one in zip(ids, answers, strict=True) if isinstance(one, Refusal) and id_ in known}
    units = units_of(refused)
    waiting = {id_: one for id_, one in refused.items() if units[id_].count(*TO_COME)}
    scheduling.drop(refused.keys() - waiting.keys())
    scheduling.put_off([PutOff(id_, one.code, now + known[id_].wait()) for id_, one in waiting.items()])
    record(
        [
            Happening("order.release_postponed", ACTOR, {"number": locked[id_].number, "refused": one.code}, id_)
            for id_, one in waiting.items()
            if one.code != known[id_].refused
        ]
    )
    return answers


def _told(decided: Sequence[Happening | Refusal]) -> list[Answer]:
    record([one for one in decided if isinstance(one, Happening)])
    return [Done(one.order_id or 0) if isinstance(one, Happening) else one for one in decided]
