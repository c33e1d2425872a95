"""Scheduling: orders that are to be released at a moment that was chosen, and not before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal

FIRST_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)


class ReleaseScheduled(Refusal):
    code = "release_scheduled"
    sentence = _("Order {number} is to be released at {release_at}, and not before. Unschedule it to release it now.")


class NotScheduled(Refusal):
    code = "not_scheduled"
    sentence = _("No release of order {number} is scheduled.")


class Scheduled(NamedTuple):
    """When an order is to be released; and, where it was due and refused, how often and why the last time."""

    release_at: datetime
    refusals: int
    refused: str

    def wait(self) -> timedelta:
        """How long to wait after one more refusal: twice as long each time."""
        return min(FIRST_WAIT * (1 << min(self.refusals, 10)), LONGEST_WAIT)


class PutOff(NamedTuple):
    order_id: int
    refused: str  # the refusal's code
    try_at: datetime


def scheduled(order_ids: Collection[int]) -> dict[int, Scheduled]:
    """The scheduled releases of these orders, which are locked."""
    return {row[0]: Scheduled(*row[1:]) for row in sql.rows(SCHEDULED, [sql.ints(sorted(order_ids))])}


def refuse_early(number: str, release: Scheduled | None, at: datetime) -> None:
    """Raise `ReleaseScheduled` where an order is to be released later."""
    if release is not None and release.release_at > at:
        raise ReleaseScheduled(number=number, release_at=release.release_at.isoformat())


def due(at: datetime, limit: int) -> list[int]:
    """Orders whose release is due.  What was refused before waits, but for orders that have become ready."""
    return [order_id for (order_id,) in sql.rows(DUE, [at, at, limit])]


def write(times: Mapping[int, datetime], *, actor: Actor, at: datetime) -> None:
    """Schedule the release of these orders, whatever was scheduled before."""
    if times:
        moments = sql.texts(moment.isoformat() for moment in times.values())
        sql.run(WRITE, [actor, at, sql.ints(times), moments])


def drop(order_ids: Collection[int]) -> None:
    """Forget the scheduled releases of these orders."""
    if order_ids:
        sql.run("DELETE FROM scheduled_release WHERE order_id = ANY (%s::bigint[])", [sql.ints(sorted(order_ids))])


def put_off(some: Sequence[PutOff]) -> None:
    """Note that releases were due and refused."""
    if some:
        times = sql.texts(one.try_at.isoformat() for one in some)
        sql.run(PUT_OFF, [sql.ints(one.order_id for one in some), sql.texts(one.refused for one in some), times])


SCHEDULED = """
    SELECT order_id, release_at, refusals, refused FROM scheduled_release WHERE order_id = ANY (%s::bigint[])
"""

DUE = """
    SELECT r.order_id
      FROM scheduled_release r
      JOIN order_summary s ON s.order_id = r.order_id
     WHERE r.release_at <= %s::timestamptz AND (r.try_at <= %s::timestamptz OR s.status = 'ready')
     ORDER BY r.release_at, r.order_id
     LIMIT %s::bigint
"""

WRITE = """
    INSERT INTO scheduled_release AS r (scheduled_by, scheduled_at, order_id, release_at, try_at)
    SELECT %s::text, %s::timestamptz, order_id, release_at, release_at
      FROM unnest(%s::bigint[], %s::timestamptz[]) AS n(order_id, release_at)
        ON CONFLICT (order_id) DO UPDATE
       SET release_at = excluded.release_at, try_at = excluded.try_at, refusals = 0, refused = '',
           scheduled_by = excluded.scheduled_by, scheduled_at = excluded.scheduled_at
"""

PUT_OFF = """
    UPDATE scheduled_release r SET refused = n.refused, try_at = n.try_at, refusals = r.refusals + 1
      FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS n(order_id, refused, try_at)
     WHERE r.order_id = n.order_id
"""
