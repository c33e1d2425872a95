"""Gathering: all that letters tell, read for many at once, however long ago their events were."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql
from orderwright.notifications.promising import Promised, Told, promised, told
from orderwright.notifications.switching import words_of


class LineSold(NamedTuple):
    """A line of an order, as the customer knows it."""

    position: int
    kit: int | None  # the position of the kit that it is a part of
    sku: str
    name: str
    quantity: int
    total_minor: int
    waiting: int  # units that wait for stock
    canceled: int


class AdjustmentSeen(NamedTuple):
    kind: str
    label: str
    amount_minor: int
    included: bool


class TenderSeen(NamedTuple):
    method: str
    amount_minor: int


class PackageSeen(NamedTuple):
    """A package and what is in it: (position of the line, quantity)."""

    name: str
    carrier: str
    tracking_number: str | None
    tracking_url: str
    stage: str
    contents: list[tuple[int, int]]
    awaits_number: bool  # its carrier was asked for a label, and has not answered


@dataclass
class Gathered:
    """One letter, and all that it may tell."""

    id: int
    event_id: int
    epoch: int  # of the event
    kind: str
    channel: str
    package_name: str
    copy: int
    tries: int
    written_at: datetime
    order_id: int | None
    customer_id: int | None
    event: str
    facts: dict[str, Any]
    at: datetime
    number: str
    currency: str
    placed_at: datetime | None
    status: str
    payment: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    email: str
    phone: str
    name: str
    language: str
    is_forgotten: bool
    ship_to: dict[str, str]
    words: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    lines: list[LineSold] = field(default_factory=list)
    adjustments: list[AdjustmentSeen] = field(default_factory=list)
    tenders: list[TenderSeen] = field(default_factory=list)
    package: PackageSeen | None = None
    promises: Mapping[int, Promised] = field(default_factory=dict)  # by the line's position
    told: Mapping[int, date | None] = field(default_factory=dict)  # what its reader was told last by this channel

    @property
    def placed_on(self) -> date | None:
        return self.placed_at.date() if self.placed_at else None


def gather(letter_ids: Collection[int]) -> list[Gathered]:
    """These letters with all that they may tell, in the order of their ids; ten statements, however many there are."""
    letters = [_letter(row) for row in sql.rows(LETTERS, [sql.ints(sorted(letter_ids))])]
    fill(letters)
    return letters


def gather_event(event_id: int, kind: str, package: str, order_id: int) -> Gathered:
    """A letter that was not written, for a preview."""
    ((*row,),) = sql.rows(UNWRITTEN, [kind, package, event_id])
    letter = _letter(row)
    fill([letter])
    assert letter.order_id == order_id
    return letter


def fill(letters: Collection[Gathered]) -> None:
    """Add what belongs to orders, customers and packages."""
    orders = sql.ints(sorted({letter.order_id for letter in letters if letter.order_id is not None}))
    lines = _by_order(LINES, orders, LineSold)
    adjustments = _by_order(ADJUSTMENTS, orders, AdjustmentSeen)
    tenders = _by_order(TENDERS, orders, TenderSeen)
    packages = {
        row[0]: PackageSeen._make([*row[:5], [tuple(pair) for pair in _decoded(row[5])], row[6]])
        for row in sql.rows(PACKAGES, [sql.texts(sorted({letter.package_name for letter in letters} - {""}))])
    }
    words = words_of({letter.customer_id for letter in letters if letter.customer_id is not None})
    of = {letter.order_id for letter in letters if letter.order_id is not None}
    promises, before = promised(of), told(of)
    for letter in letters:
        letter.package = packages.get(letter.package_name)
        letter.words = words.get(letter.customer_id or 0, {})
        if letter.order_id is not None:
            letter.lines = lines.get(letter.order_id, [])
            letter.adjustments = adjustments.get(letter.order_id, [])
            letter.tenders = tenders.get(letter.order_id, [])
            letter.promises = promises.get(letter.order_id, {})
            letter.told = before.get((letter.order_id, letter.channel), Told())


def _by_order(statement: str, orders: str, shape: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for order_id, *rest in sql.rows(statement, [orders]):
        found.setdefault(order_id, []).append(shape(*rest))
    return found


def _letter(row: Any) -> Gathered:
    letter = Gathered(*row)
    letter.facts, letter.ship_to = _decoded(letter.facts), _decoded(letter.ship_to)
    return letter


def _decoded(found: Any) -> Any:
    return msgspec.json.decode(found) if isinstance(found, str | bytes) else found


# In the order of the fields of `Gathered`.
COLUMNS = """
           l.customer_id, e.kind, e.facts, e.at,
           coalesce(o.number, ''), coalesce(o.currency, ''), o.placed_at,
           coalesce(s.status, ''), coalesce(s.payment, ''), coalesce(s.total_minor, 0), coalesce(s.captured_minor, 0),
           coalesce(s.refunded_minor, 0),
           coalesce(c.email, ''), coalesce(c.phone, ''), coalesce(c.name, ''), coalesce(c.language, ''),
           c.forgotten_at IS NOT NULL,
           jsonb_build_object('name', coalesce(a.name, ''), 'company', coalesce(a.company, ''),
                              'street', coalesce(a.street, ''), 'postal_code', coalesce(a.postal_code, ''),
                              'city', coalesce(a.city, ''), 'region', coalesce(a.region, ''),
                              'country', coalesce(a.country, ''), 'phone', coalesce(a.phone, ''))::text
      FROM {source}
      LEFT JOIN orders o ON o.id = l.order_id
      LEFT JOIN order_summary s ON s.order_id = o.id
      LEFT JOIN customer c ON c.id = l.customer_id
      LEFT JOIN address a ON a.id = o.ship_to_id
