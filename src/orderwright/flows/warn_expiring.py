"""Warning of authorizations that are near their end."""

from django.db import transaction

from orderwright.kernel.actors import system
from orderwright.orders.locking import lock_orders
from orderwright.payments import expiring


def warn_expiring(chunk: int = 200) -> int:
    """Tell, once of each, of the authorizations that end soon and are not captured; answers how many."""
    warned = 0
    while order_ids := expiring.orders_near_end(chunk):
        with transaction.atomic():
            lock_orders(order_ids)
            warned += expiring.warn(order_ids, actor=system("payments"))
    return warned
