"""Issuing: gift cards, and money to a customer's credit; and taking back what is not spent."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _

from orderwright.credits import codes
from orderwright.credits.book import CREDIT
from orderwright.customers.forgetting import CustomerForgotten, lock_customers
from orderwright.customers.queries import customer
from orderwright.kernel import clock, events, money, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, lock, post
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening
from orderwright.kernel.numbering import take_ids


class MoreThanAvailable(Refusal):
    code = "more_than_available"
    sentence = _("{asked} were to be taken, and {available} are there.")


class NewCard(NamedTuple):
    """A gift card to be issued; it can be spent up to `expires_on`, or always."""

    amount_minor: int
    currency: str
    expires_on: date | None = None


class Issued(NamedTuple):
    """A gift card, and its code, which nobody can read again."""

    account: int
    code: str


class Grant(NamedTuple):
    """So much money for a customer's credit; `reason` is a word for the event, `order_id` the order that led to it."""

    customer_id: int
    amount_minor: int
    currency: str
    reason: str = ""
    order_id: int | None = None


class Withdrawal(NamedTuple):
    """So much of what is available on an account is taken back."""

    account: int
    amount_minor: int
    reason: str = ""


def issue_cards(cards: Sequence[NewCard], *, actor: Actor, reason: str = "") -> list[Issued]:
    """Issue gift cards, all or none; a handful of statements, however many there are."""
    assert connection.in_atomic_block
    if not cards:
        return []
    for card in cards:
        _check(card.amount_minor, card.currency)
        if card.expires_on is not None and card.expires_on < clock.now().date():
            raise Invalid(field="expires_on", problem="is in the past")
    ids, made = take_ids("credit_account_id_seq", len(cards)), [codes.new_code() for _ in cards]
    sql.run(
        WRITE_CARDS,
        [
            clock.now(),
            sql.ints(ids),
            sql.texts([card.currency for card in cards]),
            sql.texts([f"\\x{codes.digest(code).hex()}" for code in made]),
            sql.texts([code[-4:] for code in made]),
            sql.texts([card.expires_on.isoformat() if card.expires_on else None for card in cards]),
        ],
    )
    facts = [
        _facts("gift_card", id_, card.amount_minor, card.currency, reason) for id_, card in zip(ids, cards, strict=True)
    ]
    _issue(ids, [card.amount_minor for card in cards], facts, actor=actor, opening=True)
    return [Issued(id_, code) for id_, code in zip(ids, made, strict=True)]


def grant(grants: Sequence[Grant], *, actor: Actor) -> list[int]:
    """Put money to customers' credit, all or none; answers their accounts.  The customers must exist."""
    assert connection.in_atomic_block
    if not grants:
        return []
    for one in grants:
        _check(one.amount_minor, one.currency)
    wanted = sorted({(one.customer_id, one.currency) for one in grants})
    customers, currencies = [sql.ints([c for c, _ in wanted]), sql.texts([c for _, c in wanted])]
    sql.run(MAKE_CREDITS, [clock.now(), customers, currencies])
    accounts = {(row[0], row[1]): row[2] for row in sql.rows(FIND_CREDITS, [customers, currencies])}
    ids = [accounts[one.customer_id, one.currency] for one in grants]
    facts = [
        _facts("store_credit", id_, one.amount_minor, one.currency, one.reason)
        | {"customer": one.customer_id}
        | ({"order": one.order_id} if one.order_id is not None else {})
        for id_, one in zip(ids, grants, strict=True)
    ]
    _issue(ids, [one.amount_minor for one in grants], facts, actor=actor, opening=False)
    return ids


def change_credit(customer_id: int, amount_minor: int, currency: str, reason: str, *, actor: Actor) -> int:
    """Give a customer credit, or take back what is not spent where the amount is below nothing; answers the account."""
    if customer(customer_id).forgotten_at is not None:
        raise CustomerForgotten(customer=customer_id)
    lock_customers([customer_id])
    if amount_minor >= 0:
        return grant([Grant(customer_id, amount_minor, currency, reason)], actor=actor)[0]
    found = sql.rows(FIND_CREDITS, [sql.ints([customer_id]), sql.texts([currency])])
    if not found:
        asked = f"{money.write(-amount_minor, currency)} {currency}"
        raise MoreThanAvailable(asked=asked, available=f"{money.write(0, currency)} {currency}")
    account: int = found[0][2]
    withdraw([Withdrawal(account, -amount_minor, reason)], actor=actor)
    return account


