"""Writing new orders down: one statement a table, however many there are."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.sql import Question


class NewOrder(NamedTuple):
    id: int
    number: str
    channel_id: int
    reference: str | None
    customer_id: int
    ship_to: int | None
    bill_to: int | None
    currency: str
    when_short: str
    placed_at: str  # ISO 8601


class NewLine(NamedTuple):
    id: int
    order_id: int
    position: int
    parent_id: int | None
    sku_id: int
    is_kit: bool
    name: str
    quantity: int
    unit_price_micros: int
    total_minor: int


class NewAdjustment(NamedTuple):
    order_id: int
    line_id: int | None
    kind: str
    label: str
    amount_minor: int
    included: bool


def write_orders(orders: Sequence[NewOrder]) -> None:
    ids, numbers, channels, references, customers, ship_to, bill_to, currencies, when_short, placed = zip(
        *orders, strict=True
    )
    sql.run(
        WRITE_ORDERS,
        [
            sql.ints(ids),
            sql.texts(numbers),
            sql.ints(channels),
            sql.texts(references),
            sql.ints(customers),
            sql.ints(ship_to),
            sql.ints(bill_to),
            sql.texts(currencies),
            sql.texts(when_short),
            sql.texts(placed),
        ],
    )


def write_lines(lines: Sequence[NewLine]) -> None:
    ids, orders, positions, parents, skus, kits, names, quantities, prices, totals = zip(*lines, strict=True)
    sql.run(
        WRITE_LINES,
        [
            sql.ints(ids),
            sql.ints(orders),
            sql.ints(positions),
            sql.ints(parents),
            sql.ints(skus),
            sql.booleans(kits),
            sql.texts(names),
            sql.ints(quantities),
            sql.ints(prices),
            sql.ints(totals),
        ],
    )


def write_adjustments(adjustments: Sequence[NewAdjustment]) -> None:
    if not adjustments:
        return
    orders, lines, kinds, labels, amounts, included = zip(*adjustments, strict=True)
    sql.run(
        WRITE_ADJUSTMENTS,
        [
            sql.ints(orders),
            sql.ints(lines),
            sql.texts(kinds),
            sql.texts(labels),
            sql.ints(amounts),
            sql.booleans(included),
        ],
    )


def write_notes(notes: Sequence[tuple[int, str, str]]) -> None:
    """Write (order, text, actor) down."""
    if notes:
        orders, words, actors = zip(*notes, strict=True)
        sql.run(WRITE_NOTES, [sql.ints(orders), sql.texts(words), sql.texts(actors)])


def write_tags(tags: Sequence[tuple[int, str]]) -> None:
    if tags:
        orders, words = zip(*tags, strict=True)
        sql.run(WRITE_TAGS, [sql.ints(orders), sql.texts(words)])


def numbers_by_reference(references: Collection[tuple[str, str]]) -> Question[dict[tuple[str, str], str]]:
    """The numbers of the orders that a channel has sent before, by (channel's code, its own reference)."""
    ordered = sorted(references)
    asked = [sql.texts(channel for channel, _ in ordered), sql.texts(reference for _, reference in ordered)]
    return Question(BY_REFERENCE, asked, lambda rows: {(row[0], row[1]): row[2] for row in rows})


WRITE_ORDERS = """
    INSERT INTO orders (id, number, channel_id, reference, customer_id, ship_to_id, bill_to_id, currency, when_short,
                        placed_at)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
                         %s::text[], %s::text[], %s::timestamptz[])
"""

WRITE_LINES = """
    INSERT INTO order_line (id, order_id, position, parent_id, sku_id, is_kit, name, quantity, unit_price_micros,
                            total_minor)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::boolean[], %s::text[],
                         %s::bigint[], %s::bigint[], %s::bigint[])
"""

WRITE_ADJUSTMENTS = """
    INSERT INTO order_adjustment (order_id, line_id, kind, label, amount_minor, included)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::boolean[])
"""

WRITE_NOTES = """
    INSERT INTO order_note (order_id, text, written_by) SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])
"""

WRITE_TAGS = "INSERT INTO order_tag (order_id, tag) SELECT * FROM unnest(%s::bigint[], %s::text[])"

BY_REFERENCE = """
    SELECT c.code, o.reference, o.number
      FROM unnest(%s::text[], %s::text[]) AS r(channel, reference)
      JOIN channel c ON c.code = r.channel
      JOIN orders o ON o.channel_id = c.id AND o.reference = r.reference
"""
