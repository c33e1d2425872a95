"""Forgetting customers: their rows, the words about their orders and payments, and the labels of their packages."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.credits.disabling import disable_of
from orderwright.customers import forgetting
from orderwright.fulfilment import forgetting as fulfilment_forgetting
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.locking import lock_orders
from orderwright.orders.of_customers import erase_words, of_customers, open_orders
from orderwright.payments import forgetting as payments_forgetting
from orderwright.shipping import forgetting as shipping_forgetting


class OrdersOpen(Refusal):
    code = "orders_open"
    sentence = _("Goods may still go out to this customer: {numbers}. Ship or cancel these first.")


@transaction.atomic
def forget_customers(customer_ids: Collection[int], *, actor: Actor) -> list[int]:
    """Forget these people, all or none; answers who was not forgotten before.

    Refused while an address is still needed.  Orders, amounts and events stay: they name a customer by number.
    """
    forgetting.lock_customers(customer_ids)  # before their orders: placing one waits for this, or is seen here
    orders = of_customers(customer_ids)
    lock_orders(orders)
    numbers = open_orders(customer_ids)
    if numbers:
        raise OrdersOpen(numbers=", ".join(numbers))
    forgotten = forgetting.forget(customer_ids, actor=actor)
    disable_of(customer_ids, actor=actor)
    erase_words(orders)
    payments_forgetting.erase_words(orders)
    fulfilment_forgetting.erase_words(orders)
    shipping_forgetting.erase_words(orders)
    return forgotten
