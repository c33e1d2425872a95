"""Asking providers: open questions are put to them outside any transaction, and their answers settled in batches."""

import logging
import time
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial

from django.db import connection

from orderwright.flows.answer_credits import answer_credits
from orderwright.flows.settle_payments import settle_payments
from orderwright.kernel.locks import again_on_conflict
from orderwright.payments import asking, providers
from orderwright.payments.asking import Due
from orderwright.payments.methods import INSIDE
from orderwright.payments.ports import Answer, Unknown
from orderwright.payments.reconciling import ask_or_look_up
from orderwright.payments.settling import Brought

log = logging.getLogger(__name__)

AT_ONCE = 16
LOOK_SECONDS = 0.25


def ask_providers(*, at_once: int = AT_ONCE, for_seconds: float = 20.0) -> int:
    """Put all questions that are due, `at_once` to each provider; answers how many were put.

    Each provider has its own share of threads, so one that is slow or dead delays no other.  New questions are taken
    for `for_seconds`, then the last answers awaited.  Whoever dies in between loses nothing: a question whose answer
    was not settled is looked up when its turn comes again.
    """
    assert not connection.in_atomic_block
    codes = sorted(providers.codes())
    until = time.monotonic() + for_seconds
    asked = _answer_inside()
    under_way: dict[Future[Answer], Due] = {}
    with ThreadPoolExecutor(max_workers=max(1, at_once * len(codes)), thread_name_prefix="asking") as pool:
        while True:
            if time.monotonic() < until:
                for code in codes:
                    room = at_once - sum(due.provider == code for due in under_way.values())
                    taken = asking.take(code, room) if room else []
                    under_way.update({pool.submit(ask_or_look_up, due): due for due in taken})
                    asked += len(taken)
            if not under_way:
                return asked + _answer_inside()
            answered, _others = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            _settle([(under_way.pop(future), future) for future in answered])


def ask_about(order_id: int, *, within_seconds: float = 4.0) -> int:
    """Put the questions about one order now, for its payer waits; answers how many were answered in time.

    What a first answer brings with it, such as a capture, is asked too.  Whoever answers too late is looked up when
    the question's turn comes again.
    """
    assert not connection.in_atomic_block
    until = time.monotonic() + within_seconds
    answered = 0
    while (left := until - time.monotonic()) > 0 and (taken := asking.take_of(order_id)):
        inside = [due.id for due in taken if due.provider in INSIDE]
        if inside:
            again_on_conflict(partial(answer_credits, inside))
            answered += len(inside)
            taken = [due for due in taken if due.provider not in INSIDE]
        if not taken:
            continue
        pool = ThreadPoolExecutor(max_workers=len(taken), thread_name_prefix="asking")
        under_way = {pool.submit(ask_or_look_up, due): due for due in taken}
        pool.shutdown(wait=False)
        done, _late = wait(under_way, timeout=left)
        answered += len(done)
        _settle([(under_way[future], future) for future in done])
    return answered


def _answer_inside(at_once: int = 200) -> int:
    """Answer what the shop asks itself, until nothing of it is due; what an answer brings with it too."""
    answered = 0
    for method in sorted(INSIDE):
        while taken := [due.id for due in asking.take(method, at_once)]:
            again_on_conflict(partial(answer_credits, taken))
            answered += len(taken)
    return answered


def _settle(answered: Collection[tuple[Due, Future[Answer]]]) -> None:
    """An adapter that fails is an answer that we do not know."""
    brought = []
    for due, future in answered:
        error = future.exception()
        if error is not None:
            log.error("The adapter of %s failed with question %s.", due.provider, due.id, exc_info=error)
        elif not isinstance(future.result(), Unknown):
            brought.append(Brought(due.id, future.result()))
    if brought:
        again_on_conflict(lambda: settle_payments(brought))
