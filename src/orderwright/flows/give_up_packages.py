"""Giving packages up: what was lost will not be sent again; its units are canceled and the money goes back."""

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
from orderwright.orders.moving import Chosen
from orderwright.orders.units import units_of
from orderwright.shipping import again, tracking
from orderwright.shipping.packages import PackageSeen, contents, packages_of_orders
from orderwright.shipping.tracking import Settled


class GiveUp(NamedTuple):
    """What was in these lost packages of an order (names; None: in all) is not sent again."""

    order_id: int
    packages: Sequence[str] | None = None
    reason: str = "lost"
    at: datetime | None = None


@transaction.atomic
def give_up_packages(requests: Sequence[GiveUp], *, actor: Actor) -> list[Answer]:
    """Cancel what was lost on the way.  What the units were worth is taken off the order, and given back.

    Only whole kits are worth something: of a kit that lost a part, and of which the rest arrived, nothing is given back
    by itself.
    """
    ids = [request.order_id for request in requests]
    locked, units, standing = lock_orders(ids), units_of(ids), worth.adjustments_of(ids)
    _figures, before = look(ids)
    there = packages_of_orders(locked)
    inside = contents([package.id for some in there.values() for package in some if package.settled == "lost"])
    written: list[worth.Written] = []
    given_up: dict[int, PackageSeen] = {}

    def decide(request: GiveUp) -> Moving:
        order, lines = locked[request.order_id], {line.id: line for line in units[request.order_id].lines}
        reason = reasons.check(request.reason)
        left = [package for package in there[order.id] if package.id not in given_up]
        packages = again.choose(left, request.packages, number=order.number, settled=("lost",))
        chosen = Chosen(order.id, [])
        for package in packages:
            for part in inside[package.id]:
                line = lines[part.line_id]
                chosen.units.extend(line.take(part.quantity, ("lost",), "canceled", package.location_id))
        given_up.update({package.id: package for package in packages})
        back = canceling.take_back(units[order.id], standing[order.id])
        standing[order.id].extend(back)
        written.extend(back)
        facts = {
            "number": order.number,
            "reason": reason,
            "packages": [package.name for package in packages],
            "units": chosen.facts(),
            "taken_back": money.write(-sum(one.amount_minor for one in back if not one.included), order.currency),
            "total": money.write(worth.total(units[order.id], standing[order.id]), order.currency),
            "currency": order.currency,
        }
        kind = "order.canceled" if canceling.is_whole(units[order.id]) else "order.partly_canceled"
        return Moving(chosen, Happening(kind, actor, facts, order.id, request.at))

    answers = move_on(each(requests, decide), target="canceled")
    canceling.write(written)
    tracking.write([again.step(package, Settled.GIVEN_UP) for package in given_up.values()])
    canceled = changed(answers)
    left = [order_id for order_id in canceled if not canceling.is_whole(units[order_id])]
    tell_of_confirmed(locked, {order_id: before[order_id] for order_id in left}, actor=actor)
    follow_money(canceled, actor=actor)
    summarize(canceled)
    return answers
