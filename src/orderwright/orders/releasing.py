"""Releasing: which units the warehouse may have now."""

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import money
from orderwright.kernel.errors import Refusal
from orderwright.orders.moving import Chosen
from orderwright.orders.status import Money, is_secure
from orderwright.orders.units import LineUnits, OrderUnits

KEPT = ("reserved", "released", "shipped", "delivered", "returned", "lost")


class NothingToRelease(Refusal):
    code = "nothing_to_release"
    sentence = _("Order {number} has no units that could be released.")


class NotPaidFor(Refusal):
    code = "not_paid_for"
    sentence = _("Of order {number}, {missing} {currency} are neither paid nor secured.")


def refuse_unpaid(number: str, currency: str, paid: Money) -> None:
    """Raise `NotPaidFor` where not all that is owed is captured, authorized, or trusted to come."""
    if not is_secure(paid):
        raise NotPaidFor(number=number, missing=money.write(paid.owed - paid.secured, currency), currency=currency)


def choose_units(order: OrderUnits, *, number: str) -> Chosen:
    """Release, in memory, all units that are reserved; of a kit only as many parts as make whole kits."""
    chosen = Chosen(order.order_id, [])
    for line in order.lines:
        if line.parent_id is None:
            for part in order.parts_of(line):
                quantity = _whole(order, line) * part.quantity // line.quantity - part.count(*KEPT[1:])
                if quantity > 0:
                    chosen.units.extend(part.take(quantity, ("reserved",), "released"))
    if not chosen.units:
        raise NothingToRelease(number=number)
    return chosen


def _whole(order: OrderUnits, line: LineUnits) -> int:
    """How many of a line have all their units; of a kit, the fewest that any part is enough for."""
    return min(part.count(*KEPT) * line.quantity // part.quantity for part in order.parts_of(line))
