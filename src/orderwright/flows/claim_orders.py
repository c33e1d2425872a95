"""Claiming orders: what was placed with another e-mail address moves to an account, once that address has agreed.

`ask_for_order` has a letter sent to the order's own address; its link lets `claim_orders` move the order.
"""

from collections.abc import Sequence

from django.db import transaction

from orderwright.customers.claiming import give_addresses, standing
from orderwright.flows._each import Answer, Done, each
from orderwright.flows.summarize import summarize
from orderwright.kernel.actors import Actor, customer
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import claiming
from orderwright.orders.claiming import Asked, ClaimOver
from orderwright.orders.locking import lock_orders
from orderwright.orders.of_customers import customers_of, order_of


@transaction.atomic
def ask_for_order(number: str, email: str, *, customer_id: int) -> bool:
    """Have the e-mail address of an order asked whether it may go to this customer; answers whether anybody is asked.

    Who asked must not be told: neither a wrong number, nor a wrong address, nor an order of one's own is.
    """
    order_id = order_of(number, email)
    if order_id is None:
        return False
    locked = lock_orders([order_id])[order_id]
    was = customers_of([order_id])[order_id]
    if was == customer_id or customer_id not in standing([customer_id]):
        return False
    facts = {"number": locked.number, "was": was, "customer": customer_id}
    record([Happening("order.claim_asked", customer(customer_id), facts, order_id)])
    return True


@transaction.atomic
def claim_orders(requests: Sequence[Asked], *, actor: Actor) -> list[Answer]:
    """Move orders, with where they go, to the customers who asked for them; what moved already stays, and is done.

    An order that went elsewhere meanwhile stays there, and so does one whose asker was forgotten.
    """
    here = standing([request.customer_id for request in requests])  # before the orders, as forgetting does
    locked = lock_orders([request.order_id for request in requests])
    owners = customers_of(list(locked))

    def decide(request: Asked) -> Asked:
        if request.customer_id not in here or owners[request.order_id] not in (request.was, request.customer_id):
            raise ClaimOver
        return request

    decided = each(requests, decide)
    moving = {
        one.order_id: one for one in decided if isinstance(one, Asked) and owners[one.order_id] != one.customer_id
    }
    if moving:
        give_addresses(
            [(address, moving[order_id].customer_id) for order_id, address in claiming.addresses_of(list(moving))]
        )
        claiming.write([(one.order_id, one.customer_id) for one in moving.values()])
        record([_happening(one, locked[one.order_id].number, actor) for one in moving.values()])
        summarize(list(moving))
    return [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]


def _happening(one: Asked, number: str, actor: Actor) -> Happening:
    return Happening(
        "order.claimed", actor, {"number": number, "was": one.was, "customer": one.customer_id}, one.order_id
    )
