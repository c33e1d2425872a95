"""The floor of a play: places accept and reject, pack, stick labels on, and hand over; a few dozen orders at once."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import NamedTuple, TypeVar

from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.reject_fulfilment import Reject, SourcedAnew, reject_fulfilment
from orderwright.flows.settle_labels import settle_labels
from orderwright.fulfilment.reasons import TRUE_BUCKET
from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.moving import Wanted
from orderwright.replay.scene import ACTOR, CARRIER
from orderwright.shipping import asking
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import Unknown
from orderwright.shipping.settling import Brought

T = TypeVar("T")
AT_ONCE = 60  # fulfilment orders or shipments in a transaction
LABELS_AT_ONCE = 200  # questions that are put together, and settled together
THREADS = 4
REJECTED = 0.05  # the share of what a place is asked for that it rejects
REASONS = (("short", "damaged", "capacity", "closed"), (5, 2, 4, 1))  # why, and how often
GRAMS = 120  # what a unit of this shop weighs, more or less
HEAVIEST = 30_000


class Work(NamedTuple):
    """Something that a place is to do: the name of a fulfilment order, and how many units are open."""

    name: str
    order_id: int
    units: int


def answer(dice: random.Random, *, clean: bool) -> list[int]:
    """Places that are asked accept, or reject a share; answers the orders of which something was sourced anew."""
    anew: list[int] = []
    for some in _batches(sql.rows(OFFERED)):
        noes = {name: _no(name, positions, dice) for name, positions in some if not clean and dice.random() < REJECTED}
        yeses = [Accept(name) for name, _positions in some if name not in noes]
        accepted = again_on_conflict(partial(accept_fulfilment, yeses, actor=ACTOR)) if yeses else []
        rejected = again_on_conflict(partial(reject_fulfilment, list(noes.values()), actor=ACTOR)) if noes else []
        _count([*accepted, *rejected])
        anew += [one.order_id for one in rejected if isinstance(one, SourcedAnew)]
    return anew


def _no(name: str, positions: Sequence[int], dice: random.Random) -> Reject:
    """What is short or damaged is one line; who is closed or has too much to do does nothing of it."""
    reason = dice.choices(*REASONS)[0]
    if reason in TRUE_BUCKET:
        (line,) = sql.rows(UNITS_OF, [name, dice.choice(positions)])
        return Reject(name, reason, [Wanted(*line)])
    return Reject(name, reason)


def prepare(today: date) -> int:
    """Pack all that is accepted and is to leave by today; answers how many shipments."""
    work = [Work(*row) for row in sql.rows(TO_PACK, [today])]
    done = 0
    for some in _batches(work):
        requests = [Prepare(one.name, [Box(weight_grams=min(HEAVIEST, 200 + one.units * GRAMS))]) for one in some]
        answers = again_on_conflict(partial(prepare_shipments, requests, actor=ACTOR))
        done += _count(answers)
    return done


def stick_labels() -> int:
    """Ask the carriers for all labels that are due, and settle the answers in batches; answers how many came."""
    brought = 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="labels") as pool:
        while due := asking.take(CARRIER, LABELS_AT_ONCE):
            answers = list(pool.map(asking.ask_or_look_up, due))
            known = [
                Brought(one.id, answer)
                for one, answer in zip(due, answers, strict=True)
                if not isinstance(answer, Unknown)
            ]
            again_on_conflict(partial(settle_labels, known))
            brought += len(known)
    return brought


def hand_over() -> int:
    """Let all shipments leave that are packed and labelled; answers how many."""
    names = [name for (name,) in sql.rows(TO_LEAVE)]
    return sum(
        _count(again_on_conflict(partial(confirm_shipments, [Confirm(name) for name in some], actor=ACTOR)))
        for some in _batches(names)
    )


def _batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), AT_ONCE):
        yield things[start : start + AT_ONCE]


def _count(answers: Sequence[object]) -> int:
    """How many were done.  Nobody stops what a play does: a refusal is a fault of the play."""
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer
    return len(answers)


OFFERED = """
    SELECT f.name, array_agg(o.position ORDER BY o.position)
      FROM fulfilment_order f
      JOIN fulfilment_line l ON l.fulfilment_order_id = f.id
      JOIN work_sheet w ON w.holder_id = l.id AND w.open > 0
      JOIN order_line o ON o.id = l.line_id
     WHERE f.closed_at IS NULL AND f.state = 'offered'
     GROUP BY f.id, f.name
     ORDER BY f.id
"""

UNITS_OF = """
    SELECT o.position, w.open
      FROM fulfilment_order f
      JOIN fulfilment_line l ON l.fulfilment_order_id = f.id
      JOIN work_sheet w ON w.holder_id = l.id AND w.open > 0
      JOIN order_line o ON o.id = l.line_id
     WHERE f.name = %s AND o.position = %s::int
"""

TO_PACK = """
    SELECT f.name, f.order_id, sum(w.open)::bigint
      FROM fulfilment_order f
      JOIN fulfilment_line l ON l.fulfilment_order_id = f.id
      JOIN work_sheet w ON w.holder_id = l.id
     WHERE f.closed_at IS NULL AND f.state = 'accepted' AND f.ship_on <= %s::date AND w.open > 0
     GROUP BY f.id, f.name, f.order_id
     ORDER BY f.id
"""

TO_LEAVE = """
    SELECT s.name
      FROM shipment s
     WHERE s.state = 'prepared'
       AND NOT EXISTS (SELECT FROM package p WHERE p.shipment_id = s.id AND p.tracking_number IS NULL)
     ORDER BY s.id
"""
