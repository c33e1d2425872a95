"""Canceling orders: units that nobody packs yet go back to the shelf, and their money goes back to the payer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._canceling import lay_out, settle, strike
from orderwright.flows._each import Answer, Moving, changed, each, move_on
from orderwright.kernel.actors import Actor
from orderwright.orders import canceling, reasons
from orderwright.orders.moving import Wanted


class Cancel(NamedTuple):
    """Cancel some units of an order's lines, or all of it.  `reason` is one word, see orders.reasons."""

    order_id: int
    reason: str
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def cancel_orders(requests: Sequence[Cancel], *, actor: Actor) -> list[Answer]:
    """Cancel orders, or parts of them, as long as no location has got them (then: `recall_fulfilment`).

    Kept stock is free again in the same moment.  What the units were worth is taken off the order; money that is
    then too much is let go, or given back.
    """
    desk = lay_out([request.order_id for request in requests])

    def decide(request: Cancel) -> Moving:
        order, reason = desk.orders[request.order_id], reasons.check(request.reason)
        chosen = canceling.choose_units(desk.units[order.id], request.lines, number=order.number)
        return strike(desk, chosen, reason, actor=actor, at=request.at)

    answers = move_on(each(requests, decide), target="canceled", stock_target="available")
    settle(desk, changed(answers), actor=actor)
    return answers
