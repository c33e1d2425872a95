"""Work that a location has and does not do appears in time, is repaired by its flow, and clears."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_location, a_shelf, an_order, shelf
from exceptional import START, at, begins, put_right, stand, subjects

from orderwright.exceptions.kinds import ChoiceNeeds
from orderwright.exceptions.queries import cause
from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import Terms

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)  # the end of the Monday, in Berlin


@pytest.fixture(autouse=True)
def _stock():
    with at():
        berlin = a_location("BERLIN", time_zone="Europe/Berlin")
        Terms.objects.create(location=berlin)
        a_shelf("BERLIN", "TEE", 10)


def released(hours: float = 0):
    """An order that Berlin is to do on the Monday."""
    with at(hours):
        order = an_order().with_line("TEE", 2).placed()
        release_orders([Release(order.id)], actor=CLERK)
    return order


class TestNotAccepted:
    def test_it_appears_is_taken_back_and_clears(self):
        Terms.objects.update(accepting="asked")
        order = released()

        one = begins("not_accepted", START)

        assert (one.subject, one.order) == (f"{order.number}-F1", order.number)
        assert cause(one) == f"BERLIN was asked to do {order.number}-F1 by 2026-03-02, and has not answered."
        with at(25):
            repaired = put_right(one, "take_back")
        assert (repaired.outcome, repaired.cleared) == ({"taken_back": 2}, True)
        assert order.units == {"reserved": 2}

    def test_it_is_accepted_in_the_name_of_the_location(self):
        Terms.objects.update(accepting="asked")
        order = released()
        one = begins("not_accepted", START)

        with at(25):
            repaired = put_right(one, "accept")

        assert (repaired.outcome, repaired.cleared) == ({"accepted": 2}, True)
        assert order.events[-1] == "fulfilment.accepted"

    def test_one_that_takes_on_at_once_is_not_asked(self):
        released()

        with at(100):
            assert subjects("not_accepted") == []


class TestNotPacked:
    def test_it_appears_six_hours_before_its_day_ends_and_clears_when_it_is_packed(self):
        order = released()

        one = begins("not_packed", MIDNIGHT)

        assert (one.subject, one.order) == (f"{order.number}-F1", order.number)
        assert cause(one) == f"{order.number}-F1 is to leave BERLIN on 2026-03-02, and 2 units are not packed yet."
        with at(8):
            prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
            assert subjects("not_packed") == []

    def test_when_the_day_is_over_it_is_late_instead(self):
        released()
        with at(8):
            assert len(subjects("not_packed")) == 1

        with at(14):
            assert subjects("not_packed") == []
            assert len(subjects("late_to_leave")) == 1


class TestLateToLeave:
    def test_it_appears_at_midnight_of_the_location_and_clears_when_it_leaves(self):
        order = released()

        one = begins("late_to_leave", MIDNIGHT)

        assert (one.subject, one.order) == (f"{order.number}-F1", order.number)
        assert cause(one) == f"{order.number}-F1 was to leave BERLIN on 2026-03-02; 2 units are still there."
        with at(20):
            ship_orders([Ship(order.id)], actor=CLERK)
            assert subjects("late_to_leave") == []

    def test_what_is_packed_and_has_not_left_is_late_too(self):
        order = released()
        with at(1):
            prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)

        begins("late_to_leave", MIDNIGHT)

        with at(20):
            confirm_shipments([Confirm(f"{order.number}-S1")], actor=CLERK)
            assert subjects("late_to_leave") == []

    def test_what_is_held_is_not_late(self):
        order = released()
        with at(1):
            hold_orders([PutHold(order.id, "fraud")], actor=CLERK)

        with at(100):
            assert subjects("late_to_leave") == []
            assert subjects("not_packed") == []

    def test_it_is_sourced_anew(self):
        with at():
            a_shelf("LYON", "TEE", 5)
        order = released()
        one = begins("late_to_leave", MIDNIGHT)

        with at(20):
            repaired = put_right(one, "source_anew", reason="closed")

        assert repaired.outcome == {"kept": 2, "backordered": 0, "fulfilment_orders": [f"{order.number}-F2"]}
        assert repaired.cleared

    def test_it_is_given_to_another_location(self):
        with at():
            a_shelf("LYON", "TEE", 5)
        order = released()
        one = begins("late_to_leave", MIDNIGHT)
        with at(20):
            with pytest.raises(ChoiceNeeds) as refused:
                put_right(one, "move")

            repaired = put_right(one, "move", location="LYON")

        assert refused.value.facts == {"choice": "move", "field": "location"}
        assert repaired.outcome == {"moved": 2, "fulfilment_order": f"{order.number}-F2"}
        assert repaired.cleared
        assert shelf("LYON", "TEE") == {"available": 3, "reserved": 2}

    def test_it_can_be_taken_back(self):
        order = released()
        one = begins("late_to_leave", MIDNIGHT)

        with at(20):
            assert put_right(one, "take_back").cleared

        assert order.units == {"reserved": 2}


class TestRecalls:
    @pytest.fixture
    def order(self):
        Terms.objects.update(accepting="asked")
        order = released()
        with at(1):
            accept_fulfilment([Accept(f"{order.number}-F1")], actor=CLERK)
        with at(2):
            recall([Recall(order.id, "customer")], actor=CLERK)
        return order

    def test_one_that_is_not_answered_appears_and_is_answered(self, order):
        one = begins("recall_unanswered", START + timedelta(hours=2))

        assert (one.subject, one.order) == (f"{order.number}-F1", order.number)
        assert cause(one) == f"BERLIN was asked to give {order.number}-F1 back (customer), and has not answered."
        with at(7):
            repaired = put_right(one, "accept")
        assert (repaired.outcome, repaired.cleared) == ({"canceled": 2}, True)
        assert order.status == "canceled"

    def test_what_leaves_all_the_same_is_canceled_but_moving_until_it_is_back(self, order):
        with at(3):
            one = begins("recall_unanswered", START + timedelta(hours=2))
            assert put_right(one, "refuse").cleared
            assert subjects("canceled_but_moving") == []
        with at(4):
            ship_orders([Ship(order.id)], actor=CLERK)
            (moving,) = stand("canceled_but_moving")

        assert (moving.subject, moving.since) == (f"{order.number}-S1/1", START + timedelta(hours=4))
        assert cause(moving) == (
            f"Package {order.number}-S1/1 (without a number) was to be canceled and is prepared; answer: refused."
        )
        with at(5):
            assert put_right(moving, "returned").cleared
        assert order.units == {"returned": 2}
