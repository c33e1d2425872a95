"""Tracking packages: carriers are asked where packages are, outside any transaction, and what they say is heard."""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import connection

from orderwright.flows.hear_scans import hear_all
from orderwright.kernel.ports import NotInstalled
from orderwright.shipping import carriers, polling
from orderwright.shipping.ports import ScanTold, Unknown

log = logging.getLogger(__name__)

POLLING = "polling"


def track_packages(*, for_seconds: float = 20.0) -> int:
    """Ask each carrier about the packages whose turn it is, a hundred at once; answers how many were news.

    Each carrier has a thread of its own, so one that is slow or dead delays no other.
    """
    assert not connection.in_atomic_block
    until = time.monotonic() + for_seconds
    news = 0
    waiting = set(carriers.codes())
    under_way: dict[Future[object], str] = {}
    with ThreadPoolExecutor(max_workers=max(1, len(waiting)), thread_name_prefix="tracking") as pool:
        while True:
            if time.monotonic() < until:
                for code in sorted(waiting):
                    waiting.discard(code)
                    numbers = polling.take(code)
                    if numbers:
                        under_way[pool.submit(polling.ask, code, numbers)] = code
            if not under_way:
                return news
            answered, _others = wait(under_way, return_when=FIRST_COMPLETED)
            for future in answered:
                code = under_way.pop(future)
                told = _told(code, future)
                if told is not None:  # one that does not answer is left alone until the next round
                    waiting.add(code)
                    heard = hear_all(code, told, told_by=POLLING)
                    news += heard.matched + heard.waiting


def _told(code: str, future: "Future[object]") -> list[ScanTold] | None:
    """What a carrier said; None where it said nothing."""
    error = future.exception()
    if isinstance(error, NotInstalled):
        log.warning("There is no carrier %s any more; its packages wait.", code)
        return None
    if error is not None:
        log.error("The adapter of %s failed to track.", code, exc_info=error)
        return None
    answer = future.result()
    return None if isinstance(answer, Unknown) else list(answer)  # type: ignore[call-overload]
