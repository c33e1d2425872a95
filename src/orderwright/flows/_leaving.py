"""What packing and shipping have in common: who may go on, and what happens when a shipment leaves."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.flows._following import follow
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.refusals import WorkClosed
from orderwright.fulfilment.working import Work, close_done, open_work
from orderwright.inventory.book import STOCK
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.orders import holding, releasing, status
from orderwright.orders.book import LINES
from orderwright.orders.holding import Standing
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.units import OrderUnits, units_of
from orderwright.shipping import carriers, hearing, labelling, leaving, packing
from orderwright.shipping.packages import packages, packages_of_shipments
from orderwright.shipping.packing import Box, Parcelled
from orderwright.shipping.refusals import LabelPending, NumberTaken
from orderwright.shipping.settling import numbers_taken
from orderwright.shipping.stages import ENDED
from orderwright.shipping.tracking import SOONEST_LOOK


class Bench(NamedTuple):
    """All that is looked at before orders are packed or shipped; they are locked."""

    orders: dict[int, Locked]
    units: dict[int, OrderUnits]
    works: dict[int, list[Work]]
    holds: dict[int, list[Standing]]
    paid: dict[int, status.Money]


def lay_out(order_ids: Collection[int]) -> Bench:
    """Lock these orders and look at them."""
    locked = lock_orders(order_ids)
    _figures, paid = look(locked)
    return Bench(locked, units_of(locked), open_work(locked), holding.standing(list(locked)), paid)


def refuse_stopped(bench: Bench, order_id: int) -> Locked:
    """Refuse where an order is on hold, or its money is not secure any more."""
    order = bench.orders[order_id]
    holding.refuse_held(order.number, bench.holds[order_id])
    releasing.refuse_unpaid(order.number, order.currency, bench.paid[order_id])
    return order


def numbers_of(boxes: Sequence[Box]) -> set[tuple[str, str]]:
    """Which of the numbers that were given by hand for these boxes packages have already; one statement at most."""
    return set(numbers_taken([(box.carrier, box.tracking_number) for box in boxes if box.tracking_number is not None]))


def refuse_numbers(boxes: Sequence[Box], taken: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Refuse a number without a carrier, or one that another package has; answers the numbers of these boxes."""
    own: set[tuple[str, str]] = set()
    for box in boxes:
        if box.tracking_number is not None:
            key = (box.carrier, box.tracking_number)
            labelling.refuse_number(*key)
            if key in taken or key in own:
                raise NumberTaken(carrier=key[0], tracking_number=key[1])
            own.add(key)
    return own


def find_work(bench: Bench, order_id: int, name: str) -> Work:
    """The fulfilment order of this name; refused where nothing of it is open or packed any more."""
    for work in bench.works[order_id]:
        if work.name == name:
            return work
    raise WorkClosed(fulfilment_order=name)


def refuse_voiding(shipment: Parcelled) -> None:
    """Refuse while a label of a shipment is being made void: it would leave with a dead number."""
    for package in shipment.packages:
        if package.voiding:
            raise LabelPending(package=package.name)


def leave(shipments: Sequence[Parcelled], bench: Bench, *, actor: Actor) -> None:
    """Shipments leave: their rows, events, units and money.  They are new, or were read after they were prepared.

    What has been said of their packages before is followed now: a label's number may have come with scans.
    """
    if not shipments:
        return
    new = [one for one in shipments if not one.id]
    old = [one for one in shipments if one.id]
    soon = dict.fromkeys(sorted(carriers.codes()), clock.now() + SOONEST_LOOK)
    if new:
        packing.write(new, look_at=soon)
    if old:
        leaving.mark_shipped(old, look_at=soon)
    _move(shipments, record([_told(one, actor) for one in shipments]))
    order_ids = sorted({one.work.order_id for one in shipments})
    works = [work for order_id in order_ids for work in bench.works[order_id]]
    close_done(works, max(one.at for one in shipments))
    _follow_scans(new, old, actor=actor)
    follow_money(order_ids, actor=actor)
    summarize(order_ids)


def _told(one: Parcelled, actor: Actor) -> Happening:
    location = one.work.location
    facts: dict[str, object] = {
        "number": one.number,
        "shipment": one.name,
        "fulfilment_order": one.work.name,
        "location": location,
        "option": one.option.code if one.option else None,
        "units": packing.facts(one.contents(), location),
        "packages": [
            {
                "package": package.name,
                "carrier": package.carrier,
                "tracking_number": package.box.tracking_number,
                "tracking_url": package.box.tracking_url,
                "units": packing.facts(package.contents, location),
            }
            for package in one.packages
        ],
    }
    return Happening("order.shipped", actor, facts, one.work.order_id, one.at)


def _move(shipments: Sequence[Parcelled], events: Sequence[int]) -> None:
    moved = [
        (line, one.work.location_id, one.source, quantity, event)
        for one, event in zip(shipments, events, strict=True)
        for line, quantity in one.contents()
    ]
    post(
        STOCK,
        [
            Movement(line.sku_id, place, "reserved", place, "customer", quantity, event)
            for line, place, _source, quantity, event in moved
        ],
    )
    post(
        LINES,
        [
            Movement(line.line_id, place, "released", place, "shipped", quantity, event)
            for line, place, _source, quantity, event in moved
        ],
        locked=True,
    )
    post(
        WORK,
        [
            Movement(line.id, place, source, place, "shipped", quantity, event)
            for line, place, source, quantity, event in moved
        ],
        locked=True,
    )


def _follow_scans(new: Sequence[Parcelled], old: Sequence[Parcelled], *, actor: Actor) -> None:
    """Scans that came before their package was said to have left: they may say that it has arrived."""
    numbered = [package.id for one in new for package in one.packages if package.box.tracking_number is not None]
    found = list(packages(hearing.adopt(numbered)).values()) if numbered else []
    if old:
        before = packages_of_shipments([one.id for one in old])
        found += [package for some in before.values() for package in some if package.stage in ENDED]
    if found:
        follow(found, actor=actor)
