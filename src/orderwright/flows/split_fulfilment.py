"""Splitting work: some units of a fulfilment order become one of their own at the same location, to go on by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import each
from orderwright.flows._working import as_units, lay_out, share_facts
from orderwright.fulfilment import releasing
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import choose_open
from orderwright.fulfilment.holding import refuse_held, refuse_recalled
from orderwright.fulfilment.models import State
from orderwright.fulfilment.refusals import NothingStays
from orderwright.fulfilment.releasing import Given
from orderwright.fulfilment.working import Share, Work, put_back, work_movements
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.moving import Wanted


class Split(NamedTuple):
    """These open units of a fulfilment order (its name) go into a new one."""

    fulfilment_order: str
    lines: Sequence[Wanted]
    at: datetime | None = None


class WasSplit(NamedTuple):
    """It was split: how many units went, and the name of the new fulfilment order."""

    order_id: int
    units: int
    fulfilment_order: str


class _Decided(NamedTuple):
    work: Work
    shares: list[Share]
    at: datetime


@transaction.atomic
def split_fulfilment(requests: Sequence[Split], *, actor: Actor) -> list[WasSplit | Refusal]:
    """Split fulfilment orders, to ship a part now or to hold a part back.  Both leave on the same day, for now.

    Not while one is on hold, for its holds would not go with the units, nor while it is called back.
    """
    bench = lay_out([request.fulfilment_order for request in requests])

    def decide(request: Split) -> _Decided:
        work = bench.find(request.fulfilment_order)
        refuse_recalled(work)
        refuse_held(work)
        shares = choose_open(bench.units[work.order_id], [work], request.lines, target="moved")
        if not work.count("open", "packed"):
            put_back(shares, "moved")
            raise NothingStays(fulfilment_order=work.name)
        return _Decided(work, shares, request.at or clock.now())

    decided = each(requests, decide)
    done = [one for one in decided if isinstance(one, _Decided)]
    given = [
        Given(
            one.work.order_id,
            bench.orders[one.work.order_id].number,
            as_units(bench.units[one.work.order_id], one.shares),
            one.work.released_at,
            one.work.ship_on,
            State(one.work.state),
        )
        for one in done
    ]
    opened = [new for (new,) in releasing.open_orders(given)]
    events = record(
        [
            Happening(
                "fulfilment.split",
                actor,
                {
                    "number": part.number,
                    "fulfilment_order": one.work.name,
                    "into": new.facts(),
                    "units": share_facts(one.shares),
                },
                one.work.order_id,
                one.at,
            )
            for one, part, new in zip(done, given, opened, strict=True)
        ]
    )
    post(WORK, work_movements([one.shares for one in done], "moved", events), locked=True)
    releasing.write(opened, events)
    names = iter([new.name for new in opened])
    return [
        one
        if isinstance(one, Refusal)
        else WasSplit(one.work.order_id, sum(share.quantity for share in one.shares), next(names))
        for one in decided
    ]
