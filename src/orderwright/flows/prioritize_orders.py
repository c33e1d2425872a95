"""Prioritizing: an order goes before others in the queues of what it waits for, or behind them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import lock_orders
from orderwright.promises import queueing

MOST = 1000


class Prioritize(NamedTuple):
    """Higher goes first; 0 is where every order begins."""

    order_id: int
    priority: int


@transaction.atomic
def prioritize_orders(requests: Sequence[Prioritize], *, actor: Actor) -> list[Answer]:
    """Set the priorities of orders; of two requests for one order the last counts.  Promises follow from the log."""
    locked = lock_orders([request.order_id for request in requests])

    def decide(request: Prioritize) -> Prioritize:
        if not -MOST <= request.priority <= MOST:
            raise Invalid(field="priority", problem=f"{request.priority} is not between -{MOST} and {MOST}")
        return request

    decided = each(requests, decide)
    wanted = {one.order_id: one.priority for one in decided if isinstance(one, Prioritize)}
    if wanted:
        before = queueing.prioritize(list(wanted), list(wanted.values()), actor=actor)
        record(
            [
                Happening(
                    "order.prioritized",
                    actor,
                    {"number": locked[id_].number, "priority": priority, "was": before.get(id_, 0)},
                    id_,
                )
                for id_, priority in wanted.items()
            ]
        )
    return [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]
