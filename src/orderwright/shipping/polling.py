"""Polling: packages whose carriers are asked where they are, for not all tell it by themselves.

The longer nothing happened to a package, the later it is looked at again (`tracking.next_look`).  Its turn is moved
forward before the carrier is asked, so whoever dies while asking delays it and loses nothing.
"""

from collections.abc import Collection, Sequence

from django.db import connection

from orderwright.kernel import clock, sql
from orderwright.shipping import carriers
from orderwright.shipping.ports import ScanTold, Unknown
from orderwright.shipping.tracking import LATEST_LOOK, LOOKED_AFTER, SOONEST_LOOK

AT_ONCE = 100  # what a carrier may be asked about in one question


def take(carrier: str, room: int = AT_ONCE) -> list[str]:
    """The numbers at `carrier` whose turn it is, those that were not looked at for the longest first."""
    assert not connection.in_atomic_block
    now = clock.now()
    found = sql.rows(
        TAKE,
        {
            "carrier": carrier,
            "now": now,
            "room": room,
            "soonest": SOONEST_LOOK,
            "latest": LATEST_LOOK,
            "oldest": now - LOOKED_AFTER,
        },
    )
    return [number for (number,) in found]


def look_now(packages: Collection[str]) -> int:
    """Let packages (by their names) have their turn now; answers how many of them are looked at at all."""
    return sql.run(LOOK_NOW, [clock.now(), sql.texts(packages)])


def ask(carrier: str, numbers: Sequence[str]) -> Sequence[ScanTold] | Unknown:
    """What the carrier knows of these.  Calls the outside world and no database."""
    return carriers.carrier(carrier).track(numbers)


LOOK_NOW = """
    UPDATE package SET look_at = least(look_at, %s::timestamptz)
     WHERE name = ANY (%s::text[]) AND look_at IS NOT NULL
"""

TAKE = """
    WITH due AS (
        SELECT p.id, s.shipped_at
          FROM package p JOIN shipment s ON s.id = p.shipment_id
         WHERE p.carrier = %(carrier)s::text AND p.look_at <= %(now)s::timestamptz
         ORDER BY p.look_at
         LIMIT %(room)s::bigint
           FOR NO KEY UPDATE OF p SKIP LOCKED)
    UPDATE package p
       SET look_at = CASE WHEN due.shipped_at >= %(oldest)s::timestamptz
                          THEN %(now)s::timestamptz
                               + least(%(latest)s::interval, greatest(%(soonest)s::interval,
                                                                      (%(now)s::timestamptz - p.stage_at) / 8)) END
      FROM due
     WHERE p.id = due.id
    RETURNING p.tracking_number
"""
