"""Connecting to an endpoint: HTTP/1.1 over connections that are kept open, made only to addresses that we may call.

A few lines around h11, which reads whatever an endpoint may send: general clients follow names wherever they lead, and
take several times as long for each request.
"""

import asyncio
import ssl
import time
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import certifi
import h11

from orderwright.webhooks.guarding import PORTS, address_of

READ_AT_MOST = 64 * 1024  # of an answer's body; a connection on which more comes is closed
HEAD_AT_MOST = 32 * 1024
READ_AT_ONCE = 64 * 1024
IDLE_SECONDS = 20.0


class Response(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes  # its beginning, where it is long


class Line:
    """A connection, and what HTTP has to say on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_AT_MOST)
        self.idle_since = 0.0

    def is_fresh(self) -> bool:
        """Whether it can be used again: neither closed by the other side, nor idle for long."""
        return not self.reader.at_eof() and time.monotonic() - self.idle_since < IDLE_SECONDS

    async def exchange(self, request: h11.Request, body: bytes) -> Response:
        """Send a request, and read its answer."""
        pieces = [self.http.send(event) for event in (request, h11.Data(data=body), h11.EndOfMessage())]
        self.writer.write(b"".join(filter(None, pieces)))
        await self.writer.drain()
        status, headers, received = 0, {}, b""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(READ_AT_ONCE))
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > READ_AT_MOST:
                    return Response(status, headers, received)
            elif isinstance(event, h11.EndOfMessage):
                return Response(status, headers, received)

    def can_go_on(self) -> bool:
        """Whether another request may follow.  What came behind the answer would be taken for the next one."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE or self.http.trailing_data[0]:
            return False
        self.http.start_next_cycle()
        self.idle_since = time.monotonic()
        return True


class Connections:
    """The connections to one address of an endpoint."""

    def __init__(self) -> None:
        self._idle: list[Line] = []
        self._closed = False
        self._lookup: asyncio.Task[str] | None = None

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        """Post `body`.  Raises OSError where there is no connection, h11.ProtocolError where it speaks no HTTP."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        said = [("host", parts.netloc), ("content-length", str(len(body))), *headers.items()]
        request = h11.Request(method="POST", target=target, headers=said)
        while self._idle:
            line = self._idle.pop()
            if line.is_fresh():
                try:
                    return await self._exchange(line, request, body)
                except (OSError, h11.RemoteProtocolError):
                    if line.http.their_state not in (h11.SEND_RESPONSE, h11.ERROR):
                        raise  # in the middle of an answer
                    break  # it was closed in the same moment: again, on a new one
            line.writer.close()
        return await self._exchange(await self._open(url), request, body)

    async def _exchange(self, line: Line, request: h11.Request, body: bytes) -> Response:
        kept = False
        try:
            response = await line.exchange(request, body)
            kept = line.can_go_on() and not self._closed
            return response
        finally:
            if kept:
                self._idle.append(line)
            else:
                line.writer.close()

    async def _open(self, url: str) -> Line:
        parts = urlsplit(url)
        assert parts.hostname is not None
        port = parts.port or PORTS[parts.scheme]
        address = await self._address_of(parts.hostname, port)
        secure = {"ssl": tls(), "server_hostname": parts.hostname} if parts.scheme == "https" else {}
        reader, writer = await asyncio.open_connection(address, port, limit=READ_AT_MOST, **secure)  # type: ignore[arg-type]
        return Line(reader, writer)

    async def _address_of(self, host: str, port: int) -> str:
        """Look the name up; those who ask meanwhile wait for the same lookup, and one that is given up goes on."""
        if self._lookup is None or self._lookup.done():
            self._lookup = asyncio.create_task(address_of(host, port))
            self._lookup.add_done_callback(_look_at)
        return await asyncio.shield(self._lookup)

    def close(self) -> None:
        """Hang up; a request that is under way is the last on its connection."""
        self._closed = True
        for line in self._idle:
            line.writer.close()
        self._idle.clear()


@lru_cache
def tls() -> ssl.SSLContext:
    """Certificates are looked at as browsers do: by the system's authorities, and those that Mozilla knows."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _look_at(lookup: "asyncio.Task[str]") -> None:
    """Nobody may be waiting any more for what it brought."""
    with suppress(asyncio.CancelledError):
        lookup.exception()
