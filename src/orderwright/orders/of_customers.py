"""What orders know of customers: which of them are open, what was written about them; and erasing that."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.orders.status import Status


class Known(NamedTuple):
    """An order, as its customer may ask for it."""

    number: str
    channel: str
    reference: str | None
    placed_at: datetime
    status: str
    currency: str
    total_minor: int
    notes: list[str]


def open_orders(customer_ids: Collection[int]) -> list[str]:
    """Numbers of orders that goods are still owed on, or may go out for: twenty at most."""
    return [row[0] for row in sql.rows(OPEN, [sql.ints(sorted(customer_ids)), sql.texts(DONE)])]


DONE = (Status.SHIPPED, Status.DELIVERED, Status.RETURNED, Status.CANCELED)

OPEN = """
    SELECT o.number FROM order_summary s JOIN orders o ON o.id = s.order_id
     WHERE s.customer_id = ANY (%s::bigint[]) AND s.status <> ALL (%s::text[]) ORDER BY o.id LIMIT 20
"""


def of_customers(customer_ids: Collection[int]) -> list[int]:
    """The ids of these customers' orders."""
    return [row[0] for row in sql.rows(OF_CUSTOMERS, [sql.ints(sorted(customer_ids))])]


OF_CUSTOMERS = "SELECT order_id FROM order_summary WHERE customer_id = ANY (%s::bigint[]) ORDER BY order_id"


def erase_words(order_ids: Collection[int]) -> None:
    """Erase what was written about these orders in people's own words: notes, notes of holds, gift messages."""
    wanted = [sql.ints(sorted(order_ids))]
    sql.run("UPDATE order_note SET text = '' WHERE order_id = ANY (%s::bigint[])", wanted)
    sql.run("UPDATE order_wish SET gift_message = '' WHERE order_id = ANY (%s::bigint[])", wanted)
    sql.run("UPDATE order_hold SET note = '' WHERE order_id = ANY (%s::bigint[])", wanted)


def known(customer_id: int) -> list[Known]:
    """All orders of a customer, the oldest first."""
    return [Known(*row) for row in sql.rows(KNOWN, [customer_id])]


KNOWN = """
    SELECT o.number, c.code, o.reference, o.placed_at, s.status, o.currency, s.total_minor,
           array(SELECT n.text FROM order_note n WHERE n.order_id = o.id AND n.text <> '' ORDER BY n.id)
      FROM order_summary s JOIN orders o ON o.id = s.order_id JOIN channel c ON c.id = o.channel_id
     WHERE s.customer_id = %s ORDER BY o.id
"""
