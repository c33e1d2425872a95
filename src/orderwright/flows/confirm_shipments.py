"""Confirming shipments: what was prepared leaves, or what is open goes at once, and is paid for where that is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import each
from orderwright.flows._leaving import (
    Bench,
    find_work,
    lay_out,
    leave,
    numbers_of,
    refuse_numbers,
    refuse_stopped,
    refuse_voiding,
)
from orderwright.fulfilment.working import orders_named
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.shipping import leaving, packing
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.options import active_options
from orderwright.shipping.packing import Box, Parcelled
from orderwright.shipping.refusals import NotPrepared


class Confirm(NamedTuple):
    """A shipment that was prepared left."""

    shipment: str  # its name
    at: datetime | None = None


class Send(NamedTuple):
    """Open units of a fulfilment order left, in these packages; all of them in one, where nothing else is said."""

    fulfilment_order: str  # its name
    packages: Sequence[Box] = (Box(),)
    option: str | None = None  # the delivery option's code; None: the default for where it goes
    at: datetime | None = None


class Shipped(NamedTuple):
    """It left: the order, how many units, and the name of the shipment."""

    order_id: int
    units: int
    shipment: str


@transaction.atomic
def confirm_shipments(requests: Sequence[Confirm | Send], *, actor: Actor) -> list[Shipped | Refusal]:
    """Note that shipments left: what stood reserved on the shelf is with the customer now.

    A hold that came after the release still stops them here, and so does money that was let go since.  Where the
    channel captures at shipment, what has left is to be paid now: the providers are asked for it.
    """
    names = [request.shipment for request in requests if isinstance(request, Confirm)]
    sends = [request for request in requests if isinstance(request, Send)]
    known, owners = leaving.shipments_named(names), orders_named([request.fulfilment_order for request in sends])
    bench = lay_out({*owners.values(), *(order_id for _id, order_id, _state in known.values())})
    prepared = leaving.load(names, bench.works, at=clock.now())
    taken = numbers_of([box for request in sends for box in request.packages])
    offered = active_options() if sends else []
    gone: set[str] = set()

    def decide(request: Confirm | Send) -> Parcelled:
        if isinstance(request, Send):
            if request.option is not None and request.option not in {option.code for option in offered}:
                raise NotFound(thing="delivery option", name=request.option)
            if request.fulfilment_order not in owners:
                raise NotFound(thing="fulfilment order", name=request.fulfilment_order)
            return _send(request, owners[request.fulfilment_order], bench, taken)
        if request.shipment not in known:
            raise NotFound(thing="shipment", name=request.shipment)
        if request.shipment not in prepared or request.shipment in gone:
            state = known[request.shipment][2] if request.shipment not in gone else ShipmentState.SHIPPED.value
            raise NotPrepared(shipment=request.shipment, state=state)
        one = confirm_one(prepared[request.shipment], bench, request.at)
        gone.add(request.shipment)
        return one

    decided = each(requests, decide)
    shipments = [one for one in decided if isinstance(one, Parcelled)]
    new = [(one, request) for one, request in zip(decided, requests, strict=True) if isinstance(request, Send)]
    direct = [(one, request.option) for one, request in new if isinstance(one, Parcelled)]
    if direct:
        packing.choose_options([one for one, _ in direct], [option for _, option in direct], offered)
    leave(shipments, bench, actor=actor)
    return [one if isinstance(one, Refusal) else Shipped(one.work.order_id, one.quantity, one.name) for one in decided]


def confirm_one(shipment: Parcelled, bench: Bench, at: datetime | None) -> Parcelled:
    """Let a shipment that was prepared leave, in memory, unless something stops it."""
    refuse_stopped(bench, shipment.work.order_id)
    packing.refuse_unworkable(shipment.work)
    refuse_voiding(shipment)
    return shipment.go(at or shipment.at)


def _send(request: Send, order_id: int, bench: Bench, taken: set[tuple[str, str]]) -> Parcelled:
    order = refuse_stopped(bench, order_id)
    work = find_work(bench, order_id, request.fulfilment_order)
    packing.refuse_unworkable(work)
    numbers = refuse_numbers(request.packages, taken)
    at = request.at or clock.now()
    packed = packing.pack(work, bench.units[order_id], request.packages, number=order.number, at=at, target="shipped")
    taken |= numbers
    return packed
