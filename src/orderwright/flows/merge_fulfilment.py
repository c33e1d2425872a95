"""Merging work: fulfilment orders of one order at one location become one, to leave together."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows._working import Bench, lay_out, share_facts
from orderwright.fulfilment import releasing
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import choose_open
from orderwright.fulfilment.holding import refuse_held, refuse_recalled
from orderwright.fulfilment.refusals import NotAlike, NothingOpen
from orderwright.fulfilment.releasing import NewLine
from orderwright.fulfilment.working import Share, Work, close_done, work_movements
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import post
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.events import Happening, record


class Merge(NamedTuple):
    """What is open of the fulfilment orders `others` (names) goes into the one called `into`."""

    into: str
    others: Sequence[str]
    at: datetime | None = None


class _Decided(NamedTuple):
    into: Work
    others: list[Work]
    shares: list[Share]
    at: datetime

    @property
    def units(self) -> int:
        return sum(share.quantity for share in self.shares)


@transaction.atomic
def merge_fulfilment(requests: Sequence[Merge], *, actor: Actor) -> list[Answer]:
    """Merge fulfilment orders.  What is packed stays where it is; what has nothing left is closed.

    They must be of the same order and location and in the same state; none may be on hold or called back.
    """
    bench = lay_out([name for request in requests for name in (request.into, *request.others)])
    grown: set[int] = set()
    decided = each(requests, lambda request: _decide(request, bench, grown))
    done = [one for one in decided if isinstance(one, _Decided)]
    events = record(
        [
            Happening(
                "fulfilment.merged",
                actor,
                {
                    "number": bench.orders[one.into.order_id].number,
                    "fulfilment_order": one.into.name,
                    "merged": [other.name for other in one.others],
                    "units": share_facts(one.shares),
                },
                one.into.order_id,
                one.at,
            )
            for one in done
        ]
    )
    post(WORK, work_movements([one.shares for one in done], "moved", events), locked=True)
    releasing.write_lines(
        [
            NewLine(one.into.id, one.into.location_id, share.line.line_id, share.quantity, event)
            for one, event in zip(done, events, strict=True)
            for share in one.shares
        ]
    )
    close_done([other for one in done for other in one.others])
    return [one if isinstance(one, Refusal) else Done(one.into.order_id, one.units) for one in decided]


def _decide(request: Merge, bench: Bench, grown: set[int]) -> _Decided:
    """Which units go; `grown` are those that others of this batch went into: they are as they were read no more."""
    if not request.others or request.into in request.others or len(set(request.others)) < len(request.others):
        raise Invalid(field="others", problem="name other fulfilment orders, each once")
    into = bench.find(request.into)
    others = [bench.find(name) for name in request.others]
    for work in (into, *others):
        refuse_recalled(work)
        refuse_held(work)
    for other in others:
        alike = (other.order_id, other.location_id, other.state) == (into.order_id, into.location_id, into.state)
        if not alike:
            raise NotAlike(one=into.name, other=other.name)
        if not other.count("open") or other.id in grown:
            raise NothingOpen(fulfilment_order=other.name)
    if not into.count("open", "packed"):
        raise NothingOpen(fulfilment_order=into.name)
    grown.add(into.id)
    shares = choose_open(bench.units[into.order_id], others, None, target="moved")
    return _Decided(into, others, shares, request.at or clock.now())
