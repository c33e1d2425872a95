"""Shipping and delivering: which units left, and which arrived."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.orders.moving import Chosen, Wanted, choose
from orderwright.orders.units import OrderUnits


class NothingToShip(Refusal):
    code = "nothing_to_ship"
    sentence = _("Order {number} has no released units that could be shipped.")


class NothingToDeliver(Refusal):
    code = "nothing_to_deliver"
    sentence = _("Order {number} has no shipped units that could arrive.")


class NothingToTakeBack(Refusal):
    code = "nothing_to_take_back"
    sentence = _("Order {number} has no released units that could be taken back.")


def choose_shipped(order: OrderUnits, wanted: Sequence[Wanted] | None, *, number: str) -> Chosen:
    """Ship, in memory, the units that are wanted, or all that are released."""
    return _some(choose(order, wanted, sources=("released",), target="shipped"), NothingToShip(number=number))


def choose_delivered(order: OrderUnits, wanted: Sequence[Wanted] | None, *, number: str) -> Chosen:
    """Deliver, in memory, the units that are wanted, or all that are shipped."""
    return _some(choose(order, wanted, sources=("shipped",), target="delivered"), NothingToDeliver(number=number))


def choose_taken_back(order: OrderUnits, wanted: Sequence[Wanted] | None, *, number: str) -> Chosen:
    """Take back, in memory, the units that are wanted, or all that are released."""
    return _some(choose(order, wanted, sources=("released",), target="reserved"), NothingToTakeBack(number=number))


def _some(chosen: Chosen, otherwise: Refusal) -> Chosen:
    if not chosen.units:
        raise otherwise
    return chosen
