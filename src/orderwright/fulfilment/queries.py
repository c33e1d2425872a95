"""Reading fulfilment orders: one, those of an order, and what a location has to do, the most urgent first."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.fulfilment.models import WORK_BUCKETS
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound


class LineSeen(NamedTuple):
    """A line of a fulfilment order: how many units of an order line, and in which buckets of the WORK book they are."""

    id: int
    position: int
    sku: str
    name: str
    quantity: int
    units: dict[str, int]  # the buckets that are not empty


class HoldSeen(NamedTuple):
    handle: str
    reason: str
    note: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class RecallSeen(NamedTuple):
    reason: str
    lines: list[dict[str, Any]]  # line, sku, quantity
    asked_by: str
    asked_at: datetime
    answer: str | None
    note: str
    answered_by: str | None
    answered_at: datetime | None


class RejectionSeen(NamedTuple):
    line: int
    sku: str
    quantity: int
    reason: str
    note: str
    rejected_by: str
    rejected_at: datetime


class WorkSeen(NamedTuple):
    """A fulfilment order as it is shown."""

    id: int
    name: str
    number: str  # the order's
    location: str
    state: str
    ship_on: date
    released_at: datetime
    closed_at: datetime | None
    held: bool
    recalled: bool
    lines: list[LineSeen]


class Whole(NamedTuple):
    """A fulfilment order with all that was said about it."""

    work: WorkSeen
    holds: list[HoldSeen]
    recalls: list[RecallSeen]
    rejections: list[RejectionSeen]


def get(name: str) -> Whole:
    """One fulfilment order whole; raises `NotFound`.  Five statements."""
    found = _seen(BY_NAME, [name]) if "\x00" not in name else []
    if not found:
        raise NotFound(thing="fulfilment order", name=name)
    (work,) = found
    lines = {line.id: line for line in work.lines}
    holds = [HoldSeen(*row) for row in sql.rows(HOLDS, [work.id])]
    recalls = [RecallSeen(row[0], _called_back(row[1], lines), *row[2:]) for row in sql.rows(RECALLS, [work.id])]
    rejections = [
        RejectionSeen(lines[row[0]].position, lines[row[0]].sku, *row[1:]) for row in sql.rows(REJECTIONS, [work.id])
    ]
    return Whole(work, holds, recalls, rejections)


def of_order(order_id: int) -> list[WorkSeen]:
    """The fulfilment orders of an order, oldest first, closed ones too; two statements."""
    return _seen(OF_ORDER, [order_id])


def named(names: Collection[str]) -> dict[str, WorkSeen]:
    """Fulfilment orders by name; two statements."""
    known = sorted({name for name in names if "\x00" not in name})
    return {work.name: work for work in _seen(NAMED, [sql.texts(known)])}


def to_do(location_id: int, *, state: str | None, after: tuple[str, int] | None, limit: int) -> list[WorkSeen]:
    """What a location has to do, the most urgent first, behind a day and an id; two statements."""
    day, id_ = after or ("0001-01-01", 0)
    if state is None:
        return _seen(TO_DO, [location_id, day, id_, limit])
    return _seen(TO_DO_IN_STATE, [location_id, day, id_, state, limit])


def _seen(statement: str, parameters: list[Any]) -> list[WorkSeen]:
    heads = sql.rows(statement, parameters)
    lines: dict[int, list[LineSeen]] = {row[0]: [] for row in heads}
    for row in sql.rows(LINES, [sql.ints(lines)]):
        units = {bucket: amount for bucket, amount in zip(WORK_BUCKETS, row[6:], strict=True) if amount}
        lines[row[0]].append(LineSeen._make([*row[1:6], units]))
    return [WorkSeen._make([*row, lines[row[0]]]) for row in heads]


def _called_back(document: Any, lines: dict[int, LineSeen]) -> list[dict[str, Any]]:
    pairs = msgspec.json.decode(document) if isinstance(document, str | bytes) else document
    return [{"line": lines[id_].position, "sku": lines[id_].sku, "quantity": quantity} for id_, quantity in pairs]


HEAD = """
    SELECT f.id, f.name, o.number, p.code, f.state, f.ship_on, f.released_at, f.closed_at,
           EXISTS (SELECT FROM fulfilment_hold h WHERE h.fulfilment_order_id = f.id AND h.lifted_at IS NULL),
           EXISTS (SELECT FROM fulfilment_recall r WHERE r.fulfilment_order_id = f.id AND r.answer IS NULL)
      FROM {found} f
      JOIN orders o ON o.id = f.order_id
      JOIN location p ON p.id = f.location_id
"""

EACH = HEAD.format(found="fulfilment_order")

BY_NAME = EACH + " WHERE f.name = %s"

NAMED = EACH + " WHERE f.name = ANY (%s::text[])"

OF_ORDER = EACH + " WHERE f.order_id = %s ORDER BY f.id"

# The page is found along the index of what is to do; only its rows meet the other tables.
PAGE = """(SELECT * FROM fulfilment_order
             WHERE location_id = %s::bigint AND closed_at IS NULL AND (ship_on, id) > (%s::date, %s::bigint){more}
             ORDER BY ship_on, id LIMIT %s::bigint)"""

TO_DO = HEAD.format(found=PAGE.format(more="")) + " ORDER BY f.ship_on, f.id"

TO_DO_IN_STATE = HEAD.format(found=PAGE.format(more=" AND state = %s::text")) + " ORDER BY f.ship_on, f.id"

LINES = f"""
    SELECT l.fulfilment_order_id, l.id, k.position, sku.code, k.name, l.quantity,
           {", ".join(f"s.{bucket}" for bucket in WORK_BUCKETS)}
      FROM fulfilment_line l
      JOIN work_sheet s ON s.holder_id = l.id
      JOIN order_line k ON k.id = l.line_id
      JOIN sku ON sku.id = k.sku_id
     WHERE l.fulfilment_order_id = ANY (%s::bigint[])
     ORDER BY l.fulfilment_order_id, k.position, l.id
"""

HOLDS = """
    SELECT handle, reason, note, placed_by, placed_at, lifted_by, lifted_at
      FROM fulfilment_hold WHERE fulfilment_order_id = %s ORDER BY id
"""

RECALLS = """
    SELECT reason, lines, asked_by, asked_at, answer, note, answered_by, answered_at
      FROM fulfilment_recall WHERE fulfilment_order_id = %s ORDER BY id
"""

REJECTIONS = """
    SELECT r.fulfilment_line_id, r.quantity, r.reason, r.note, r.rejected_by, r.rejected_at
      FROM fulfilment_rejection r JOIN fulfilment_line l ON l.id = r.fulfilment_line_id
     WHERE l.fulfilment_order_id = %s ORDER BY r.id
"""
