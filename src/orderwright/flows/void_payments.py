"""Voiding payments: money that is set aside for orders, or awaited, is let go."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._amounts import meant
from orderwright.flows._each import each
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import lock_orders
from orderwright.payments import voiding
from orderwright.payments.queries import tenders_of
from orderwright.payments.questions import Asked
from orderwright.payments.voiding import CaptureIsAsked, Chosen, NothingToVoid


class Void(NamedTuple):
    """Let go of all that is authorized or awaited: of one tender of an order, or of all of them."""

    order_id: int
    tender_id: int | None = None


@transaction.atomic
def void_payments(requests: Sequence[Void], *, actor: Actor) -> list[Asked | Refusal]:
    """Write down what providers are to let go, and wait no longer for what is only awaited.

    Each request is accepted or refused by itself.  An order whose money is let go may be unpaid after it.
    """
    ids = [request.order_id for request in requests]
    locked = lock_orders(ids)
    tenders = tenders_of(ids)

    def decide(request: Void) -> Chosen:
        order = locked[request.order_id]
        own = meant(tenders, order.id, request.tender_id)
        if any(tender.balances["capturing"] for tender in own):
            raise CaptureIsAsked(number=order.number)
        chosen = voiding.choose_all(own)
        if not chosen.asked and not chosen.awaited:
            raise NothingToVoid(number=order.number)
        return chosen

    decided = each(requests, decide)
    attempts = iter(voiding.void([one for one in decided if not isinstance(one, Refusal)], actor=actor))
    answers: list[Asked | Refusal] = []
    for request, one in zip(requests, decided, strict=True):
        if isinstance(one, Refusal):
            answers.append(one)
        else:
            amount = sum(share.amount_minor for share in (*one.asked, *one.awaited))
            answers.append(Asked(request.order_id, amount, tuple(next(attempts) for _share in one.asked)))
    summarize({answer.order_id for answer in answers if isinstance(answer, Asked)})
    return answers
