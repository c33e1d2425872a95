"""Money that is not where it should be appears in time, is repaired by its flow, and clears."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from exceptional import START, at, begins, put_right, stand, subjects
from providers import Fake, fake
from shelves import wait_for_the_log

from orderwright.exceptions.noting import note_contradictions
from orderwright.exceptions.queries import cause
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hear_provider import hear_provider
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_payments import settle_payments
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import Money
from orderwright.payments.models import Attempt, ProviderMessage
from orderwright.payments.ports import Approved, Declined, Told
from orderwright.payments.settling import Brought

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _stock():
    with at():
        a_shelf("BERLIN", "TEE", 10)


def tee(quantity=2):
    return an_order().with_line("TEE", quantity)


def answer(order, reply, verb="authorize"):
    """The provider answers the last question of this kind about an order."""
    attempt = Attempt.objects.filter(tender__order_id=order.id, verb=verb).latest("id")
    settle_payments([Brought(str(attempt.id), reply)])
    return attempt


def yes(minor=2000, **more):
    return Approved("auth_1", Money(minor, "EUR"), **more)


class TestPaymentUnknown:
    def test_it_appears_is_asked_again_and_clears_with_the_answer(self, fake: Fake):
        with at():
            order = fake.paid_with(tee(), "timeout").placed()
        question = str(Attempt.objects.get().id)

        one = begins("payment_unknown", START)

        assert (one.subject, one.order) == (question, order.number)
        assert cause(one) == (
            f"fake was asked to authorize 20.00 EUR for order {order.number}, and nobody knows what it answered."
        )
        Attempt.objects.update(ask_again_at=START + timedelta(days=9))
        with at(2):
            repaired = put_right(one)
            assert (repaired.outcome, repaired.cleared) == ({"asking": 1}, False)
            assert Attempt.objects.get().ask_again_at == START + timedelta(hours=2)
            answer(order, yes())
            assert subjects("payment_unknown") == []

    def test_a_payer_who_must_act_is_not_unknown(self, fake: Fake):
        with at():
            fake.placed(tee(), "action")

        with at(100):
            assert subjects("payment_unknown") == []


class TestPaymentContradicted:
    def test_it_appears_at_once_and_stands_until_it_is_settled(self, fake: Fake):
        with at():
            order = fake.paid_with(tee()).placed()
            answer(order, yes())
        with at(1):
            answer(order, Declined("expired_card", "No."))
            assert subjects("payment_contradicted") == []
            wait_for_the_log()
            note_contradictions()
            (one,) = stand("payment_contradicted")

        assert (one.order, one.since) == (order.number, START + timedelta(hours=1))
        assert cause(one) == (
            "fake first answered approved and then declined about 20.00 EUR for order "
            f"{order.number}. Nothing was moved."
        )
        with at(2):
            assert note_contradictions() == 0
            repaired = put_right(one)
            assert (repaired.outcome, repaired.cleared) == ({"settled": 1}, True)
            assert subjects("payment_contradicted") == []


class TestAuthorizationEnding:
    @pytest.fixture
    def order(self, fake: Fake):
        a_channel("stall", capture_when="shipment")
        with at():
            order = fake.paid_with(tee().on("stall")).placed()
            answer(order, yes(expires_at=START + timedelta(days=7)))
        return order

    def test_it_appears_two_days_before_and_clears_when_the_money_is_asked_for(self, order):
        one = begins("authorization_ending", START + timedelta(days=7))

        assert one.order == order.number
        assert cause(one).startswith(f"fake sets 20.00 EUR for order {order.number} aside only until 2026-03-09")
        with at(24 * 6):
            repaired = put_right(one, "capture")
        assert (repaired.outcome, repaired.cleared) == ({"asked_for": "20.00", "currency": "EUR"}, True)
        assert order.money == {"capturing": 2000}

    def test_it_can_be_let_go(self, order):
        one = begins("authorization_ending", START + timedelta(days=7))

        with at(24 * 6):
            assert put_right(one, "void").cleared

        assert order.money == {"voiding": 2000}

    def test_one_of_two_ways_has_to_be_chosen(self, order):
        one = begins("authorization_ending", START + timedelta(days=7))

        with at(24 * 6), pytest.raises(Refusal) as refused:
            put_right(one)

        assert refused.value.code == "no_such_choice"
        assert refused.value.facts == {"kind": "authorization_ending", "choices": "capture, void"}


class TestOverpaid:
    def test_it_appears_is_given_back_and_clears(self):
        with at():
            order = tee().paid_by("bank_transfer").placed()
            mark_received([Received(order.id)], actor=CLERK)
        with at(3):
            cancel_orders([Cancel(order.id, "customer")], actor=CLERK)

        one = begins("overpaid", START + timedelta(hours=3))

        assert cause(one) == f"Order {order.number} is overpaid by 20.00 EUR, and nobody gives it back."
        with at(30):
            repaired = put_right(one)
        assert (repaired.outcome, repaired.cleared) == ({"asked_for": "20.00", "currency": "EUR"}, True)
        assert order.money == {"refunded": 2000}

    def test_what_a_provider_is_asked_to_give_back_is_on_its_way(self, fake: Fake):
        with at():
            order = fake.placed(tee())
        with at(1):
            cancel_orders([Cancel(order.id, "customer")], actor=CLERK)
        assert order.money == {"refunding": 2000}
        assert order.summary.payment == "overpaid"

        with at(100):
            assert subjects("overpaid") == []


class TestCaptureDeclined:
    def test_it_appears_once_the_goods_have_left_and_is_captured(self, fake: Fake):
        with at():
            order = fake.paid_with(tee()).placed()
            answer(order, yes())
            answer(order, Declined("insufficient_funds", "No money."), "capture")
            assert subjects("capture_declined") == []
            release_orders([Release(order.id)], actor=CLERK)
            ship_orders([Ship(order.id)], actor=CLERK)

            (one,) = stand("capture_declined")

        assert (one.order, one.since) == (order.number, START)
        assert cause(one) == (
            f"Goods of order {order.number} have left, and fake does not pay the 20.00 EUR for them: "
            "insufficient_funds."
        )
        with at(1):
            repaired = put_right(one)
            assert (repaired.outcome, repaired.cleared) == ({"asked_for": "20.00", "currency": "EUR"}, True)
            answer(order, yes(), "capture")
            assert subjects("capture_declined") == []

    def test_what_is_paid_otherwise_is_settled(self, fake: Fake):
        a_channel("stall", capture_when="shipment")
        with at():
            order = tee().on("stall").placed()
            release_orders([Release(order.id)], actor=CLERK)
            ship_orders([Ship(order.id)], actor=CLERK)

        with at(100):
            assert subjects("capture_declined") == []


class TestMessageUnmatched:
    @pytest.fixture
    def one(self, fake: Fake):
        hear_provider("fake", [Told("m-1", "authorize", yes(), reference="auth_1")])
        ProviderMessage.objects.update(received_at=START)
        return begins("message_unmatched", START)

    def test_it_appears_and_clears_when_its_order_is_known(self, fake: Fake, one):
        assert (one.subject, one.order) == ("fake m-1", None)
        assert cause(one) == "fake told us of auth_1 (authorize), which no order here knows of."

        with at(30):
            order = fake.paid_with(tee()).placed()
            answer(order, yes())
            assert subjects("message_unmatched") == []

    def test_what_is_none_of_ours_is_left_at_that(self, one):
        with at(30):
            assert put_right(one).outcome == {"left": 1}
            assert subjects("message_unmatched") == []


def test_asking_in_earnest_clears_what_was_unknown(fake: Fake):
    with at():
        order = fake.paid_with(tee()).placed()
    one = begins("payment_unknown", START)
    with at(2):
        put_right(one)
        ask_providers()
        assert subjects("payment_unknown") == []
    assert order.money == {"captured": 2000}
