"""Hearing: what carriers say of packages, and people here, kept once, whether the package is known or not yet.

A scan may come by a message or by asking, early, late, twice, in any order.  One that speaks of a number that is not
known here is kept, and finds its package as soon as the number becomes known.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

from orderwright.kernel import clock, sql
from orderwright.shipping.packages import Addressed
from orderwright.shipping.ports import ScanTold

BY_HAND = "hand"
LONGEST_WORDS = 500
KEPT_UNMATCHED = timedelta(days=90)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@lru_cache
def time_zones() -> frozenset[str]:
    """The names of the IANA data base; to list them takes longer than to hear a hundred scans."""
    return frozenset(available_timezones())


class Kept(NamedTuple):
    """A scan that was not heard before, and the package that it speaks of, if that is known."""

    message_id: str
    package_id: int | None


def whose(carrier: str, numbers: Collection[str]) -> dict[str, Addressed]:
    """The packages that have these numbers at this carrier, and their orders."""
    found = sql.rows(WHOSE, [carrier, sql.texts(sorted(set(numbers)))])
    return {number: Addressed(package_id, order_id) for number, package_id, order_id in found}


def cleaned(told: Sequence[ScanTold]) -> list[ScanTold]:
    """Each message once and in the order of their ids, in texts that can be kept."""
    scans = {}
    for one in told:
        zone = one.time_zone if one.time_zone in time_zones() else "UTC"
        message_id = _text(one.message_id, 200)
        scans[message_id] = ScanTold(
            message_id=message_id,
            tracking_number=_text(one.tracking_number, 100),
            stage=one.stage,
            happened_at=_moment(one.happened_at),
            time_zone=zone,
            place=_text(one.place, 200),
            words=_text(one.words, LONGEST_WORDS),
            taken_by=_text(one.taken_by, 200),
            left_where=_text(one.left_where, 200),
        )
    return [scans[message_id] for message_id in sorted(scans)]


def keep(
    carrier: str, told: Sequence[ScanTold], packages: Sequence[int | None], *, told_by: str, received_at: datetime
) -> list[Kept]:
    """Write scans down, each with its package; answers those that were not heard before.

    Waits for another who hears the same.  They are in the order of their message ids, which is the order of locks.
    """
    fresh = sql.rows(
        KEEP,
        [
            carrier,
            told_by,
            received_at,
            sql.texts(one.message_id for one in told),
            sql.texts(one.tracking_number for one in told),
            sql.ints(packages),
            sql.texts(one.stage.value for one in told),
            sql.texts(one.happened_at.isoformat() for one in told),
            sql.texts(one.time_zone for one in told),
            sql.texts(one.place for one in told),
            sql.texts(one.words for one in told),
            sql.texts(one.taken_by for one in told),
            sql.texts(one.left_where for one in told),
        ],
    )
    return [Kept(*row) for row in fresh]


class Overtaken(NamedTuple):
    """Scans wait for a package that is known by now."""

    package_id: int
    order_id: int


def overtaken(limit: int) -> list[Overtaken]:
    """Packages whose scans wait although their number is known, for both came in the same moment."""
    return [Overtaken(*row) for row in sql.rows(OVERTAKEN, [limit])]


def adopt(package_ids: Collection[int]) -> set[int]:
    """Give packages the scans that wait for their numbers; answers which of them got any.  Their orders are locked."""
    return {package_id for (package_id,) in sql.rows(ADOPT, [sql.ints(sorted(package_ids))])}


def forget_old_scans() -> int:
    """Delete scans of packages that never became known here, ten thousand at most; answers how many."""
    return sql.run(FORGET_OLD, [clock.now() - KEPT_UNMATCHED])


def _moment(at: datetime) -> datetime:
    """A moment that can be kept and read again: before the calendar and after it there is none."""
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return EARLIEST if at.year == EARLIEST.year else LATEST


def _text(text: str, longest: int) -> str:
    """A text that PostgreSQL can keep."""
    return text.replace("\x00", "")[:longest]


WHOSE = """
    SELECT p.tracking_number, p.id, s.order_id
      FROM package p JOIN shipment s ON s.id = p.shipment_id
     WHERE p.carrier = %s::text AND p.tracking_number = ANY (%s::text[])
"""

KEEP = """
    INSERT INTO scan (carrier, told_by, received_at, message_id, tracking_number, package_id, stage, happened_at,
                      time_zone, place, words, taken_by, left_where)
    SELECT %s::text, %s::text, %s::timestamptz, s.*
      FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
                  %s::text[], %s::text[], %s::text[])
           AS s(message_id, number, package, stage, happened_at, zone, place, words, taken_by, left_where)
     ORDER BY s.message_id
        ON CONFLICT (carrier, message_id) DO NOTHING
    RETURNING message_id, package_id
"""

OVERTAKEN = """
    SELECT DISTINCT p.id, s.order_id
      FROM scan c
      JOIN package p ON p.tracking_number = c.tracking_number AND p.carrier = c.carrier
      JOIN shipment s ON s.id = p.shipment_id
     WHERE c.package_id IS NULL
     ORDER BY s.order_id, p.id
     LIMIT %s::bigint
"""

ADOPT = """
    UPDATE scan c SET package_id = p.id
      FROM package p
     WHERE p.id = ANY (%s::bigint[]) AND c.tracking_number = p.tracking_number AND c.carrier = p.carrier
       AND c.package_id IS NULL
    RETURNING p.id
"""

FORGET_OLD = """
    DELETE FROM scan
     WHERE id IN (SELECT id FROM scan WHERE package_id IS NULL AND received_at < %s::timestamptz LIMIT 10000)
"""
