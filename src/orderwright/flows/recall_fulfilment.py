"""Recalling: cancel while it moves.  What no location has is canceled at once; of the rest, its location is asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows import _recalling
from orderwright.flows._canceling import Desk, lay_out
from orderwright.flows._each import each
from orderwright.flows._recalling import Struck, cancel_back
from orderwright.fulfilment import recalling
from orderwright.fulfilment.holding import refuse_recalled
from orderwright.fulfilment.models import Accepting
from orderwright.fulfilment.recalling import Asked, Part
from orderwright.fulfilment.terms import Conditions, conditions
from orderwright.fulfilment.working import RECALLS, Work, open_work
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import canceling, reasons
from orderwright.orders.canceling import CANCELABLE, AlreadyCanceled
from orderwright.orders.moving import Wanted, leaves
from orderwright.orders.units import LineUnits, OrderUnits
from orderwright.orders.worth import HANDED_OVER


class Recall(NamedTuple):
    """Cancel some units of an order's lines, or all that has not left.  `reason` is one word, see orders.reasons."""

    order_id: int
    reason: str
    lines: Sequence[Wanted] | None = None  # wherever they are
    at: datetime | None = None


class Recalled(NamedTuple):
    """How many units are canceled now, and of which fulfilment orders (names) the locations are asked."""

    order_id: int
    units: int
    asked: list[str]


class _Decided(NamedTuple):
    struck: Struck
    recalls: list[Asked]
    happenings: list[Happening]


class _Found(NamedTuple):
    """Where the units are: so many of a line with nobody, and parts of fulfilment orders."""

    free: list[tuple[LineUnits, int]]
    parts: list[Part]


@transaction.atomic
def recall(requests: Sequence[Recall], *, actor: Actor) -> list[Recalled | Refusal]:
    """Cancel what has not left yet, even where locations have it.

    A location that takes work on at once gives back at once what is not packed; others are asked and answer
    (`answer_recalls`), be it too late.  Until then nothing more of that fulfilment order is packed.
    """
    desk = lay_out([request.order_id for request in requests])
    works = open_work(desk.orders)
    terms = conditions({work.location_id for some in works.values() for work in some})

    def decide(request: Recall) -> _Decided:
        return _decide(request, desk, works[request.order_id], terms, actor)

    decided = each(requests, decide)
    done = [one for one in decided if isinstance(one, _Decided)]
    recalling.write([asked for one in done for asked in one.recalls], actor=actor, answered_by=RECALLS)
    record([happening for one in done for happening in one.happenings])
    touched = [work for some in works.values() for work in some if work.recall is None]
    _recalling.write(desk, [one.struck for one in done], touched, actor=actor, answered_by=RECALLS)
    return [_answer(one) if isinstance(one, _Decided) else one for one in decided]


def _decide(
    request: Recall, desk: Desk, works: Sequence[Work], terms: Mapping[int, Conditions], actor: Actor
) -> _Decided:
    order, reason, at = desk.orders[request.order_id], reasons.check(request.reason), request.at or clock.now()
    canceling.refuse_parts(desk.units[order.id], request.lines or ())
    found = _find(desk.units[order.id], works, request.lines, order.number)
    by_work: dict[int, list[Part]] = {}
    for part in found.parts:
        refuse_recalled(part.work)
        by_work.setdefault(part.work.id, []).append(part)
    given_back, recalls, happenings = [], [], []
    for parts in by_work.values():
        work, lines = parts[0].work, {part.line.id: part.open + part.packed for part in parts}
        packed = any(part.packed for part in parts)
        if terms[work.location_id].accepting == Accepting.AT_ONCE and not packed:
            recalls.append(Asked(work, lines, reason, at, "accepted"))
            given_back.append((work, recalling.give_back(work, lines)))
        else:
            recalls.append(Asked(work, lines, reason, at))
            work.recall = 0  # a second request of this batch sees that it is asked
            happenings.append(_happening(order.number, parts, reason, actor, at))
    free = [units for line, quantity in found.free for units in line.take(quantity, CANCELABLE, "canceled")]
    struck = cancel_back(desk, order.id, given_back, free, reason, actor=actor, at=at)
    return _Decided(struck, recalls, happenings)


def _find(order: OrderUnits, works: Sequence[Work], wanted: Sequence[Wanted] | None, number: str) -> _Found:
    """Find the units that are meant; refused where there are too few.  Nothing moves."""
    found = _Found([], [])
    for line, quantity in _meant(order, wanted):
        free = min(quantity, line.count(*CANCELABLE))
        parts = recalling.find(works, line.id, quantity - free)
        if free + sum(part.open + part.packed for part in parts) < quantity:
            raise canceling.gone(line, quantity)
        if free:
            found.free.append((line, free))
        found.parts.extend(parts)
    if not found.free and not found.parts:
        for line in order.leaves():
            if line.count(*HANDED_OVER):
                raise canceling.gone(line, line.quantity)
        raise AlreadyCanceled(number=number)
    return found


def _meant(order: OrderUnits, wanted: Sequence[Wanted] | None) -> list[tuple[LineUnits, int]]:
    """Each line with how many of its units are meant: all that have not left, where nothing is said."""
    if wanted is None:
        there = [(line, line.count(*CANCELABLE, "released")) for line in order.leaves()]
        return [(line, quantity) for line, quantity in there if quantity]
    lines = {line.id: line for line in order.lines}
    sums: dict[int, int] = {}
    for one in wanted:
        for line, quantity in leaves(order, one):
            sums[line.id] = sums.get(line.id, 0) + quantity
    return [(lines[line_id], quantity) for line_id, quantity in sums.items()]


def _happening(number: str, parts: Sequence[Part], reason: str, actor: Actor, at: datetime) -> Happening:
    work = parts[0].work
    facts = {
        "number": number,
        "fulfilment_order": work.name,
        "location": work.location,
        "reason": reason,
        "units": [part.facts() for part in parts],
    }
    return Happening("fulfilment.recall_asked", actor, facts, work.order_id, at)


def _answer(one: _Decided) -> Recalled:
    asked = [recall.work.name for recall in one.recalls if recall.answer is None]
    return Recalled(one.struck.order_id, one.struck.units, asked)
