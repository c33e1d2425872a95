"""Wishing: how the buyer wants an order handed over: by which delivery option, with which words, without prices."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import sql


class Wished(NamedTuple):
    """What was wished of an order; an order of which nothing was wished is like this one's defaults."""

    order_id: int
    delivery_option: str = ""  # a code; empty: the default for where it goes
    gift_message: str = ""
    hide_prices: bool = False


def write(wishes: Sequence[Wished]) -> None:
    """Write down what was wished of orders; a wish that was there before is replaced."""
    if wishes:
        orders, options, messages, hidden = zip(*wishes, strict=True)
        sql.run(WRITE, [sql.ints(orders), sql.texts(options), sql.texts(messages), sql.booleans(hidden)])


def wishes_of(order_ids: Collection[int]) -> dict[int, Wished]:
    """What was wished of these orders; each has an answer."""
    found = {order_id: Wished(order_id) for order_id in order_ids}
    return found | {row[0]: Wished(*row) for row in sql.rows(WISHES_OF, [sql.ints(sorted(found))])}


WRITE = """
    INSERT INTO order_wish (order_id, delivery_option, gift_message, hide_prices)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[])
        ON CONFLICT (order_id) DO UPDATE
       SET delivery_option = excluded.delivery_option, gift_message = excluded.gift_message,
           hide_prices = excluded.hide_prices
"""

WISHES_OF = """
    SELECT order_id, delivery_option, gift_message, hide_prices FROM order_wish WHERE order_id = ANY (%s::bigint[])
"""
