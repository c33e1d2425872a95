"""Recalling: units that a location was given are to be canceled, so it is asked to give them back.

A location that takes work on at once gives back at once what is not packed.  All others answer; and what leaves
meanwhile has left: then the recall came too late.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from orderwright.fulfilment.working import Share, Work, WorkLine
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor

ANSWERS = ("accepted", "refused")


class Part(NamedTuple):
    """So many units of a line of a fulfilment order that are called back; so many of them are packed."""

    work: Work
    line: WorkLine
    open: int
    packed: int

    def facts(self) -> dict[str, object]:
        """As an event tells it."""
        return Share(self.work, self.line, "open", self.open + self.packed).facts()


class Asked(NamedTuple):
    """A recall as it is written down; `answer` is there where the location's terms gave it."""

    work: Work
    lines: dict[int, int]  # fulfilment line: how many
    reason: str
    at: datetime
    answer: str | None = None


class Answer(NamedTuple):
    """What a location answered to a recall (id)."""

    recall: int
    answer: str
    note: str
    at: datetime


def find(works: Sequence[Work], line_id: int, quantity: int) -> list[Part]:
    """Where so many units of an order line are with locations: what nobody has packed yet goes first.  Pure.

    Finds what there is, `quantity` at most.
    """
    found: dict[int, Part] = {}
    left = quantity
    for bucket in ("open", "packed"):
        for work in works:
            for line in work.lines:
                part = min(left, getattr(line, bucket)) if line.line_id == line_id else 0
                if part:
                    left -= part
                    before = found.get(line.id, Part(work, line, 0, 0))
                    open_, packed = (part, 0) if bucket == "open" else (before.open, part)
                    found[line.id] = Part(work, line, open_, packed)
    return list(found.values())


def give_back(work: Work, lines: dict[int, int]) -> list[Share]:
    """Move open units back in memory: so many of each line (id), or what is left of them."""
    shares = []
    for line in work.lines:
        part = min(line.open, lines.get(line.id, 0))
        if part:
            line.open -= part
            line.recalled += part
            shares.append(Share(work, line, "open", part))
    return shares


def needs_unpacking(work: Work) -> bool:
    """Is something packed that was called back?"""
    return any(line.packed and line.open < work.recall_lines.get(line.id, 0) for line in work.lines)


def reasons_of(works: Sequence[Work]) -> dict[int, str]:
    """Why the recalls (ids) that wait for an answer were asked."""
    return dict(sql.rows(REASONS_OF, [sql.ints(work.recall for work in works if work.recall is not None)]))


def write(asked: Sequence[Asked], *, actor: Actor, answered_by: Actor) -> None:
    """Write recalls down, of orders that are locked."""
    if not asked:
        return
    sql.run(
        WRITE,
        [
            actor,
            answered_by,
            sql.ints([one.work.id for one in asked]),
            sql.texts([one.reason for one in asked]),
            sql.texts([msgspec.json.encode(sorted(one.lines.items())).decode() for one in asked]),
            sql.texts([one.at.isoformat() for one in asked]),
            sql.texts([one.answer for one in asked]),
        ],
    )


def answer(answers: Sequence[Answer], *, actor: Actor) -> None:
    """Write answers down."""
    if not answers:
        return
    recalls, words, notes, times = zip(*answers, strict=True)
    parameters = [actor, sql.ints(recalls), sql.texts(words), sql.texts(notes)]
    sql.run(ANSWER, [*parameters, sql.texts([at.isoformat() for at in times])])


REASONS_OF = "SELECT id, reason FROM fulfilment_recall WHERE id = ANY (%s::bigint[])"

WRITE = """
    INSERT INTO fulfilment_recall (asked_by, fulfilment_order_id, reason, lines, asked_at, answer, answered_by,
                                   answered_at)
    SELECT n.asked_by, r.work_id, r.reason, r.lines::jsonb, r.at, r.answer,
           CASE WHEN r.answer IS NOT NULL THEN n.answered_by END, CASE WHEN r.answer IS NOT NULL THEN r.at END
      FROM (SELECT %s::text AS asked_by, %s::text AS answered_by) n,
           unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
           AS r(work_id, reason, lines, at, answer)
"""

ANSWER = """
    UPDATE fulfilment_recall r
       SET answer = a.answer, note = a.note, answered_by = a.answered_by, answered_at = a.at
      FROM (SELECT %s::text AS answered_by, u.*
              FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
                   AS u(id, answer, note, at)) a
     WHERE r.id = a.id AND r.answer IS NULL
"""
