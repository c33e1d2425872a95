"""Letters as they are looked up: the log, newest first, and one with all that was rendered."""

from datetime import datetime
from typing import Any, NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound
from orderwright.notifications.addressing import message_id


class LetterSeen(NamedTuple):
    """A letter in the log."""

    id: int
    event_id: int
    epoch: int  # of the event
    kind: str
    channel: str
    package: str
    copy: int
    resent: int | None
    order: str | None
    customer: int | None
    state: str
    reason: str
    written_at: datetime
    due_at: datetime | None  # while it waits
    tries: int
    settled_at: datetime | None
    sent_at: datetime | None
    provider: str
    answer: str
    language: str
    subject: str

    @property
    def message_id(self) -> str:
        return message_id(self.event_id, self.epoch, self.kind, self.package, self.copy)


class Words(NamedTuple):
    """What was rendered."""

    html: str
    text: str


class Filters(NamedTuple):
    order: str | None = None
    customer: int | None = None
    kind: str | None = None
    channel: str | None = None
    state: str | None = None


def letters(filters: Filters, *, before: int | None, limit: int) -> list[LetterSeen]:
    """The newest letters below the id `before`."""
    conditions, parameters = [], []
    columns = {
        "o.number = %s::text": filters.order,
        "l.customer_id = %s::bigint": filters.customer,
        "l.kind = %s::text": filters.kind,
        "l.channel = %s::text": filters.channel,
        "l.state = %s::text": filters.state,
        "l.id < %s::bigint": before,
    }
    for condition, value in columns.items():
        if value is not None:
            if isinstance(value, str) and "\x00" in value:
                return []
            conditions.append(condition)
            parameters.append(value)
    where = " AND ".join(conditions) or "true"
    return [LetterSeen(*row) for row in sql.rows(LETTERS.format(where=where), [*parameters, limit])]


def letter(letter_id: int) -> LetterSeen:
    """One letter; refused where there is none."""
    found = sql.rows(LETTERS.format(where="l.id = %s::bigint"), [letter_id, 1])
    if not found:
        raise NotFound(thing="letter", name=letter_id)
    return LetterSeen(*found[0])


def words(letter_id: int) -> Words:
    """What was rendered of a letter; empty where nothing was, or its customer was forgotten."""
    found: list[Any] = sql.rows("SELECT html, text FROM letter WHERE id = %s::bigint", [letter_id])
    return Words(*found[0])


LETTERS = """
    SELECT l.id, l.event_id, coalesce(e.epoch, 1), l.kind, l.channel, l.package, l.copy, l.resent_id, o.number,
           l.customer_id, l.state, l.reason, l.written_at, CASE WHEN l.state = 'waiting' THEN l.due_at END, l.tries,
           l.settled_at, l.sent_at, l.provider, l.answer, l.language, l.subject
      FROM letter l
      LEFT JOIN event e ON e.id = l.event_id
      LEFT JOIN orders o ON o.id = l.order_id
     WHERE {where}
     ORDER BY l.id DESC
     LIMIT %s::bigint
"""
