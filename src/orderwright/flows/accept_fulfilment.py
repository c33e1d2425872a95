"""Accepting work: a location takes on what it was offered."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.flows._working import lay_out
from orderwright.fulfilment.models import STEPS, State
from orderwright.fulfilment.refusals import NotOffered
from orderwright.fulfilment.working import Work
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.kernel.states import advance


class Accept(NamedTuple):
    """A location takes on a fulfilment order (its name)."""

    fulfilment_order: str
    at: datetime | None = None


@transaction.atomic
def accept_fulfilment(requests: Sequence[Accept], *, actor: Actor) -> list[Answer]:
    """Note that locations do what they were offered; it may be packed from now on."""
    bench = lay_out([request.fulfilment_order for request in requests])

    def decide(request: Accept) -> tuple[Work, datetime | None]:
        work = bench.find(request.fulfilment_order)
        if work.state != State.OFFERED:
            raise NotOffered(fulfilment_order=work.name, state=work.state)
        work.state = State.ACCEPTED
        return work, request.at

    decided = each(requests, decide)
    accepted = [one for one in decided if not isinstance(one, Refusal)]
    advance("fulfilment_order", [work.id for work, _at in accepted], State.ACCEPTED, steps=STEPS)
    record(
        [
            Happening(
                "fulfilment.accepted",
                actor,
                {
                    "number": bench.orders[work.order_id].number,
                    "fulfilment_order": work.name,
                    "location": work.location,
                },
                work.order_id,
                at,
            )
            for work, at in accepted
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one[0].order_id, one[0].count("open")) for one in decided]
