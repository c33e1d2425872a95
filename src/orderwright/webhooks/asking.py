"""Asking an endpoint: one request, one answer, and nothing that a hostile or broken endpoint can make of it.

Redirects are not followed, an answer is read to a limit, and all of it may take fifteen seconds.
"""

import asyncio
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpcore

import orderwright
from orderwright.kernel import clock
from orderwright.webhooks import signing
from orderwright.webhooks.guarding import BadAddress, GuardedNetwork, check_url, tls
from orderwright.webhooks.taking import Leased, Open

TIMEOUT_SECONDS = 15.0
READ_AT_MOST = 64 * 1024  # of an answer's body, so that the connection can be used again
KEPT_CHARACTERS = 2000
KEPT_HEADERS = ("content-type", "retry-after", "location", "server", "date", "x-request-id", "www-authenticate")
LONGEST_HEADER = 200
LONGEST_RETRY_AFTER = timedelta(hours=1)
IDLE_SECONDS = 30.0
AGENT = f"Orderwright/{orderwright.__version__} (webhooks)"


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


def connections(at_once: int) -> httpcore.AsyncConnectionPool:
    """The connections to one endpoint, kept open between requests."""
    return httpcore.AsyncConnectionPool(
        ssl_context=tls(),
        max_connections=at_once,
        max_keepalive_connections=at_once,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=GuardedNetwork(),
    )


async def ask(pool: httpcore.AsyncConnectionPool, endpoint: Open, leased: Leased) -> Answer:
    """Send a delivery, and say what came back."""
    at, began = clock.now(), time.perf_counter()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            check_url(endpoint.url)
            status, headers, text = await _post(pool, endpoint, leased, int(at.timestamp()))
    except TimeoutError:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "timeout")
    except (httpcore.TimeoutException, httpcore.NetworkError, BadAddress) as error:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "unreachable", text=_kept(str(error)))
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        return Answer(leased, endpoint.url, at, time.perf_counter() - began, "broken", text=_kept(str(error)))
    outcome = "delivered" if 200 <= status < 300 else "refused"
    wait_until = _wait_until(headers.get("retry-after", ""), at) if status in (429, 503) else None
    return Answer(leased, endpoint.url, at, time.perf_counter() - began, outcome, status, headers, text, wait_until)


def broken(endpoint: Open, leased: Leased, error: Exception) -> Answer:
    """The answer where asking failed in a way that nobody thought of."""
    return Answer(leased, endpoint.url, clock.now(), 0.0, "broken", text=_kept(f"{type(error).__name__}: {error}"))


async def _post(
    pool: httpcore.AsyncConnectionPool, endpoint: Open, leased: Leased, timestamp: int
) -> tuple[int, dict[str, str], str]:
    signed = signing.headers(leased.message_id, timestamp, leased.body, endpoint.secrets)
    headers = {"host": _host(endpoint.url), "content-type": "application/json", "user-agent": AGENT, **signed}
    said = [(name.encode(), value.encode()) for name, value in headers.items()]
    said.append((b"content-length", b"%d" % len(leased.body)))
    async with pool.stream("POST", endpoint.url, headers=said, content=leased.body) as response:
        body = b""
        async for piece in response.aiter_stream():
            body += piece
            if len(body) >= READ_AT_MOST:
                break
        return response.status, _headers(response.headers), _kept(body.decode("utf-8", "replace"))


def _host(url: str) -> str:
    return url.split("://", 1)[1].split("/", 1)[0].split("?", 1)[0]


def _headers(received: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers worth keeping; others may hold secrets of theirs."""
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in received}
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
