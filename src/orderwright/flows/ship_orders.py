"""Shipping orders: released units leave their locations, and are paid for where the channel captures at shipment."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Moving, changed, each, move_on
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.orders import holding, shipping
from orderwright.orders.locking import lock_orders
from orderwright.orders.moving import Wanted
from orderwright.orders.units import units_of


class Ship(NamedTuple):
    """All that is released of an order, or these units of it, left."""

    order_id: int
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def ship_orders(requests: Sequence[Ship], *, actor: Actor) -> list[Answer]:
    """Note that released units left; what stood reserved on the shelf is with the customer now.

    A hold that came after the release still stops an order here.  Where the channel captures at shipment, what has
    left is to be paid now: the providers are asked for it.
    """
    ids = [request.order_id for request in requests]
    locked, units, holds = lock_orders(ids), units_of(ids), holding.standing(ids)

    def decide(request: Ship) -> Moving:
        order = locked[request.order_id]
        holding.refuse_held(order.number, holds[order.id])
        chosen = shipping.choose_shipped(units[order.id], request.lines, number=order.number)
        facts = {"number": order.number, "units": chosen.facts()}
        return Moving(chosen, Happening("order.shipped", actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="shipped", stock_target="customer")
    shipped = changed(answers)
    follow_money(shipped, actor=actor)
    summarize(shipped)
    return answers
