"""The keys of programs: issuing, revoking, and knowing a program by its key.

A key is `ow_` and 256 random bits; only its SHA-256 is kept.  Who a key belongs to is remembered in the process for
less than a second, so a revoked key opens nothing a second later, in whatever process it was revoked.
"""

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.events import Happening, record
from orderwright.staff.permissions import known

REMEMBERED_SECONDS = 0.8
REMEMBERED_MOST = 10_000
CALLS_PER_MINUTE = 6000
CALLS_PER_MINUTE_MOST = 100_000_000


class Client(NamedTuple):
    """A program that calls us, as its key makes it known."""

    id: int
    name: str
    scopes: frozenset[str]
    calls_per_minute: int = CALLS_PER_MINUTE


class Issued(NamedTuple):
    client: Client
    token: str  # shown this once


class Key(NamedTuple):
    """A key without its secret."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    calls_per_minute: int
    created_at: datetime
    revoked_at: datetime | None


@transaction.atomic
def issue(name: str, scopes: Collection[str], *, actor: Actor, calls_per_minute: int = CALLS_PER_MINUTE) -> Issued:
    """Give a program a key of its own; the token in the answer is not kept and cannot be shown again."""
    name = name.strip()
    if not name or len(name) > 100 or "\x00" in name:
        raise Invalid(field="name", problem=str(_("one to a hundred characters are needed")))
    if not 1 <= calls_per_minute <= CALLS_PER_MINUTE_MOST:
        raise Invalid(field="calls_per_minute", problem=str(_("must be at least 1 and at most a hundred million")))
    granted = known(scopes)
    token = "ow_" + secrets.token_urlsafe(32)
    hint = token[:8]
    id_ = sql.value(INSERT, [name, _digest(token), hint, granted, calls_per_minute])
    record([Happening("key.issued", actor, {"key": id_, "hint": hint, "scopes": granted})])
    return Issued(Client(id_, name, frozenset(granted), calls_per_minute), token)


@transaction.atomic
def revoke(key_id: int, *, actor: Actor) -> Key:
    """Have a key open nothing any more, within a second.  One that was revoked before stays as it is."""
    if sql.rows(REVOKE, [key_id]):
        record([Happening("key.revoked", actor, {"key": key_id})])
    return get(key_id)


def get(key_id: int) -> Key:
    """A key by its id.  Refused where there is none."""
    found = sql.rows(GET, [key_id])
    if not found:
        raise NotFound(thing="key", name=key_id)
    return Key(*found[0])


def listed(*, after: int = 0, limit: int = 250) -> list[Key]:
    """The keys behind the id `after`, the oldest first."""
    return [Key(*row) for row in sql.rows(LIST, [after, limit])]


def names_of(key_ids: Collection[int]) -> dict[int, str]:
    """What the programs with these keys are called."""
    return dict(sql.rows(NAMES, [sql.ints(sorted(set(key_ids)))]))


def client_for(token: str, spare_seconds: float = 0.0) -> Client | None:
    """The program that this token belongs to; None where the token was never issued, or revoked.

    Asks the database about once a second for each token, from any thread.  With `spare_seconds` it asks a little
    earlier, so that the answer is remembered for at least so long from now on.
    """
    known_to_be, client = remembered(token, spare_seconds)
    if known_to_be:
        return client
    found = sql.rows(CLIENT, [_digest(token)])
    client = Client(found[0][0], found[0][1], frozenset(found[0][2]), found[0][3]) if found else None
    with _lock:
        if len(_remembered) >= REMEMBERED_MOST:
            _remembered.clear()
        _remembered[_digest(token)] = (time.monotonic() + REMEMBERED_SECONDS, client)
    return client


def remembered(token: str, spare_seconds: float = 0.0) -> tuple[bool, Client | None]:
    """Whether this process knows at once whose token it is, and then whose: for those who must not wait."""
    if not TOKEN.fullmatch(token):
        return True, None
    until, client = _remembered.get(_digest(token), NEVER)
    return (until > time.monotonic() + spare_seconds, client)


def forget_remembered() -> None:
    """Ask the database again about every token."""
    with _lock:
        _remembered.clear()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


TOKEN = re.compile(r"ow_[A-Za-z0-9_-]{43}")
NEVER: tuple[float, Client | None] = (0.0, None)

_lock = threading.Lock()
_remembered: dict[bytes, tuple[float, Client | None]] = {}

INSERT = """
    INSERT INTO api_key (name, hash, hint, scopes, calls_per_minute) VALUES (%s, %s, %s, %s::text[], %s) RETURNING id
"""

REVOKE = "UPDATE api_key SET revoked_at = now() WHERE id = %s::bigint AND revoked_at IS NULL RETURNING id"

GET = """
    SELECT id, name, hint, scopes, calls_per_minute, created_at, revoked_at FROM api_key WHERE id = %s::bigint
"""

LIST = """
    SELECT id, name, hint, scopes, calls_per_minute, created_at, revoked_at
      FROM api_key WHERE id > %s::bigint ORDER BY id LIMIT %s
"""

NAMES = "SELECT id, name FROM api_key WHERE id = ANY (%s::bigint[])"

CLIENT = "SELECT id, name, scopes, calls_per_minute FROM api_key WHERE hash = %s AND revoked_at IS NULL"
