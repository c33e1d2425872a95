"""Marking as received: money that comes by itself, in parts, with the day and what the statement says."""

from datetime import date

import pytest
from builders import CLERK, a_shelf, an_order, written
from providers import Fake, fake, wrong

from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.mark_received import Received, mark_received
from orderwright.kernel.errors import Invalid
from orderwright.payments.models import Receipt
from orderwright.payments.receiving import MoreThanAwaited, NothingAwaited

__all__ = ["fake"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_shelf("BERLIN", "TEE", 100)
    yield
    assert wrong() == {}


def tee(quantity=1, method="bank_transfer"):
    return an_order().with_line("TEE", quantity, "10.00").paid_by(method)


def receive(order, amount=None, **more):
    return mark_received([Received(order.id, amount, **more)], actor=CLERK)[0]


def test_in_parts_until_all_of_it_came():
    order = tee().placed()
    assert (order.status, order.summary.payment) == ("unpaid", "unpaid")

    receive(order, 400, received_on=date(2026, 1, 2), reference="ADA 1")
    assert order.money == {"awaited": 600, "captured": 400}
    assert (order.status, order.summary.payment) == ("unpaid", "partly_paid")
    receive(order, reference="ADA 2")

    assert order.money == {"captured": 1000}
    assert (order.status, order.summary.payment) == ("ready", "paid")
    assert order.events == ["order.placed", "tender.received", "tender.received", "order.confirmed"]
    first, second = Receipt.objects.order_by("id")
    assert (first.amount_minor, first.received_on, first.reference) == (400, date(2026, 1, 2), "ADA 1")
    assert (second.amount_minor, second.reference) == (600, "ADA 2")
    assert "reference" not in order.facts("tender.received")  # it may name a person


def test_more_than_is_awaited_is_refused_with_what_is():
    order = tee().placed()
    receive(order, 400)
    before = written()

    refusal = receive(order, 601)

    assert isinstance(refusal, MoreThanAwaited)
    assert str(refusal) == (
        f"6.01 EUR were to be marked as received, and 6.00 EUR are awaited for order {order.number}."
    )
    assert written() == before
    assert Receipt.objects.count() == 1


def test_where_nothing_is_awaited():
    order = tee(method="recorded").placed()

    assert isinstance(receive(order), NothingAwaited)


@pytest.mark.parametrize("wrong_value", [{"amount": 0}, {"amount": -5}, {"received_on": date(2999, 1, 1)}])
def test_what_cannot_be_right_is_refused(wrong_value):
    order = tee().placed()

    assert isinstance(receive(order, **wrong_value), Invalid)
    assert order.money == {"awaited": 1000}


def test_cash_on_delivery_is_secure_before_it_came_and_confirmed_by_being_placed():
    order = tee(method="cash_on_delivery").placed()
    assert order.status == "ready"

    receive(order)

    assert order.money == {"captured": 1000}
    assert order.events == ["order.placed", "tender.received"]


def test_each_request_of_a_batch_is_decided_by_itself():
    one, other = tee().placed(), tee().placed()

    answers = mark_received(
        [Received(one.id, 700), Received(one.id, 700), Received(other.id), Received(one.id)], actor=CLERK
    )

    assert [getattr(answer, "amount_minor", None) or answer.code for answer in answers] == [
        700,
        "more_than_awaited",
        1000,
        300,
    ]
    assert (one.money, other.money) == ({"captured": 1000}, {"captured": 1000})


@pytest.mark.django_db(transaction=True)
def test_money_that_completes_an_order_lets_the_rest_be_captured(fake: Fake):
    order = fake.paid_with(tee(3, "bank_transfer:10.00"), amount="20.00").placed()
    ask_providers()
    assert order.money == {"awaited": 1000, "authorized": 2000}
    assert order.status == "unpaid"

    receive(order)
    assert order.money == {"captured": 1000, "capturing": 2000}
    ask_providers()

    assert order.money == {"captured": 3000}
    assert order.events.count("order.confirmed") == 1


def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(statements):
    orders = [tee().placed() for _ in range(6)]

    one = statements(lambda: mark_received([Received(orders[0].id)], actor=CLERK))
    many = statements(lambda: mark_received([Received(order.id) for order in orders[1:]], actor=CLERK))

    assert one == many
