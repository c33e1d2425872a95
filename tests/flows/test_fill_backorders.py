"""Backorders are filled when stock comes in, the oldest first."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.catalog.models import Sku
from orderwright.flows.fill_backorders import fill_all, fill_backorders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.inventory.models import SafetyStock
from orderwright.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", when_short="backorder")
    a_location("BERLIN")
    a_channel()


def waiting(quantity, **more):
    return an_order().with_line("TEE", quantity).but(when_short="backorder", **more)


def test_the_oldest_order_gets_it_first_and_each_what_there_is():
    now = clock.now()
    young, old = place_all([waiting(3), waiting(4, placed_at=now - timedelta(days=1))])
    assert (young.status, old.status) == ("backordered", "backordered")
    a_shelf("BERLIN", "TEE", 5)

    assert fill_all() == 5

    assert old.units == {"reserved": 4}
    assert young.units == {"reserved": 1, "backordered": 2}
    assert (old.status, young.status) == ("ready", "backordered")
    assert shelf("BERLIN", "TEE") == {"reserved": 5}
    assert old.events == ["order.placed", "order.backorder_filled"]
    facts = old.facts("order.backorder_filled")
    assert facts["units"] == [{"line": 1, "sku": "TEE", "quantity": 4, "location": "BERLIN"}]
    assert facts["sourcing"]["chosen"] == ["BERLIN"]
    release_orders([Release(old.id)], actor=CLERK)
    assert old.status == "in_work"


def test_nothing_that_came_changes_nothing():
    place_all([waiting(3)])
    before = written()

    assert fill_all() == 0

    assert written() == before


def test_safety_stock_stays_back():
    (order,) = place_all([waiting(3)])
    a_shelf("BERLIN", "TEE", 3)
    SafetyStock.objects.create(sku=Sku.objects.get(code="TEE"), quantity=2)

    assert fill_all() == 1

    assert order.units == {"reserved": 1, "backordered": 2}
    assert shelf("BERLIN", "TEE") == {"available": 2, "reserved": 1}


def test_lines_and_parts_of_kits_that_share_a_sku_share_what_came():
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"TEE": 2, "POT": 1})
    order = an_order().with_line("TEE", 2).with_line("SET", 2).but(when_short="backorder").placed()
    assert order.units == {"reserved": 2, "backordered": 6}
    a_shelf("BERLIN", "TEE", 1)
    a_shelf("PARIS", "TEE", 4)

    assert fill_all() == 5

    assert order.units_of(1) == {"reserved": 2}
    assert order.units_of(3) == {"reserved": 3, "backordered": 1}
    assert (shelf("BERLIN", "TEE"), shelf("PARIS", "TEE")) == ({"reserved": 1}, {"reserved": 4})


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    tee = Sku.objects.get(code="TEE").pk
    place_all([waiting(2)] * 31)
    a_shelf("BERLIN", "TEE", 62)

    one = statements(lambda: fill_backorders([tee], limit=1))
    many = statements(lambda: fill_backorders([tee], limit=30))

    assert one == many
    assert shelf("BERLIN", "TEE") == {"reserved": 62}


def test_orders_that_may_get_nothing_do_not_stand_in_the_way():
    barred = place_all([waiting(1)] * 3)
    behind = waiting(1).on("vip").placed()
    SafetyStock.objects.create(sku=Sku.objects.get(code="TEE"), channel=a_channel(), quantity=5)
    a_shelf("BERLIN", "TEE", 2)

    assert fill_all(limit=2) == 1

    assert behind.units == {"reserved": 1}
    assert [order.units for order in barred] == [{"backordered": 1}] * 3
    assert shelf("BERLIN", "TEE") == {"available": 1, "reserved": 1}
