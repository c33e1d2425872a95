"""What happens, told to the browsers of people who work here: which kinds of events there were, and of which orders.

A page that hears it fetches anew what it shows; so nothing is said here that a role might not see.  What happens in
quick succession is told together.  A browser that comes back fetches everything once, thus it needs no cursor.
"""

import asyncio
import time
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
from orderwright.staff.roles import verbs_of
from orderwright.streams import BEAT_EVERY_SECONDS, LOOK_AGAIN_SECONDS, Follower, Hub, Live, Wanted, next_of
from orderwright.watching import in_thread

VERB = "orders:read"
TOGETHER_SECONDS = 0.25  # after something was told, what happens meanwhile is told together
MOST_ORDERS = 50  # named in one piece; where there are more, none is


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
