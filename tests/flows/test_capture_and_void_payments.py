"""Capturing and voiding: at placement or at shipment, in parts, never more than is owed; what is left is let go."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, written
from providers import Fake, attempts, fake, later, wrong

from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.release_orders import Release, TakeBack, release_orders, take_back_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.flows.void_payments import Void, void_payments
from orderwright.flows.warn_expiring import warn_expiring
from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.orders.moving import Wanted
from orderwright.payments import queries
from orderwright.payments.capturing import MoreThanAuthorized, MoreThanOwed, NothingToCapture
from orderwright.payments.models import Attempt, Tender
from orderwright.payments.voiding import CaptureIsAsked, NothingToVoid

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 100)
    a_channel("stall", capture_when="shipment")
    yield
    assert wrong() == {}


def tee(quantity=1):
    """An order of so many at 10.00, on the channel that captures at shipment."""
    return an_order().with_line("TEE", quantity, "10.00").on("stall")


def capture(order, amount=None, tender=None):
    return capture_payments([Capture(order.id, amount, tender)], actor=CLERK)[0]


def void(order, tender=None):
    return void_payments([Void(order.id, tender)], actor=CLERK)[0]


def ship(order, quantity=None):
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id, [Wanted(1, quantity)] if quantity else None)], actor=CLERK)


def test_in_parts_up_to_what_is_authorized(fake: Fake):
    order = fake.placed(tee())

    answers = [capture(order, part) for part in (100, 200, 700)]
    assert order.money == {"capturing": 1000}
    ask_providers()

    assert [answer.amount_minor for answer in answers] == [100, 200, 700]
    assert [len(answer.attempts) for answer in answers] == [1, 1, 1]
    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)
    assert order.summary.payment == "paid"


def test_two_clerks_cannot_ask_for_the_same_money(fake: Fake):
    order = fake.placed(tee())
    capture(order, 600)
    before = written()

    refusal = capture(order, 600)

    assert isinstance(refusal, MoreThanAuthorized)
    assert str(refusal) == f"6.00 EUR were to be captured, and 4.00 EUR are authorized on order {order.number}."
    assert written() == before
    assert order.money == {"authorized": 400, "capturing": 600}


def test_never_more_than_is_owed(fake: Fake):
    order = fake.placed(tee(3))
    void_nothing = fake.authorization()
    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 2)])], actor=CLERK)
    assert order.money == {"authorized": 3000}

    refusal = capture(order, 1001)
    answer = capture(order)

    assert isinstance(refusal, MoreThanOwed)
    assert refusal.facts["owed"] == "10.00 EUR"
    assert answer.amount_minor == 1000
    assert void_nothing == fake.authorization()


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_refused(fake: Fake, amount):
    assert isinstance(capture(fake.placed(tee()), amount), Invalid)


def test_where_nothing_is_authorized_there_is_nothing_to_capture(fake: Fake):
    order = tee().paid_by("bank_transfer").placed()

    assert isinstance(capture(order), NothingToCapture)
    assert isinstance(capture(order, tender=999_999), NotFound)


def test_each_request_of_a_batch_is_decided_by_itself_and_sees_what_the_first_left(fake: Fake):
    one, other = fake.placed(tee()), fake.placed(tee())

    answers = capture_payments(
        [Capture(one.id, 700), Capture(one.id, 700), Capture(other.id), Capture(one.id)], actor=CLERK
    )

    assert [getattr(answer, "amount_minor", None) or answer.code for answer in answers] == [
        700,
        "more_than_authorized",
        1000,
        300,
    ]
    assert (one.money, other.money) == ({"capturing": 1000}, {"capturing": 1000})


def test_a_capture_that_is_declined_is_authorized_again_and_left_to_people(fake: Fake):
    order = fake.placed(tee().on("web"), "capture:decline=limit_exceeded")

    assert order.money == {"authorized": 1000}
    assert order.facts("tender.capture_declined")["reason"] == "limit_exceeded"
    assert attempts(order) == [("authorize", 1000, "approved"), ("capture", 1000, "declined")]


def test_an_authorization_that_ended_is_let_go_and_the_order_is_unpaid(fake: Fake):
    order = fake.placed(tee())
    fake.server.now = lambda: clock.now() + timedelta(days=8)
    capture(order, 300)
    ask_providers()

    assert order.money == {"voided": 1000}
    assert order.facts("tender.capture_declined")["reason"] == "authorization_ended"
    assert order.facts("tender.capture_declined")["let_go_minor"] == 1000
    assert order.status == "unpaid"


def test_shipping_captures_what_was_shipped_and_the_rest_with_the_last_unit(fake: Fake):
    order = fake.placed(tee(3).with_adjustment("shipping", "5.00"))

    ship(order, 1)
    ask_providers()
    assert order.money == {"authorized": 2000, "captured": 1500}  # the first parcel brings the shipping

    ship(order)
    ask_providers()
    assert order.money == {"captured": 3500}
    assert fake.authorization() == (3500, 3500, 0, 0)


def test_canceling_lets_go_of_the_money(fake: Fake):
    order = fake.placed(tee())

    cancel_orders([Cancel(order.id, "customer_request")], actor=CLERK)
    assert order.money == {"voiding": 1000}
    ask_providers()

    assert order.money == {"voided": 1000}
    assert fake.authorization() == (1000, 0, 1000, 0)
    assert order.events[-1] == "tender.voided"


def test_money_that_is_set_aside_after_its_order_was_canceled_is_let_go(fake: Fake):
    order = fake.paid_with(tee()).placed()
    cancel_orders([Cancel(order.id, "customer_request")], actor=CLERK)
    assert order.money == {"authorizing": 1000}

    ask_providers()

    assert order.money == {"voided": 1000}
    assert fake.authorization() == (1000, 0, 1000, 0)


def test_after_a_part_was_canceled_and_the_rest_captured_what_is_left_is_let_go(fake: Fake):
    order = fake.placed(tee(3))
    ship(order, 1)
    ask_providers()
    take_back_orders([TakeBack(order.id)], actor=CLERK)
    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 2)])], actor=CLERK)
    ask_providers()

    assert order.money == {"captured": 1000, "voided": 2000}
    assert fake.authorization() == (3000, 1000, 2000, 0)


def test_a_clerk_lets_money_go_and_the_order_is_unpaid(fake: Fake):
    order = fake.placed(tee())

    answer = void(order)
    ask_providers()

    assert answer.amount_minor == 1000
    assert order.money == {"voided": 1000}
    assert order.status == "unpaid"
    assert isinstance(void(order), NothingToVoid)


def test_nothing_is_let_go_while_it_is_being_captured(fake: Fake):
    order = fake.placed(tee())
    capture(order, 400)

    assert isinstance(void(order), CaptureIsAsked)
    assert order.money == {"authorized": 600, "capturing": 400}


def test_a_void_that_is_declined_leaves_the_money_authorized(fake: Fake):
    order = fake.placed(tee(), "void:decline=not_possible")

    void(order)
    ask_providers()

    assert order.money == {"authorized": 1000}
    assert order.facts("tender.void_declined")["reason"] == "not_possible"


def test_awaited_money_is_not_waited_for_any_longer_and_nobody_is_asked(fake: Fake):
    order = tee().paid_by("bank_transfer").placed()

    answer = void(order)

    assert (answer.amount_minor, answer.attempts) == (1000, ())
    assert order.money == {"voided": 1000}
    assert fake.asked() == []


def test_an_authorization_near_its_end_is_told_of_once(fake: Fake):
    order, captured = fake.placed(tee()), fake.placed(tee().on("web"))
    with later(days=4):
        assert warn_expiring() == 0
    with later(days=5, seconds=1):
        assert warn_expiring() == 1
        assert warn_expiring() == 0
        (seen,) = queries.ending_before(Tender.objects.get(order_id=order.id).expires_at.replace(year=2100))

    assert order.events.count("tender.expiring") == 1
    assert "tender.expiring" not in captured.events
    assert order.facts("tender.expiring")["amount_minor"] == 1000
    assert (seen.order_id, seen.balances["authorized"]) == (order.id, 1000)


def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(fake: Fake, statements):
    orders = [fake.placed(tee()) for _ in range(8)]

    one = statements(lambda: capture_payments([Capture(orders[0].id)], actor=CLERK))
    many = statements(lambda: capture_payments([Capture(order.id) for order in orders[1:]], actor=CLERK))

    assert one == many
    assert Attempt.objects.filter(verb="capture").count() == 8
