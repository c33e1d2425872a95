"""Locking orders: whoever changes an order, its lines or its money holds the order's row first.

That makes an order's events follow one another, and it guards the sheets of its lines: who holds the order may read
them and decide.  Orders are locked by id, after idempotency keys and before anything else (`kernel.locks`).
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection

from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound


class Locked(NamedTuple):
    """An order that this transaction holds."""

    id: int
    number: str
    channel_id: int
    currency: str
    capture_when: str  # catalog.models.CaptureWhen of its channel


def lock_orders(ids: Collection[int]) -> dict[int, Locked]:
    """Lock these orders, in the order of their ids, until the transaction ends.

    Raises `NotFound` where one does not exist; nothing was changed then.
    """
    assert connection.in_atomic_block
    wanted = sorted(set(ids))
    found = {row[0]: Locked(*row) for row in sql.rows(LOCK, [sql.ints(wanted)])}
    for order_id in wanted:
        if order_id not in found:
            raise NotFound(thing="order", name=order_id)
    return found


def ids_of(numbers: Iterable[str]) -> dict[str, int]:
    """The ids of the orders with these numbers; a number that no order has is left out."""
    known = {number for number in numbers if "\x00" not in number}  # PostgreSQL keeps no text with a zero byte
    return dict(sql.rows(IDS_OF, [sql.texts(sorted(known))]))


def id_of(number: str) -> int:
    """The id of the order with this number; raises `NotFound`."""
    found = ids_of([number])
    if number not in found:
        raise NotFound(thing="order", name=number)
    return found[number]


LOCK = """
    SELECT o.id, o.number, o.channel_id, o.currency, c.capture_when
      FROM orders o JOIN channel c ON c.id = o.channel_id
     WHERE o.id = ANY (%s::bigint[])
     ORDER BY o.id
       FOR NO KEY UPDATE OF o
"""

IDS_OF = "SELECT number, id FROM orders WHERE number = ANY (%s::text[])"
