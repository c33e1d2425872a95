"""Waiting for money: how long an order keeps its goods for who has not paid, as its channel says for ways of payment.

Who pays by card has minutes, for there is nothing to wait for; a transfer takes days.  What is paid when the goods
come, or after, is trusted, and nobody waits for it.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.payments.methods import MANUAL

SLOW = tuple(method for method, manual in MANUAL.items() if not manual.trusted)  # its money is on its way for days


class Patience(NamedTuple):
    """How many seconds a channel waits; None: for ever."""

    unpaid_seconds: int | None = None
    transfer_seconds: int | None = None  # None: as long as for the others

    def for_method(self, method: str) -> int | None:
        """So long is waited for who pays in this way; None where nobody waits, or for ever."""
        if method in MANUAL and MANUAL[method].trusted:
            return None
        return self.transfer_seconds or self.unpaid_seconds if method in SLOW else self.unpaid_seconds


def patience_of(channel: str) -> Patience:
    """How long the channel of this code waits."""
    found = sql.rows(
        "SELECT unpaid_expires_seconds, transfer_expires_seconds FROM channel WHERE code = %s::text", [channel]
    )
    return Patience(*found[0]) if found else Patience()


def kept_until(order_id: int) -> datetime | None:
    """Until when this order is kept while it is not paid; None: for ever, or until a person decides."""
    found = sql.rows(KEPT_UNTIL, [sql.texts(SLOW), order_id])
    return found[0][0] if found else None


# A transfer that is awaited is what the order waits for, also where a card was tried in vain before it, or since.
PATIENCE = """make_interval(secs => (
           CASE WHEN EXISTS (SELECT FROM tender t
                               JOIN tender_sheet m ON m.holder_id = t.id AND m.awaited > 0
                              WHERE t.order_id = s.order_id AND t.method = ANY (%s::text[]))
                THEN coalesce(c.transfer_expires_seconds, c.unpaid_expires_seconds)
                ELSE c.unpaid_expires_seconds
           END)::double precision)"""

# An order that was edited is left to people: what is due of it may be due since then only.
NOT_EDITED = "NOT EXISTS (SELECT FROM event e WHERE e.order_id = s.order_id AND e.kind = 'order.edited')"

KEPT_UNTIL = f"""
    SELECT s.placed_at + {PATIENCE}
      FROM order_summary s
      JOIN channel c ON c.id = s.channel_id
     WHERE s.order_id = %s::bigint AND {NOT_EDITED}
"""


def waited_for_long_enough(limit: int) -> list[int]:
    """Unpaid orders that are older than their channel waits, the oldest first; at most so many."""
    now, least = clock.now(), sql.value(LEAST)
    if least is None:
        return []
    parameters = [now - timedelta(seconds=least), sql.texts(SLOW), now, limit]
    return [order_id for (order_id,) in sql.rows(TOO_OLD, parameters)]


LEAST = "SELECT least(min(unpaid_expires_seconds), min(transfer_expires_seconds)) FROM channel"

# An order in work, or shipped in part, is left to people: it was released because its money was secure then.
TOO_OLD = f"""
    SELECT s.order_id
      FROM order_summary s
      JOIN channel c ON c.id = s.channel_id
     WHERE s.status = 'unpaid' AND s.fulfilment IN ('waiting', 'ready')
       AND s.placed_at < %s::timestamptz
       AND s.placed_at + {PATIENCE} < %s::timestamptz
       AND {NOT_EDITED}
     ORDER BY s.placed_at, s.order_id
     LIMIT %s::bigint
"""
