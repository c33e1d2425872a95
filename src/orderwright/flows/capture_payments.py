"""Capturing payments: money that is set aside for orders is asked for."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._amounts import meant, positive, words
from orderwright.flows._each import each
from orderwright.flows.summarize import look, summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import lock_orders
from orderwright.payments import capturing, questions
from orderwright.payments.capturing import MoreThanAuthorized, MoreThanOwed, NothingToCapture
from orderwright.payments.queries import tenders_of
from orderwright.payments.questions import Asked, Share


class Capture(NamedTuple):
    """Take so much of an order's authorized money, or all that is authorized and owed; of one tender, or of all."""

    order_id: int
    amount_minor: int | None = None
    tender_id: int | None = None


@transaction.atomic
def capture_payments(requests: Sequence[Capture], *, actor: Actor) -> list[Asked | Refusal]:
    """Write down what providers are to capture; each request is accepted or refused by itself.

    Nobody is asked yet: `ask_providers` does that, soon after this is committed.
    """
    ids = [request.order_id for request in requests]
    locked = lock_orders(ids)
    _figures, money = look(ids)
    tenders = tenders_of(ids)

    def decide(request: Capture) -> list[Share]:
        order = locked[request.order_id]
        own = meant(tenders, order.id, request.tender_id)
        taking = sum(tender.balances["capturing"] for tender in meant(tenders, order.id, None))
        there, owed = capturing.authorized(own), money[order.id].owed - taking
        if request.amount_minor is None:
            amount = min(there, owed)
            if amount < 1:
                raise NothingToCapture(number=order.number)
            return capturing.choose(own, amount)
        asked = words(positive(request.amount_minor), order.currency)
        if request.amount_minor > there:
            raise MoreThanAuthorized(asked=asked, authorized=words(there, order.currency), number=order.number)
        if request.amount_minor > owed:
            raise MoreThanOwed(asked=asked, owed=words(max(0, owed), order.currency), number=order.number)
        return capturing.choose(own, request.amount_minor)

    decided = each(requests, decide)
    chosen = [one for one in decided if not isinstance(one, Refusal)]
    attempts = iter(questions.write("capture", [share for shares in chosen for share in shares], actor=actor))
    summarize({shares[0].tender.order_id for shares in chosen})
    return [
        one
        if isinstance(one, Refusal)
        else Asked(
            one[0].tender.order_id, sum(share.amount_minor for share in one), tuple(next(attempts) for _share in one)
        )
        for one in decided
    ]
