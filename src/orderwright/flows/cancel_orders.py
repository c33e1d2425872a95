"""Canceling orders: units that nobody packs yet go back to the shelf, and their money goes back to the payer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows._each import Answer, Moving, changed, each, move_on
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.kernel import money
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.orders import canceling, reasons, worth
from orderwright.orders.locking import lock_orders
from orderwright.orders.moving import Wanted
from orderwright.orders.units import units_of


class Cancel(NamedTuple):
    """Cancel some units of an order's lines, or all of it.  `reason` is one word, see orders.reasons."""

    order_id: int
    reason: str
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


@transaction.atomic
def cancel_orders(requests: Sequence[Cancel], *, actor: Actor) -> list[Answer]:
    """Cancel orders, or parts of them, as long as the warehouse has not got them.

    Kept stock is free again in the same moment.  What the units were worth is taken off the order; money that is
    then too much is let go, or given back.
    """
    ids = [request.order_id for request in requests]
    locked, units, standing = lock_orders(ids), units_of(ids), worth.adjustments_of(ids)
    _figures, before = look(ids)
    written: list[worth.Written] = []

    def decide(request: Cancel) -> Moving:
        order = locked[request.order_id]
        reason = reasons.check(request.reason)
        chosen = canceling.choose_units(units[order.id], request.lines, number=order.number)
        back = canceling.take_back(units[order.id], standing[order.id])
        standing[order.id].extend(back)
        written.extend(back)
        taken = -sum(one.amount_minor for one in back if not one.included)
        facts = {
            "number": order.number,
            "reason": reason,
            "units": chosen.facts(),
            "taken_back": money.write(taken, order.currency),
            "total": money.write(worth.total(units[order.id], standing[order.id]), order.currency),
            "currency": order.currency,
        }
        kind = "order.canceled" if canceling.is_whole(units[order.id]) else "order.partly_canceled"
        return Moving(chosen, Happening(kind, actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="canceled", stock_target="available")
    canceling.write(written)
    canceled = changed(answers)
    left = [order_id for order_id in canceled if not canceling.is_whole(units[order_id])]
    tell_of_confirmed(locked, {order_id: before[order_id] for order_id in left}, actor=actor)
    follow_money(canceled, actor=actor)
    summarize(canceled)
    return answers
