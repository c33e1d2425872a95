"""Live streams of the feed: server-sent events, with the feed's cursor as the event id.

One reader of the database serves all streams of this process.  A stream first joins it, then reads by itself what lies
between its cursor and the present, then goes on with what the reader brings; so nothing is skipped, and nothing comes
twice.  A caller too slow to follow is cut off, and goes on later behind the last id it has seen.
"""

import asyncio
import logging
import re
import time
import weakref
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from orderwright.api.auth import admit
from orderwright.api.events import order_id_of
from orderwright.api.problems import FieldError, InvalidFields
from orderwright.api.reading import refuse_unknown
from orderwright.kernel import feed
from orderwright.kernel.errors import Refusal
from orderwright.orders.telling import described
from orderwright.staff.keys import client_for, remembered
from orderwright.watching import in_thread

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.25
LOOK_AGAIN_SECONDS = 1.0  # after the database could not be read; also how often a stream asks whether it still may
BEAT_EVERY_SECONDS = 15.0
PAGE = 500
MOST_QUEUED = 2000
MOST_STREAMS = 1000
KIND = re.compile(r"[a-z_]{1,40}\.([a-z_]{1,40}|\*)")


class TooManyStreams(Refusal):
    code = "too_many_streams"
    status = 503
    sentence = _("Too many streams are open. Read /v1/events meanwhile.")


class Position(NamedTuple):
    """A cursor, so that two can be compared."""

    epoch: int
    xact: int
    id: int


class Live(NamedTuple):
    """An event, ready to be sent."""

    position: Position
    kind: str
    order_id: int | None
    text: bytes


class Wanted(NamedTuple):
    """What a caller asks to hear, and since when (None: from now on)."""

    kinds: frozenset[str]
    order_id: int | None
    after: str | None

    def takes(self, event: Live) -> bool:
        """Whether the caller wants to hear this."""
        if self.order_id is not None and event.order_id != self.order_id:
            return False
        return not self.kinds or event.kind in self.kinds or event.kind.partition(".")[0] + ".*" in self.kinds


class Follower:
    """One stream's place at the reader: what it has not sent yet."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.queue: asyncio.Queue[Live] = asyncio.Queue(MOST_QUEUED)
        self.cut = False


class Hub:
    """Reads the feed once for all streams, while there are any."""

    def __init__(self) -> None:
        self._followers: weakref.WeakSet[Follower] = weakref.WeakSet()
        self._cursor: str | None = None
        self._beginning = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def readers(self) -> int:
        """How many streams are open."""
        return len(self._followers)

    async def join(self, wanted: Wanted) -> Follower:
        """From now on, hear what happens."""
        if self._closed or self.readers >= MOST_STREAMS:
            raise TooManyStreams()
        async with self._beginning:
            if self._cursor is None:
                self._cursor = await in_thread(feed.end)
            follower = Follower(wanted)
            self.admit(follower)
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._read())
        return follower

    def admit(self, follower: Follower) -> None:
        """Queue for it what happens."""
        self._followers.add(follower)

    def leave(self, follower: Follower) -> None:
        """Hear nothing more."""
        self._followers.discard(follower)

    def close(self) -> None:
        """End all streams; their callers come back elsewhere, or later."""
        self._closed = True
        for follower in self._followers:
            follower.cut = True

    async def _read(self) -> None:
        while self._followers and not self._closed:
            assert self._cursor is not None
            try:
                events = await in_thread(read, self._cursor, frozenset(), None)
            except Exception as error:
                expected = isinstance(error, OperationalError | InterfaceError)
                log.warning("The feed cannot be read just now: %s", error, exc_info=None if expected else error)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
                continue
            if events:
                self._cursor = _cursor(events[-1].position)
                self.tell(events)
            if len(events) < PAGE:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        self._cursor = self._task = None

    def tell(self, events: Sequence[Live]) -> None:
        """Queue events for those who want them; whoever's queue is full is cut off."""
        for follower in list(self._followers):
            for event in events:
                if follower.wanted.takes(event):
                    if follower.queue.full():
                        follower.cut = True
                        self._followers.discard(follower)
                        break
                    follower.queue.put_nowait(event)


