"""Delivering orders: packages without tracking reached the customer, says somebody here."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows.note_scans import by_hand, write_by_hand
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.orders.locking import lock_orders
from orderwright.orders.shipping import NothingToDeliver
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import PackageSeen, contents, packages_of_orders
from orderwright.shipping.refusals import NotShipped
from orderwright.shipping.stages import Stage


class Deliver(NamedTuple):
    """All packages of an order that are on their way, or those with these names, arrived."""

    order_id: int
    packages: Sequence[str] | None = None
    at: datetime | None = None


@transaction.atomic
def deliver_orders(requests: Sequence[Deliver], *, actor: Actor) -> list[Answer]:
    """Note that packages reached their customers, and the units in them."""
    now = clock.now()
    locked = lock_orders([request.order_id for request in requests])
    seen = packages_of_orders(locked)
    noted: set[int] = set()

    def decide(request: Deliver) -> list[PackageSeen]:
        chosen = _choose(request, seen[request.order_id], noted)
        if not chosen:
            raise NothingToDeliver(number=locked[request.order_id].number)
        noted.update(package.id for package in chosen)
        return chosen

    decided = each(requests, decide)
    done = [(some, request) for some, request in zip(decided, requests, strict=True) if not isinstance(some, Refusal)]
    inside = contents([package.id for some, _request in done for package in some])
    write_by_hand(
        [(package, by_hand(package, Stage.DELIVERED, request.at or now)) for some, request in done for package in some],
        actor=actor,
    )
    units = {package_id: sum(part.quantity for part in parts) for package_id, parts in inside.items()}
    return [
        some if isinstance(some, Refusal) else Done(request.order_id, sum(units[package.id] for package in some))
        for some, request in zip(decided, requests, strict=True)
    ]


def _choose(request: Deliver, there: Sequence[PackageSeen], noted: set[int]) -> list[PackageSeen]:
    """The packages that may have arrived: on their way, or found again."""
    if request.packages is None:
        return [one for one in there if one.state == ShipmentState.SHIPPED and not one.settled and one.id not in noted]
    by_name = {package.name: package for package in there}
    chosen = []
    for name in dict.fromkeys(request.packages):
        if name not in by_name:
            raise NotFound(thing="package", name=name)
        package = by_name[name]
        if package.state != ShipmentState.SHIPPED:
            raise NotShipped(package=name, state=package.state)
        if package.settled in ("", "lost") and package.id not in noted:
            chosen.append(package)
    return chosen
