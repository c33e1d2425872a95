"""Tagging orders: words by which they are found again.  Nothing else about the orders changes."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._each import Answer, Done, each
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import noting
from orderwright.orders.locking import lock_orders


class PutTags(NamedTuple):
    """Put some tags on an order, and take some off."""

    order_id: int
    put_on: Sequence[str] = ()
    take_off: Sequence[str] = ()


class _Change(NamedTuple):
    order_id: int
    put_on: list[str]
    take_off: list[str]


@transaction.atomic
def tag_orders(requests: Sequence[PutTags], *, actor: Actor) -> list[Answer]:
    """Change the tags of orders.  What is there already, or not there to be taken off, changes nothing."""
    ids = [request.order_id for request in requests]
    locked, tags = lock_orders(ids), noting.tags_of(ids)

    def decide(request: PutTags) -> _Change:
        there = tags[request.order_id]
        on = {noting.check_tag(tag) for tag in request.put_on} - there
        off = {noting.check_tag(tag) for tag in request.take_off} & (there | on)
        tags[request.order_id] = (there | on) - off
        return _Change(request.order_id, sorted(on), sorted(off))

    decided = each(requests, decide)
    changes = [one for one in decided if isinstance(one, _Change)]
    noting.put_on([(one.order_id, tag) for one in changes for tag in one.put_on])
    noting.take_off([(one.order_id, tag) for one in changes for tag in one.take_off])
    record(
        [
            Happening(kind, actor, {"number": locked[one.order_id].number, "tags": words}, one.order_id)
            for one in changes
            for kind, words in (("order.tagged", one.put_on), ("order.untagged", one.take_off))
            if words
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]
