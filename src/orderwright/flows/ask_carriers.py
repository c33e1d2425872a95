"""Asking carriers: labels are asked for outside any transaction, and the answers settled in batches."""

import logging
import time
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import connection

from orderwright.flows.settle_labels import settle_labels
from orderwright.kernel.locks import again_on_conflict
from orderwright.shipping import asking, carriers
from orderwright.shipping.asking import Due, ask_or_look_up
from orderwright.shipping.ports import Answer, Unknown
from orderwright.shipping.settling import Brought

log = logging.getLogger(__name__)

AT_ONCE = 8
LOOK_SECONDS = 0.25


def ask_carriers(*, at_once: int = AT_ONCE, for_seconds: float = 20.0) -> int:
    """Put all questions that are due, `at_once` to each carrier; answers how many were put.

    Each carrier has its own share of threads, so one that is slow or dead delays no other.  New questions are taken
    for `for_seconds`, then the last answers awaited.  Whoever dies in between loses nothing: a question whose answer
    was not settled is looked up when its turn comes again.
    """
    assert not connection.in_atomic_block
    codes = sorted(carriers.codes())
    until = time.monotonic() + for_seconds
    asked = 0
    under_way: dict[Future[Answer], Due] = {}
    with ThreadPoolExecutor(max_workers=max(1, at_once * len(codes)), thread_name_prefix="labels") as pool:
        while True:
            if time.monotonic() < until:
                for code in codes:
                    room = at_once - sum(due.carrier == code for due in under_way.values())
                    taken = asking.take(code, room) if room else []
                    under_way.update({pool.submit(ask_or_look_up, due): due for due in taken})
                    asked += len(taken)
            if not under_way:
                return asked
            answered, _others = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            _settle([(under_way.pop(future), future) for future in answered])


def _settle(answered: Collection[tuple[Due, Future[Answer]]]) -> None:
    """An adapter that fails is an answer that we do not know."""
    brought = []
    for due, future in answered:
        error = future.exception()
        if error is not None:
            log.error("The adapter of %s failed with question %s.", due.carrier, due.id, exc_info=error)
        elif not isinstance(future.result(), Unknown):
            brought.append(Brought(due.id, future.result()))
    if brought:
        again_on_conflict(lambda: settle_labels(brought))
