"""Orders that nobody moves on appear in time, are repaired by their flow, and clear."""

from datetime import timedelta

import pytest
from builders import CLERK, a_kit, a_shelf, a_sku, an_order
from exceptional import START, at, begins, put_right, stand, subjects

from orderwright.catalog.models import Sku
from orderwright.exceptions.queries import cause
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.inventory.expecting import Expected, close, expect
from orderwright.inventory.models import Expectation, Location
from orderwright.kernel.errors import Refusal

pytestmark = pytest.mark.django_db


def tee(quantity=2):
    return an_order().with_line("TEE", quantity)


@pytest.fixture(autouse=True)
def _stock():
    with at():
        a_shelf("BERLIN", "TEE", 10)


class TestNotReleased:
    def test_it_appears_is_released_and_clears(self):
        with at():
            order = tee().placed()

        one = begins("not_released", START)

        assert (one.subject, one.order, one.order_id) == (order.number, order.number, order.id)
        assert cause(one) == (
            f"Order {order.number} could go to the warehouse, with 2 units, and nobody has released it."
        )
        with at(25):
            repaired = put_right(one)
        assert (repaired.choice, repaired.flow) == ("release", "flows.release_orders")
        assert (repaired.outcome, repaired.cleared) == ({"released": 2}, True)
        assert order.units == {"released": 2}
        with at(26):
            assert subjects("not_released") == []

    def test_what_is_held_unpaid_or_waits_for_stock_is_not_stuck(self):
        with at():
            held = tee().placed()
            tee().paid_by("bank_transfer").placed()
            a_sku("CUP", when_short="backorder")
            an_order().with_line("CUP", 1).but(when_short="backorder").placed()
            hold_orders([PutHold(held.id, "fraud")], actor=CLERK)

        with at(1000):
            assert subjects("not_released") == []

    def test_it_is_so_since_the_last_hold_was_lifted_and_a_note_changes_nothing(self):
        with at():
            order = tee().placed()
            hold_orders([PutHold(order.id, "fraud")], actor=CLERK)
        with at(5):
            lift_holds([LiftHold(order.id)], actor=CLERK)
        with at(20):
            note_orders([WriteNote(order.id, "Where is it?")], actor=CLERK)

        begins("not_released", START + timedelta(hours=5))

    def test_what_is_left_of_an_order_that_was_shipped_in_part_counts_too(self):
        with at():
            a_sku("CUP", when_short="backorder")
            order = tee().with_line("CUP", 1).but(when_short="backorder").placed()
            release_orders([Release(order.id)], actor=CLERK)
            ship_orders([Ship(order.id)], actor=CLERK)
        with at(100):
            assert subjects("not_released") == []
        with at(101):
            a_shelf("BERLIN", "CUP", 1)
        filled = START + timedelta(hours=101)
        with at(101):
            fill(order)

        assert begins("not_released", filled).facts == {"order": order.number, "units": 1}

    def test_a_flow_that_refuses_says_why_and_it_stands_on(self):
        with at():
            order = tee().placed()
        one = begins("not_released", START)
        with at(25):
            hold_orders([PutHold(order.id, "fraud")], actor=CLERK)

            with pytest.raises(Refusal) as refused:
                put_right(one)

        assert refused.value.code == "on_hold"
        assert order.units == {"reserved": 2}


def fill(order):
    from_shelf = stand("paid_without_stock")
    assert [one.order for one in from_shelf] == [order.number]
    return put_right(from_shelf[0], "fill")


class TestPaidWithoutStock:
    @pytest.fixture
    def order(self):
        with at():
            a_sku("CUP", when_short="backorder")
            return tee().with_line("CUP", 3).but(when_short="backorder").placed()

    def test_it_appears_is_filled_and_clears(self, order):
        one = begins("paid_without_stock", START)

        assert cause(one) == (
            f"Order {order.number} is paid for and waits for 3 units of CUP, of which nothing is expected."
        )
        with at(30):
            a_shelf("BERLIN", "CUP", 2)
            first = put_right(one, "fill")
            (one,) = stand("paid_without_stock")
            a_shelf("BERLIN", "CUP", 1)
            second = put_right(one, "fill")
        assert (first.outcome, first.cleared) == ({"filled": 2}, False)
        assert one.facts["units"] == 1
        assert (second.outcome, second.cleared) == ({"filled": 1}, True)
        assert order.units == {"reserved": 5}

    def test_it_can_be_canceled_instead(self, order):
        one = begins("paid_without_stock", START)

        with at(30):
            repaired = put_right(one, "cancel")

        assert (repaired.outcome, repaired.cleared) == ({"canceled": 3}, True)
        assert order.units == {"reserved": 2, "canceled": 3}
        assert order.facts("order.partly_canceled")["reason"] == "out_of_stock"

    def test_what_is_expected_is_no_exception_until_nothing_more_comes(self, order):
        with at(1):
            cup, berlin = Sku.objects.get(code="CUP").pk, Location.objects.get().pk
            expect([Expected(cup, berlin, 3, START.date())], actor=CLERK)
        with at(100):
            assert subjects("paid_without_stock") == []
            close(Expectation.objects.values_list("id", flat=True), actor=CLERK)

        begins("paid_without_stock", START + timedelta(hours=100))

    def test_who_has_not_paid_waits_for_himself(self):
        with at():
            a_sku("CUP", when_short="backorder")
            an_order().with_line("CUP", 1).but(when_short="backorder").paid_by("bank_transfer").placed()

        with at(1000):
            assert subjects("paid_without_stock") == []


def test_of_a_kit_as_many_are_canceled_as_wait_for_any_part():
    with at():
        a_sku("CUP", when_short="backorder")
        a_kit("SET", {"TEE": 1, "CUP": 2}, "20.00")
        order = an_order().with_line("SET", 3).but(when_short="backorder").placed()
        a_shelf("BERLIN", "CUP", 3)
    one = begins("paid_without_stock", START)
    with at(30):
        put_right(one, "fill")
        (one,) = stand("paid_without_stock")
        assert one.facts["units"] == 3

        repaired = put_right(one, "cancel")

    assert repaired.cleared
    assert order.units_of(2) == {"reserved": 1, "canceled": 2}
    assert order.units_of(3) == {"reserved": 2, "canceled": 4}