"""

LETTERS = (
    "SELECT l.id, l.event_id, e.epoch, l.kind, l.channel, l.package, l.copy, l.tries, l.written_at, l.order_id,"
    + COLUMNS.format(source="letter l JOIN event e ON e.id = l.event_id")
    + " WHERE l.id = ANY (%s::bigint[]) ORDER BY l.id"
)

UNWRITTEN = (
    "SELECT 0, e.id, e.epoch, %s::text, 'email', %s::text, 0, 0, e.at, e.order_id,"
    + COLUMNS.format(
        source="""event e
     CROSS JOIN LATERAL (SELECT e.order_id,
                                (SELECT customer_id FROM orders WHERE id = e.order_id) AS customer_id) l"""
    ).replace("l.order_id", "e.order_id")
    + " WHERE e.id = %s::bigint"
)

LINES = """
    SELECT l.order_id, l.position, kit.position, k.code, l.name, l.quantity, l.total_minor,
           coalesce(sum(s.backordered), 0)::bigint, coalesce(sum(s.canceled), 0)::bigint
      FROM order_line l
      JOIN sku k ON k.id = l.sku_id
      LEFT JOIN order_line kit ON kit.id = l.parent_id
      LEFT JOIN line_sheet s ON s.holder_id = l.id
     WHERE l.order_id = ANY (%s::bigint[])
     GROUP BY l.id, k.code, kit.position
     ORDER BY l.order_id, l.position
"""

ADJUSTMENTS = """
    SELECT order_id, kind, label, amount_minor, included
      FROM order_adjustment WHERE order_id = ANY (%s::bigint[]) ORDER BY order_id, id
"""

TENDERS = "SELECT order_id, method, amount_minor FROM tender WHERE order_id = ANY (%s::bigint[]) ORDER BY order_id, id"

PACKAGES = """
    SELECT p.name, p.carrier, p.tracking_number, p.tracking_url, p.stage,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(i.position, i.quantity) ORDER BY i.position), '[]')::text
              FROM (SELECT l.position, sum(pc.quantity) AS quantity
                      FROM package_content pc JOIN order_line l ON l.id = pc.line_id
                     WHERE pc.package_id = p.id GROUP BY l.position) i),
           p.tracking_number IS NULL AND EXISTS (
               SELECT FROM carrier_question q
                WHERE q.package_id = p.id AND q.verb = 'label' AND q.ask_again_at IS NOT NULL)
      FROM package p
     WHERE p.name = ANY (%s::text[])
"""
