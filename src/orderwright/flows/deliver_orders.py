"""Delivering orders: what was shipped has reached the customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Moving, changed, each, move_on
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.orders import shipping
from orderwright.orders.locking import lock_orders
from orderwright.orders.moving import Wanted
from orderwright.orders.units import units_of


class Deliver(NamedTuple):
    """All that is on its way of an order, or these units of it, arrived."""

    order_id: int
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def deliver_orders(requests: Sequence[Deliver], *, actor: Actor) -> list[Answer]:
    """Note that shipped units reached their customers."""
    ids = [request.order_id for request in requests]
    locked, units = lock_orders(ids), units_of(ids)

    def decide(request: Deliver) -> Moving:
        order = locked[request.order_id]
        chosen = shipping.choose_delivered(units[order.id], request.lines, number=order.number)
        facts = {"number": order.number, "units": chosen.facts()}
        return Moving(chosen, Happening("order.delivered", actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="delivered")
    summarize(changed(answers))
    return answers
