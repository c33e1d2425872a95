"""What is known of the money of orders, added up from the TENDERS book."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from orderwright.kernel import sql
from orderwright.payments.methods import TRUSTED
from orderwright.payments.models import TENDER_BUCKETS


class Sums(NamedTuple):
    """The money of an order in minor units, as `orders.status.Money` wants it beside the order's total."""

    captured: int = 0  # all that was ever taken, with what is being refunded and what was
    refunded: int = 0
    secured: int = 0  # authorized, being captured, or awaited from a method that is trusted; not what is being voided
    pending: int = 0  # being authorized


class TenderSeen(NamedTuple):
    """A tender and where its money is."""

    id: int
    order_id: int
    method: str
    amount_minor: int
    currency: str
    reference: str
    expires_at: datetime | None
    balances: dict[str, int]


class AttemptSeen(NamedTuple):
    """A question to a provider and its answer (None: not answered yet)."""

    id: str
    tender_id: int
    verb: str
    amount_minor: int
    asked_at: datetime
    tries: int
    answer: str | None
    answered_at: datetime | None
    reference: str
    reason: str
    message: str
    action_url: str


class ReceiptSeen(NamedTuple):
    """Money that came by itself."""

    tender_id: int
    amount_minor: int
    received_on: date
    reference: str


class MessageSeen(NamedTuple):
    """What a provider told us about something that is not known here."""

    received_at: datetime
    provider: str
    message_id: str
    verb: str
    reference: str


def money_of(order_ids: Collection[int]) -> dict[int, Sums]:
    """What was taken, given back, set aside and asked for, by order; an order without tenders is left out."""
    found = sql.rows(MONEY_OF, [sql.texts(TRUSTED), sql.ints(sorted(set(order_ids)))])
    return {row[0]: Sums(*row[1:]) for row in found}


def tenders_of(order_ids: Collection[int]) -> list[TenderSeen]:
    """The tenders of these orders, in the order in which they were opened."""
    return [_seen(row) for row in sql.rows(TENDERS_OF, [sql.ints(sorted(set(order_ids)))])]


def attempts_of(tender_ids: Collection[int]) -> list[AttemptSeen]:
    """What was asked about these tenders, oldest first."""
    return [AttemptSeen(str(row[0]), *row[1:]) for row in sql.rows(ATTEMPTS_OF, [sql.ints(sorted(set(tender_ids)))])]


def receipts_of(tender_ids: Collection[int]) -> list[ReceiptSeen]:
    """What came for these tenders by itself, oldest first."""
    return [ReceiptSeen(*row) for row in sql.rows(RECEIPTS_OF, [sql.ints(sorted(set(tender_ids)))])]


def ending_before(moment: datetime, *, after: int = 0, limit: int = 100) -> list[TenderSeen]:
    """Tenders with authorized money that the provider lets go before `moment`, by id behind `after`."""
    return [_seen(row) for row in sql.rows(ENDING_BEFORE, [moment, after, limit])]


def messages_waiting(after: tuple[datetime, str, str] | None = None, *, limit: int = 100) -> list[MessageSeen]:
    """Messages of providers that wait for what they speak of to become known, oldest first."""
    behind = after or (datetime.min.replace(tzinfo=UTC), "", "")
    return [MessageSeen(*row) for row in sql.rows(MESSAGES_WAITING, [*behind, limit])]


def declined_last(tender_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """What of these tenders the provider declined when it was last asked for: verbs by tender."""
    found: dict[int, frozenset[str]] = {}
    for tender_id, verb in sql.rows(DECLINED_LAST, [sql.ints(sorted(set(tender_ids)))]):
        found[tender_id] = found.get(tender_id, frozenset()) | {verb}
    return found


def _seen(row: Any) -> TenderSeen:
    return TenderSeen._make((*row[:7], dict(zip(TENDER_BUCKETS, row[7:], strict=True))))


BUCKETS = ", ".join(f"coalesce(s.{bucket}, 0)" for bucket in TENDER_BUCKETS)

MONEY_OF = """
    SELECT t.order_id,
           sum(s.captured + s.refunding + s.refunded)::bigint,
           sum(s.refunded)::bigint,
           sum(s.authorized + s.capturing
               + CASE WHEN t.method = ANY (%s::text[]) THEN s.awaited ELSE 0 END)::bigint,
           sum(s.authorizing)::bigint
      FROM tender t
      JOIN tender_sheet s ON s.holder_id = t.id
     WHERE t.order_id = ANY (%s::bigint[])
     GROUP BY t.order_id
"""

TENDERS_OF = f"""
    SELECT t.id, t.order_id, t.method, t.amount_minor, t.currency, t.reference, t.expires_at, {BUCKETS}
      FROM tender t
      LEFT JOIN tender_sheet s ON s.holder_id = t.id
     WHERE t.order_id = ANY (%s::bigint[])
     ORDER BY t.order_id, t.id
"""

ATTEMPTS_OF = """
    SELECT id, tender_id, verb, amount_minor, asked_at, tries, answer, answered_at, reference, reason, message,
           action_url
      FROM payment_attempt
     WHERE tender_id = ANY (%s::bigint[])
     ORDER BY id
"""

ENDING_BEFORE = f"""
    SELECT t.id, t.order_id, t.method, t.amount_minor, t.currency, t.reference, t.expires_at, {BUCKETS}
      FROM tender t
      JOIN tender_sheet s ON s.holder_id = t.id
     WHERE t.expires_at < %s AND t.id > %s AND s.authorized > 0
     ORDER BY t.id
     LIMIT %s::bigint
"""

DECLINED_LAST = """
    SELECT tender_id, verb
      FROM (SELECT DISTINCT ON (tender_id, verb) tender_id, verb, answer
              FROM payment_attempt
             WHERE tender_id = ANY (%s::bigint[]) AND answered_at IS NOT NULL
             ORDER BY tender_id, verb, id DESC) last
     WHERE answer = 'declined'
"""

RECEIPTS_OF = """
    SELECT tender_id, amount_minor, received_on, reference
      FROM payment_receipt
     WHERE tender_id = ANY (%s::bigint[])
     ORDER BY id
"""

MESSAGES_WAITING = """
    SELECT received_at, provider, message_id, told ->> 'verb', reference
      FROM provider_message
     WHERE matched_at IS NULL
       AND (received_at, provider COLLATE "C", message_id COLLATE "C") > (%s::timestamptz, %s::text, %s::text)
     ORDER BY received_at, provider COLLATE "C", message_id COLLATE "C"
     LIMIT %s::bigint
"""