def withdraw(withdrawals: Sequence[Withdrawal], *, actor: Actor) -> None:
    """Take back what is not spent and not set aside, all or none."""
    assert connection.in_atomic_block
    if not withdrawals:
        return
    known = _known([one.account for one in withdrawals])
    left = {
        holder: sheet["available"]
        for (holder, _place), sheet in lock(CREDIT, [(one.account, NOWHERE) for one in withdrawals]).items()
    }
    for one in withdrawals:
        _kind, currency = known[one.account]
        _check(one.amount_minor, currency)
        if one.amount_minor > left[one.account]:
            asked, there = (
                f"{money.write(amount, currency)} {currency}" for amount in (one.amount_minor, left[one.account])
            )
            raise MoreThanAvailable(asked=asked, available=there)
        left[one.account] -= one.amount_minor
    happened = events.record(
        [
            Happening(
                "credit.withdrawn",
                actor,
                _facts(known[one.account][0], one.account, one.amount_minor, known[one.account][1], one.reason),
            )
            for one in withdrawals
        ]
    )
    post(
        CREDIT,
        [
            Movement(one.account, NOWHERE, "available", NOWHERE, "withdrawn", one.amount_minor, event)
            for one, event in zip(withdrawals, happened, strict=True)
        ],
        locked=True,
    )


def _issue(
    ids: Sequence[int], amounts: Sequence[int], facts: Sequence[dict[str, object]], *, actor: Actor, opening: bool
) -> None:
    happened = events.record([Happening("credit.issued", actor, one) for one in facts])
    movements = [
        Movement(id_, NOWHERE, "issued", NOWHERE, "available", amount, event)
        for id_, amount, event in zip(ids, amounts, happened, strict=True)
    ]
    post(CREDIT, movements, opening=opening)


def _facts(kind: str, account: int, amount_minor: int, currency: str, reason: str) -> dict[str, object]:
    facts: dict[str, object] = {
        "account": account,
        "kind": kind,
        "amount_minor": amount_minor,
        "currency": currency,
    }
    return facts | ({"reason": reason} if reason else {})


def _check(amount_minor: int, currency: str) -> None:
    money.decimals(currency)  # refused where there is no such currency
    if not 0 < amount_minor <= money.LARGEST_MINOR:
        raise Invalid(field="amount", problem="must be more than nothing")


def _known(accounts: Collection[int]) -> dict[int, tuple[str, str]]:
    found = {id_: (kind, currency) for id_, kind, currency in sql.rows(KNOWN, [sql.ints(sorted(set(accounts)))])}
    for account in accounts:
        if account not in found:
            raise NotFound(thing="credit", name=account)
    return found


WRITE_CARDS = """
    INSERT INTO credit_account (kind, created_at, id, currency, digest, last_four, expires_on)
    SELECT 'gift_card', %s::timestamptz, id, currency, digest::bytea, last_four, expires_on
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[])
           AS c(id, currency, digest, last_four, expires_on)
"""

MAKE_CREDITS = """
    INSERT INTO credit_account (kind, created_at, customer_id, currency)
    SELECT 'store_credit', %s::timestamptz, customer, currency
      FROM unnest(%s::bigint[], %s::text[]) AS c(customer, currency) ORDER BY 3, 4
        ON CONFLICT (customer_id, currency) WHERE kind = 'store_credit' DO NOTHING
"""

FIND_CREDITS = """
    SELECT a.customer_id, a.currency, a.id
      FROM credit_account a
      JOIN unnest(%s::bigint[], %s::text[]) AS c(customer, currency)
        ON a.customer_id = c.customer AND a.currency = c.currency
     WHERE a.kind = 'store_credit'
"""

KNOWN = "SELECT id, kind, currency FROM credit_account WHERE id = ANY (%s::bigint[])"
