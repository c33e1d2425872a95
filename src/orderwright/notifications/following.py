"""Following the log: each event that somebody is to be told of gets its letters, once.

What is older than three days is not told any more: an import of old orders, or a shop that was down, surprises nobody.
"""

from collections.abc import Sequence
from datetime import timedelta

from orderwright.kernel import clock, readers, sql
from orderwright.kernel.feed import Told
from orderwright.kernel.locks import again_on_conflict
from orderwright.notifications.kinds import CAUSES, EMAIL, KINDS, SMS, Wanted, caused_by
from orderwright.notifications.switching import switches

READER = "letters"
NO_NEWS_AFTER = timedelta(days=3)


def follow(portions: int = 20) -> int:
    """Read the log to its end, or for so many portions; answers how many events were dealt with."""
    return again_on_conflict(lambda: readers.read_on(READER, write_letters, kinds=sorted(CAUSES), portions=portions))


def write_letters(told: Sequence[Told]) -> int:
    """Write the letters that these events cause; answers how many.  Three statements at most."""
    since = clock.now() - NO_NEWS_AFTER
    news = [one for one in told if one.at >= since]
    waiting = _waiting(news)
    on = switches()
    wanted = [
        (one, letter, channel)
        for one in news
        for letter in caused_by(one.kind, one.facts, waiting=one.id in waiting)
        for channel in _channels(letter)
        if KINDS[letter.kind].on or on[letter.kind, channel]
    ]
    if not wanted:
        return 0
    return sql.run(
        WRITE,
        [
            clock.now(),
            sql.ints(one.id for one, _letter, _channel in wanted),
            sql.ints(one.order_id for one, _letter, _channel in wanted),
            sql.texts(letter.kind for _one, letter, _channel in wanted),
            sql.texts(letter.package for _one, letter, _channel in wanted),
            sql.texts(channel for _one, _letter, channel in wanted),
            sql.booleans(KINDS[letter.kind].staff for _one, letter, _channel in wanted),
            sql.ints(letter.wait_seconds for _one, letter, _channel in wanted),
            sql.ints(_reader(one) for one, _letter, _channel in wanted),
        ],
    )


def _reader(told: Told) -> int | None:
    """The customer whom an event without an order names."""
    found = told.facts.get("customer") if told.order_id is None else None
    return found if isinstance(found, int) else None


def _channels(letter: Wanted) -> tuple[str, ...]:
    return (EMAIL, SMS) if KINDS[letter.kind].sms else (EMAIL,)


def _waiting(told: Sequence[Told]) -> set[int]:
    """Those of the changed promises that speak of a line which still waits for stock."""
    lines = [
        (one.id, one.order_id, line["line"])
        for one in told
        if one.kind == "promise.changed"
        for line in one.facts.get("lines") or ()
    ]
    if not lines:
        return set()
    return {id_ for (id_,) in sql.rows(WAITING, [sql.ints(column) for column in zip(*lines, strict=True)])}


WAITING = """
    SELECT DISTINCT v.event_id
      FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS v(event_id, order_id, position)
      JOIN order_line l ON l.order_id = v.order_id AND l.position = v.position
      JOIN order_line part ON part.id = l.id OR part.parent_id = l.id AND part.order_id = l.order_id
      JOIN line_sheet s ON s.holder_id = part.id AND s.backordered > 0
"""

# By SMS only who asked for it is written to: their word on this kind comes before their word on all.
WRITE = """
    INSERT INTO letter (event_id, kind, channel, package, order_id, customer_id, written_at, due_at)
    SELECT v.event_id, v.kind, v.channel, v.package, v.order_id,
           CASE WHEN NOT v.staff THEN coalesce(o.customer_id, v.reader) END,
           v.now, v.now + make_interval(secs => v.wait_seconds)
      FROM (SELECT *, %s::timestamptz AS now
              FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                          %s::int[], %s::bigint[])
                   WITH ORDINALITY
                     AS u(event_id, order_id, kind, package, channel, staff, wait_seconds, reader, ordinal)) v
      LEFT JOIN orders o ON o.id = v.order_id
     WHERE v.channel <> 'sms'
        OR coalesce((SELECT c.wanted FROM letter_consent c
                      WHERE c.customer_id = o.customer_id AND c.channel = 'sms' AND c.kind IN (v.kind, '*')
                      ORDER BY c.kind = '*' LIMIT 1), false)
     ORDER BY v.ordinal
    ON CONFLICT (event_id, kind, channel, package, copy) DO NOTHING
"""