async def begin(hub: Hub, token: str, query: bytes, headers: Mapping[bytes, bytes]) -> AsyncGenerator[bytes, None]:
    """The pieces of a stream; refusals come before the first.  An empty piece says only that we are still here."""
    admit(remembered(token)[1], "events:read")
    wanted = await in_thread(_wanted, query, headers)
    follower = await hub.join(wanted)
    try:
        after = await in_thread(feed.end) if wanted.after is None else wanted.after
        page = await in_thread(read, after, wanted.kinds, wanted.order_id)
    except BaseException:
        hub.leave(follower)
        raise
    return _pieces(hub, follower, page, _position(after), token)


async def _pieces(
    hub: Hub, follower: Follower, page: list[Live], reached: Position, token: str
) -> AsyncGenerator[bytes, None]:
    try:
        yield b"retry: 1000\n\n"
        while page:
            reached = page[-1].position
            yield b"".join([event.text for event in page])
            if len(page) < PAGE:
                break
            page = await in_thread(read, _cursor(reached), follower.wanted.kinds, follower.wanted.order_id)
        beat_at = check_at = 0.0
        while not (follower.cut and follower.queue.empty()):
            now = time.monotonic()
            if now >= check_at:
                if not await _still_may(token):
                    return
                check_at = now + LOOK_AGAIN_SECONDS
            events = [event for event in await next_of(follower.queue) if event.position > reached]
            if events:
                reached = events[-1].position
                yield b"".join([event.text for event in events])
            elif now >= beat_at:
                beat_at = now + BEAT_EVERY_SECONDS
                yield b": still here\n\n"
            else:
                yield b""
    finally:
        hub.leave(follower)


async def next_of(queue: asyncio.Queue[Live]) -> list[Live]:
    """All that waits; after a second of silence, nothing."""
    try:
        async with asyncio.timeout(LOOK_AGAIN_SECONDS):
            events = [await queue.get()]
    except TimeoutError:
        return []
    while not queue.empty():
        events.append(queue.get_nowait())
    return events


async def _still_may(token: str) -> bool:
    """Whether the key has not been revoked meanwhile.  Where the database is away, nobody can say so."""
    try:
        client = await in_thread(client_for, token)
    except (OperationalError, InterfaceError):
        return True
    return client is not None and "events:read" in client.scopes


def read(after: str, kinds: frozenset[str], order_id: int | None) -> list[Live]:
    """The next events of the feed, ready to be sent."""
    told = feed.read(after, limit=PAGE, kinds=kinds, order_id=order_id)
    return [
        Live(_position(event.cursor), event.kind, event.order_id, _text(event, document))
        for event, document in zip(told, described(told), strict=True)
    ]


def _text(event: feed.Told, document: Mapping[str, object]) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        event.cursor.encode(),
        event.kind.encode(),
        msgspec.json.encode(document),
    )


def _position(cursor: str) -> Position:
    if cursor == feed.START:
        return Position(0, 0, 0)
    epoch, xact, id_ = cursor.split(".")
    return Position(int(epoch), int(xact), int(id_))


def _cursor(position: Position) -> str:
    return ".".join(map(str, position))


def _wanted(query: bytes, headers: Mapping[bytes, bytes]) -> Wanted:
    """What the query and Last-Event-ID ask for.  The header wins: a browser sends it when it comes back."""
    said = parse_qs(query.decode("ascii"), keep_blank_values=True, errors="replace")
    refuse_unknown(said, ("after", "kind", "order"))
    kinds = said.get("kind", [])
    errors = []
    if len(kinds) > 50 or not all(KIND.fullmatch(kind) for kind in kinds):
        errors.append(FieldError("kind", _("at most 50 kinds, such as order.placed or order.*")))
    order = said["order"][-1] if "order" in said else None
    if order is not None and not (0 < len(order) <= 100 and "\x00" not in order):
        errors.append(FieldError("order", _("an order's number is needed")))
    if errors:
        raise InvalidFields(errors=[error._asdict() | {"in": "query"} for error in errors])
    last = headers.get(b"last-event-id")
    after = last.decode("latin-1").strip() if last is not None else said["after"][-1] if "after" in said else None
    return Wanted(frozenset(kinds), order_id_of(order) if order is not None else None, after)
