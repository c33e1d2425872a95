"""What customers are told, letter by letter."""

import pytest
from builders import CLERK, a_shelf, an_order
from shelves import wait_for_the_log

from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.notifications.models import Letter
from orderwright.notifications.sending import follow_and_send

pytestmark = pytest.mark.django_db(transaction=True)


def letters() -> list[tuple[str, str, str]]:
    wait_for_the_log()
    follow_and_send()
    return list(Letter.objects.order_by("id").values_list("kind", "package", "state"))


def test_an_order_is_confirmed_and_its_parcel_told_of():
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 2).placed()

    assert letters() == [("order_confirmed", "", "sent")]

    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)

    assert letters()[1:] == [("shipped", "1-S1/1", "sent")]
