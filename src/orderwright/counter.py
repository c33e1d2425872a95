"""The counter: one at a time outside, many at a time inside.

A web server gets single orders; PostgreSQL is several times faster with many, because a flush, a round trip and a
popular SKU's lock are paid once a batch.  Drafts that arrive while a batch is being placed wait for the next one, and
that takes all that wait, up to a limit.  There is no timer: an idle counter places a single order at once.  One thread
with a database connection of its own places; more of them would only queue on the same rows.

Each request gets its own answer, and one that was answered is committed.  If a batch fails for a reason that no draft
explains, it is rolled back and tried again by halves, so that one poisonous draft fails alone.
"""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _

from orderwright.flows.place_orders import Outcome, Refused, Request, place_orders
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64  # of single requests; a request that brings many is placed together with what waits before it
MOST_LINES_AT_ONCE = 2000  # a transaction stays under a second
MOST_WAITING = 4096
WAITS_FOR_DATABASE_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)


class CounterClosed(Refusal):
    code = "counter_closed"
    status = 503
    sentence = _("No orders are taken at the moment. Try again soon.")


class TooManyWaiting(Refusal):
    code = "too_many_waiting"
    status = 503
    sentence = _("Too many orders are waiting to be placed. Try again soon.")


class NotKnown(Refusal):
    """The database went away while it was committing: an order without a key must not be placed a second time."""

    code = "outcome_not_known"
    status = 503
    sentence = _("It is not known whether the order was placed. Look for it before you place it again.")


class _Waiting(NamedTuple):
    requests: Sequence[Request]
    answer: "Future[list[Outcome]]"


class Counter:
    """Takes requests from any thread and answers each through a future."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._open = True
        self.batches = 0
        self.placed = 0
        self._thread = threading.Thread(target=self._run, name="counter", daemon=True)
        self._thread.start()

    def hand_in(self, requests: Sequence[Request]) -> "Future[list[Outcome]]":
        """Have requests placed, in order.  The future brings an outcome for each, or the failure of all."""
        if not self._open:
            raise CounterClosed
        if self._waiting.qsize() >= MOST_WAITING:
            raise TooManyWaiting
        answer: Future[list[Outcome]] = Future()
        self._waiting.put(_Waiting(requests, answer))
        return answer

    def close(self, timeout_seconds: float = 10) -> None:
        """Place what waits, then stop."""
        self._open = False
        self._waiting.put(None)
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = self._gather(first)
            self._serve(batch)
            if last:
                break
        connection.close()

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """All that waits now, up to the limits."""
        batch, size, lines = [first], len(first.requests), _lines(first)
        while size < MOST_AT_ONCE and lines < MOST_LINES_AT_ONCE:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
            size += len(following.requests)
            lines += _lines(following)
        return batch, False

    def _serve(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = _place([request for waiting in batch for request in waiting.requests])
        except Exception as error:  # noqa: BLE001 - a batch may fail for any reason; its drafts are told by halves
            self._serve_by_halves(batch, error)
            return
        self.batches += 1
        self.placed += len(outcomes)
        start = 0
        for waiting in batch:
            end = start + len(waiting.requests)
            _answer(waiting.answer, outcomes[start:end])
            start = end

    def _serve_by_halves(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            self._serve(batch[:middle])
            self._serve(batch[middle:])
            return
        log.error("an order could not be placed", exc_info=error)
        if batch[0].answer.set_running_or_notify_cancel():
            batch[0].answer.set_exception(error)


_shared: Counter | None = None


def share(counter: Counter | None) -> None:
    """Let pages of this process hand their orders in at the same counter; None: at none any more."""
    global _shared  # noqa: PLW0603 - one counter a process is the point
    _shared = counter


def place_one(request: Request) -> Outcome:
    """Place an order for a page: at this process's counter where it has one, in the page's own thread elsewhere."""
    if _shared is not None:
        (outcome,) = _shared.hand_in([request]).result()
    else:
        (outcome,) = again_on_conflict(lambda: place_orders([request]))
    return outcome


def _lines(waiting: _Waiting) -> int:
    return sum(len(request.draft.lines) for request in waiting.requests)


def _answer(answer: "Future[list[Outcome]]", outcomes: list[Outcome]) -> None:
    if answer.set_running_or_notify_cancel():  # whoever asked may have gone; the order is placed all the same
        answer.set_result(outcomes)


def _place(requests: Sequence[Request]) -> list[Outcome]:
    """Place, and again where the connection was lost: requests with a key safely, those without are told."""
    tried: list[Request] = list(requests)
    told: dict[int, Outcome] = {}
    for wait in (*WAITS_FOR_DATABASE_SECONDS, None):
        asked = [index for index in range(len(requests)) if index not in told]
        try:
            outcomes = again_on_conflict(lambda: place_orders([tried[index] for index in asked])) if asked else []  # noqa: B023
        except (OperationalError, InterfaceError) as error:
            if wait is None or not _connection_was_lost(error):
                raise
            was_committing = connection.connection is not None
            connection.close()
            if was_committing:
                told |= {index: Refused(NotKnown()) for index in asked if tried[index].key is None}
            time.sleep(wait)
            continue
        return [told[index] if index in told else outcomes.pop(0) for index in range(len(requests))]
    raise AssertionError("unreachable")


def _connection_was_lost(error: OperationalError | InterfaceError) -> bool:
    cause = error.__cause__
    if isinstance(cause, psycopg.errors.AdminShutdown | psycopg.errors.CrashShutdown | psycopg.errors.CannotConnectNow):
        return True
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and cause.sqlstate is None
