"""Canceling units: what that does to an order's money, its stock and what is told, whoever had the units before."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows._each import Moving
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.kernel import clock, money
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.orders import canceling, worth
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.moving import Chosen
from orderwright.orders.status import Money
from orderwright.orders.units import OrderUnits, units_of
from orderwright.orders.worth import Written
from orderwright.promises.ledger import end_canceled


class Desk(NamedTuple):
    """All that is looked at before units are canceled; the orders are locked."""

    orders: dict[int, Locked]
    units: dict[int, OrderUnits]
    standing: dict[int, list[Written]]
    before: dict[int, Money]
    written: list[Written]  # the adjustments that come of it


def lay_out(order_ids: Collection[int]) -> Desk:
    """Lock these orders and look at them."""
    locked = lock_orders(order_ids)
    _figures, before = look(locked)
    return Desk(locked, units_of(locked), worth.adjustments_of(locked), before, [])


def strike(desk: Desk, chosen: Chosen, reason: str, *, actor: Actor, at: datetime | None) -> Moving:
    """Take what canceled units were worth off their order.  In memory they are in `canceled` already."""
    order, units = desk.orders[chosen.order_id], desk.units[chosen.order_id]
    standing = desk.standing[order.id]
    back = canceling.take_back(units, standing)
    standing.extend(back)
    desk.written.extend(back)
    taken = -sum(one.amount_minor for one in back if not one.included)
    facts = {
        "number": order.number,
        "reason": reason,
        "units": chosen.facts(),
        "taken_back": money.write(taken, order.currency),
        "total": money.write(worth.total(units, standing), order.currency),
        "currency": order.currency,
    }
    kind = "order.canceled" if canceling.is_whole(units) else "order.partly_canceled"
    return Moving(chosen, Happening(kind, actor, facts, order.id, at))


def settle(desk: Desk, canceled: Collection[int], *, actor: Actor) -> None:
    """Write the adjustments down, let go of money that is too much now, or give it back; nothing is promised of it."""
    canceling.write(desk.written)
    end_canceled(canceled, clock.now())
    left = [order_id for order_id in canceled if not canceling.is_whole(desk.units[order_id])]
    tell_of_confirmed(desk.orders, {order_id: desk.before[order_id] for order_id in left}, actor=actor)
    follow_money(canceled, actor=actor)
    summarize(canceled)
