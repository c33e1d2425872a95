"""Moving work: units that a location was given are to be done by another one, which has them on its shelf."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows import _working
from orderwright.flows._each import each
from orderwright.flows._working import Bench, Leaving, deal, kept, lay_out, leave, wanted_of
from orderwright.flows.release_orders import hand_over
from orderwright.flows.summarize import look, summarize
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import choose_open
from orderwright.fulfilment.holding import refuse_held, refuse_recalled
from orderwright.fulfilment.refusals import AlreadyThere, NothingOpen, NotThere
from orderwright.fulfilment.releasing import Given
from orderwright.fulfilment.sourcing.places import places
from orderwright.fulfilment.sourcing.plan import Taken
from orderwright.fulfilment.working import Work, close_done, put_back, work_movements
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import Shelves, lock_shelves
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import post
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import holding, releasing
from orderwright.orders.book import LINES
from orderwright.orders.moving import Wanted


class Move(NamedTuple):
    """Another location (its code) is to do what is open of a fulfilment order (its name), or these units of it."""

    fulfilment_order: str
    to: str
    lines: Sequence[Wanted] | None = None
    at: datetime | None = None


class Moved(NamedTuple):
    """It was moved: how many units, and the name of the new fulfilment order."""

    order_id: int
    units: int
    fulfilment_order: str


class _Decided(NamedTuple):
    work: Work
    to: str
    leaving: Leaving
    at: datetime


@transaction.atomic
def move_fulfilment(requests: Sequence[Move], *, actor: Actor) -> list[Moved | Refusal]:
    """Give units to other locations.  The stock follows: free where they were, reserved where they are done now.

    A person decides this: safety stock may be taken.  Not while the order or its fulfilment order is on hold, not
    while it is called back, and not without the money.
    """
    bench = lay_out([request.fulfilment_order for request in requests])
    ids = list(bench.orders)
    holds, (_figures, paid) = holding.standing(ids), look(ids)
    shelves = lock_shelves({line.sku_id for works in bench.works.values() for work in works for line in work.lines})
    codes = {place.id: place.code for place in sql.ask(places())}
    by_code = {code: place for place, code in codes.items()}

    def decide(request: Move) -> _Decided:
        work = bench.find(request.fulfilment_order)
        order = bench.orders[work.order_id]
        refuse_recalled(work)
        refuse_held(work)
        holding.refuse_held(order.number, holds[order.id])
        releasing.refuse_unpaid(order.number, order.currency, paid[order.id])
        if request.to not in by_code:
            raise NotFound(thing="location that sells", name=request.to)
        leaving = _move(work, by_code[request.to], request, bench, shelves, codes)
        return _Decided(work, request.to, leaving, request.at or clock.now())

    decided = each(requests, decide)
    names = iter(_write([one for one in decided if isinstance(one, _Decided)], bench, actor=actor))
    return [one if isinstance(one, Refusal) else Moved(one.work.order_id, _count(one), next(names)) for one in decided]


def _move(work: Work, place: int, request: Move, bench: Bench, shelves: Shelves, codes: Mapping[int, str]) -> Leaving:
    """Move units in memory; where the other location does not have all of them, nothing has moved."""
    if place == work.location_id:
        raise AlreadyThere(fulfilment_order=work.name, location=request.to)
    order = bench.units[work.order_id]
    shares = choose_open(order, [work], request.lines, target="moved")
    if not shares:
        raise NothingOpen(fulfilment_order=work.name)
    asked: dict[int, int] = {}
    for share in shares:
        asked[share.line.sku_id] = asked.get(share.line.sku_id, 0) + share.quantity
    skus = {share.line.sku_id: share.line.sku for share in shares}
    short = [
        {"sku": skus[sku], "asked": quantity, "there": shelves.get((sku, place), 0)}
        for sku, quantity in asked.items()
        if quantity > shelves.get((sku, place), 0)
    ]
    if short:
        put_back(shares, "moved")
        raise NotThere(location=request.to, skus=", ".join(sorted(str(one["sku"]) for one in short)), short=short)
    left = leave(order, shares)
    for sku, quantity in wanted_of(left).items():
        shelves[sku, place] -= quantity
        if (sku, work.location_id) in shelves:
            shelves[sku, work.location_id] += quantity
    return Leaving(shares, deal(left, {sku: [Taken(place, quantity)] for sku, quantity in asked.items()}, codes))


def _write(moved: Sequence[_Decided], bench: Bench, *, actor: Actor) -> list[str]:
    """Write it all down; answers the names of the new fulfilment orders."""
    if not moved:
        return []
    events = record([_happening(one, bench, actor) for one in moved])
    leaving = [one.leaving for one in moved]
    post(STOCK, _working.stock_movements(leaving, events))
    post(LINES, _working.line_movements(leaving, events))
    post(WORK, work_movements([one.leaving.shares for one in moved], "moved", events), locked=True)
    given = []
    for one in moved:
        chosen = kept(one.work.order_id, one.leaving.dealt)
        given.append((chosen, Given(one.work.order_id, bench.orders[one.work.order_id].number, chosen.units, one.at)))
    opened = hand_over(given, actor=actor)
    close_done([work for works in bench.works.values() for work in works], max(one.at for one in moved))
    summarize({one.work.order_id for one in moved})
    return [new.name for (new,) in opened]


def _happening(one: _Decided, bench: Bench, actor: Actor) -> Happening:
    facts = {
        "number": bench.orders[one.work.order_id].number,
        "fulfilment_order": one.work.name,
        "location": one.work.location,
        "to": one.to,
        "units": _working.share_facts(one.leaving.shares),
    }
    return Happening("fulfilment.moved", actor, facts, one.work.order_id, one.at)


def _count(one: _Decided) -> int:
    return sum(share.quantity for share in one.leaving.shares)
