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


def order_of(number: str, email: str) -> int | None:
    """The order with this number, if somebody with this e-mail address ordered it."""
    found = sql.rows(ORDER_OF, [number, email.strip().lower()])
    return found[0][0] if found else None


ORDER_OF = """
    SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.number = %s::text AND c.email = %s::text
"""


class History(NamedTuple):
    """What a customer bought, over the newest thousand orders at most."""

    orders: int
    first_at: datetime | None
    worth: dict[str, int]  # by currency, in minor units: what was kept of what was taken
    others_open: list[tuple[str, str]]  # number and status, the newest first


def history(customer_id: int, *, but: int) -> History:
    """A customer's orders all together, and which of them are open beside the order `but`; one statement."""
    rows = sql.rows(HISTORY, [customer_id])
    worth: dict[str, int] = {}
    for _id, _number, _status, _at, currency, kept in rows:
        worth[currency] = worth.get(currency, 0) + kept
    waiting = [(row[1], row[2]) for row in rows if row[0] != but and row[2] not in DONE]
    return History(len(rows), min((row[3] for row in rows), default=None), worth, waiting[:5])


HISTORY = """
    SELECT o.id, o.number, s.status, s.placed_at, o.currency, s.captured_minor - s.refunded_minor
      FROM (SELECT * FROM order_summary WHERE customer_id = %s ORDER BY placed_at DESC, order_id DESC LIMIT 1000) s
      JOIN orders o ON o.id = s.order_id
     ORDER BY s.placed_at DESC, s.order_id DESC
"""


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


def customers_of(order_ids: Collection[int]) -> dict[int, int]:
    """Whose these orders are."""
    return dict(sql.rows(CUSTOMERS_OF, [sql.ints(order_ids)]))


CUSTOMERS_OF = "SELECT id, customer_id FROM orders WHERE id = ANY (%s::bigint[])"


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
