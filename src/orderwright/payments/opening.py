"""Opening: another means of payment for what is still due of an order that is placed."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import events, numbering
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening
from orderwright.payments.authorizing import OpenTender, open_tenders
from orderwright.payments.methods import MANUAL, TRUSTED
from orderwright.payments.queries import TenderSeen


class NothingDue(Refusal):
    code = "nothing_due"
    sentence = _("Of order {number} nothing is to be paid now: it is paid, being paid, or canceled.")


class MoreThanDue(Refusal):
    code = "more_than_due"
    sentence = _("{asked} were to be paid, and {due} are due for order {number}.")


class NotForPayers(Refusal):
    code = "not_for_payers"
    status = 422
    sentence = _("{method} is no way to pay for an order that is placed.")


class New(NamedTuple):
    """A tender to be opened on an order that is locked."""

    order_id: int
    method: str
    amount_minor: int
    currency: str
    token: str


def due(owed_minor: int, tenders: Sequence[TenderSeen], method: str) -> int:
    """What may be paid by a method now: what is owed and neither set aside, nor asked for, nor sure to come.

    Money that is only awaited, of a method that nobody trusts, may be paid in another way; it is let go then.
    """
    waits = TRUSTED if method not in MANUAL or MANUAL[method].trusted else tuple(MANUAL)
    held = sum(
        tender.balances["authorizing"]
        + tender.balances["authorized"]
        + tender.balances["capturing"]
        + (tender.balances["awaited"] if tender.method in waits else 0)
        for tender in tenders
    )
    return max(0, owed_minor - held)


def refuse_unfit(method: str) -> None:
    """Refuse what is no way to pay, and what is only written down of money that came elsewhere."""
    if method in MANUAL and MANUAL[method].received:
        raise NotForPayers(method=method)


def open_more(new: Sequence[New], *, actor: Actor) -> list[int]:
    """Open tenders on orders that are locked, with an event each; answers their ids."""
    if not new:
        return []
    ids = numbering.take_ids("tender_id_seq", len(new))
    happened = events.record(
        [
            Happening(
                "tender.opened",
                actor,
                {"tender": id_, "method": one.method, "amount_minor": one.amount_minor, "currency": one.currency},
                one.order_id,
            )
            for id_, one in zip(ids, new, strict=True)
        ]
    )
    open_tenders(
        [
            OpenTender(id_, one.order_id, one.method, one.amount_minor, one.currency, one.token, event)
            for id_, one, event in zip(ids, new, happened, strict=True)
        ]
    )
    return ids
