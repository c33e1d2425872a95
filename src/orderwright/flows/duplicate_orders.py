"""Duplicating orders: another one like it, for the same customer, at today's prices and without its discounts.

What is placed is an order like any other: stock is kept or waited for, it is to be paid, and it may be refused.
"""

from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.queries import customer
from orderwright.flows.place_orders import Request
from orderwright.kernel.actors import Actor
from orderwright.orders import queries
from orderwright.orders.copying import draft_like
from orderwright.orders.units import units_of
from orderwright.orders.wishing import wishes_of


def like(number: str, *, actor: Actor, client_id: int = 0, key: str | None = None, fingerprint: bytes = b"") -> Request:
    """The request to place another order like this one; hand it to the counter, or to `place_orders`.

    A customer is known again by e-mail address, or by the channel's own name for them.  The addresses are as they were
    taken once: they are not checked anew.
    """
    order = queries.get(number)
    id_ = order.head.id
    who = customer(order.head.customer_id)
    draft = draft_like(
        order,
        units_of([id_])[id_],
        CustomerDraft(
            email=who.email or "",
            reference=(who.reference or "").partition(":")[2],
            name=who.name,
            phone=who.phone,
            language=who.language,
        ),
        wishes_of([id_])[id_],
    )
    return Request(draft, actor, client_id, key, fingerprint)
