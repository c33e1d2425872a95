"""Reallocating: kept units of a SKU go from one order to another that waits for them, because a person decided so."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.flows._each import Answer, Done, each
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.orders.locking import lock_orders
from orderwright.orders.units import LineUnits, OrderUnits, units_of


class NothingToReallocate(Refusal):
    code = "nothing_to_reallocate"
    sentence = _("{quantity} of {sku} were to be given away, and order {number} keeps {there} that are not released.")


class NotWaiting(Refusal):
    code = "not_waiting"
    sentence = _("{quantity} of {sku} were to be given to order {number}, which waits for {there}.")


class Reallocate(NamedTuple):
    """Give so many units of a SKU (code) that one order keeps to another; of one location (code), or wherever."""

    from_order_id: int
    to_order_id: int
    sku: str
    quantity: int
    location: str | None = None


class Given(NamedTuple):
    """Units of a line that are another line's now, at the same place."""

    giver: LineUnits
    taker: LineUnits
    place: int
    quantity: int


@transaction.atomic
def reallocate_stock(requests: Sequence[Reallocate], *, actor: Actor) -> list[Answer]:
    """Give kept units away: who had them waits again, who waited keeps them.  The shelf does not notice.

    Answers for the order that gave.  Released units are the warehouse's.  Promises of both follow from the log.
    """
    ids = [id_ for request in requests for id_ in (request.from_order_id, request.to_order_id)]
    locked, units = lock_orders(ids), units_of(ids)

    def decide(request: Reallocate) -> list[Given]:
        if request.quantity < 1 or request.from_order_id == request.to_order_id:
            raise Invalid(field="quantity" if request.quantity < 1 else "to", problem=_("it gives nothing away"))
        numbers = locked[request.from_order_id].number, locked[request.to_order_id].number
        return _give(request, units[request.from_order_id], units[request.to_order_id], numbers)

    decided = each(requests, decide)
    done = [(one, asked) for one, asked in zip(decided, requests, strict=True) if not isinstance(one, Refusal)]
    told = []
    for given, asked in done:
        facts = {
            "from": locked[asked.from_order_id].number,
            "to": locked[asked.to_order_id].number,
            "units": [
                {
                    "sku": one.giver.sku,
                    "quantity": one.quantity,
                    "location": one.giver.locations[one.place],
                    "from_line": one.giver.position,
                    "to_line": one.taker.position,
                }
                for one in given
            ],
        }
        told += [Happening("order.reallocated", actor, {"number": locked[id_].number, **facts}, id_)
                 for id_ in (asked.from_order_id, asked.to_order_id)]  # fmt: skip
    events = record(told)
    post(LINES, [m for index, (given, _asked) in enumerate(done) for m in _movements(given, events[2 * index :])])
    summarize({id_ for _given, asked in done for id_ in (asked.from_order_id, asked.to_order_id)})
    return [
        one if isinstance(one, Refusal) else Done(asked.from_order_id, sum(given.quantity for given in one))
        for one, asked in zip(decided, requests, strict=True)
    ]


def _give(request: Reallocate, giver: OrderUnits, taker: OrderUnits, numbers: tuple[str, str]) -> list[Given]:
    """Choose the units: out of the giver's lines in their order, to the taker's in theirs."""
    kept = [
        (line, place, sheet["reserved"])
        for line in giver.leaves()
        if line.sku == request.sku
        for place, sheet in line.sheets.items()
        if sheet["reserved"] and request.location in (None, line.locations[place])
    ]
    waiting = [(line, line.count("backordered")) for line in taker.leaves() if line.sku == request.sku]
    for lines, number in ((giver, numbers[0]), (taker, numbers[1])):
        if not any(line.sku == request.sku for line in lines.leaves()):
            raise NotFound(thing=_("SKU {sku} in order").format(sku=request.sku), name=number)
    there, wanted = sum(units for _line, _place, units in kept), sum(units for _line, units in waiting)
    if there < request.quantity:
        raise NothingToReallocate(quantity=request.quantity, sku=request.sku, number=numbers[0], there=there)
    if wanted < request.quantity:
        raise NotWaiting(quantity=request.quantity, sku=request.sku, number=numbers[1], there=wanted)
    return _pair(kept, waiting, request.quantity)


def _pair(
    kept: Sequence[tuple[LineUnits, int, int]], waiting: Sequence[tuple[LineUnits, int]], quantity: int
) -> list[Given]:
    """Lay what is kept beside what is waited for; both lines have it in memory at once."""
    given, left = [], quantity
    needs = dict(enumerate(units for _line, units in waiting))
    for line, place, there in kept:
        units = there
        for index, (taker, _units) in enumerate(waiting):
            part = min(left, units, needs[index])
            if part:
                left, units, needs[index] = left - part, units - part, needs[index] - part
                line.put(-part, "reserved", place)
                line.put(part, "backordered", NOWHERE)
                taker.put(-part, "backordered", NOWHERE)
                taker.put(part, "reserved", place, line.locations[place])
                given.append(Given(line, taker, place, part))
    return given


def _movements(given: Sequence[Given], events: Sequence[int]) -> list[Movement]:
    gave, got = events[:2]
    moved = []
    for one in given:
        giver, taker, place, units = one
        moved += [
            Movement(giver.id, place, "reserved", NOWHERE, "open", units, gave),
            Movement(giver.id, NOWHERE, "open", NOWHERE, "backordered", units, gave),
            Movement(taker.id, NOWHERE, "backordered", place, "reserved", units, got),
        ]
    return moved
