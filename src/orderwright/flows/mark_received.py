"""Marking as received: money that orders waited for came by itself, by bank transfer or in cash."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._amounts import meant, positive, words
from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows._each import each
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.kernel import clock
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.orders.locking import lock_orders
from orderwright.payments import receiving
from orderwright.payments.queries import tenders_of
from orderwright.payments.questions import Asked
from orderwright.payments.receiving import Came, MoreThanAwaited, NothingAwaited


class Received(NamedTuple):
    """So much came for an order, or all that is awaited; of one tender, or of all as they were opened.

    `received_on` is the day that the bank or the driver names, today where it is left out; `reference` what the
    statement says.
    """

    order_id: int
    amount_minor: int | None = None
    received_on: date | None = None
    reference: str = ""
    tender_id: int | None = None


@transaction.atomic
def mark_received(requests: Sequence[Received], *, actor: Actor) -> list[Asked | Refusal]:
    """Write down money that came, in as many parts as it does; each request is accepted or refused by itself.

    More than is awaited is refused: it belongs to another order, or has to go back.
    """
    ids = [request.order_id for request in requests]
    locked = lock_orders(ids)
    _figures, before = look(ids)
    tenders = tenders_of(ids)

    def decide(request: Received) -> list[Came]:
        order = locked[request.order_id]
        own = meant(tenders, order.id, request.tender_id)
        there = receiving.awaited(own)
        if not there:
            raise NothingAwaited(number=order.number)
        amount = there if request.amount_minor is None else positive(request.amount_minor)
        if amount > there:
            asked = words(amount, order.currency)
            raise MoreThanAwaited(asked=asked, awaited=words(there, order.currency), number=order.number)
        day = request.received_on or clock.now().date()
        if day > clock.now().date():
            raise Invalid(field="received_on", problem="it is in the future")
        return [Came(share, day, request.reference) for share in receiving.choose(own, amount)]

    decided = each(requests, decide)
    came = [one for one in decided if not isinstance(one, Refusal)]
    receiving.receive([part for parts in came for part in parts], actor=actor)
    changed = sorted({parts[0].share.tender.order_id for parts in came})
    if changed:
        tell_of_confirmed(locked, {order_id: before[order_id] for order_id in changed}, actor=actor)
        follow_money(changed, actor=actor)
        summarize(changed)
    return [
        one
        if isinstance(one, Refusal)
        else Asked(one[0].share.tender.order_id, sum(part.share.amount_minor for part in one))
        for one in decided
    ]
