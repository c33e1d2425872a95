"""The summary: an order in one row, for lists.  This is its only writer; flows refresh it as their last step.

Nothing decides by the summary.  It can be rebuilt from nothing (`flows.summarize`), and the audit compares the two.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.orders.models import LINE_BUCKETS


class SummaryRow(NamedTuple):
    order_id: int
    customer_id: int
    channel_id: int
    placed_at: datetime
    status: str  # orders.status.Status
    fulfilment: str  # orders.status.Fulfilment
    payment: str  # orders.status.Payment
    total_minor: int  # lines and adjustments that are not included
    captured_minor: int
    refunded_minor: int
    secured_minor: int
    units: int  # of lines that have sheets, without the canceled ones
    holds: int


class Figures(NamedTuple):
    """What the orders room knows of an order, added up: all of its summary but the money that was paid."""

    order_id: int
    customer_id: int
    channel_id: int
    placed_at: datetime
    total_minor: int
    holds: int
    units: dict[str, int]  # bucket of the LINES book: how many


def figures(order_ids: Collection[int]) -> dict[int, Figures]:
    """Add up lines, adjustments, units and holds of these orders, in one statement."""
    found = sql.rows(FIGURES, [sql.ints(sorted(set(order_ids)))])
    return {row[0]: Figures._make([*row[:6], dict(zip(LINE_BUCKETS, row[6:], strict=True))]) for row in found}


def write_opening(rows: Sequence[SummaryRow]) -> None:
    """Write the summaries of orders that are new in this transaction."""
    sql.run(WRITE, _columns(rows))


def write(rows: Sequence[SummaryRow]) -> int:
    """Write summaries, over those that are there; one that stays the same is not touched.  Answers how many were."""
    return sql.run(WRITE + OVER, _columns(rows)) if rows else 0


def _columns(rows: Sequence[SummaryRow]) -> list[str]:
    (orders, customers, channels, times, statuses, fulfilments, payments, *amounts) = zip(*rows, strict=True)
    return [
        sql.ints(orders),
        sql.ints(customers),
        sql.ints(channels),
        sql.texts([at.isoformat() for at in times]),
        "{" + ",".join(statuses) + "}",
        "{" + ",".join(fulfilments) + "}",
        "{" + ",".join(payments) + "}",
        *[sql.ints(column) for column in amounts],
    ]


WRITE = """
    INSERT INTO order_summary AS s (order_id, customer_id, channel_id, placed_at, status, fulfilment, payment,
                                    total_minor, captured_minor, refunded_minor, secured_minor, units, holds)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],
                         %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[])
"""

OVER = """
        ON CONFLICT (order_id) DO UPDATE
       SET customer_id = excluded.customer_id, channel_id = excluded.channel_id, placed_at = excluded.placed_at,
           status = excluded.status, fulfilment = excluded.fulfilment, payment = excluded.payment,
           total_minor = excluded.total_minor, captured_minor = excluded.captured_minor,
           refunded_minor = excluded.refunded_minor, secured_minor = excluded.secured_minor,
           units = excluded.units, holds = excluded.holds
     WHERE s IS DISTINCT FROM excluded
"""

# A kit's own line has a total and no sheet, its parts have sheets and no total: each is added up once.
FIGURES = """
    SELECT o.id, o.customer_id, o.channel_id, o.placed_at,
           (lines.total + coalesce(adjustments.total, 0))::bigint, holds.standing, {buckets}
      FROM orders o
     CROSS JOIN LATERAL (SELECT coalesce(sum(l.total_minor), 0) AS total
                           FROM order_line l WHERE l.order_id = o.id) lines
     CROSS JOIN LATERAL (SELECT sum(a.amount_minor) AS total
                           FROM order_adjustment a WHERE a.order_id = o.id AND NOT a.included) adjustments
     CROSS JOIN LATERAL (SELECT count(*)::int AS standing
                           FROM order_hold h WHERE h.order_id = o.id AND h.lifted_at IS NULL) holds
     CROSS JOIN LATERAL (SELECT {sums}
                           FROM order_line l JOIN line_sheet s ON s.holder_id = l.id WHERE l.order_id = o.id) units
     WHERE o.id = ANY (%s::bigint[])
     ORDER BY o.id
""".format(
    buckets=", ".join(f"units.{bucket}" for bucket in LINE_BUCKETS),
    sums=", ".join(f"coalesce(sum(s.{bucket}), 0)::bigint AS {bucket}" for bucket in LINE_BUCKETS),
)
