"""Paying orders: another means of payment for what is still due, after a decline, after an edit, or by a pay link."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._amounts import meant, positive, words
from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows._each import each
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import lock_orders
from orderwright.payments import opening
from orderwright.payments.authorizing import UnknownPaymentMethod, is_known
from orderwright.payments.opening import MoreThanDue, New, NothingDue
from orderwright.payments.queries import tenders_of


class Pay(NamedTuple):
    """Pay for an order by a method, all that is due or a part of it; `token` is what the payer's browser was given."""

    order_id: int
    method: str
    token: str = ""
    amount_minor: int | None = None


class Opened(NamedTuple):
    """It is written down: so much of an order is to be paid by a new tender.  Its provider is asked a moment later."""

    order_id: int
    tender_id: int
    amount_minor: int


@transaction.atomic
def pay_orders(requests: Sequence[Pay], *, actor: Actor) -> list[Opened | Refusal]:
    """Open tenders for what is due, never for more; each request is accepted or refused by itself.

    Who pays twice at once, from two tabs, is charged once: while one answer is awaited nothing is due.  Money that was
    only awaited, such as a bank transfer, is waited for no longer once other money is secure.
    """
    ids = [request.order_id for request in requests]
    locked = lock_orders(ids)
    _figures, before = look(ids)
    tenders = tenders_of(ids)
    taken = dict.fromkeys(locked, 0)  # by earlier requests of this batch

    def decide(request: Pay) -> New:
        order = locked[request.order_id]
        if not is_known(request.method):
            raise UnknownPaymentMethod(method=request.method)
        opening.refuse_unfit(request.method)
        own = meant(tenders, order.id, None)
        due = opening.due(before[order.id].owed, own, request.method) - taken[order.id]
        if due < 1:
            raise NothingDue(number=order.number)
        amount = due if request.amount_minor is None else positive(request.amount_minor)
        if amount > due:
            raise MoreThanDue(asked=words(amount, order.currency), due=words(due, order.currency), number=order.number)
        taken[order.id] += amount
        return New(order.id, request.method, amount, order.currency, request.token)

    decided = each(requests, decide)
    new = [one for one in decided if isinstance(one, New)]
    opened = iter(opening.open_more(new, actor=actor))
    changed = sorted({one.order_id for one in new})
    if changed:
        tell_of_confirmed(locked, {order_id: before[order_id] for order_id in changed}, actor=actor)
        follow_money(changed, actor=actor)
        summarize(changed)
    return [
        one if isinstance(one, Refusal) else Opened(one.order_id, next(opened), one.amount_minor) for one in decided
    ]
