"""Receiving: money that was awaited came, and someone says so: on which day, and what the bank statement says."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening
from orderwright.payments.book import TENDERS
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import Share, move, told


class NothingAwaited(Refusal):
    code = "nothing_awaited"
    sentence = _("Of order {number} no money is awaited.")


class MoreThanAwaited(Refusal):
    code = "more_than_awaited"
    sentence = _("{asked} were to be marked as received, and {awaited} are awaited for order {number}.")


class Came(NamedTuple):
    """Money that came."""

    share: Share
    received_on: date
    reference: str


def awaited(tenders: Sequence[TenderSeen]) -> int:
    """What is waited for, in minor units."""
    return sum(tender.balances["awaited"] for tender in tenders)


def choose(tenders: Sequence[TenderSeen], amount_minor: int) -> list[Share]:
    """Take `amount_minor` as what came of what is awaited, tender by tender as they were opened; in memory."""
    shares = []
    for tender in tenders:
        part = min(amount_minor, tender.balances["awaited"])
        if part > 0:
            move(tender, "awaited", "captured", part)
            shares.append(Share(tender, part))
            amount_minor -= part
    assert amount_minor == 0, (tenders, amount_minor)
    return shares


def receive(came: Sequence[Came], *, actor: Actor) -> None:
    """Write down what came, of orders that are locked."""
    if not came:
        return
    happened = events.record(
        [
            Happening(
                "tender.received",
                actor,
                told(one.share.tender, one.share.amount_minor, received_on=one.received_on.isoformat()),
                one.share.tender.order_id,
            )
            for one in came
        ]
    )
    post(
        TENDERS,
        [
            Movement(one.share.tender.id, NOWHERE, "awaited", NOWHERE, "captured", one.share.amount_minor, event)
            for one, event in zip(came, happened, strict=True)
        ],
    )
    sql.run(
        WRITE,
        [
            sql.ints([one.share.tender.id for one in came]),
            sql.ints(happened),
            sql.ints([one.share.amount_minor for one in came]),
            sql.texts([one.received_on.isoformat() for one in came]),
            sql.texts([one.reference for one in came]),
        ],
    )


WRITE = """
    INSERT INTO payment_receipt (tender_id, event_id, amount_minor, received_on, reference)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[])
"""
