"""Books that do not agree, and readers of the log that stand still."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions.kinds import Asked, Choice, Kind, Stands
from orderwright.exceptions.looking import look_again
from orderwright.exceptions.noting import READER, note_contradictions
from orderwright.flows import fill_backorders, keep_promises
from orderwright.kernel import readers
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound
from orderwright.notifications import following as letters
from orderwright.notifications.kinds import CAUSES
from orderwright.takings import counting
from orderwright.webhooks import following

# Each reads on for a while, in the transaction of who asked.
READERS: dict[str, Callable[[], object]] = {
    counting.READER: counting.count,
    READER: note_contradictions,
    following.READER: following.follow,
    keep_promises.READER: keep_promises.follow,
    fill_backorders.READER: fill_backorders.fill_arrivals,
    letters.READER: lambda: readers.read_on(letters.READER, letters.write_letters, kinds=sorted(CAUSES), portions=20),
}


def _read_on(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    if one.subject not in READERS:
        raise NotFound(thing=_("reader of the log"), name=one.subject)
    READERS[one.subject]()
    return {"reader": one.subject}


def _look_again(one: Stands, asked: Asked, actor: Actor) -> Mapping[str, object]:
    return look_again(one.subject)


# The audit runs bit by bit (`exceptions.looking`); what a check found stands until it is run again.
BOOKS_DISAGREE = """
    SELECT c.check_name AS subject, NULL::bigint AS order_id, c.wrong_since AS since,
           jsonb_build_object('check', c.check_name, 'wrong', c.wrong, 'examples', c.examples) AS facts
      FROM audit_look c
     WHERE c.wrong > 0 AND c.wrong_since <= %(before)s::timestamptz
"""

# The first event behind where a reader stands that could be read.
READER_STALLED = """
    SELECT r.reader AS subject, NULL::bigint AS order_id, waiting.recorded_at AS since,
           jsonb_build_object('reader', r.reader) AS facts
      FROM (SELECT reader, string_to_array(coalesce(nullif(cursor, ''), '0.0.0'), '.')::bigint[] AS stands
              FROM reader_position) r
     CROSS JOIN LATERAL (SELECT e.recorded_at, e.epoch, e.xact FROM event e
                          WHERE (e.epoch, e.xact, e.id) > (r.stands[1], r.stands[2], r.stands[3])
                          ORDER BY e.epoch, e.xact, e.id LIMIT 1) waiting
     WHERE waiting.recorded_at <= %(before)s::timestamptz
       AND waiting.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""

KINDS = (
    Kind(
        code="books_disagree",
        about="check",
        cause=_("The audit finds {wrong} times that this is not so: {check}."),
        next_step=_("Look at the examples. Nothing is put right by itself: find out what wrote it."),
        hours=0,
        find=BOOKS_DISAGREE,
        choices=(Choice("look_again", _("Run this check again."), "flows.audit", _look_again),),
    ),
    Kind(
        code="reader_stalled",
        about="reader",
        cause=_("The reader {reader} of the log has not moved on for an hour, and there is something to read."),
        next_step=_("Look at the worker's log for its error; read on."),
        hours=1,
        find=READER_STALLED,
        choices=(Choice("read_on", _("Read on now."), "kernel.readers", _read_on),),
    ),
)
