"""Sweeping: what is found now is compared with what stood before; what is new appears, and what is gone clears.

Each kind is one transaction with a fixed number of statements.  The row of its watch is locked first, so two sweeps
never tell the same twice, and its one query sees all tables at one moment.
"""

import logging
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction

from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Facts, Kind
from orderwright.exceptions.noting import note_contradictions
from orderwright.kernel import actors, clock, events, sql
from orderwright.kernel.events import Happening
from orderwright.kernel.locks import again_on_conflict
from orderwright.kernel.numbering import take_ids

log = logging.getLogger(__name__)
ACTOR = actors.system("exceptions")


class Swept(NamedTuple):
    """How many exceptions appeared and how many cleared."""

    appeared: int = 0
    cleared: int = 0


class Change(NamedTuple):
    """What differs: `id` is missing of what is new, `since` and `facts` of what is gone."""

    id: int | None
    subject: str
    order_id: int | None
    order: str | None
    since: str | None
    facts: str | None  # JSON


def sweep() -> Swept:
    """Look for every kind."""
    note_contradictions()
    all_ = [again_on_conflict(lambda kind=kind: sweep_kind(kind)) for kind in KINDS.values()]  # type: ignore[misc]
    return Swept(sum(one.appeared for one in all_), sum(one.cleared for one in all_))


@transaction.atomic
def sweep_kind(kind: Kind, *, only: str | None = None) -> Swept:
    """Look for one kind; of one subject, where that is named."""
    now = clock.now()
    ((hours, watched),) = sql.rows(WATCH, [kind.code, now if only is None else None])
    span = timedelta(hours=kind.hours if hours is None else hours)
    found = kind.find if watched else NOTHING
    changes = [
        Change(*row)
        for row in sql.rows(
            CHANGES.format(found=found),
            {"kind": kind.code, "now": now, "before": now - span, "ahead": now + span, "only": only},
        )
    ]
    appeared = [change for change in changes if change.id is None]
    cleared = [change for change in changes if change.facts is None]
    _write(kind, appeared, cleared, [change for change in changes if change.id and change.facts is not None])
    return Swept(len(appeared), len(cleared))


def _write(kind: Kind, appeared: list[Change], cleared: list[Change], altered: list[Change]) -> None:
    now = clock.now()
    ids = take_ids("exception_id_seq", len(appeared)) if appeared else []
    if appeared:
        sql.run(APPEAR, [kind.code, now, sql.ints(ids), *_columns(appeared)])
    if cleared:
        sql.run(CLEAR, [now, sql.ints(change.id for change in cleared)])
    if altered:
        sql.run(ALTER, [sql.ints(change.id for change in altered), sql.texts(change.facts for change in altered)])
    events.record(
        [
            *[_told("exception.appeared", kind, id_, change) for id_, change in zip(ids, appeared, strict=True)],
            *[_told("exception.cleared", kind, change.id, change) for change in cleared],
        ]
    )


def _told(what: str, kind: Kind, id_: int | None, change: Change) -> Happening:
    facts: Facts = {"exception": id_, "kind": kind.code, "about": kind.about, "subject": change.subject}
    return Happening(what, ACTOR, facts | ({"order": change.order} if change.order else {}))


def _columns(changes: list[Change]) -> list[str]:
    return [
        sql.texts(change.subject for change in changes),
        sql.ints(change.order_id for change in changes),
        sql.texts(change.since for change in changes),
        sql.texts(change.facts for change in changes),
    ]


WATCH = """
    INSERT INTO exception_watch AS w (kind, looked_at) VALUES (%s, %s::timestamptz)
        ON CONFLICT (kind) DO UPDATE SET looked_at = coalesce(excluded.looked_at, w.looked_at)
    RETURNING hours, watched
"""

NOTHING = """
    SELECT NULL::text AS subject, NULL::bigint AS order_id, NULL::timestamptz AS since, NULL::jsonb AS facts
     WHERE false
"""

# Both sides beside each other: what is found and what stands.  An exception stays since when it was when it appeared.
CHANGES = """
    SELECT s.id, coalesce(f.subject, s.subject), o.id, o.number, f.since::text, f.facts::text
      FROM ({found}) f
      FULL JOIN (SELECT id, subject, order_id, facts FROM exception
                  WHERE kind = %(kind)s::text AND cleared_at IS NULL) s ON s.subject = f.subject
      LEFT JOIN orders o ON o.id = coalesce(f.order_id, s.order_id)
     WHERE (s.id IS NULL OR f.subject IS NULL OR s.facts <> f.facts)
       AND (%(only)s::text IS NULL OR coalesce(f.subject, s.subject) = %(only)s::text)
     ORDER BY f.since, coalesce(f.subject, s.subject) COLLATE "C"
"""

APPEAR = """
    INSERT INTO exception (kind, appeared_at, id, subject, order_id, since, facts)
    SELECT %s::text, %s::timestamptz, id, subject, order_id, since, facts::jsonb
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[])
           AS a(id, subject, order_id, since, facts)
"""

CLEAR = "UPDATE exception SET cleared_at = %s::timestamptz WHERE id = ANY (%s::bigint[])"

ALTER = """
    UPDATE exception e SET facts = a.facts::jsonb
      FROM unnest(%s::bigint[], %s::text[]) AS a(id, facts)
     WHERE e.id = a.id
"""
