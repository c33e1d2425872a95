"""Opening the tenders of new orders: what is awaited, what came already, what a provider is to be asked for.

Nobody is asked here.  A provider's tender is written down with its question; `payments.asking` asks soon after.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from uuid_utils import uuid7

from orderwright.kernel import clock, sql
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.payments import providers
from orderwright.payments.book import TENDERS
from orderwright.payments.methods import INSIDE, MANUAL


class UnknownPaymentMethod(Refusal):
    code = "unknown_payment_method"
    status = 422
    sentence = _("There is no method of payment {method} here.")


class OpenTender(NamedTuple):
    """A tender to be opened: its id is of `tender_id_seq`, its event the one that tells of it."""

    id: int
    order_id: int
    method: str
    amount_minor: int
    currency: str
    token: str
    event_id: int


def is_known(method: str) -> bool:
    """Can an order be paid this way?  By hand, from credit here, or through a provider of the shop."""
    return method in MANUAL or method in INSIDE or method in providers.codes()


def open_tenders(tenders: Sequence[OpenTender]) -> None:
    """Write down the tenders of orders that are new in this transaction, and where their money is.

    Money that is paid by hand is awaited, or captured where it came before the order; money of a provider is
    being authorized, with the question on record.  A tender of nothing moves nothing, so it has no sheet.
    """
    if not tenders:
        return
    ids, orders, methods, amounts, currencies, _tokens, _events = zip(*tenders, strict=True)
    sql.run(
        WRITE_TENDERS,
        [sql.ints(ids), sql.ints(orders), sql.texts(methods), sql.ints(amounts), sql.texts(currencies)],
    )
    movements, asked = [], []
    for tender in tenders:
        if not tender.amount_minor:
            continue
        manual = MANUAL.get(tender.method)
        if manual is None:
            asked.append(tender)
        bucket = "authorizing" if manual is None else "captured" if manual.received else "awaited"
        movements.append(Movement(tender.id, NOWHERE, "payer", NOWHERE, bucket, tender.amount_minor, tender.event_id))
    post(TENDERS, movements, opening=True)
    if asked:
        _write_questions(asked)


def _write_questions(tenders: Sequence[OpenTender]) -> None:
    now = clock.now().isoformat()
    sql.run(
        WRITE_QUESTIONS,
        [
            now,
            now,
            sql.texts([str(uuid7()) for _ in tenders]),
            sql.ints([tender.id for tender in tenders]),
            sql.ints([tender.amount_minor for tender in tenders]),
            sql.texts([tender.method for tender in tenders]),
            sql.texts([tender.token.replace("\x00", "") for tender in tenders]),  # which PostgreSQL keeps in no text
        ],
    )


WRITE_TENDERS = """
    INSERT INTO tender (id, order_id, method, amount_minor, currency)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[])
"""

WRITE_QUESTIONS = """
    INSERT INTO payment_attempt (id, tender_id, provider, verb, amount_minor, token, asked_at, ask_again_at)
    SELECT id, tender, provider, 'authorize', amount, token, %s::timestamptz, %s::timestamptz
      FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
           AS q(id, tender, amount, provider, token)
"""
