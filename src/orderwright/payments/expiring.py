"""Expiring: authorizations that end before their money was captured are told of while something can be done."""

from collections.abc import Collection
from datetime import timedelta

from orderwright.kernel import clock, events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening
from orderwright.payments.queries import tenders_of
from orderwright.payments.questions import told

WARNED_BEFORE = timedelta(days=2)


def orders_near_end(limit: int) -> list[int]:
    """Orders with an authorization that is near its end, and at which nobody has looked for that yet."""
    return [order_id for (order_id,) in sql.rows(NEAR_END, [clock.now() + WARNED_BEFORE, limit])]


def warn(order_ids: Collection[int], *, actor: Actor) -> int:
    """Tell once of each authorization of these orders, which are locked, that is near its end; answers how many."""
    before = clock.now() + WARNED_BEFORE
    marked = {tender_id for (tender_id,) in sql.rows(MARK, [clock.now(), sql.ints(sorted(order_ids)), before])}
    near = [tender for tender in tenders_of(order_ids) if tender.id in marked and tender.balances["authorized"]]
    events.record(
        [
            Happening(
                "tender.expiring",
                actor,
                told(
                    tender,
                    tender.balances["authorized"],
                    expires_at=tender.expires_at.isoformat() if tender.expires_at else None,
                ),
                tender.order_id,
            )
            for tender in near
        ]
    )
    return len(near)


# What is all captured or voided is marked too, and so never looked at again.  What a provider is being asked about may
# be set aside again, so it is left for later.
NEAR_END = """
    SELECT DISTINCT t.order_id
      FROM tender t
      JOIN tender_sheet s ON s.holder_id = t.id
     WHERE t.expires_at < %s AND t.warned_at IS NULL AND s.capturing + s.voiding = 0
     ORDER BY 1
     LIMIT %s::bigint
"""

MARK = """
    UPDATE tender t
       SET warned_at = %s
      FROM tender_sheet s
     WHERE s.holder_id = t.id AND t.order_id = ANY (%s::bigint[])
       AND t.expires_at < %s AND t.warned_at IS NULL AND s.capturing + s.voiding = 0
    RETURNING t.id
"""
