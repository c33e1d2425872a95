"""Caring: somebody takes an exception over, and writes down what he knows of it; and how kinds are watched."""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.exceptions import queries
from orderwright.exceptions.finding import KINDS, kind_named
from orderwright.exceptions.kinds import Kind, Stands
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound, Refusal, Stale


class Cleared(Refusal):
    code = "exception_cleared"
    sentence = _("Exception {exception} has cleared: there is nothing to do any more.")


class Watched(NamedTuple):
    """A kind and how it is watched."""

    kind: Kind
    hours: int
    watched: bool
    version: int


@transaction.atomic
def care(exception_id: int, *, owner: str | None = None, note: str | None = None, seen: int | None) -> Stands:
    """Set who cares for an exception that stands, or what is known of it; what is None stays.

    Refused where it was changed since version `seen`, or cleared.
    """
    found = sql.rows(LOCK, [exception_id])
    if not found:
        raise NotFound(thing="exception", name=exception_id)
    ((version, cleared_at),) = found
    if seen not in (None, version):
        raise Stale(thing=f"exception {exception_id}", version=version)
    if cleared_at is not None:
        raise Cleared(exception=exception_id)
    sql.run(CARE, [owner, note, exception_id])
    return queries.one(exception_id)


def watches() -> list[Watched]:
    """All kinds, in the order of the table."""
    own = {row[0]: row[1:] for row in sql.rows("SELECT kind, hours, watched, version FROM exception_watch")}
    return [_watched(kind, *own.get(kind.code, (None, True, 1))) for kind in KINDS.values()]


def watch(code: str, *, hours: int | None, watched: bool) -> Watched:
    """Set how long something must have been so before it is an exception of this kind (None: as the kind says)."""
    kind = kind_named(code)
    return _watched(kind, *sql.rows(SET_WATCH, [code, hours, watched])[0])


def _watched(kind: Kind, hours: int | None, watched: bool, version: int) -> Watched:
    return Watched(kind, kind.hours if hours is None else hours, watched, version)


LOCK = "SELECT version, cleared_at FROM exception WHERE id = %s::bigint FOR NO KEY UPDATE"

CARE = """
    UPDATE exception SET owner = coalesce(%s::text, owner), note = coalesce(%s::text, note), version = version + 1
     WHERE id = %s::bigint
"""

SET_WATCH = """
    INSERT INTO exception_watch AS w (kind, hours, watched) VALUES (%s, %s::int, %s::boolean)
        ON CONFLICT (kind) DO UPDATE
       SET hours = excluded.hours, watched = excluded.watched, version = w.version + 1
    RETURNING hours, watched, version
"""
