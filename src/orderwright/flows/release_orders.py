"""Releasing orders: what is reserved and paid for goes to the warehouse to be packed; or comes back from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, Moving, changed, each
from orderwright.flows.summarize import look, summarize
from orderwright.fulfilment import releasing as giving
from orderwright.fulfilment import scheduling
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import choose_open, move_lines
from orderwright.fulfilment.releasing import Given
from orderwright.fulfilment.working import Share, close_done, open_work, work_movements
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import holding, releasing, shipping
from orderwright.orders.book import LINES
from orderwright.orders.locking import lock_orders
from orderwright.orders.moving import Chosen, Wanted, line_movements
from orderwright.orders.units import units_of


class Release(NamedTuple):
    """Release all that is reserved of an order; `at` is when, in a past that is replayed."""

    order_id: int
    at: datetime | None = None


class TakeBack(NamedTuple):
    """Take back all that is released of an order and not packed yet, or these of it."""

    order_id: int
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def release_orders(requests: Sequence[Release], *, actor: Actor) -> list[Answer]:
    """Hand the reserved units of orders to their locations: a fulfilment order for each location.

    Not while an order is on hold, not before its money is captured, authorized, or trusted to come, and not before
    the moment that was chosen for it.  Units that wait for stock stay behind, and so do parts of a kit that is not
    whole.
    """
    ids = [request.order_id for request in requests]
    locked, units, holds = lock_orders(ids), units_of(ids), holding.standing(ids)
    (_figures, paid), scheduled = look(ids), scheduling.scheduled(ids)

    def decide(request: Release) -> tuple[Chosen, Given]:
        order = locked[request.order_id]
        holding.refuse_held(order.number, holds[order.id])
        releasing.refuse_unpaid(order.number, order.currency, paid[order.id])
        at = request.at or clock.now()
        scheduling.refuse_early(order.number, scheduled.get(order.id), at)
        chosen = releasing.choose_units(units[order.id], number=order.number)
        return chosen, Given(order.id, order.number, chosen.units, at)

    decided = each(requests, decide)
    hand_over([one for one in decided if not isinstance(one, Refusal)], actor=actor)
    answers = [one if isinstance(one, Refusal) else Done(one[1].order_id, one[0].quantity) for one in decided]
    released = changed(answers)
    scheduling.drop(scheduled.keys() & set(released))
    summarize(released)
    return answers


def hand_over(released: Sequence[tuple[Chosen, Given]], *, actor: Actor) -> list[list[giving.Opened]]:
    """Give units of locked orders to their locations; in memory they were moved from reserved to released.

    Answers the new fulfilment orders of each.
    """
    if not released:
        return []
    opened = giving.open_orders([given for _chosen, given in released])
    events = record(
        [
            Happening("order.released", actor, _facts(chosen, given, new), given.order_id, given.at)
            for (chosen, given), new in zip(released, opened, strict=True)
        ]
    )
    post(LINES, line_movements([chosen for chosen, _given in released], "released", events), locked=True)
    each_new = [(one, event) for new, event in zip(opened, events, strict=True) for one in new]
    giving.write([one for one, _event in each_new], [event for _one, event in each_new])
    return opened


def _facts(chosen: Chosen, given: Given, opened: Sequence[giving.Opened]) -> dict[str, object]:
    told = [one.facts() for one in opened]
    return {"number": given.number, "units": chosen.facts(), "fulfilment_orders": told}


@transaction.atomic
def take_back_orders(requests: Sequence[TakeBack], *, actor: Actor) -> list[Answer]:
    """Take released units back from their locations; they stay reserved.  Not what is packed already."""
    ids = [request.order_id for request in requests]
    locked, units, works = lock_orders(ids), units_of(ids), open_work(ids)

    def decide(request: TakeBack) -> tuple[list[Share], Moving]:
        order = locked[request.order_id]
        left = [work for work in works[order.id] if work.recall is None]  # what is called back is to be answered
        shares = choose_open(units[order.id], left, request.lines, target="recalled")
        if not shares:
            raise shipping.NothingToTakeBack(number=order.number)
        chosen = move_lines(units[order.id], shares, "reserved")
        facts = {"number": order.number, "units": chosen.facts()}
        return shares, Moving(chosen, Happening("order.taken_back", actor, facts, order.id, request.at))

    decided = each(requests, decide)
    taken = [one for one in decided if not isinstance(one, Refusal)]
    chosen = [moving.chosen for _shares, moving in taken]
    events = record([moving.happening for _shares, moving in taken])
    post(LINES, line_movements(chosen, "reserved", events), locked=True)
    post(WORK, work_movements([shares for shares, _moving in taken], "recalled", events), locked=True)
    close_done([work for one in chosen for work in works[one.order_id]])
    summarize([one.order_id for one in chosen])
    return [
        one if isinstance(one, Refusal) else Done(one[1].chosen.order_id, one[1].chosen.quantity) for one in decided
    ]
