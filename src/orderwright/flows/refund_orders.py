"""Refunding orders: captured money goes back to the payer, by the way it came or as store credit."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.credits import issuing
from orderwright.credits.issuing import Grant
from orderwright.flows._amounts import meant, positive, words
from orderwright.flows._each import each
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import canceling, reasons
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.of_customers import customers_of
from orderwright.orders.summary import figures
from orderwright.orders.worth import Written
from orderwright.payments import refunding
from orderwright.payments.queries import TenderSeen, tenders_of
from orderwright.payments.questions import Asked, Share
from orderwright.payments.refunding import MoreThanCaptured, MoreThanOverpaid, NothingToRefund


class Refund(NamedTuple):
    """Give back so much of an order's money, or all that it is overpaid by; of one tender, or of all as they come.

    `reason` is one word, see orders.reasons.  `goodwill` gives back what is not overpaid: it is taken off the order.
    `as_credit` puts it to the customer's credit in this shop, instead of giving it back by the way it came.
    """

    order_id: int
    reason: str
    amount_minor: int | None = None
    tender_id: int | None = None
    goodwill: bool = False
    as_credit: bool = False


@transaction.atomic
def refund_orders(requests: Sequence[Refund], *, actor: Actor) -> list[Asked | Refusal]:
    """Write down what is given back: never more than was captured, in as many parts as it takes.

    Each request is accepted or refused by itself.  Providers are asked after this is committed; what was paid by
    hand is given back by hand, and counts as given back at once.
    """
    ids = [request.order_id for request in requests]
    locked = lock_orders(ids)
    totals = {order_id: found.total_minor for order_id, found in figures(ids).items()}
    tenders = tenders_of(ids)
    discounts: list[Written] = []
    told: list[Happening] = []

    def decide(request: Refund) -> list[Share]:
        order, why = locked[request.order_id], reasons.check(request.reason)
        own = meant(tenders, order.id, request.tender_id)
        if not request.goodwill:
            overpaid = refunding.captured(meant(tenders, order.id, None)) - totals[order.id]
            amount = _overpaid_part(request, order, own, overpaid)
            return refunding.choose(own, amount, why, as_credit=request.as_credit)
        amount = _goodwill(request, order, own, totals[order.id])
        totals[order.id] -= amount
        discounts.append(Written(order.id, None, AdjustmentKind.GOODWILL.value, "goodwill", -amount, False))
        facts = {"number": order.number, "reason": why, "amount_minor": amount, "currency": order.currency}
        told.append(Happening("order.discounted", actor, facts, order.id))
        return refunding.choose(own, amount, why, as_credit=request.as_credit)

    decided = each(requests, decide)
    chosen = [(request, one) for request, one in zip(requests, decided, strict=True) if not isinstance(one, Refusal)]
    record(told)
    canceling.write(discounts)
    both = [(request, share) for request, shares in chosen for share in shares]
    credited = [(request, share) for request, share in both if _becomes_credit(request, share)]
    back = [share for request, share in both if not _becomes_credit(request, share)]
    attempts = iter(refunding.refund(back, actor=actor))
    _put_to_credit(credited, actor=actor)
    summarize({request.order_id for request, _shares in chosen})
    return [
        one if isinstance(one, Refusal) else _asked(request, one, attempts)
        for request, one in zip(requests, decided, strict=True)
    ]


def _becomes_credit(request: Refund, share: Share) -> bool:
    return refunding.becomes_credit(share.tender, as_credit=request.as_credit)


def _put_to_credit(credited: Sequence[tuple[Refund, Share]], *, actor: Actor) -> None:
    """What is given back becomes the customer's credit, and can be spent at once."""
    if not credited:
        return
    refunding.refund_as_credit([share for _request, share in credited], actor=actor)
    customers = customers_of([request.order_id for request, _share in credited])
    grants = [
        Grant(customers[one.order_id], share.amount_minor, share.tender.currency, one.reason, one.order_id)
        for one, share in credited
    ]
    issuing.grant(grants, actor=actor)


def _overpaid_part(request: Refund, order: Locked, own: Sequence[TenderSeen], overpaid: int) -> int:
    """How much of what the order is overpaid by is given back."""
    there = refunding.captured(own)
    if request.amount_minor is None:
        amount = min(there, overpaid)
        if amount < 1:
            raise NothingToRefund(number=order.number)
        return amount
    asked = words(positive(request.amount_minor), order.currency)
    if request.amount_minor > there:
        raise MoreThanCaptured(asked=asked, captured=words(there, order.currency), number=order.number)
    if request.amount_minor > overpaid:
        raise MoreThanOverpaid(asked=asked, overpaid=words(max(0, overpaid), order.currency), number=order.number)
    return request.amount_minor


def _goodwill(request: Refund, order: Locked, own: Sequence[TenderSeen], total: int) -> int:
    """How much is given back although it is owed; the order cannot be worth less than nothing after it."""
    if request.amount_minor is None:
        raise Invalid(field="amount", problem="a refund of goodwill needs one")
    there = min(refunding.captured(own), total)
    if positive(request.amount_minor) > there:
        asked = words(request.amount_minor, order.currency)
        raise MoreThanCaptured(asked=asked, captured=words(max(0, there), order.currency), number=order.number)
    return request.amount_minor


def _asked(request: Refund, shares: Sequence[Share], attempts: Iterator[str]) -> Asked:
    return Asked(
        shares[0].tender.order_id,
        sum(share.amount_minor for share in shares),
        tuple(next(attempts) for share in shares if not refunding.at_once(share.tender, as_credit=request.as_credit)),
    )
