"""Telling, once in an order's life, that its money became secure."""

from collections.abc import Mapping

from orderwright.flows.summarize import look
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import Locked
from orderwright.orders.status import Money, is_secure


def tell_of_confirmed(orders: Mapping[int, Locked], before: Mapping[int, Money], *, actor: Actor) -> None:
    """Record `order.confirmed` of those orders that are secure now and were not with the money they had `before`.

    Of an order that is secure as it is placed, `order.placed` says enough.
    """
    _figures, after = look(before)
    secured = [order_id for order_id in before if is_secure(after[order_id]) and not is_secure(before[order_id])]
    if not secured:
        return
    told = {order_id for (order_id,) in sql.rows(TOLD, [sql.ints(secured)])}
    record(
        [
            Happening("order.confirmed", actor, {"number": orders[order_id].number}, order_id)
            for order_id in secured
            if order_id not in told
        ]
    )


TOLD = "SELECT order_id FROM event WHERE order_id = ANY (%s::bigint[]) AND kind = 'order.confirmed'"
