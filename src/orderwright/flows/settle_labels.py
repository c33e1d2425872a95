"""Settling labels: what carriers answered is believed, once; scans that waited for a number find their package."""

from collections.abc import Sequence

from django.db import transaction

from orderwright.flows._collecting import collect
from orderwright.flows._following import follow
from orderwright.kernel.actors import Actor, system
from orderwright.orders.locking import lock_orders
from orderwright.shipping import hearing, settling
from orderwright.shipping.packages import packages
from orderwright.shipping.settling import Brought

ACTOR = system("carriers")


@transaction.atomic
def settle_labels(brought: Sequence[Brought], *, actor: Actor = ACTOR) -> list[int]:
    """Write down what these answers come to, and answer the orders whose packages they changed.

    An answer that was brought before changes nothing.  A label for a package that was unpacked meanwhile is asked to
    be void.
    """
    ids = [one.question for one in brought]
    lock_orders([question.order_id for question in settling.questions(ids).values()])
    asked = settling.questions(ids)
    seen = packages([question.package_id for question in asked.values()])
    outcomes = settling.settle(brought, asked, seen, actor=actor)
    changed = {one.package.id for one in outcomes if one.label or one.word == "voided"}
    if changed:
        hearing.adopt(changed)
        follow(collect(changed, actor=actor), actor=actor)
    return sorted({one.question.order_id for one in outcomes})
