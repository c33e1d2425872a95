"""What happens, told to browsers: to people who work here, and to buyers who follow an order of theirs.

Who works here hears which kinds of events there were, and of which orders; a buyer hears that something happened to
one order, and nothing of it.  A page that hears it fetches anew what it shows; so nothing is said here that somebody
might not see.  What happens in quick succession is told together.  A browser that comes back fetches everything once,
thus it needs no cursor.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.contrib.auth import get_user
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import NotFound, Refusal
from orderwright.payments import linking
from orderwright.staff.roles import verbs_of
from orderwright.streams import (
    BEAT_EVERY_SECONDS,
    LOOK_AGAIN_SECONDS,
    Follower,
    Hub,
    Live,
    TooManyStreams,
    Wanted,
    next_of,
)
from orderwright.watching import in_thread

VERB = "orders:read"
TOGETHER_SECONDS = 0.25  # after something was told, what happens meanwhile is told together
MOST_ORDERS = 50  # named in one piece; where there are more, none is

MOST_OF_BUYERS = 500  # streams; the others are for people who work here, and for programs
MOST_OF_A_NETWORK = 12  # streams of buyers: a house's
LONGEST_SECONDS = 30 * 60.0  # a buyer's stream; his browser comes back
TO_BUYERS = frozenset(  # what changes what a buyer sees; notes and tags of his order are none of it
    {
        "order.confirmed",
        "order.edited",
        "order.readdressed",
        "order.canceled",
        "order.partly_canceled",
        "order.backorder_filled",
        "order.released",
        "order.taken_back",
        "order.shipped",
        "order.delivered",
        "order.sent_again",
        "package.*",
        "promise.*",
        "tender.*",
    }
)


class SignedOut(Refusal):
    code = "signed_out"
    status = 401
    sentence = _("Sign in to follow what happens.")


async def begin(hub: Hub, query: bytes, headers: Mapping[bytes, bytes]) -> AsyncGenerator[bytes, None]:
    """The pieces of a stream; refusals come before the first."""
    session = _session_of(headers)
    if not await in_thread(may_follow, session):
        raise SignedOut()
    return _pieces(hub, await hub.join(Wanted(frozenset(), _order_of(query), None)), session)


def may_follow(session: str) -> bool:
    """Whether whoever has this session is still signed in, works here, and may see orders."""
    if not session:
        return False
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    return user.is_authenticated and user.is_active and VERB in verbs_of(getattr(user, "role", ""))


async def _pieces(hub: Hub, follower: Follower, session: str) -> AsyncGenerator[bytes, None]:
    try:
        yield b"retry: 1000\n\n"
        beat_at = 0.0
        check_at = time.monotonic() + LOOK_AGAIN_SECONDS
        while not (follower.cut and follower.queue.empty()):
            now = time.monotonic()
            if now >= check_at:
                if not await _still_may(session):
                    yield b"event: ended\ndata: {}\n\n"
                    return
                check_at = now + LOOK_AGAIN_SECONDS
            events = await next_of(follower.queue)
            if events:
                yield told_together(events)
                await asyncio.sleep(TOGETHER_SECONDS)
            elif now >= beat_at:
                beat_at = now + BEAT_EVERY_SECONDS
                yield b": still here\n\n"
            else:
                yield b""
    finally:
        hub.leave(follower)


class Buyers:
    """How many buyers follow their orders, in all and of each network."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    def enter(self, network: str) -> None:
        """Refused where there are too many; the page looks again by itself every now and then."""
        if self._of.total() >= MOST_OF_BUYERS or self._of[network] >= MOST_OF_A_NETWORK:
            raise TooManyStreams()
        self._of[network] += 1

    def leave(self, network: str) -> None:
        self._of[network] -= 1
        if not self._of[network]:
            del self._of[network]


async def begin_for_buyer(hub: Hub, buyers: Buyers, query: bytes, network: str) -> AsyncGenerator[bytes, None]:
    """The pieces of a stream for who has the link of an order; refusals come before the first."""
    token = parse_qs(query.decode("ascii"), errors="replace").get("order", [""])[-1]
    wanted = Wanted(TO_BUYERS, linking.order_of(token, linking.TRACK), None)
    buyers.enter(network)
    try:
        follower = await hub.join(wanted)
    except BaseException:
        buyers.leave(network)
        raise
    return _pieces_for_buyer(hub, follower, buyers, network)


async def _pieces_for_buyer(hub: Hub, follower: Follower, buyers: Buyers, network: str) -> AsyncGenerator[bytes, None]:
    began = time.monotonic()
    try:
        yield b"retry: 3000\n\n"
        beat_at = 0.0
        while time.monotonic() < began + LONGEST_SECONDS and not (follower.cut and follower.queue.empty()):
            if await next_of(follower.queue):
                yield b'event: happened\ndata: {"kinds":[]}\n\n'
                await asyncio.sleep(TOGETHER_SECONDS)
            elif time.monotonic() >= beat_at:
                beat_at = time.monotonic() + BEAT_EVERY_SECONDS
                yield b": still here\n\n"
            else:
                yield b""
    finally:
        hub.leave(follower)
        buyers.leave(network)


def told_together(events: list[Live]) -> bytes:
    """These events as one piece: their kinds, and the ids of their orders where these are not too many."""
    orders = {event.order_id for event in events if event.order_id is not None}
    told = {
        "kinds": sorted({event.kind for event in events}),
        "orders": sorted(orders) if len(orders) <= MOST_ORDERS else None,
    }
    return b"event: happened\ndata: %b\n\n" % msgspec.json.encode(told)


async def _still_may(session: str) -> bool:
    """Where the database is away, nobody can say that somebody signed out."""
    try:
        return await in_thread(may_follow, session)
    except (OperationalError, InterfaceError):
        return True


def _session_of(headers: Mapping[bytes, bytes]) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel is not None else ""


def _order_of(query: bytes) -> int | None:
    said = parse_qs(query.decode("ascii"), errors="replace").get("order")
    if said is None:
        return None
    if not (said[-1].isascii() and said[-1].isdigit() and len(said[-1]) < 19):
        raise NotFound(thing=str(_("order")), name=said[-1][:40])
    return int(said[-1])
