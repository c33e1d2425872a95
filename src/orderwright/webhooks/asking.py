"""Asking an endpoint: one request, one answer, and nothing that a hostile or broken endpoint can make of it.

Redirects are not followed, an answer is read to a limit, and all of it may take fifteen seconds.
"""

import asyncio
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import h11

import orderwright
from orderwright.kernel import clock
from orderwright.webhooks import signing
from orderwright.webhooks.connecting import Connections
from orderwright.webhooks.guarding import BadAddress, check_url
from orderwright.webhooks.taking import Leased, Open

TIMEOUT_SECONDS = 15.0
KEPT_CHARACTERS = 2000
KEPT_HEADERS = ("content-type", "retry-after", "location", "server", "date", "x-request-id", "www-authenticate")
LONGEST_HEADER = 200
LONGEST_RETRY_AFTER = timedelta(hours=1)
ALWAYS_SAID = {
    "content-type": "application/json",
    "user-agent": f"Orderwright/{orderwright.__version__} (webhooks)",
}


class Answer(NamedTuple):
    """What came of an attempt."""

    leased: Leased
    url: str
    at: datetime  # when it was asked
    seconds: float
    outcome: str  # delivered, refused, or why there was no answer: timeout, unreachable, broken
    status: int | None = None
    headers: dict[str, str] = {}
    text: str = ""
    wait_until: datetime | None = None  # the endpoint asks not to be asked before


async def ask(connections: Connections, endpoint: Open, leased: Leased) -> Answer:
    """Send a delivery, and say what came back."""
    at, began = clock.now(), time.perf_counter()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            check_url(endpoint.url)
            status, headers, text = await _post(connections, endpoint, leased, int(at.timestamp()))
    except TimeoutError:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "timeout")
    except (OSError, BadAddress) as error:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "unreachable", text=_kept(str(error)))
    except h11.ProtocolError as error:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "broken", text=_kept(str(error)))
    outcome = "delivered" if 200 <= status < 300 else "refused"
    wait_until = _wait_until(headers.get("retry-after", ""), at) if status in (429, 503) else None
    return Answer(leased, endpoint.url, at, time.perf_counter() - began, outcome, status, headers, text, wait_until)


def broken(endpoint: Open, leased: Leased, error: Exception) -> Answer:
    """The answer where asking failed in a way that nobody thought of."""
    return Answer(leased, endpoint.url, clock.now(), 0.0, "broken", text=_kept(f"{type(error).__name__}: {error}"))


async def _post(
    connections: Connections, endpoint: Open, leased: Leased, timestamp: int
) -> tuple[int, dict[str, str], str]:
    signed = signing.headers(leased.message_id, timestamp, leased.body, endpoint.secrets)
    headers = {**ALWAYS_SAID, **signed}
    response = await connections.post(endpoint.url, headers, leased.body)
    return response.status, _headers(response.headers), _kept(response.body.decode("utf-8", "replace"))


def _headers(found: dict[str, str]) -> dict[str, str]:
    """The headers worth keeping; others may hold secrets of theirs."""
    return {name: _kept(found[name])[:LONGEST_HEADER] for name in KEPT_HEADERS if name in found}


def _kept(text: str) -> str:
    return text[:KEPT_CHARACTERS].replace("\x00", "\ufffd")


def _wait_until(said: str, now: datetime) -> datetime | None:
    """What Retry-After (RFC 9110) asks for, seconds or a date; an hour at most."""
    said = said.strip()
    try:
        if said.isascii() and said.isdigit():
            until = now + min(timedelta(seconds=int(said[:9])), LONGEST_RETRY_AFTER)
        else:
            moment = parsedate_to_datetime(said)
            until = moment if moment.tzinfo is not None else now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(until, now), now + LONGEST_RETRY_AFTER)
