"""Asking providers: taking open questions that are due, and putting them, with no transaction open.

A question is leased before it is put: its next turn is moved forward, further with every try, so whoever dies while
asking delays it and loses nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from orderwright.kernel import clock, sql
from orderwright.kernel.money import Money
from orderwright.payments.ports import Answer, PaymentProvider

FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 3600


class Due(NamedTuple):
    """An open question whose turn it is."""

    id: str  # the key that it is asked with
    provider: str
    verb: str
    amount: Money
    token: str
    reference: str  # of the authorization; empty as long as there is none
    tries: int  # how often it was put before


class Open(NamedTuple):
    """A question without a final answer, and whose order it is about."""

    due: Due
    order_id: int
    customer_id: int | None


def take(provider: str, room: int) -> list[Due]:
    """Lease questions to `provider` that are due, the longest waiting first, `room` at most; committed at once."""
    assert not connection.in_atomic_block
    now = clock.now()
    found = sql.rows(
        TAKE,
        {"provider": provider, "now": now, "room": room, "first": FIRST_WAIT_SECONDS, "longest": LONGEST_WAIT_SECONDS},
    )
    return [_due(row) for row in found]


def take_of(order_id: int) -> list[Due]:
    """Lease the questions about an order that are due, whoever is to be asked; committed at once."""
    assert not connection.in_atomic_block
    now = clock.now()
    found = sql.rows(
        TAKE_OF, {"order": order_id, "now": now, "first": FIRST_WAIT_SECONDS, "longest": LONGEST_WAIT_SECONDS}
    )
    return [_due(row) for row in found]


def _due(row: Sequence[Any]) -> Due:
    id_, verb, amount, currency, token, reference, tries, provider = row
    return Due(str(id_), provider, verb, Money(amount, currency), token, reference, tries - 1)


def put(due: Due, provider: PaymentProvider) -> Answer:
    """Ask, with the question's id as the key: asking twice is the same as asking once."""
    assert not connection.in_atomic_block
    match due.verb:
        case "authorize":
            return provider.authorize(due.amount, due.token, key=due.id)
        case "capture":
            return provider.capture(due.reference, due.amount, key=due.id)
        case "void":
            return provider.void(due.reference, key=due.id)
        case "refund":
            return provider.refund(due.reference, due.amount, key=due.id)
    raise AssertionError(due)


def still_open(questions: Collection[str], methods: Collection[str]) -> list[Open]:
    """Those of these questions about tenders of these methods that have no final answer; their orders are locked."""
    found = sql.rows(STILL_OPEN, [sql.texts(questions), sql.texts(sorted(methods))])
    return [Open(_due(row[:8]), *row[8:]) for row in found]


def hasten(questions: Collection[str]) -> int:
    """Let open questions have their turn now; answers how many of these were open."""
    return sql.run(HASTEN, [clock.now(), sql.texts(questions)])


def oldest_question() -> datetime | None:
    """When the question was written down that has waited longest for a final answer; None if none waits."""
    moment: datetime | None = sql.value(OLDEST)
    return moment


def next_look(now: datetime) -> datetime:
    """When a question is looked up again whose payer must do something first."""
    return now + timedelta(seconds=2 * FIRST_WAIT_SECONDS)


LEASE = """
    UPDATE payment_attempt a
       SET tries = a.tries + 1,
           ask_again_at = %(now)s::timestamptz + make_interval(
               secs => least(%(longest)s::bigint, %(first)s::bigint * power(2, least(a.tries, 20))))
      FROM due, tender t
     WHERE a.id = due.id AND t.id = a.tender_id
    RETURNING a.id, a.verb, a.amount_minor, t.currency, a.token, t.reference, a.tries, a.provider
"""

TAKE = f"""
    WITH due AS (
        SELECT id
          FROM payment_attempt
         WHERE provider = %(provider)s::text AND ask_again_at <= %(now)s::timestamptz
         ORDER BY ask_again_at
         LIMIT %(room)s::bigint
           FOR NO KEY UPDATE SKIP LOCKED)
    {LEASE}
"""

TAKE_OF = f"""
    WITH due AS (
        SELECT a.id
          FROM payment_attempt a
          JOIN tender t ON t.id = a.tender_id
         WHERE t.order_id = %(order)s::bigint AND a.ask_again_at <= %(now)s::timestamptz
         ORDER BY a.ask_again_at
           FOR NO KEY UPDATE OF a SKIP LOCKED)
    {LEASE}
"""

HASTEN = """
    UPDATE payment_attempt SET ask_again_at = least(ask_again_at, %s::timestamptz)
     WHERE id = ANY (%s::uuid[]) AND ask_again_at IS NOT NULL
"""

STILL_OPEN = """
    SELECT a.id, a.verb, a.amount_minor, t.currency, a.token, t.reference, a.tries, a.provider, o.id, o.customer_id
      FROM payment_attempt a
      JOIN tender t ON t.id = a.tender_id
      JOIN orders o ON o.id = t.order_id
     WHERE a.id = ANY (%s::uuid[]) AND a.ask_again_at IS NOT NULL AND a.provider = ANY (%s::text[])
     ORDER BY a.id
"""

OLDEST = "SELECT min(asked_at) FROM payment_attempt WHERE ask_again_at IS NOT NULL"
