"""Work: the fulfilment orders that are not closed, with their lines and how far they are, read under the order's lock.

In memory it can be moved on, so that a second request of the same batch sees what the first one left.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.fulfilment.models import STEPS, State
from orderwright.kernel import actors, clock, sql
from orderwright.kernel.books import Movement
from orderwright.kernel.events import Happening, record
from orderwright.kernel.states import advance

RECALLS = actors.system("recalls")


@dataclass(slots=True)
class WorkLine:
    """So many units of an order line in a fulfilment order, and how far they are."""

    id: int
    line_id: int
    position: int
    sku_id: int
    sku: str
    quantity: int
    open: int = 0
    packed: int = 0
    shipped: int = 0
    rejected: int = 0
    recalled: int = 0
    moved: int = 0


@dataclass(slots=True)
class Work:
    """A fulfilment order that is not closed."""

    id: int
    name: str
    order_id: int
    location_id: int
    location: str  # its code
    state: str  # fulfilment.models.State
    ship_on: date
    released_at: datetime
    held: tuple[str, ...]  # the reasons of the holds that stand
    recall: int | None  # the recall that waits for an answer
    recall_lines: dict[int, int]  # fulfilment line: units that are called back
    lines: list[WorkLine] = field(default_factory=list)

    @property
    def recalled(self) -> bool:
        """Is the location being asked to give some of it back?"""
        return self.recall is not None

    def count(self, *buckets: str) -> int:
        """How many of its units are in these buckets of the WORK book."""
        return sum(getattr(line, bucket) for line in self.lines for bucket in buckets)

    def called_back(self) -> int:
        """How many units of what is being called back the location still has."""
        return sum(
            min(line.open + line.packed, self.recall_lines[line.id])
            for line in self.lines
            if line.id in self.recall_lines
        )


class Share(NamedTuple):
    """So many units of a line of a fulfilment order that move on, out of one bucket of the WORK book."""

    work: Work
    line: WorkLine
    bucket: str
    quantity: int

    def facts(self) -> dict[str, object]:
        """As an event tells it."""
        told: dict[str, object] = {"line": self.line.position, "sku": self.line.sku, "quantity": self.quantity}
        return {**told, "location": self.work.location}


def open_work(order_ids: Collection[int]) -> dict[int, list[Work]]:
    """The fulfilment orders of these orders that are not closed, oldest first; one statement.

    To decide by it, hold the orders (`lock_orders`): that guards all their work, too.
    """
    found: dict[int, list[Work]] = {order_id: [] for order_id in sorted(set(order_ids))}
    work: Work | None = None
    for row in sql.rows(OPEN_WORK, [sql.ints(found)]):
        if work is None or work.id != row[0]:
            work = Work(*(*row[:8], tuple(row[8]), row[9], _by_line(row[10])))
            found[work.order_id].append(work)
        work.lines.append(WorkLine(*row[11:]))
    return found


def _by_line(lines: Any) -> dict[int, int]:
    pairs = msgspec.json.decode(lines) if isinstance(lines, str | bytes) else lines
    return dict(pairs or ())


def orders_named(names: Collection[str]) -> dict[str, int]:
    """The orders of the fulfilment orders with these names; a name that none has is left out."""
    known = sorted({name for name in names if "\x00" not in name})
    return dict(sql.rows(ORDERS_NAMED, [sql.texts(known)]))


def take(work: Sequence[Work], line_id: int, quantity: int, source: str, target: str) -> list[Share]:
    """Move units of an order line in memory, out of the first of these fulfilment orders that have them.

    Takes what there is, `quantity` at most; what the shares come to says how much that was.
    """
    taken, left = [], quantity
    for one in work:
        for line in one.lines:
            part = min(left, getattr(line, source)) if line.line_id == line_id else 0
            if part:
                setattr(line, source, getattr(line, source) - part)
                setattr(line, target, getattr(line, target) + part)
                left -= part
                taken.append(Share(one, line, source, part))
    return taken


def put_back(shares: Sequence[Share], target: str) -> None:
    """Undo `take` in memory."""
    for share in shares:
        setattr(share.line, target, getattr(share.line, target) - share.quantity)
        setattr(share.line, share.bucket, getattr(share.line, share.bucket) + share.quantity)


def work_movements(shares: Sequence[Sequence[Share]], target: str, events: Sequence[int]) -> list[Movement]:
    """What the WORK book gets; `events` are those of `shares`, one each."""
    return [
        Movement(share.line.id, place, share.bucket, place, target, share.quantity, event)
        for some, event in zip(shares, events, strict=True)
        for share in some
        for place in (share.work.location_id,)
    ]


def close_done(works: Sequence[Work], at: datetime | None = None) -> None:
    """Close the fulfilment orders that have nothing open or packed any more; four statements at most.

    Where units that are called back have all been dealt with otherwise, the recall came too late.
    """
    at = at or clock.now()
    late = [work for work in works if work.recall is not None and not work.called_back()]
    _answer_too_late(late, at)
    done = [work for work in works if work.state != State.CLOSED and not work.count("open", "packed")]
    if done:
        advance("fulfilment_order", [work.id for work in done], State.CLOSED, steps=STEPS, at={"closed_at": at})
    given_back = [work.id for work in done if not work.count("shipped")]
    if given_back:
        sql.run("UPDATE fulfilment_order SET takes_place = false WHERE id = ANY (%s::bigint[])", [sql.ints(given_back)])
    for work in done:
        work.state = State.CLOSED


def _answer_too_late(late: Sequence[Work], at: datetime) -> None:
    if not late:
        return
    sql.run(ANSWER_TOO_LATE, [RECALLS, at, sql.ints(work.recall for work in late)])
    told = [({"fulfilment_order": work.name, "location": work.location}, work.order_id) for work in late]
    record([Happening("fulfilment.recall_missed", RECALLS, facts, order_id, at) for facts, order_id in told])
    for work in late:
        work.recall, work.recall_lines = None, {}


OPEN_WORK = """
    SELECT f.id, f.name, f.order_id, f.location_id, p.code, f.state, f.ship_on, f.released_at,
           array(SELECT h.reason FROM fulfilment_hold h
                  WHERE h.fulfilment_order_id = f.id AND h.lifted_at IS NULL ORDER BY h.id),
           r.id, r.lines, l.id, l.line_id, o.position, k.id, k.code, l.quantity,
           s.open, s.packed, s.shipped, s.rejected, s.recalled, s.moved
      FROM fulfilment_order f
      JOIN location p ON p.id = f.location_id
      JOIN fulfilment_line l ON l.fulfilment_order_id = f.id
      JOIN work_sheet s ON s.holder_id = l.id
      JOIN order_line o ON o.id = l.line_id
      JOIN sku k ON k.id = o.sku_id
      LEFT JOIN fulfilment_recall r ON r.fulfilment_order_id = f.id AND r.answer IS NULL
     WHERE f.order_id = ANY (%s::bigint[]) AND f.closed_at IS NULL
     ORDER BY f.order_id, f.id, o.position, l.id
"""

ORDERS_NAMED = "SELECT name, order_id FROM fulfilment_order WHERE name = ANY (%s::text[])"

ANSWER_TOO_LATE = """
    UPDATE fulfilment_recall SET answer = 'too_late', answered_by = %s::text, answered_at = %s::timestamptz
     WHERE id = ANY (%s::bigint[]) AND answer IS NULL
"""
