"""Rejecting work: a location says no, and what it does not do is sourced anew, with that location left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows import _working
from orderwright.flows._each import each
from orderwright.flows._working import Bench, Dealt, Leaving, deal, kept, lay_out, leave, wanted_of
from orderwright.flows.release_orders import hand_over
from orderwright.flows.summarize import look, summarize
from orderwright.fulfilment import reasons, rejecting
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import choose_open
from orderwright.fulfilment.holding import refuse_recalled
from orderwright.fulfilment.reasons import TRUE_BUCKET
from orderwright.fulfilment.refusals import NothingOpen
from orderwright.fulfilment.rejecting import Rejected
from orderwright.fulfilment.releasing import Given, Opened
from orderwright.fulfilment.sourcing.places import Way, places, ways
from orderwright.fulfilment.sourcing.plan import Plan, plan
from orderwright.fulfilment.sourcing.sorters import Place
from orderwright.fulfilment.working import Work, close_done, work_movements
from orderwright.inventory.availability import SafetyRow, load_safeties, sellable
from orderwright.inventory.book import STOCK
from orderwright.inventory.reserving import Shelves, lock_shelves
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import holding, noting
from orderwright.orders.book import LINES
from orderwright.orders.moving import Wanted
from orderwright.orders.status import is_secure


class Reject(NamedTuple):
    """A location will not do what is open of a fulfilment order (its name), or these units of it."""

    fulfilment_order: str
    reason: str  # see fulfilment.reasons
    lines: Sequence[Wanted] | None = None
    note: str = ""
    at: datetime | None = None


class SourcedAnew(NamedTuple):
    """It was rejected: how many units; how many are kept elsewhere, and how many waited for; the new work."""

    order_id: int
    units: int
    kept: int
    backordered: int
    fulfilment_orders: list[str]


class _Sources(NamedTuple):
    """Where units may come from; the shelves are locked."""

    shelves: Shelves
    safeties: list[SafetyRow]
    places: list[Place]
    ways: dict[int, Way]
    said_no: dict[int, dict[int, str]]  # line: location: reason

    @property
    def codes(self) -> dict[int, str]:
        return {place.id: place.code for place in self.places}


class _Decided(NamedTuple):
    work: Work
    rejected: Rejected
    sourced: Plan
    dealt: list[Dealt]
    released: bool  # what was found goes to its location at once

    @property
    def leaving(self) -> Leaving:
        return Leaving(self.rejected.shares, self.dealt, TRUE_BUCKET.get(self.rejected.reason))


@transaction.atomic
def reject_fulfilment(requests: Sequence[Reject], *, actor: Actor) -> list[SourcedAnew | Refusal]:
    """Take units out of the hands of locations that said no, and source them anew, those locations left out.

    What is found elsewhere is kept there and handed over at once, unless the order is on hold or not paid for; the
    rest waits on backorder.  What a location says of its stock is believed: short units are lost, damaged ones damaged.
    """
    bench = lay_out([request.fulfilment_order for request in requests])
    ids = list(bench.orders)
    holds, (_figures, paid) = holding.standing(ids), look(ids)
    sources = _sources(bench)

    def decide(request: Reject) -> _Decided:
        work, reason = bench.find(request.fulfilment_order), reasons.check(request.reason)
        refuse_recalled(work)
        note = noting.check_text(request.note) if request.note else ""
        shares = choose_open(bench.units[work.order_id], [work], request.lines, target="rejected")
        if not shares:
            raise NothingOpen(fulfilment_order=work.name)
        rejected = Rejected(shares, reason, note, request.at or clock.now())
        sourced, dealt = _source_anew(work, rejected, bench, sources)
        return _Decided(work, rejected, sourced, dealt, not holds[work.order_id] and is_secure(paid[work.order_id]))

    decided = each(requests, decide)
    opened = _write([one for one in decided if isinstance(one, _Decided)], bench, sources, actor=actor)
    return [_answer(one, opened.get(id(one), ())) if isinstance(one, _Decided) else one for one in decided]


def _sources(bench: Bench) -> _Sources:
    lines = [line for works in bench.works.values() for work in works for line in work.lines]
    skus = {line.sku_id for line in lines}
    shelves, safeties, found = lock_shelves(skus), load_safeties(skus), sql.ask(places())
    said_no = rejecting.left_out({line.line_id for line in lines})
    return _Sources(shelves, safeties, found, ways(bench.orders), said_no)


def _source_anew(work: Work, rejected: Rejected, bench: Bench, sources: _Sources) -> tuple[Plan, list[Dealt]]:
    """Find other places for rejected units, in memory; the shelves are changed."""
    left = leave(bench.units[work.order_id], rejected.shares)
    shelves = sources.shelves
    for share in rejected.shares:
        here = (share.line.sku_id, work.location_id)
        if rejected.reason not in TRUE_BUCKET and here in shelves:
            shelves[here] += share.quantity
        sources.said_no[share.line.line_id][work.location_id] = rejected.reason.value
    said_no = {place: why for line, _quantity in left for place, why in sources.said_no[line.id].items()}
    way = sources.ways[work.order_id]
    there = sellable(shelves, sources.safeties, way.channel_id) if sources.safeties else shelves
    why = {place: f"It rejected this: {reason}." for place, reason in said_no.items()}
    sourced = plan(wanted_of(left), there, sources.places, way.to, way.strategies, why)
    for sku, takes in sourced.taken.items():
        for take in takes:
            shelves[sku, take.place] -= take.amount
    return sourced, deal(left, sourced.taken, sources.codes)


def _write(decided: Sequence[_Decided], bench: Bench, sources: _Sources, *, actor: Actor) -> dict[int, list[Opened]]:
    """Write it all down; answers the new fulfilment orders of each decision, by its identity in memory."""
    if not decided:
        return {}
    codes = sources.codes
    happened = [_happening(one, bench, codes, actor) for one in decided]
    events = record(happened)
    leaving = [one.leaving for one in decided]
    post(STOCK, _working.stock_movements(leaving, events))
    post(LINES, _working.line_movements(leaving, events))
    post(WORK, work_movements([one.rejected.shares for one in decided], "rejected", events), locked=True)
    rejecting.write([one.rejected for one in decided], actor=actor)
    going_on = [one for one in decided if one.released and any(part.place for part in one.dealt)]
    given = []
    for one in going_on:
        chosen = kept(one.work.order_id, one.dealt)
        number = bench.orders[one.work.order_id].number
        given.append((chosen, Given(one.work.order_id, number, chosen.units, one.rejected.at)))
    opened = hand_over(given, actor=actor)
    close_done([work for works in bench.works.values() for work in works], max(one.rejected.at for one in decided))
    summarize({one.work.order_id for one in decided})
    return {id(one): new for one, new in zip(going_on, opened, strict=True)}


def _happening(one: _Decided, bench: Bench, codes: Mapping[int, str], actor: Actor) -> Happening:
    facts = {
        "number": bench.orders[one.work.order_id].number,
        "fulfilment_order": one.work.name,
        "location": one.work.location,
        "reason": one.rejected.reason.value,
        "units": _working.share_facts(one.rejected.shares),
        "sourcing": one.sourced.reason,
        "kept": _working.facts([part for part in one.dealt if part.place], codes),
        "backordered": _working.facts([part for part in one.dealt if not part.place], codes),
        "released": one.released,
    }
    return Happening("fulfilment.rejected", actor, facts, one.work.order_id, one.rejected.at)


def _answer(one: _Decided, opened: Sequence[Opened]) -> SourcedAnew:
    found = sum(part.quantity for part in one.dealt if part.place != NOWHERE)
    units = sum(share.quantity for share in one.rejected.shares)
    return SourcedAnew(one.work.order_id, units, found, units - found, [new.name for new in opened])
