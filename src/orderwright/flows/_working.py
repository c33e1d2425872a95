"""What the flows over fulfilment orders have in common: what they look at, and units that go from place to place."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from orderwright.fulfilment.refusals import WorkClosed
from orderwright.fulfilment.sourcing.plan import Taken
from orderwright.fulfilment.working import Share, Work, open_work, orders_named
from orderwright.kernel.books import NOWHERE, Movement
from orderwright.kernel.errors import NotFound
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.moving import Chosen
from orderwright.orders.units import LineUnits, OrderUnits, Units, units_of


class Bench(NamedTuple):
    """All that is looked at before fulfilment orders change; their orders are locked."""

    owners: dict[str, int]  # name of a fulfilment order: its order
    orders: dict[int, Locked]
    units: dict[int, OrderUnits]
    works: dict[int, list[Work]]

    def find(self, name: str) -> Work:
        """The fulfilment order of this name; refused where it is closed."""
        if name not in self.owners:
            raise NotFound(thing="fulfilment order", name=name)
        for work in self.works[self.owners[name]]:
            if work.name == name:
                return work
        raise WorkClosed(fulfilment_order=name)


def lay_out(names: Collection[str]) -> Bench:
    """Lock the orders of these fulfilment orders and look at them; four statements."""
    owners = orders_named(names)
    locked = lock_orders(owners.values())
    return Bench(owners, locked, units_of(locked), open_work(locked))


class Dealt(NamedTuple):
    """Units of a line that are kept at a place now; at none, where they are waited for."""

    line: LineUnits
    place: int
    quantity: int


class Leaving(NamedTuple):
    """Units that leave a location's hands, and where they are kept, or waited for, instead."""

    shares: Sequence[Share]
    dealt: Sequence[Dealt]
    true_bucket: str | None = None  # where they are at the location they leave, if not available


def leave(order: OrderUnits, shares: Sequence[Share]) -> list[tuple[LineUnits, int]]:
    """Take released units out of the hands of their location, in memory; answers the lines with how many to deal."""
    lines = {line.id: line for line in order.lines}
    left: dict[int, int] = {}
    for share in shares:
        lines[share.line.line_id].put(-share.quantity, "released", share.work.location_id)
        left[share.line.line_id] = left.get(share.line.line_id, 0) + share.quantity
    return [(lines[line_id], quantity) for line_id, quantity in left.items()]


def wanted_of(left: Sequence[tuple[LineUnits, int]]) -> dict[int, int]:
    """How many units of each SKU are to be dealt."""
    wanted: dict[int, int] = {}
    for line, quantity in left:
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + quantity
    return wanted


def deal(
    left: Sequence[tuple[LineUnits, int]], taken: Mapping[int, Sequence[Taken]], codes: Mapping[int, str]
) -> list[Dealt]:
    """Deal what was sourced to these lines, in memory; what is short waits on backorder."""
    takes = {sku: [[take.place, take.amount] for take in some] for sku, some in taken.items()}
    dealt = []
    for line, quantity in left:
        to_deal = quantity
        for take in takes.get(line.sku_id, ()):
            here = min(to_deal, take[1])
            if here:
                take[1] -= here
                to_deal -= here
                line.put(here, "reserved", take[0], codes[take[0]])
                dealt.append(Dealt(line, take[0], here))
        if to_deal:
            line.put(to_deal, "backordered", NOWHERE)
            dealt.append(Dealt(line, NOWHERE, to_deal))
    return dealt


def kept(order_id: int, dealt: Sequence[Dealt]) -> Chosen:
    """The units that are reserved somewhere, moved on to released, in memory, to be handed over."""
    return Chosen(
        order_id,
        [
            part
            for one in dealt
            if one.place
            for part in one.line.take(one.quantity, ("reserved",), "released", one.place)
        ],
    )


def facts(dealt: Sequence[Dealt], codes: Mapping[int, str]) -> list[dict[str, Any]]:
    """As an event tells it."""
    return [
        {"line": one.line.position, "sku": one.line.sku, "quantity": one.quantity}
        | ({"location": codes[one.place]} if one.place else {})
        for one in dealt
    ]


def stock_movements(leaving: Sequence[Leaving], events: Sequence[int]) -> list[Movement]:
    """What the STOCK book gets: free again where they were (or in their true bucket), reserved where they are kept."""
    moved = []
    for one, event in zip(leaving, events, strict=True):
        for share in one.shares:
            sku, place = share.line.sku_id, share.work.location_id
            moved.append(Movement(sku, place, "reserved", place, "available", share.quantity, event))
            if one.true_bucket:
                moved.append(Movement(sku, place, "available", place, one.true_bucket, share.quantity, event))
        for to in one.dealt:
            if to.place:
                sku = to.line.sku_id
                moved.append(Movement(sku, to.place, "available", to.place, "reserved", to.quantity, event))
    return moved


def line_movements(leaving: Sequence[Leaving], events: Sequence[int]) -> list[Movement]:
    """What the LINES book gets: open again, and then kept or waited for."""
    moved = []
    for one, event in zip(leaving, events, strict=True):
        for share in one.shares:
            place = share.work.location_id
            moved.append(Movement(share.line.line_id, place, "released", NOWHERE, "open", share.quantity, event))
        for to in one.dealt:
            target = "reserved" if to.place else "backordered"
            moved.append(Movement(to.line.id, NOWHERE, "open", to.place, target, to.quantity, event))
    return moved


def share_facts(shares: Sequence[Share]) -> list[dict[str, object]]:
    """Units of work as an event tells them, by line."""
    return [share.facts() for share in sorted(shares, key=lambda share: (share.line.position, share.line.id))]


def as_units(order: OrderUnits, shares: Sequence[Share]) -> list[Units]:
    """The same units as their order's lines have them: released, at their location."""
    lines = {line.id: line for line in order.lines}
    return [Units(lines[one.line.line_id], one.work.location_id, "released", one.quantity) for one in shares]
