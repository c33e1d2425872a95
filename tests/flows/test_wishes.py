"""What a buyer wishes of how an order is handed over: kept at placing, followed in shipping, erased in forgetting."""

from datetime import UTC, date, datetime

import pytest
from builders import CLERK, a_location, a_shelf, a_sku, an_order, place
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.forget_customers import forget_customers
from orderwright.flows.place_orders import Refused, Request, place_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment.models import Terms
from orderwright.kernel import clock
from orderwright.orders.models import Order, Wish
from orderwright.orders.queries import get
from orderwright.promises.models import Promise
from orderwright.shipping.documents import packing_slip, slip
from orderwright.shipping.models import DeliveryOption, Shipment

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop():
    a_shelf("BERLIN", "TEE", 50)
    DeliveryOption.objects.create(code="standard", name="Standard", rank=1, days_least=2, days_most=4)
    DeliveryOption.objects.create(code="express", name="Express", rank=2, days_least=1, days_most=1, countries=["DE"])


def tee(**more):
    return an_order().with_line("TEE", 1, "10.00").to("DE").but(**more)


def test_what_was_wished_is_kept_with_the_order():
    order = tee(delivery_option="express", gift_message="For you,\nAda", hide_prices=True).placed()

    found = get(order.number)
    assert found.wish == (order.id, "express", "For you,\nAda", True)
    assert order.receipt["delivery_option"] == "express"


def test_an_order_of_which_nothing_is_wished_has_no_row():
    order = tee().placed()

    assert get(order.number).wish == (order.id, "", "", False)
    assert not Wish.objects.exists()
    assert "delivery_option" not in order.receipt


@pytest.mark.parametrize("option", ["drone", "express"])
def test_an_option_that_is_not_offered_there_is_refused(option):
    DeliveryOption.objects.filter(code="express").update(countries=["FR"])

    (outcome,) = place(tee(delivery_option=option))

    assert isinstance(outcome, Refused)
    assert (outcome.refusal.code, outcome.refusal.status) == ("unknown_delivery_option", 422)
    assert not Order.objects.exists()


@pytest.mark.parametrize("expected", ["10.01", "9.99", "100.00"])
def test_an_order_that_comes_to_something_else_than_was_shown_is_refused(expected):
    (outcome,) = place(tee(expected_total=expected))

    assert isinstance(outcome, Refused)
    assert (outcome.refusal.code, outcome.refusal.status) == ("total_changed", 409)
    assert outcome.refusal.facts == {"total": "10.00", "expected": expected, "currency": "EUR"}
    assert not Order.objects.exists()


@pytest.mark.parametrize("expected", ["10", "10.0", "10.00"])
def test_the_total_that_was_shown_is_placed(expected):
    assert tee(expected_total=expected).placed().total == 1000


def test_wishes_cost_one_statement_and_the_options_one_more_however_many_orders_wish_something():
    def statements(orders):
        requests = [Request(order.draft(), CLERK) for order in orders]
        with CaptureQueriesContext(connection) as captured:
            place_orders(requests)
        return len(captured)

    place(tee())  # the series of the channel is there
    plain = statements([tee()])
    wishing = statements([tee(delivery_option="express", gift_message="x")])
    many = statements([tee(delivery_option="express", gift_message="x") for _ in range(10)])

    assert wishing == plain + 2
    assert many == wishing


def test_a_shipment_goes_by_the_option_that_the_buyer_chose_even_when_it_is_offered_no_more():
    chosen, plain = tee(delivery_option="express").placed(), tee().placed()
    release_orders([Release(chosen.id), Release(plain.id)], actor=CLERK)
    DeliveryOption.objects.filter(code="express").update(active=False)

    prepare_shipments([Prepare(f"{chosen.number}-F1"), Prepare(f"{plain.number}-F1")], actor=CLERK)

    by_order = {one.order_id: one.option.code for one in Shipment.objects.select_related("option")}
    assert by_order == {chosen.id: "express", plain.id: "standard"}


def test_the_promise_reckons_with_the_days_of_the_chosen_option():
    a_sku("CAP")
    Terms.objects.create(location=a_location("PARIS"), weekdays=[1, 2, 3, 4, 5])
    with clock.at(MONDAY):
        express, standard = tee(delivery_option="express").placed(), tee().placed()
        promise_orders([express.id, standard.id])

    days = {one.order_id: (one.option, one.deliver_on) for one in Promise.objects.all()}
    assert days == {express.id: ("express", date(2026, 6, 2)), standard.id: ("standard", date(2026, 6, 5))}


def test_the_packing_slip_bears_the_gift_message():
    order = tee(gift_message="For you & <me>,\n#Ada").placed()
    release_orders([Release(order.id)], actor=CLERK)
    (done,) = prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)

    assert slip(done.shipment)["gift"]["text"] == "For you & <me>,\n#Ada"
    assert packing_slip(done.shipment).startswith(b"%PDF")


def test_the_gift_message_is_erased_when_the_customer_is_forgotten():
    order = tee(gift_message="For Eve", delivery_option="express").placed()
    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)

    forget_customers([order.row.customer_id], actor=CLERK)

    assert get(order.number).wish == (order.id, "express", "", False)
