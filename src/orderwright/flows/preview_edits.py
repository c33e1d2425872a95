"""Previewing an edit with the days that would be promised then: all of it is done, read, and taken back."""

from datetime import date
from typing import NamedTuple

from django.db import transaction

from orderwright.flows.edit_orders import Edited, edit_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.editing import Edit
from orderwright.promises.queries import deliver_on


class Previewed(NamedTuple):
    """What an edit would do, and when the last of the order would arrive; None where nobody can say."""

    edited: Edited
    arrives_before: date | None
    arrives: date | None


def preview_edits(edit: Edit, *, actor: Actor) -> Previewed | Refusal:
    """What an edit would do, to the last cent, unit and day; nothing is changed."""
    with transaction.atomic():
        before = deliver_on(edit.order_id)
        (answer,) = edit_orders([edit], actor=actor)
        if isinstance(answer, Refusal):
            transaction.set_rollback(True)
            return answer
        promise_orders([edit.order_id])
        seen = Previewed(answer, before, deliver_on(edit.order_id))
        transaction.set_rollback(True)
    return seen
