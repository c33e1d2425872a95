"""Discarding shipments: what was packed is unpacked again, and its labels are made void."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import each
from orderwright.flows._following import follow
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.working import open_work
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, post
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import lock_orders
from orderwright.shipping import asking, carriers, leaving, packing
from orderwright.shipping.asking import Wanted
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.packages import packages
from orderwright.shipping.packing import Parcelled
from orderwright.shipping.refusals import NotPrepared


class Discarded(NamedTuple):
    """It is unpacked: the order, and how many units are open again."""

    order_id: int
    units: int


@transaction.atomic
def discard_shipments(names: Sequence[str], *, actor: Actor) -> list[Discarded | Refusal]:
    """Unpack shipments that wait to leave; never those that have left.

    Labels that were made are asked to be void; of one that is being asked for, that follows its answer.
    """
    known = leaving.shipments_named(names)
    order_ids = [order_id for _id, order_id, _state in known.values()]
    lock_orders(order_ids)
    prepared = leaving.load(names, open_work(order_ids), at=clock.now())

    def decide(name: str) -> Parcelled:
        if name not in known:
            raise NotFound(thing="shipment", name=name)
        if name not in prepared:
            state = known[name][2]
            said = ShipmentState.DISCARDED.value if state == ShipmentState.PREPARED else state
            raise NotPrepared(shipment=name, state=said)
        return prepared.pop(name)

    decided = each(names, decide)
    _write([one for one in decided if isinstance(one, Parcelled)], actor=actor)
    return [one if isinstance(one, Refusal) else Discarded(one.work.order_id, one.quantity) for one in decided]


def _write(discarded: Sequence[Parcelled], *, actor: Actor) -> None:
    if not discarded:
        return
    codes = carriers.codes()
    freed = leaving.mark_discarded([one.id for one in discarded], carriers=codes)
    events = record([Happening("shipment.discarded", actor, _facts(one), one.work.order_id) for one in discarded])
    post(
        WORK,
        [
            Movement(line.id, one.work.location_id, "packed", one.work.location_id, "open", quantity, event)
            for one, event in zip(discarded, events, strict=True)
            for line, quantity in one.contents()
        ],
        locked=True,
    )
    follow(list(packages(freed).values()), actor=actor)
    asking.withdraw([package.id for one in discarded for package in one.packages])
    asking.write(
        [
            Wanted(package.id, package.carrier, "void", package.box.tracking_number)
            for one in discarded
            for package in one.packages
            if package.box.tracking_number is not None and package.carrier in codes and not package.voiding
        ]
    )


def _facts(one: Parcelled) -> dict[str, object]:
    location = one.work.location
    return {
        "number": one.number,
        "shipment": one.name,
        "fulfilment_order": one.work.name,
        "location": location,
        "units": packing.facts(one.contents(), location),
    }
