"""Sending: the loop that follows the log, takes what is due, sends it, and settles the answers in batches.

It runs in a thread of the worker process.  Each endpoint has its own connections and its own share of requests, and one
that fails gets one request at a time after growing rests: who is slow or dead delays no other.  The database is asked
in one thread beside the loop, so requests go on meanwhile.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

import uvloop
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from orderwright.kernel import feed
from orderwright.kernel.locks import again_on_conflict
from orderwright.webhooks import asking
from orderwright.webhooks.asking import Answer
from orderwright.webhooks.connecting import Connections
from orderwright.webhooks.following import follow_once
from orderwright.webhooks.settling import settle
from orderwright.webhooks.taking import LEASE_SECONDS, Leased, Open, give_back, open_endpoints, take

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.2  # for what happened and what fell due, while nothing is under way
GATHER_SECONDS = 0.02  # answers that come in together are settled together
MOST_TAKEN = 200  # deliveries of one endpoint: what it can be told in about a second
MOST_REQUESTS = 400  # at once, to all endpoints
STALE_SECONDS = LEASE_SECONDS / 2  # what was not sent so long after it was taken is taken anew
REST_SECONDS = 2.0  # after the database could not be asked, or the loop broke
END_PATIENCE_SECONDS = 1.0  # a worker that is told to end has ten seconds, and jobs take most of them


class Share:
    """What we know of an endpoint, and do for it, in this process."""

    def __init__(self, endpoint: Open) -> None:
        self.endpoint = endpoint
        self.connections = Connections()
        self.waiting: deque[tuple[float, Leased]] = deque()  # since when we have it
        self.requests: set[asyncio.Task[None]] = set()
        self.seconds = 1.0  # that an answer takes, lately

    def room(self, endpoint: Open) -> int:
        """How many more to take: what can be told in a second, and never less than is told at once."""
        at_once = endpoint.at_once
        most = at_once if at_once == 1 else max(at_once, min(MOST_TAKEN, int(at_once / self.seconds)))
        return most - len(self.waiting) - len(self.requests)


class Sender:
    """All that one loop holds."""

    def __init__(self) -> None:
        self.ending = False
        self.attempts = 0
        self._shares: dict[int, Share] = {}
        self._answers: list[Answer] = []
        self._given_back: list[Leased] = []
        self._answered = asyncio.Event()
        self._read_to: str | None = None
        self._database = ThreadPoolExecutor(1, thread_name_prefix="webhooks-database")

    async def run(self) -> None:
        """Send until told to end; the requests under way get a few seconds to be answered."""
        try:
            while not self.ending:
                try:
                    await self._turn()
                except (OperationalError, InterfaceError) as error:
                    log.warning("Webhooks wait for the database: %s", error)
                    await asyncio.sleep(REST_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_SECONDS if self._read_to is not None else 0):
                        await self._answered.wait()
                    await asyncio.sleep(GATHER_SECONDS)
        finally:
            await self._end(END_PATIENCE_SECONDS)

    async def run_dry(self) -> int:
        """Send what is due now and what comes due by it; answers how many attempts were made."""
        try:
            while True:
                await self._turn()
                requests = [task for share in self._shares.values() for task in share.requests]
                if requests:
                    await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
                elif not self._answers and self._read_to is not None:
                    return self.attempts
        finally:
            await self._end(asking.TIMEOUT_SECONDS)

    async def _turn(self) -> None:
        """Settle what was answered, follow the log, take what is due, and begin to send it."""
        answers, self._answers = self._answers, []
        given_back, self._given_back = self._given_back, []
        self._answered.clear()
        try:
            endpoints, taken = await self._ask_database(lambda: self._look(answers, given_back))
        except (OperationalError, InterfaceError):
            self._answers = answers + self._answers  # to be settled when the database is back
            raise
        self._know(endpoints)
        now = time.monotonic()
        for leased in taken:
            self._shares[leased.endpoint_id].waiting.append((now, leased))
        for share in list(self._shares.values()):
            self._send(share, now)

    def _look(self, answers: Sequence[Answer], given_back: Sequence[Leased]) -> tuple[list[Open], list[Leased]]:
        """All that is done with the database in a turn."""
        close_old_connections()
        again_on_conflict(lambda: settle(answers))
        give_back(given_back)
        end = feed.end()
        if end != self._read_to:
            self._read_to = None if again_on_conflict(follow_once).more else end
        endpoints = open_endpoints()
        rooms = {}
        for endpoint in endpoints:
            share = self._shares.get(endpoint.id)
            rooms[endpoint.id] = share.room(endpoint) if share is not None else endpoint.at_once
        return endpoints, take(rooms)

    def _know(self, endpoints: Sequence[Open]) -> None:
        """Take up what changed of endpoints; those that are not open any more are sent nothing."""
        opened = {endpoint.id: endpoint for endpoint in endpoints}
        for id_, share in list(self._shares.items()):
            if id_ not in opened:
                self._give_back_waiting(share)
                if not share.requests:
                    share.connections.close()
                    del self._shares[id_]
            elif opened[id_].url != share.endpoint.url:
                share.connections.close()  # they lead elsewhere
                share.connections = Connections()
        for id_, endpoint in opened.items():
            if id_ in self._shares:
                self._shares[id_].endpoint = endpoint
            else:
                self._shares[id_] = Share(endpoint)

    def _send(self, share: Share, now: float) -> None:
        """Begin as many requests as the endpoint gets at once."""
        under_way = sum(len(other.requests) for other in self._shares.values())
        while share.waiting and len(share.requests) < share.endpoint.at_once and under_way < MOST_REQUESTS:
            since, leased = share.waiting.popleft()
            if now - since > STALE_SECONDS:
                self._given_back.append(leased)
                continue
            task = asyncio.create_task(self._ask(share, leased))
            share.requests.add(task)
            task.add_done_callback(share.requests.discard)
            under_way += 1

    async def _ask(self, share: Share, leased: Leased) -> None:
        """Send one delivery, and then the next that waits: a request ends, another begins."""
        while True:
            try:
                answer = await asking.ask(share.connections, share.endpoint, leased)
            except Exception as error:
                log.error("Delivery %s failed in a way we do not know.", leased.id, exc_info=error)
                answer = asking.broken(share.endpoint, leased, error)
            share.seconds += 0.2 * (max(answer.seconds, 0.001) - share.seconds)
            self.attempts += 1
            self._answers.append(answer)
            self._answered.set()
            if self.ending or answer.outcome != "delivered" or not share.waiting:
                return
            since, leased = share.waiting.popleft()
            if time.monotonic() - since > STALE_SECONDS:
                self._given_back.append(leased)
                return

    def _give_back_waiting(self, share: Share) -> None:
        self._given_back += [leased for _since, leased in share.waiting]
        share.waiting.clear()

    async def _end(self, patience_seconds: float) -> None:
        self.ending = True
        for share in self._shares.values():
            self._give_back_waiting(share)
        requests = [task for share in self._shares.values() for task in share.requests]
        if requests:
            _done, late = await asyncio.wait(requests, timeout=patience_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for share in self._shares.values():
            share.connections.close()
        await self._ask_database(self._settle_last)
        self._database.shutdown()

    def _settle_last(self) -> None:
        try:
            again_on_conflict(lambda: settle(self._answers))
            give_back(self._given_back)
        except (OperationalError, InterfaceError) as error:
            log.warning("What webhooks were answered could not be written down; it is sent again: %s", error)
        finally:
            connection.close()

    async def _ask_database(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, copy_context().run, work)


class SenderThread(threading.Thread):
    """A sender beside other work of a process; `end` has it stop, and waits for it."""

    def __init__(self) -> None:
        super().__init__(name="webhooks")
        self._ending = threading.Event()
        self._sender: Sender | None = None

    def run(self) -> None:
        """Send; where the loop breaks, which it never should, begin anew after a rest."""
        while not self._ending.is_set():
            try:
                uvloop.run(self._send())
            except Exception as error:
                log.error("Sending webhooks broke; it begins anew.", exc_info=error)
                self._ending.wait(REST_SECONDS)

    async def _send(self) -> None:
        self._sender = Sender()
        self._sender.ending = self._ending.is_set()
        await self._sender.run()

    def end(self) -> None:
        """Stop: what is under way gets a few seconds."""
        self._ending.set()
        if self._sender is not None:
            self._sender.ending = True
        self.join()


def send_all() -> int:
    """Send all that is due, and what comes due by it; answers how many attempts were made."""
    return uvloop.run(_send_all())


async def _send_all() -> int:
    return await Sender().run_dry()
