"""Expiring unpaid orders: stock is not kept for ever for those who do not pay."""

from django.db import transaction

from orderwright.flows._each import Answer, Done
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.summarize import look
from orderwright.kernel import actors
from orderwright.orders import status
from orderwright.orders.locking import lock_orders
from orderwright.payments import waiting

REASON = "unpaid"


@transaction.atomic
def expire_unpaid_orders(limit: int = 200) -> int:
    """Cancel orders that were not paid in the time that their channel gives for their way of payment, the oldest first.

    Answers how many.  What is on hold waits for a person, and what the warehouse has is not canceled.  Money that came
    meanwhile saves an order; what came in part goes back.
    """
    found = waiting.waited_for_long_enough(limit)
    if not found:
        return 0
    lock_orders(found)
    standing, paid = look(found)
    unpaid = [
        Cancel(order_id, REASON)
        for order_id in found
        if not standing[order_id].holds and not status.is_secure(paid[order_id])
    ]
    answers: list[Answer] = cancel_orders(unpaid, actor=actors.system("expiry")) if unpaid else []
    return sum(isinstance(answer, Done) for answer in answers)


def expire_all(limit: int = 200) -> int:
    """Expire all that is due, `limit` orders a transaction."""
    expired = 0
    while some := expire_unpaid_orders(limit):
        expired += some
    return expired
