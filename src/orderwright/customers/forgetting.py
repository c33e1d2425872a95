"""Forgetting people: what tells who they are is erased for ever; the rows stay, so that orders and sums stay right.

This is the room's own part.  What orders, payments and raw messages hold is erased with it by
`flows.forget_customers` and `channels.forgetting`.
"""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record


class CustomerForgotten(Refusal):
    code = "customer_forgotten"
    sentence = _("Customer {customer} was forgotten: there is nothing left to change.")


def lock_customers(customer_ids: Collection[int]) -> None:
    """Let nothing new be written of these customers until the transaction ends."""
    assert connection.in_atomic_block
    sql.rows(LOCK, [sql.ints(sorted(set(customer_ids)))])


def forget(customer_ids: Collection[int], *, actor: Actor) -> list[int]:
    """Blank these customers and all their addresses, but for the countries; answers who was not forgotten before."""
    assert connection.in_atomic_block
    wanted = sorted(set(customer_ids))
    found = dict(sql.rows(LOCK, [sql.ints(wanted)]))
    for customer_id in wanted:
        if customer_id not in found:
            raise NotFound(thing="customer", name=customer_id)
    fresh = [customer_id for customer_id in wanted if not found[customer_id]]
    sql.run(BLANK_CUSTOMERS, [clock.now(), sql.ints(fresh)])
    sql.run(BLANK_ADDRESSES, [sql.ints(wanted)])
    record([Happening("customer.forgotten", actor, {"customer": customer_id}) for customer_id in fresh])
    return fresh


# An order that is being placed holds a share of its customer's row: this waits until its address is there to be found.
LOCK = "SELECT id, forgotten_at IS NOT NULL FROM customer WHERE id = ANY (%s::bigint[]) ORDER BY id FOR UPDATE"

BLANK_CUSTOMERS = """
    UPDATE customer
       SET email = NULL, reference = NULL, name = '', phone = '', language = 'en', forgotten_at = %s::timestamptz,
           version = version + 1
     WHERE id = ANY (%s::bigint[])
"""

BLANK_ADDRESSES = """
    UPDATE address
       SET name = '', company = '', street = '', postal_code = '', city = '', region = '', phone = '',
           latitude = NULL, longitude = NULL
     WHERE customer_id = ANY (%s::bigint[])
"""
