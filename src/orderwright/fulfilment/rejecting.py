"""Rejecting: locations that said no to units of a line, so that they are not asked again for a while."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.fulfilment.reasons import TRUE_BUCKET, Reason
from orderwright.fulfilment.working import Share
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor

NOT_ASKED_AGAIN = timedelta(days=1)


class Rejected(NamedTuple):
    """A location said no to these units, for this reason."""

    shares: Sequence[Share]
    reason: Reason
    note: str
    at: datetime


def left_out(line_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The locations that are not to be asked for these order lines now: line: location: the reason that it gave.

    Who said no is not asked again for a day; who had too few, only until more came in there.
    """
    found: dict[int, dict[int, str]] = {line_id: {} for line_id in line_ids}
    for line_id, location_id, reason, _at in _said_no(line_ids):
        found[line_id][location_id] = reason
    return found


def asked_again(line_ids: Collection[int]) -> dict[int, dict[int, datetime]]:
    """From when on locations that left these order lines out are asked for them again: line: location: the moment."""
    found: dict[int, dict[int, datetime]] = {}
    for line_id, location_id, _reason, rejected_at in _said_no(line_ids):
        found.setdefault(line_id, {})[location_id] = rejected_at + NOT_ASKED_AGAIN
    return found


def _said_no(line_ids: Collection[int]) -> list[tuple[int, int, str, datetime]]:
    parameters = [sql.ints(sorted(line_ids)), clock.now() - NOT_ASKED_AGAIN, sql.texts(TRUE_BUCKET)]
    return sql.rows(LEFT_OUT, parameters)


def write(rejected: Sequence[Rejected], *, actor: Actor) -> None:
    """Write down who said no to what."""
    rows = [(one, share) for one in rejected for share in one.shares]
    if not rows:
        return
    sql.run(
        WRITE,
        [
            actor,
            sql.ints([share.line.id for _one, share in rows]),
            sql.texts([one.reason.value for one, _share in rows]),
            sql.texts([one.note for one, _share in rows]),
            sql.ints([share.quantity for _one, share in rows]),
            sql.texts([one.at.isoformat() for one, _share in rows]),
        ],
    )


# What came in was written after the rejection; units that another order gave back were there before.
LEFT_OUT = """
    SELECT l.line_id, f.location_id, r.reason, r.rejected_at
      FROM fulfilment_line l
      JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
      JOIN fulfilment_rejection r ON r.fulfilment_line_id = l.id
      JOIN order_line o ON o.id = l.line_id
     WHERE l.line_id = ANY (%s::bigint[]) AND r.rejected_at > %s::timestamptz
       AND NOT (r.reason = ANY (%s::text[]) AND EXISTS (
           SELECT FROM stock_entry s
            WHERE s.holder_id = o.sku_id AND s.target_place = f.location_id
              AND s.target = 'available' AND s.source <> 'reserved'
              AND s.event_id > (SELECT max(w.event_id) FROM work_entry w
                                 WHERE w.holder_id = l.id AND w.target = 'rejected')))
     ORDER BY r.rejected_at, r.id
"""

WRITE = """
    INSERT INTO fulfilment_rejection (rejected_by, fulfilment_line_id, reason, note, quantity, rejected_at)
    SELECT %s::text, line_id, reason, note, quantity, at
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
           AS r(line_id, reason, note, quantity, at)
"""
