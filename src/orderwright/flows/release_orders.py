"""Releasing orders: what is reserved and paid for goes to the warehouse to be packed; or comes back from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Moving, changed, each, move_on
from orderwright.flows.summarize import look, summarize
from orderwright.kernel import money
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.orders import holding, releasing, shipping, status
from orderwright.orders.locking import lock_orders
from orderwright.orders.moving import Wanted
from orderwright.orders.units import units_of


class Release(NamedTuple):
    """Release all that is reserved of an order; `at` is when, in a past that is replayed."""

    order_id: int
    at: datetime | None = None


class TakeBack(NamedTuple):
    """Take back all that is released of an order, or these of it."""

    order_id: int
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def release_orders(requests: Sequence[Release], *, actor: Actor) -> list[Answer]:
    """Hand the reserved units of orders to the warehouse.

    Not while an order is on hold, and not before its money is captured, authorized, or trusted to come.  Units that
    wait for stock stay behind, and so do parts of a kit that is not whole.
    """
    ids = [request.order_id for request in requests]
    locked, units, holds = lock_orders(ids), units_of(ids), holding.standing(ids)
    _figures, paid = look(ids)

    def decide(request: Release) -> Moving:
        order = locked[request.order_id]
        holding.refuse_held(order.number, holds[order.id])
        if not status.is_secure(paid[order.id]):
            missing = money.write(paid[order.id].owed - paid[order.id].secured, order.currency)
            raise releasing.NotPaidFor(number=order.number, missing=missing, currency=order.currency)
        chosen = releasing.choose_units(units[order.id], number=order.number)
        facts = {"number": order.number, "units": chosen.facts()}
        return Moving(chosen, Happening("order.released", actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="released")
    summarize(changed(answers))
    return answers


@transaction.atomic
def take_back_orders(requests: Sequence[TakeBack], *, actor: Actor) -> list[Answer]:
    """Take released units back from the warehouse; they stay reserved."""
    ids = [request.order_id for request in requests]
    locked, units = lock_orders(ids), units_of(ids)

    def decide(request: TakeBack) -> Moving:
        order = locked[request.order_id]
        chosen = shipping.choose_taken_back(units[order.id], request.lines, number=order.number)
        facts = {"number": order.number, "units": chosen.facts()}
        return Moving(chosen, Happening("order.taken_back", actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="reserved")
    summarize(changed(answers))
    return answers
