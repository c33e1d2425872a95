"""Readers of the log: what must follow an event reads it, in order, and keeps its place in the log.

The place moves in the transaction that writes what followed, so each event is dealt with exactly once: whoever is
killed in between has done neither.  A reader that is new in an old shop begins where its room's migration put it.
"""

from collections.abc import Callable, Collection, Sequence

from django.db import transaction

from orderwright.kernel import feed, sql
from orderwright.kernel.feed import Told

Work = Callable[[Sequence[Told]], object]


def read_on(reader: str, work: Work, *, kinds: Collection[str] = (), limit: int = 200, portions: int = 250) -> int:
    """Read on to the end of what can be read, `limit` events a transaction, or for so many portions.

    `work` gets the events of these kinds (all, where none are named) inside the transaction; answers how many it got.
    """
    read = 0
    for _portion in range(portions):
        some = read_once(reader, work, kinds=kinds, limit=limit)
        read += some
        if some < limit:
            break
    return read


@transaction.atomic
def read_once(reader: str, work: Work, *, kinds: Collection[str] = (), limit: int = 200) -> int:
    """Deal with the next events, `limit` at most; answers how many there were."""
    sql.run(BEGIN, [reader])
    cursor = sql.value("SELECT cursor FROM reader_position WHERE reader = %s FOR UPDATE", [reader])
    end = feed.end()  # before reading: what is written meanwhile must not be passed over
    told = feed.read(cursor, limit=limit, kinds=kinds)
    if told:
        work(told)
    further = told[-1].cursor if len(told) == limit else feed.behind([cursor, end, *(one.cursor for one in told[-1:])])
    if further != cursor:
        sql.run("UPDATE reader_position SET cursor = %s WHERE reader = %s", [further, reader])
    return len(told)


def begin_at_end(reader: str) -> None:
    """Let a reader begin behind all that has happened; for migrations that bring a reader to a shop with a past."""
    sql.run("INSERT INTO reader_position (reader, cursor) VALUES (%s, %s) ON CONFLICT DO NOTHING", [reader, feed.end()])


BEGIN = "INSERT INTO reader_position (reader) VALUES (%s) ON CONFLICT DO NOTHING"
