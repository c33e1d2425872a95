"""Finishing: everything that can go out goes out, and everything that went out arrives, batch by batch.

Each batch is a transaction or two of its own, so it may be stopped at any moment and goes on where it was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from orderwright.flows._each import Answer, Done
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.status import Status

LOOK_AT_ONCE = 500  # orders
BATCH_LINES = 2_000

Progress = Callable[[int], None]  # so many orders were looked at


def ship_everything(*, actor: Actor, progress: Progress) -> Counter[str]:
    """Release and ship all orders that are ready, or with the warehouse.

    Answers how many were `shipped`, and how many were not, by the refusal's code.
    """
    tally: Counter[str] = Counter()
    for ids in batches((Status.READY, Status.IN_WORK, Status.PARTLY_SHIPPED)):
        again_on_conflict(partial(release_orders, [Release(id_) for id_ in ids], actor=actor))
        tally += _count("shipped", again_on_conflict(partial(ship_orders, [Ship(id_) for id_ in ids], actor=actor)))
        progress(len(ids))
    return tally


def deliver_everything(*, actor: Actor, progress: Progress) -> Counter[str]:
    """Note that all that was shipped arrived.  Answers how many were `delivered`, and the refusals' codes."""
    tally: Counter[str] = Counter()
    for ids in batches((Status.SHIPPED, Status.PARTLY_SHIPPED)):
        answers = again_on_conflict(partial(deliver_orders, [Deliver(id_) for id_ in ids], actor=actor))
        tally += _count("delivered", answers)
        progress(len(ids))
    return tally


def count(statuses: Sequence[Status]) -> int:
    """How many orders have one of these statuses."""
    return int(sql.value("SELECT count(*) FROM order_summary WHERE status = ANY (%s::text[])", [sql.texts(statuses)]))


def batches(
    statuses: Sequence[Status], *, lines: int = BATCH_LINES, look_at_once: int = LOOK_AT_ONCE
) -> Iterator[list[int]]:
    """The orders with these statuses, each once, in batches of so many lines that a transaction stays short."""
    last = 0
    while found := sql.rows(NEXT, [sql.texts(statuses), last, look_at_once]):
        batch: list[int] = []
        so_far = 0
        for order_id, more in found:
            if batch and so_far + more > lines:
                yield batch
                batch, so_far = [], 0
            batch.append(order_id)
            so_far += more
        yield batch
        last = found[-1][0]


def _count(done: str, answers: Sequence[Answer]) -> Counter[str]:
    return Counter(done if isinstance(answer, Done) else answer.code for answer in answers)


NEXT = """
    SELECT s.order_id, (SELECT count(*) FROM order_line l WHERE l.order_id = s.order_id)
      FROM order_summary s
     WHERE s.status = ANY (%s::text[]) AND s.order_id > %s::bigint
     ORDER BY s.order_id LIMIT %s::bigint
"""
