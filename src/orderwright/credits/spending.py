"""Spending: credit is set aside for orders, spent, let go and given back: any number of requests at once.

It answers each request with how much of it can be done: of what is to be set aside perhaps less than was asked, never
more than is there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from orderwright.credits import codes
from orderwright.credits.book import CREDIT
from orderwright.kernel import clock, events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Balances, Movement, lock, post
from orderwright.kernel.events import Happening


class Step(NamedTuple):
    source: str
    target: str
    kind: str


STEPS = {
    "hold": Step("available", "held", "credit.held"),
    "spend": Step("held", "spent", "credit.spent"),
    "let_go": Step("held", "available", "credit.let_go"),
    "give_back": Step("spent", "available", "credit.given_back"),
}


class Ask(NamedTuple):
    """Do this with so much credit for an order.

    To hold, the account is found by `code` (of a gift card) or by `customer_id` and the currency; later by `account`.
    """

    verb: str  # of STEPS
    order_id: int
    amount_minor: int
    currency: str
    code: str = ""
    customer_id: int | None = None
    account: int | None = None


class Did(NamedTuple):
    """So much was done with an account; where nothing was, `why` says: unknown, ended, or empty."""

    account: int | None
    amount_minor: int
    why: str = ""


class _Account(NamedTuple):
    id: int
    currency: str
    open: bool


def spend(asks: Sequence[Ask], *, actor: Actor) -> list[Did]:
    """Do all of these that can be done; the orders are locked.  A handful of statements, however many there are."""
    assert connection.in_atomic_block
    found = _find(asks)
    ids = sorted({account.id for account in found if account is not None})
    sheets = lock(CREDIT, [(id_, NOWHERE) for id_ in ids]) if ids else {}
    done = [_decide(ask, account, sheets) for ask, account in zip(asks, found, strict=True)]
    moved = [(ask, one) for ask, one in zip(asks, done, strict=True) if one.amount_minor]
    happened = events.record(
        [
            Happening(
                STEPS[ask.verb].kind,
                actor,
                {
                    "account": one.account,
                    "order": ask.order_id,
                    "amount_minor": one.amount_minor,
                    "currency": ask.currency,
                },
            )
            for ask, one in moved
        ]
    )
    movements = []
    for (ask, one), event in zip(moved, happened, strict=True):
        assert one.account is not None
        step = STEPS[ask.verb]
        movements.append(Movement(one.account, NOWHERE, step.source, NOWHERE, step.target, one.amount_minor, event))
    post(CREDIT, movements, locked=True)
    return done


def _decide(ask: Ask, account: _Account | None, sheets: Balances) -> Did:
    """What can be done; the sheet moves in memory, so that the next one sees what is left."""
    if account is None or account.currency != ask.currency:
        return Did(None, 0, "unknown")
    if ask.verb == "hold" and not account.open:
        return Did(account.id, 0, "ended")
    step, sheet = STEPS[ask.verb], sheets[account.id, NOWHERE]
    amount = min(ask.amount_minor, sheet[step.source])
    sheet[step.source] -= amount
    sheet[step.target] += amount
    return Did(account.id, amount, "" if amount else "empty")


def _find(asks: Sequence[Ask]) -> list[_Account | None]:
    """The account that each is about: one statement."""
    read = [codes.read(ask.code) if ask.code else None for ask in asks]
    rows = sql.rows(
        FIND,
        [
            clock.now().date(),
            sql.ints([ask.account if ask.account is not None else -1 for ask in asks]),
            sql.ints([ask.customer_id if ask.customer_id is not None else -1 for ask in asks]),
            sql.texts([ask.currency for ask in asks]),
            sql.texts([f"\\x{codes.digest(code).hex()}" if code else None for code in read]),
        ],
    )
    found = {place: _Account(id_, currency, is_open) for place, id_, currency, is_open in rows}
    return [found.get(place + 1) for place in range(len(asks))]


# The lock makes who disables an account wait, or be seen.
FIND = """
    WITH asked AS (
        SELECT ordinal, account, customer, currency, digest, %s::date AS today
          FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[])
               WITH ORDINALITY AS q(account, customer, currency, digest, ordinal))
    SELECT q.ordinal, a.id, a.currency,
           a.disabled_at IS NULL AND (a.expires_on IS NULL OR a.expires_on >= q.today)
      FROM asked q
      JOIN credit_account a
        ON a.id = CASE WHEN q.account >= 0 THEN q.account
                       WHEN q.digest IS NOT NULL THEN (SELECT id FROM credit_account WHERE digest = q.digest)
                       ELSE (SELECT id FROM credit_account
                              WHERE customer_id = q.customer AND currency = q.currency AND kind = 'store_credit') END
     ORDER BY a.id, q.ordinal
       FOR NO KEY UPDATE OF a
"""
