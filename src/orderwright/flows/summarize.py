"""Summarizing: the last step of every flow that changes an order or its money."""

from collections.abc import Collection

from django.db import connection, transaction

from orderwright.kernel import sql
from orderwright.orders import status, summary
from orderwright.orders.locking import lock_orders
from orderwright.orders.summary import Figures, SummaryRow
from orderwright.payments.queries import Sums, money_of


def summarize(order_ids: Collection[int]) -> None:
    """Refresh the summaries of these orders, which this transaction has locked; three statements."""
    assert connection.in_atomic_block
    if order_ids:
        found, paid = look(order_ids)
        summary.write([row(figures, paid[figures.order_id]) for figures in found.values()])


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


def rebuild(chunk: int = 500) -> int:
    """Make all summaries anew, `chunk` orders a transaction, while the shop goes on; answers how many.

    Only what differs is written.
    """
    done, last = 0, 0
    while ids := [found for (found,) in sql.rows(NEXT, [last, chunk])]:
        with transaction.atomic():
            lock_orders(ids)
            summarize(ids)
        done, last = done + len(ids), ids[-1]
    return done


NEXT = "SELECT id FROM orders WHERE id > %s ORDER BY id LIMIT %s::bigint"
