"""Summarizing: the last step of every flow that changes an order or its money."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from django.db import connection, transaction

from orderwright.kernel import sql
from orderwright.orders import status, summary
from orderwright.orders.locking import lock_orders
from orderwright.orders.summary import Figures, SummaryRow
from orderwright.payments.queries import Sums, money_of


def summarize(order_ids: Collection[int]) -> int:
    """Refresh the summaries of these orders, which this transaction has locked; three statements.

    Answers how many were not right before.
    """
    assert connection.in_atomic_block
    if not order_ids:
        return 0
    found, paid = look(order_ids)
    return summary.write([row(figures, paid[figures.order_id]) for figures in found.values()])


def look(order_ids: Collection[int]) -> tuple[dict[int, Figures], dict[int, status.Money]]:
    """What these orders come to and what of it is paid, from the books; two statements."""
    found = summary.figures(order_ids)
    sums, nothing = money_of(found), Sums()
    return found, {
        order_id: status.Money(figures.total_minor, *sums.get(order_id, nothing)) for order_id, figures in found.items()
    }


def row(figures: Figures, money: status.Money) -> SummaryRow:
    """The summary that these figures make."""
    return SummaryRow(
        order_id=figures.order_id,
        customer_id=figures.customer_id,
        channel_id=figures.channel_id,
        placed_at=figures.placed_at,
        status=status.overall(figures.units, money, figures.holds).value,
        fulfilment=status.fulfilment(figures.units).value,
        payment=status.payment(money).value,
        total_minor=money.total,
        captured_minor=money.captured,
        refunded_minor=money.refunded,
        secured_minor=money.secured,
        units=sum(figures.units.values()) - figures.units["canceled"],
        holds=figures.holds,
    )


class Rebuilt(NamedTuple):
    """How many orders were looked at, and how many of their summaries were not right."""

    looked_at: int
    put_right: int


def rebuild(chunk: int = 500, progress: Callable[[int], object] = lambda _looked_at: None) -> Rebuilt:
    """Make all summaries anew, `chunk` orders a transaction, while the shop goes on.

    Only what differs is written.  `progress` is told after each chunk how many orders it had.
    """
    looked_at = put_right = last = 0
    while ids := [found for (found,) in sql.rows(NEXT, [last, chunk])]:
        with transaction.atomic():
            lock_orders(ids)
            put_right += summarize(ids)
        looked_at, last = looked_at + len(ids), ids[-1]
        progress(len(ids))
    return Rebuilt(looked_at, put_right)


NEXT = "SELECT id FROM orders WHERE id > %s::bigint ORDER BY id LIMIT %s::bigint"
