"""Settling payments: what providers answered is believed, once, and what follows from it is asked."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from orderwright.flows._confirming import tell_of_confirmed
from orderwright.flows.follow_money import follow_money
from orderwright.flows.summarize import look, summarize
from orderwright.kernel.actors import Actor, system
from orderwright.orders.locking import lock_orders
from orderwright.orders.status import Money
from orderwright.payments import hearing, settling
from orderwright.payments.queries import tenders_of
from orderwright.payments.settling import Brought, Outcome

ACTOR = system("payments")


@transaction.atomic
def settle_payments(brought: Sequence[Brought], *, actor: Actor = ACTOR) -> list[int]:
    """Write down what these answers come to, and answer the orders that they changed.

    An answer that was brought before changes nothing.  A reference that becomes known brings messages of the
    provider that have been waiting for it.
    """
    locked = lock_orders(settling.orders_of([one.attempt for one in brought]))
    _figures, before = look(locked)
    tenders = {tender.id: tender for tender in tenders_of(locked)}
    outcomes = settling.settle(brought, tenders, actor=actor)
    outcomes += settling.settle(_waiting_messages(outcomes), tenders, actor=actor)
    changed = sorted({outcome.tender.order_id for outcome in outcomes})
    if changed:
        tell_of_confirmed(locked, _only(before, changed), actor=actor)
        follow_money(changed, actor=actor)
        summarize(changed)
    return changed


def _waiting_messages(outcomes: Sequence[Outcome]) -> list[Brought]:
    references: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.reference and outcome.kind == "tender.authorized":
            references.setdefault(outcome.tender.method, []).append(outcome.reference)
    brought: list[Brought] = []
    for provider, known in sorted(references.items()):
        matched = hearing.match(provider, hearing.waiting(provider, known))
        hearing.mark(provider, matched)
        brought += [one.brought for one in matched]
    return brought


def _only(before: Mapping[int, Money], changed: Sequence[int]) -> dict[int, Money]:
    return {order_id: before[order_id] for order_id in changed}
