"""Questions to providers: written down with the money that they are about, before anybody is asked.

While a question is open its money sits in a bucket of its own, so nobody can ask for it twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

from uuid_utils import uuid7

from orderwright.kernel import clock, events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.events import Happening
from orderwright.payments.book import TENDERS
from orderwright.payments.queries import TenderSeen


class Verb(NamedTuple):
    """What can be asked: the buckets that its money goes through, and what is told."""

    source: str
    asking: str  # while the question is open
    done: str  # when it is approved
    back: str  # when it is declined, and for what is left of an amount that is approved in part
    done_kind: str
    declined_kind: str


VERBS = {
    "authorize": Verb("payer", "authorizing", "authorized", "voided", "tender.authorized", "tender.declined"),
    "capture": Verb("authorized", "capturing", "captured", "authorized", "tender.captured", "tender.capture_declined"),
    "void": Verb("authorized", "voiding", "voided", "authorized", "tender.voided", "tender.void_declined"),
    "refund": Verb("captured", "refunding", "refunded", "captured", "tender.refunded", "tender.refund_declined"),
}


class Share(NamedTuple):
    """So much of a tender."""

    tender: TenderSeen
    amount_minor: int
    why: str = ""  # a word for the event, where somebody gave one


class Asked(NamedTuple):
    """It is written down: so much of an order's money, and the questions to providers that it needs."""

    order_id: int
    amount_minor: int
    attempts: tuple[str, ...] = ()


def told(tender: TenderSeen, amount_minor: int, **more: object) -> dict[str, object]:
    """The facts of an event about money of a tender; what is empty is left out."""
    named = {name: fact for name, fact in more.items() if fact not in ("", None)}
    return {
        "tender": tender.id,
        "method": tender.method,
        "amount_minor": amount_minor,
        "currency": tender.currency,
        **named,
    }


def move(tender: TenderSeen, source: str, target: str, amount_minor: int) -> None:
    """Move money in memory, so that the next one who looks at `tender` sees what is left."""
    assert tender.balances[source] >= amount_minor > 0, (tender, source, amount_minor)
    tender.balances[source] -= amount_minor
    tender.balances[target] += amount_minor


def write(verb: str, shares: Sequence[Share], *, actor: Actor) -> list[str]:
    """Write a question down for each share, of orders that are locked; answers the ids of the attempts."""
    if not shares:
        return []
    how = VERBS[verb]
    ids = [str(uuid7()) for _ in shares]
    happened = events.record(
        [
            Happening(
                f"tender.{verb}_asked",
                actor,
                told(share.tender, share.amount_minor, attempt=attempt, why=share.why),
                share.tender.order_id,
            )
            for attempt, share in zip(ids, shares, strict=True)
        ]
    )
    post(
        TENDERS,
        [
            Movement(share.tender.id, NOWHERE, how.source, NOWHERE, how.asking, share.amount_minor, event)
            for share, event in zip(shares, happened, strict=True)
        ],
    )
    now = clock.now().isoformat()
    sql.run(
        WRITE,
        [
            verb,
            now,
            now,
            sql.texts(ids),
            sql.ints([share.tender.id for share in shares]),
            sql.texts([share.tender.method for share in shares]),
            sql.ints([share.amount_minor for share in shares]),
        ],
    )
    return ids


WRITE = """
    INSERT INTO payment_attempt (id, tender_id, provider, verb, amount_minor, asked_at, ask_again_at)
    SELECT id, tender, provider, %s::text, amount, %s::timestamptz, %s::timestamptz
      FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bigint[]) AS q(id, tender, provider, amount)
"""
