"""The ASGI front: placing orders and live streams natively, Django's WSGI application in threads for the rest.

Nothing here blocks the event loop.  A request's body is read to its end, within limits, before anybody works on it, so
a slow sender holds no thread; what would be too much at once is turned away with 503 and Retry-After.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from orderwright import live
from orderwright.api import placing, problems
from orderwright.api.auth import bearer
from orderwright.counter import Counter, share
from orderwright.kernel.errors import Refusal
from orderwright.staff.keys import client_for, remembered
from orderwright.streams import Hub, begin
from orderwright.watching import ANSWERED, alive, in_thread, metrics, ready
from orderwright.web.signing_in import network_behind
from orderwright.wsgi import application

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[bytes, bytes]
Said = list[tuple[bytes, bytes]]
Answer = tuple[int, Said, bytes | AsyncGenerator[bytes, None]]
Native = Callable[["Front", Scope, Headers, bytes], Awaitable[Answer]]

log = logging.getLogger(__name__)

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_BODIES = 128 * 1024 * 1024  # of all requests that are being worked on
LONGEST_PATH = 4096
MOST_WAITING = 400  # requests for Django's threads
THREADS = 8
SPARE_SECONDS = 0.3  # a key that is known must stay known for so long, until the native handler has asked
SLOWEST_READER_SECONDS = 30.0


class Busy(Refusal):
    code = "busy"
    status = 503
    sentence = _("Too much is asked at once. Try again in {retry_after_seconds} s.")


class Gone(Exception):
    """The caller went away before the request was complete."""


class Front:
    """The application that the web server calls."""

    def __init__(self) -> None:
        self.django: Any = WSGIMiddleware(cast(Any, application), workers=THREADS)
        self.hub = Hub()
        self.buyers = live.Buyers()
        self.counter: Counter | None = None
        self.held_bytes = 0
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the first request to the last: the counter is open, and places what waits before it closes."""
        await receive()
        self.counter = Counter()
        share(self.counter)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.hub.close()
        share(None)
        await asyncio.get_running_loop().run_in_executor(None, self.counter.close)
        self.django.executor.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        held = 0
        try:
            refuse_hostile(scope)
            body = await self._read(headers, receive)
            held = len(body)
            native = NATIVE.get(scope["path"], {}).get(scope["method"])
            if native is not None:
                status, said, answer = await native(self, scope, headers, body)
                await _send(status, said, answer, receive, send)
            elif scope["path"] in NATIVE and scope["path"] not in SHARED:
                raise problems.NoSuchMethod()
            else:
                await self._ask_django(scope, body, send)
        except Gone:
            pass
        except Refusal as refusal:
            await _refuse(refusal, scope, headers, receive, send)
        except (OperationalError, InterfaceError) as error:
            log.error("%s %s failed.", scope["method"], scope["path"], exc_info=error)
            await _refuse(problems.Unavailable(), scope, headers, receive, send)
        finally:
            self.held_bytes -= held

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body, which counts as held from its first byte; refused where it is, or says it is, too large."""
        said = headers.get(b"content-length", b"0")
        if said.isdigit() and int(said) > LARGEST_BODY:
            raise problems.TooLarge(limit=LARGEST_BODY)
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                if self.held_bytes > LARGEST_BODIES:
                    raise Busy(retry_after_seconds=1)
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                self.held_bytes += len(parts[-1])
                if size > LARGEST_BODY:
                    raise problems.TooLarge(limit=LARGEST_BODY)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
        except BaseException:
            self.held_bytes -= size
            raise

    async def _ask_django(self, scope: Scope, body: bytes, send: Send) -> None:
        if self.waiting >= MOST_WAITING:
            raise Busy(retry_after_seconds=1)

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                ANSWERED[message["status"]] += 1
                if message["status"] == 405:
                    message["headers"] = with_native(scope["path"], message["headers"])
            await send(message)

        self.waiting += 1
        try:
            await self.django(scope, receive, counted)
        finally:
            self.waiting -= 1


def with_native(path: str, said: Said) -> Said:
    """Headers of Django's, which does not know of the methods that are answered here."""
    more = ", ".join(sorted(NATIVE.get(path, {}))).encode()
    return [(name, value + b", " + more if name == b"allow" and more else value) for name, value in said]


