"""Taking: letters that are due are leased, so that several senders share them and a killed one loses none."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from orderwright.kernel import clock, sql

LEASE = timedelta(seconds=120)


@transaction.atomic
def take(channel: str, most: int) -> list[int]:
    """Lease the letters of a channel that have waited longest; answers their ids."""
    now = clock.now()
    return [id_ for (id_,) in sql.rows(TAKE, [now + LEASE, channel, now, now, most])]


def give_back(taken: Sequence[tuple[int, int]]) -> None:
    """Letters that were not sent after all, each with the number of its try, may be taken at once.

    Whose lease ran out meanwhile is another's: that one keeps it.
    """
    if taken:
        sql.run(GIVE_BACK, [sql.ints(id_ for id_, _try in taken), sql.ints(number for _id, number in taken)])


TAKE = """
    UPDATE letter l
       SET leased_until = %s::timestamptz, tries = l.tries + 1
      FROM (SELECT id FROM letter
             WHERE state = 'waiting' AND channel = %s::text AND due_at <= %s::timestamptz
               AND coalesce(leased_until, '-infinity') <= %s::timestamptz
             ORDER BY due_at, id
             LIMIT %s::int
               FOR NO KEY UPDATE SKIP LOCKED) due
     WHERE l.id = due.id
    RETURNING l.id
"""

GIVE_BACK = """
    UPDATE letter l
       SET leased_until = NULL, tries = l.tries - 1
      FROM unnest(%s::bigint[], %s::int[]) AS given(id, number)
     WHERE l.id = given.id AND l.tries = given.number AND l.state = 'waiting'
"""
