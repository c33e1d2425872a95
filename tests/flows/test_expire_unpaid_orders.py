"""Unpaid orders expire and free their stock."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, place_all, shelf, written

from orderwright.flows.expire_unpaid_orders import expire_all, expire_unpaid_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.kernel import clock
from orderwright.payments import waiting

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _stock():
    a_shelf("BERLIN", "TEE", 100)
    a_channel("web", unpaid_expires_seconds=3600)
    a_channel("patient")


def some():
    return an_order().with_line("TEE", 2).paid_by("bank_transfer")


def test_the_unpaid_are_canceled_and_their_stock_is_free():
    now = clock.now()
    old, young = place_all([some().placed_at(now - HOUR * 1.01), some().placed_at(now - HOUR * 0.99)])

    assert expire_all() == 1

    assert (old.status, young.status) == ("canceled", "unpaid")
    assert shelf("BERLIN", "TEE") == {"available": 98, "reserved": 2}
    assert old.facts("order.canceled")["reason"] == "unpaid"
    assert old.money == {"voided": 2000}
    assert expire_all() == 0


def test_paid_trusted_held_and_patient_orders_stay(card):
    then = clock.now() - HOUR * 5
    (held, *_others) = place_all(
        [
            some().placed_at(then),
            some().placed_at(then).on("patient"),
            some().placed_at(then).paid_by("invoice"),
            some().placed_at(then).paid_by("recorded"),
        ]
    )
    card.authorized(some().placed_at(then))
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    before = written()

    assert expire_all() == 0

    assert written() == before


def test_each_way_of_payment_has_its_own_time(card):
    a_channel("both", unpaid_expires_seconds=1800, transfer_expires_seconds=7 * 86_400)
    then = clock.now() - HOUR
    (transfer,) = place_all([some().on("both").placed_at(then)])
    (card_order,) = place_all([some().paid_by("card").on("both").placed_at(then)])
    assert waiting.kept_until(transfer.id) == then + HOUR * 24 * 7
    assert waiting.kept_until(card_order.id) == then + HOUR / 2

    assert expire_all() == 1

    assert (transfer.status, card_order.status) == ("unpaid", "canceled")
    with clock.at(then + HOUR * 24 * 7.01):
        assert expire_all() == 1
    assert transfer.status == "canceled"


def test_a_transfer_is_awaited_as_long_as_anything_where_nothing_else_is_said():
    order = some().placed_at(clock.now()).placed()

    assert waiting.kept_until(order.id) == order.summary.placed_at + HOUR


def test_who_is_trusted_is_waited_for_by_nobody():
    patience = waiting.Patience(unpaid_seconds=1800, transfer_seconds=86_400)

    assert [patience.for_method(method) for method in ("fake", "bank_transfer", "cash_on_delivery", "invoice")] == [
        1800,
        86_400,
        None,
        None,
    ]


def test_the_oldest_go_first():
    then = clock.now() - HOUR * 5
    second, first = place_all([some().placed_at(then + HOUR), some().placed_at(then)])

    assert expire_unpaid_orders(limit=1) == 1

    assert (first.status, second.status) == ("canceled", "unpaid")


def test_a_partly_paid_order_gets_its_money_back():
    order = some().placed_at(clock.now() - HOUR * 5).paid_by("recorded:5.00", "bank_transfer").placed()
    assert order.summary.payment == "partly_paid"

    assert expire_all() == 1

    assert order.money == {"captured": 500, "voided": 1500}
    assert order.summary.payment == "overpaid"
