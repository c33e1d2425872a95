"""Taking: letters that are due are leased, so that several senders share them and a killed one loses none."""

from datetime import timedelta

from django.db import transaction

from orderwright.kernel import clock, sql

LEASE = timedelta(seconds=120)


@transaction.atomic
def take(channel: str, most: int) -> list[int]:
    """Lease the letters of a channel that have waited longest; answers their ids."""
    now = clock.now()
    return [id_ for (id_,) in sql.rows(TAKE, [now + LEASE, channel, now, now, most])]


def give_back(letter_ids: list[int]) -> None:
    """What was not sent after all may be taken at once."""
    if letter_ids:
        sql.run(GIVE_BACK, [sql.ints(letter_ids)])


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
    UPDATE letter SET leased_until = NULL, tries = tries - 1
     WHERE id = ANY (%s::bigint[]) AND state = 'waiting'
"""
