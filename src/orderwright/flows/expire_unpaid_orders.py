"""Expiring unpaid orders: stock is not kept for ever for those who do not pay."""

from datetime import timedelta

from django.db import transaction

from orderwright.flows._each import Answer, Done
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.summarize import look
from orderwright.kernel import actors, clock, sql
from orderwright.orders import status
from orderwright.orders.locking import lock_orders

REASON = "unpaid"


@transaction.atomic
def expire_unpaid_orders(limit: int = 200) -> int:
    """Cancel orders that were not paid in the time that their channel gives, the oldest first; answers how many.

    What is on hold waits for a person, and what the warehouse has is not canceled.  Money that came meanwhile saves
    an order; what came in part goes back.
    """
    found = _too_old(limit)
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


def _too_old(limit: int) -> list[int]:
    """Unpaid orders that are older than their channel waits, the oldest first."""
    now = clock.now()
    paid_until = {channel: now - timedelta(seconds=seconds) for channel, seconds in sql.rows(CHANNELS_THAT_EXPIRE)}
    if not paid_until:
        return []
    parameters = [
        sql.ints(paid_until),
        sql.texts([moment.isoformat() for moment in paid_until.values()]),
        max(paid_until.values()),
        limit,
    ]
    return [order_id for (order_id,) in sql.rows(TOO_OLD, parameters)]


CHANNELS_THAT_EXPIRE = "SELECT id, unpaid_expires_seconds FROM channel WHERE unpaid_expires_seconds IS NOT NULL"

# An order in work, or shipped in part, is left to people: it was released because its money was secure then.  So is
# one that was edited: what is due of it may be due since then only.
TOO_OLD = """
    SELECT s.order_id
      FROM unnest(%s::bigint[], %s::timestamptz[]) AS c(id, paid_until)
      JOIN order_summary s ON s.channel_id = c.id AND s.status = 'unpaid' AND s.fulfilment IN ('waiting', 'ready')
     WHERE s.placed_at < c.paid_until AND s.placed_at < %s::timestamptz
       AND NOT EXISTS (SELECT FROM event e WHERE e.order_id = s.order_id AND e.kind = 'order.edited')
     ORDER BY s.placed_at, s.order_id
     LIMIT %s::bigint
"""
