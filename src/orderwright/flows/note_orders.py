"""Noting on orders: what someone wants to remember of them.  Nothing else about the orders changes."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import noting
from orderwright.orders.locking import lock_orders
from orderwright.orders.noting import NewNote


class WriteNote(NamedTuple):
    order_id: int
    text: str


@transaction.atomic
def note_orders(requests: Sequence[WriteNote], *, actor: Actor) -> list[Answer]:
    """Write a note on each order.  The event names the note; its words stay where they can be erased."""
    locked = lock_orders([request.order_id for request in requests])
    decided = each(requests, lambda request: NewNote(request.order_id, noting.check_text(request.text)))
    notes = [one for one in decided if isinstance(one, NewNote)]
    record(
        [
            Happening("order.noted", actor, {"number": locked[note.order_id].number, "note": note_id}, note.order_id)
            for note, note_id in zip(notes, noting.write(notes, actor=actor), strict=True)
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]