def refuse_hostile(scope: Scope) -> None:
    """Refuse what no honest client sends, before anything else looks at it."""
    path = scope["path"]
    if not scope["query_string"].isascii() or len(path) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_PATH:
        raise problems.BadRequest()
    if not path.startswith("/") or any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in path):
        raise problems.BadRequest()


async def know(headers: Headers) -> str:
    """The token of a request; who it belongs to is known at once from now on, for a moment."""
    token = bearer(headers.get(b"authorization", b"").decode("latin-1"))
    if not remembered(token, SPARE_SECONDS)[0]:
        await in_thread(client_for, token, SPARE_SECONDS)
    return token


async def _place(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    assert front.counter is not None
    await know(headers)
    return await placing.place_order(placing.Asked(scope["path"], headers, body), front.counter)


async def _place_many(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    assert front.counter is not None
    await know(headers)
    return await placing.place_orders(placing.Asked(scope["path"], headers, body), front.counter)


async def _follow(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    token = await know(headers)
    return 200, STREAM_HEADERS, await begin(front.hub, token, scope["query_string"], headers)


async def _follow_at_desk(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    return 200, STREAM_HEADERS, await live.begin(front.hub, scope["query_string"], headers)


async def _follow_order(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    forwarded, address = headers.get(b"x-forwarded-for", b"").decode("latin-1"), (scope.get("client") or ("",))[0]
    network = network_behind(forwarded, address)
    return 200, STREAM_HEADERS, await live.begin_for_buyer(front.hub, front.buyers, scope["query_string"], network)


async def _alive(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    return 200, [JSON], alive()


async def _ready(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    status, document = await in_thread(ready)
    return status, [JSON], document


async def _metrics(front: Front, scope: Scope, headers: Headers, body: bytes) -> Answer:
    counter = front.counter
    batches, placed = (counter.batches, counter.placed) if counter is not None else (0, 0)
    return 200, [METRICS_TEXT], await in_thread(metrics, batches, placed, front.hub.readers, front.waiting)


async def _send(
    status: int, said: Said, body: bytes | AsyncGenerator[bytes, None], receive: Receive, send: Send
) -> None:
    ANSWERED[status] += 1
    if isinstance(body, bytes):
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*said, length]})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        return
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await send({"type": "http.response.start", "status": status, "headers": said})
        async for piece in body:
            if gone.done():
                return
            if piece:
                async with asyncio.timeout(SLOWEST_READER_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        log.info("A reader of a stream took nothing for %s s and was cut off.", SLOWEST_READER_SECONDS)
    finally:
        gone.cancel()
        await body.aclose()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(refusal: Refusal, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
    language = headers.get(b"accept-language", b"").decode("latin-1")
    status, body = problems.refused(refusal, language)
    said = {b"content-type": problems.CONTENT_TYPE.encode()}
    said |= {name.lower().encode(): value.encode() for name, value in problems.headers(refusal).items()}
    if isinstance(refusal, problems.NoSuchMethod):
        said[b"allow"] = ", ".join(sorted(NATIVE[scope["path"]])).encode()
    await _send(status, list(said.items()), body, receive, send)


JSON = (b"content-type", b"application/json")
METRICS_TEXT = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

# What is answered here, by path and method.  Other methods of a shared path are Django's.
NATIVE: dict[str, dict[str, Native]] = {
    "/v1/orders": {"POST": _place},
    "/v1/orders/batch": {"POST": _place_many},
    "/v1/events/stream": {"GET": _follow},
    "/desk/live": {"GET": _follow_at_desk},
    "/track/live": {"GET": _follow_order},
    "/healthz": {"GET": _alive, "HEAD": _alive},
    "/readyz": {"GET": _ready, "HEAD": _ready},
    "/metrics": {"GET": _metrics, "HEAD": _metrics},
}
SHARED = frozenset({"/v1/orders"})

app = Front()
