"""Refunding: captured money goes back, never more than was captured.

A provider is asked; money that was taken by hand goes back by hand, and is given back when that is written down.  So is
money that becomes the customer's credit here: its provider keeps what it took for the shop.
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import events
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import NOWHERE, Movement, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening
from orderwright.payments import questions
from orderwright.payments.book import TENDERS
from orderwright.payments.methods import INSIDE, MANUAL
from orderwright.payments.queries import TenderSeen
from orderwright.payments.questions import Share, move, told


class NothingToRefund(Refusal):
    code = "nothing_to_refund"
    sentence = _("Order {number} is not overpaid: there is nothing to give back.")


class MoreThanCaptured(Refusal):
    code = "more_than_captured"
    sentence = _("{asked} were to be given back, and {captured} are captured on order {number}.")


class MoreThanOverpaid(Refusal):
    code = "more_than_overpaid"
    sentence = _("{asked} were to be given back, and order {number} is overpaid by {overpaid}.")


def captured(tenders: Sequence[TenderSeen]) -> int:
    """What can be given back of these tenders, in minor units."""
    return sum(tender.balances["captured"] for tender in tenders)


def choose(tenders: Sequence[TenderSeen], amount_minor: int, why: str, *, as_credit: bool = False) -> list[Share]:
    """Give back `amount_minor` of what is captured, tender by tender in the order in which they come; in memory."""
    shares = []
    for tender in tenders:
        part = min(amount_minor, tender.balances["captured"])
        if part > 0:
            move(tender, "captured", "refunded" if at_once(tender, as_credit=as_credit) else "refunding", part)
            shares.append(Share(tender, part, why))
            amount_minor -= part
    assert amount_minor == 0, (tenders, amount_minor)
    return shares


def at_once(tender: TenderSeen, *, as_credit: bool) -> bool:
    """Is it given back as soon as that is written down?  What came from the shop's own credit goes back to it."""
    return tender.method in MANUAL or becomes_credit(tender, as_credit=as_credit)


def becomes_credit(tender: TenderSeen, *, as_credit: bool) -> bool:
    return as_credit and tender.method not in INSIDE


def refund(shares: Sequence[Share], *, actor: Actor) -> list[str]:
    """Write down what is given back, of orders that are locked; answers the ids of the attempts."""
    _by_hand([share for share in shares if share.tender.method in MANUAL], actor=actor)
    return questions.write("refund", [share for share in shares if share.tender.method not in MANUAL], actor=actor)


def refund_as_credit(shares: Sequence[Share], *, actor: Actor) -> None:
    """Write down what became the customer's credit, of orders that are locked; nobody is asked."""
    _by_hand(shares, actor=actor, to="store_credit")


def _by_hand(shares: Sequence[Share], *, actor: Actor, to: str = "") -> None:
    happened = events.record(
        [
            Happening(
                "tender.refunded",
                actor,
                told(share.tender, share.amount_minor, why=share.why, to=to),
                share.tender.order_id,
            )
            for share in shares
        ]
    )
    movements = []
    for share, event in zip(shares, happened, strict=True):
        holder, amount = share.tender.id, share.amount_minor
        movements.append(Movement(holder, NOWHERE, "captured", NOWHERE, "refunding", amount, event))
        movements.append(Movement(holder, NOWHERE, "refunding", NOWHERE, "refunded", amount, event))
    post(TENDERS, movements)
