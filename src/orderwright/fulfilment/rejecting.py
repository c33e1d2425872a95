"""Rejecting: locations that said no to units of a line, so that they are not asked again for a while."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.fulfilment.reasons import LASTING, Reason
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


def left_out(line_ids: Collection[int], reasons: Collection[str] = LASTING) -> dict[int, dict[int, str]]:
    """The locations that are not to be asked for these order lines now: line: location: the reason that it gave.

    A location that is closed, or has too much to do, is not asked again for a day.
    """
    found: dict[int, dict[int, str]] = {line_id: {} for line_id in line_ids}
    parameters = [sql.ints(sorted(found)), clock.now() - NOT_ASKED_AGAIN, sql.texts(sorted(reasons))]
    for line_id, location_id, reason in sql.rows(LEFT_OUT, parameters):
        found[line_id][location_id] = reason
    return found


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


LEFT_OUT = """
    SELECT l.line_id, f.location_id, r.reason
      FROM fulfilment_line l
      JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
      JOIN fulfilment_rejection r ON r.fulfilment_line_id = l.id
     WHERE l.line_id = ANY (%s::bigint[]) AND r.rejected_at > %s::timestamptz AND r.reason = ANY (%s::text[])
     ORDER BY r.rejected_at, r.id
"""

WRITE = """
    INSERT INTO fulfilment_rejection (rejected_by, fulfilment_line_id, reason, note, quantity, rejected_at)
    SELECT %s::text, line_id, reason, note, quantity, at
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
           AS r(line_id, reason, note, quantity, at)
"""
