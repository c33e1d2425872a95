"""Moving units of orders on: which of them are meant, and the movements that the books get.

Pure, over lines that were read under the order's lock.  What is chosen is moved in memory at once, so that a second
request of the same batch sees what the first one left.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.books import Movement
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.orders.units import LineUnits, OrderUnits, Units


class NotThatMany(Refusal):
    code = "not_that_many"
    sentence = _("{asked} of {sku} were asked for, and {there} are {bucket}.")


class Wanted(NamedTuple):
    """So many units of the line at `position`; of a kit's line: so many kits.  At a location (code), or wherever."""

    position: int
    quantity: int
    location: str | None = None


class Chosen(NamedTuple):
    """The units of an order that move on, each with the bucket in which they were."""

    order_id: int
    units: list[Units]

    @property
    def quantity(self) -> int:
        return sum(part.quantity for part in self.units)

    def facts(self) -> list[dict[str, object]]:
        """As an event tells it: one row a line and location, by line."""
        rows: dict[tuple[int, int], dict[str, object]] = {}
        for part in self.units:
            told = rows.setdefault((part.line.position, part.place), {**part.facts(), "quantity": 0})
            told["quantity"] = int(str(told["quantity"])) + part.quantity
        return [rows[key] for key in sorted(rows)]


RefuseLine = Callable[[LineUnits, int], Refusal]


def choose(
    order: OrderUnits,
    wanted: Sequence[Wanted] | None,
    *,
    sources: Sequence[str],
    target: str,
    refuse: RefuseLine | None = None,
) -> Chosen:
    """Move units from the buckets `sources`, the first of them first, to `target`, in memory.

    None wants all that is in `sources`, which may be nothing.  Where there are too few, nothing has moved and
    `refuse` says why (`NotThatMany`, where it is left out).
    """
    if wanted is None:
        return Chosen(
            order.order_id,
            [part for line in order.leaves() for part in line.take(line.count(*sources), sources, target)],
        )
    if not wanted:
        raise Invalid(field="lines", problem="there are none")
    chosen = Chosen(order.order_id, [])
    try:
        for one in wanted:
            for line, quantity in leaves(order, one):
                chosen.units.extend(_take(line, quantity, one.location, sources, target, refuse))
    except Refusal:
        for part in chosen.units:
            sheet = part.line.sheets[part.place]
            sheet[target] -= part.quantity
            sheet[part.bucket] += part.quantity
        raise
    return chosen


def line_movements(chosen: Sequence[Chosen], target: str, events: Sequence[int]) -> list[Movement]:
    """What the LINES book gets; `events` are those of `chosen`, one each."""
    return [
        Movement(part.line.id, part.place, part.bucket, part.place, target, part.quantity, event)
        for one, event in zip(chosen, events, strict=True)
        for part in one.units
    ]


def stock_movements(
    chosen: Sequence[Chosen], target: str, events: Sequence[int], *, kept: Sequence[str] = ("reserved", "released")
) -> list[Movement]:
    """What the STOCK book gets: units that were kept on a shelf (in the buckets `kept` of LINES) go to `target`."""
    return [
        Movement(part.line.sku_id, part.place, "reserved", part.place, target, part.quantity, event)
        for one, event in zip(chosen, events, strict=True)
        for part in one.units
        if part.bucket in kept
    ]


def leaves(order: OrderUnits, wanted: Wanted) -> list[tuple[LineUnits, int]]:
    """The lines that hold the wanted units, and how many of each: of a kit's line, those of its parts."""
    line = order.at(wanted.position)
    if line is None:
        raise NotFound(thing="line", name=wanted.position)
    if wanted.quantity < 1:
        raise Invalid(field="quantity", problem=f"{wanted.quantity} is less than 1")
    return [(part, wanted.quantity * part.quantity // line.quantity) for part in order.parts_of(line)]


def _take(
    line: LineUnits, quantity: int, location: str | None, sources: Sequence[str], target: str, refuse: RefuseLine | None
) -> list[Units]:
    place = None
    if location is not None:
        place = next((place for place, code in line.locations.items() if code == location), -1)
    there = sum(sheet[bucket] for here, sheet in line.sheets.items() for bucket in sources if place in (None, here))
    if there < quantity:
        if refuse is not None:
            raise refuse(line, quantity)
        raise NotThatMany(asked=quantity, sku=line.sku, there=there, bucket=sources[0])
    return line.take(quantity, sources, target, place)
