"""Readdressing orders: they go to another address in the same country, as long as no location has got any of them.

The address is a new row; which one it was before is in the event, as ids.  The country stays: taxes, fees, and from
where the units come hang on it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.customers.checking import check_address
from orderwright.customers.drafting import AddressDraft
from orderwright.customers.keeping import keep_addresses
from orderwright.flows._each import Answer, Done, each
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders import readdressing
from orderwright.orders.locking import lock_orders


class TooLateToReaddress(Refusal):
    code = "too_late_to_readdress"
    status = 409
    sentence = _("Order {number} is in work already, or was sent: its address can no longer be changed.")


class AnotherCountry(Refusal):
    code = "another_country"
    status = 422
    sentence = _("Order {number} cannot go to another country: its taxes and its delivery would be others.")


class Readdress(NamedTuple):
    order_id: int
    ship_to: AddressDraft


class _Decided(NamedTuple):
    order_id: int
    customer_id: int
    was: int | None
    ship_to: AddressDraft


@transaction.atomic
def readdress_orders(requests: Sequence[Readdress], *, actor: Actor) -> list[Answer]:
    """Have orders go elsewhere."""
    locked = lock_orders([request.order_id for request in requests])
    known = readdressing.where(list(locked))

    def decide(request: Readdress) -> _Decided:
        found, number = known[request.order_id], locked[request.order_id].number
        if not found.is_untouched:
            raise TooLateToReaddress(number=number)
        ship_to = check_address(request.ship_to)
        if found.country and ship_to.country != found.country:
            raise AnotherCountry(number=number)
        return _Decided(request.order_id, found.customer_id, found.ship_to, ship_to)

    decided = each(requests, decide)
    moved = [one for one in decided if isinstance(one, _Decided)]
    addresses = keep_addresses([(one.customer_id, one.ship_to) for one in moved])
    readdressing.write([(one.order_id, address) for one, address in zip(moved, addresses, strict=True)])
    record(
        [
            Happening("order.readdressed", actor, _facts(locked[one.order_id].number, one.was, address), one.order_id)
            for one, address in zip(moved, addresses, strict=True)
        ]
    )
    return [one if isinstance(one, Refusal) else Done(one.order_id) for one in decided]


def _facts(number: str, was: int | None, address: int) -> dict[str, object]:
    return {"number": number, "was": was, "address": address}
