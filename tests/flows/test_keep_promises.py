"""The log is followed: promises are made, move with supply, and what comes in is kept for who waits."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order, place_all
from shelves import wait_for_the_log

from orderwright.catalog.models import Sku
from orderwright.flows.fill_backorders import fill_arrivals
from orderwright.flows.keep_promises import follow
from orderwright.flows.reallocate_stock import Reallocate, reallocate_stock
from orderwright.inventory.expecting import Expected, close, expect, move
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.promises.models import Promise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", when_short="backorder")
    a_location("BERLIN")
    a_channel()


def read_on():
    wait_for_the_log()
    return follow()


def stands(order):
    return Promise.objects.get(order_id=order.id, superseded_at=None)


def test_promises_follow_orders_and_supply():
    today = clock.now().date()
    first, second = place_all([an_order().with_line("TEE", 2).but(when_short="backorder")] * 2)
    assert read_on() == 2
    assert [stands(order).reason for order in (first, second)] == ["unknown", "unknown"]

    line = Expected(Sku.objects.get().pk, Location.objects.get().pk, 3, today + timedelta(days=5), "PO-1")
    (expectation,) = expect([line], actor=CLERK)
    read_on()
    assert (stands(first).ship_on, stands(second).ship_on) == (today + timedelta(days=6), None)

    move(expectation, today + timedelta(days=9), seen=1, actor=CLERK)
    read_on()
    assert stands(first).ship_on == today + timedelta(days=10)
    facts = first.facts("promise.changed")
    assert (facts["later"], facts["why"]) == (True, "expectation_moved")

    close([expectation], actor=CLERK)
    read_on()
    assert stands(first).ship_on is None
    assert first.events == ["order.placed", "promise.made", "promise.changed", "promise.changed", "promise.changed"]
    assert second.events == ["order.placed", "promise.made"]


def test_what_comes_in_is_kept_for_who_waits_once_the_log_tells_it():
    order = an_order().with_line("TEE", 2).but(when_short="backorder").placed()
    wait_for_the_log()
    assert fill_arrivals() == 0

    a_shelf("BERLIN", "TEE", 5)
    wait_for_the_log()

    assert fill_arrivals() == 2
    assert fill_arrivals() == 0
    assert order.units == {"reserved": 2}


def test_each_order_is_told_its_own_reason_though_much_happens_in_one_moment():
    """An expectation moves and somebody gives units away, in one breath: neither reason is the other's."""
    today = clock.now().date()
    a_sku("CUP", when_short="backorder")
    a_shelf("BERLIN", "CUP", 1)
    (expectation,) = expect(
        [Expected(Sku.objects.get(code="TEE").pk, Location.objects.get().pk, 3, today + timedelta(days=5), "PO-1")],
        actor=CLERK,
    )
    waits, giver, taker = place_all(
        [an_order().with_line(sku, 1).but(when_short="backorder") for sku in ("TEE", "CUP", "CUP")]
    )
    read_on()

    move(expectation, today + timedelta(days=9), seen=1, actor=CLERK)
    reallocate_stock([Reallocate(giver.id, taker.id, "CUP", 1)], actor=CLERK)
    read_on()

    assert [order.facts("promise.changed")["why"] for order in (waits, giver, taker)] == [
        "expectation_moved",
        "reallocated",
        "reallocated",
    ]


def test_the_reasons_cost_a_statement_each_and_not_one_an_order(statements):
    today = clock.now().date()
    place = Location.objects.get().pk

    def moved(codes):
        for code in codes:
            a_sku(code, when_short="backorder")
            expect([Expected(Sku.objects.get(code=code).pk, place, 9, today + timedelta(days=5), code)], actor=CLERK)
        place_all([an_order().with_line(code, 1).but(when_short="backorder") for code in codes])
        wait_for_the_log()
        return statements(follow)

    moved(["WARM"])

    assert moved(["ONE"]) == moved([f"MANY-{number}" for number in range(9)])
