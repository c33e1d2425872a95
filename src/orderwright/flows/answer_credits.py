"""Answering questions about gift cards and store credit: the shop asks itself, so the answer comes in the transaction.

The CREDIT book and the TENDERS book move together: what is set aside of credit is what is authorized on orders.
"""

from collections.abc import Sequence

from django.db import transaction

from orderwright.credits.spending import Ask, Did, spend
from orderwright.flows.settle_payments import ACTOR, settle_payments
from orderwright.kernel.actors import Actor
from orderwright.kernel.money import Money
from orderwright.orders.locking import lock_orders
from orderwright.payments import settling
from orderwright.payments.asking import Due, Open, still_open
from orderwright.payments.methods import INSIDE, STORE_CREDIT
from orderwright.payments.ports import Answer, Approved, Declined
from orderwright.payments.settling import Brought

PREFIX = "credit-"  # of a tender's reference: the account that its money is set aside on
VERBS = {"authorize": "hold", "capture": "spend", "void": "let_go", "refund": "give_back"}
WHY = {
    "unknown": ("wrong_details", "There is no such gift card or credit."),
    "ended": ("expired_card", "It has expired, or cannot be spent."),
    "empty": ("insufficient_funds", "Nothing is left on it."),
}


@transaction.atomic
def answer_credits(attempts: Sequence[str], *, actor: Actor = ACTOR) -> list[int]:
    """Answer those of these questions that are still open, exactly once; answers the orders that this changed.

    Where less is left than was asked for, that much is set aside, and the rest of the order is still due.
    """
    lock_orders(settling.orders_of(attempts))
    asked = still_open(attempts, INSIDE)
    did = spend([_ask(one) for one in asked], actor=actor)
    brought = [Brought(one.due.id, _answer(one.due, done)) for one, done in zip(asked, did, strict=True)]
    return settle_payments(brought, actor=actor) if brought else []


def _ask(one: Open) -> Ask:
    due = one.due
    account = int(due.reference.removeprefix(PREFIX)) if due.reference else None
    return Ask(
        VERBS[due.verb],
        one.order_id,
        due.amount.minor,
        due.amount.currency,
        code="" if account is not None or due.provider == STORE_CREDIT else due.token or "none",
        customer_id=one.customer_id if due.provider == STORE_CREDIT else None,
        account=account,
    )


def _answer(due: Due, did: Did) -> Answer:
    if did.account is None or not did.amount_minor:
        return Declined(*WHY[did.why])
    assert due.verb == "authorize" or did.amount_minor == due.amount.minor, (due, did)
    return Approved(f"{PREFIX}{did.account}", Money(did.amount_minor, due.amount.currency))
