"""Preparing shipments: units of a fulfilment order are packed, and labels asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import each
from orderwright.flows._leaving import Bench, find_work, lay_out, numbers_of, refuse_numbers, refuse_stopped
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.holding import refuse_recalled
from orderwright.fulfilment.working import orders_named
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, post
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.shipping import asking, carriers, packing
from orderwright.shipping.asking import Wanted
from orderwright.shipping.options import Option, active_options
from orderwright.shipping.packing import Box, Parcelled


class Prepare(NamedTuple):
    """Pack open units of a fulfilment order into packages; all of them into one, where nothing else is said."""

    fulfilment_order: str  # its name
    packages: Sequence[Box] = (Box(),)
    option: str | None = None  # the delivery option's code; None: the buyer's, or the default for where it goes
    at: datetime | None = None


class Prepared(NamedTuple):
    """It is packed: the order, how many units, and the name of the shipment."""

    order_id: int
    units: int
    shipment: str


@transaction.atomic
def prepare_shipments(requests: Sequence[Prepare], *, actor: Actor) -> list[Prepared | Refusal]:
    """Pack what is to leave.  Where a carrier makes the labels, one is asked for each package, a moment later.

    Not while the order or its fulfilment order is on hold, not before the location has accepted it, nor while it is
    called back, and not without the money.
    """
    owners = orders_named([request.fulfilment_order for request in requests])
    bench = lay_out(owners.values())
    taken = numbers_of([box for request in requests for box in request.packages])
    offered = active_options()
    codes = {option.code for option in offered}

    def decide(request: Prepare) -> tuple[Parcelled, str | None]:
        if request.fulfilment_order not in owners:
            raise NotFound(thing="fulfilment order", name=request.fulfilment_order)
        if request.option is not None and request.option not in codes:
            raise NotFound(thing="delivery option", name=request.option)
        return _pack(request, owners[request.fulfilment_order], bench, taken), request.option

    decided = each(requests, decide)
    packed = [one for one in decided if not isinstance(one, Refusal)]
    _write([one for one, _ in packed], [option for _, option in packed], offered, actor=actor)
    return [
        one if isinstance(one, Refusal) else Prepared(one[0].work.order_id, one[0].quantity, one[0].name)
        for one in decided
    ]


def _pack(request: Prepare, order_id: int, bench: Bench, taken: set[tuple[str, str]]) -> Parcelled:
    order = refuse_stopped(bench, order_id)
    work = find_work(bench, order_id, request.fulfilment_order)
    packing.refuse_unworkable(work)
    refuse_recalled(work)
    numbers = refuse_numbers(request.packages, taken)
    at = request.at or clock.now()
    packed = packing.pack(work, bench.units[order_id], request.packages, number=order.number, at=at, target="packed")
    taken |= numbers
    return packed


def _write(
    packed: Sequence[Parcelled], options: Sequence[str | None], offered: Sequence[Option], *, actor: Actor
) -> None:
    if not packed:
        return
    packing.choose_options(packed, options, offered)
    packing.write(packed, look_at={})
    events = record([Happening("shipment.prepared", actor, _facts(one), one.work.order_id, one.at) for one in packed])
    post(
        WORK,
        [
            Movement(line.id, one.work.location_id, "open", one.work.location_id, "packed", quantity, event)
            for one, event in zip(packed, events, strict=True)
            for line, quantity in one.contents()
        ],
        locked=True,
    )
    codes = carriers.codes()
    asking.write(
        [
            Wanted(package.id, package.carrier, "label")
            for one in packed
            for package in one.packages
            if package.box.tracking_number is None and package.carrier in codes
        ]
    )


def _facts(one: Parcelled) -> dict[str, object]:
    location = one.work.location
    return {
        "number": one.number,
        "shipment": one.name,
        "fulfilment_order": one.work.name,
        "location": location,
        "option": one.option.code if one.option else None,
        "units": packing.facts(one.contents(), location),
        "packages": [package.name for package in one.packages],
    }
