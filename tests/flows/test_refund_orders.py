"""Refunding: exact to the cent, in parts, over several tenders, and never more than was captured."""

import threading

import pytest
from builders import CLERK, a_shelf, an_order, written
from django.db import connection
from providers import Fake, attempts, fake, later, wrong

from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.kernel.errors import Invalid
from orderwright.orders.moving import Wanted
from orderwright.payments.models import Tender
from orderwright.payments.refunding import MoreThanCaptured, MoreThanOverpaid, NothingToRefund

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 100)
    yield
    assert wrong() == {}


def tee(quantity=1):
    return an_order().with_line("TEE", quantity, "10.00")


def refund(order, amount=None, reason="damaged", **more):
    return refund_orders([Refund(order.id, reason, amount, **more)], actor=CLERK)[0]


def test_canceling_gives_back_what_a_provider_took(fake: Fake):
    order = fake.placed(tee(3))
    assert order.money == {"captured": 3000}

    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 1)])], actor=CLERK)
    assert order.money == {"captured": 2000, "refunding": 1000}
    ask_providers()

    assert order.money == {"captured": 2000, "refunded": 1000}
    assert fake.authorization() == (3000, 3000, 0, 1000)
    assert order.summary.payment == "partly_refunded"
    assert order.facts("tender.refund_asked")["why"] == "overpaid"


def test_an_order_that_was_canceled_while_its_money_was_being_taken_gives_it_back(fake: Fake):
    order = fake.placed(tee(), "capture:timeout+tell_never")
    assert order.money == {"capturing": 1000}
    cancel_orders([Cancel(order.id, "customer_request")], actor=CLERK)

    with later(minutes=2):
        ask_providers()

    assert order.money == {"refunded": 1000}
    assert fake.authorization() == (1000, 1000, 0, 1000)


def test_goodwill_in_several_parts_is_taken_off_the_order(fake: Fake):
    order = fake.placed(tee(3))

    for part in (333, 333, 334):
        refund(order, part, goodwill=True)
    ask_providers()

    assert order.money == {"captured": 2000, "refunded": 1000}
    assert order.total == 2000
    assert order.adjustments == [(None, "goodwill", -333), (None, "goodwill", -333), (None, "goodwill", -334)]
    assert fake.authorization() == (3000, 3000, 0, 1000)
    assert order.summary.payment == "partly_refunded"
    assert order.facts("order.discounted") == {
        "number": order.number,
        "reason": "damaged",
        "amount_minor": 334,
        "currency": "EUR",
    }


def test_all_of_an_order_can_be_given_back_and_not_a_cent_more(fake: Fake):
    order = fake.placed(tee())
    refund(order, 1000, goodwill=True)
    ask_providers()
    before = written()

    refusal = refund(order, 1, goodwill=True)

    assert isinstance(refusal, MoreThanCaptured)
    assert written() == before
    assert order.money == {"refunded": 1000}
    assert order.summary.payment == "refunded"


def test_what_is_being_given_back_cannot_be_given_back_again(fake: Fake):
    order = fake.placed(tee())
    refund(order, 600, goodwill=True)

    assert isinstance(refund(order, 600, goodwill=True), MoreThanCaptured)

    assert order.money == {"captured": 400, "refunding": 600}


@pytest.mark.parametrize(("goodwill", "left"), [(4000, 0), (1000, 1500)])
def test_canceling_after_goodwill_takes_back_what_the_units_cost(goodwill, left):
    order = an_order().with_line("TEE", 4, "25.00").paid_by("recorded").placed()
    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 2)])], actor=CLERK)
    refund(order)
    refund(order, goodwill, goodwill=True)
    assert order.total == 5000 - goodwill

    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 1)])], actor=CLERK)

    assert (order.total, order.status) == (left, "ready")
    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 1)])], actor=CLERK)
    assert (order.total, order.status) == (0, "canceled")


def test_what_is_not_overpaid_needs_goodwill(fake: Fake):
    order = fake.placed(tee())

    assert isinstance(refund(order), NothingToRefund)
    assert isinstance(refund(order, 100), MoreThanOverpaid)
    assert isinstance(refund(order, 1001), MoreThanCaptured)
    assert isinstance(refund(order, goodwill=True), Invalid)
    assert isinstance(refund(order, 100, reason="No Word", goodwill=True), Invalid)

    assert order.money == {"captured": 1000}
    assert order.total == 1000


def test_money_that_was_paid_by_hand_goes_back_by_hand(fake: Fake):
    order = tee(2).paid_by("recorded").placed()
    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 1)])], actor=CLERK)
    assert order.money == {"captured": 2000}  # nobody else can know when it went back
    assert order.summary.payment == "overpaid"

    answer = refund(order)

    assert (answer.amount_minor, answer.attempts) == (1000, ())
    assert order.money == {"captured": 1000, "refunded": 1000}
    assert order.summary.payment == "partly_refunded"
    assert fake.asked() == []


def test_over_several_tenders_in_the_order_in_which_they_were_opened(fake: Fake):
    order = fake.paid_with(tee(3).paid_by("recorded:5.00"), amount="25.00").placed()
    ask_providers()
    first, second = Tender.objects.filter(order_id=order.id).order_by("id")

    answer = refund(order, 1200, goodwill=True)
    ask_providers()

    assert (answer.amount_minor, len(answer.attempts)) == (1200, 1)
    assert (first.sheets.get().refunded, second.sheets.get().refunded) == (500, 700)
    assert fake.authorization() == (2500, 2500, 0, 700)


def test_of_the_tender_that_is_named(fake: Fake):
    order = fake.paid_with(tee(3).paid_by("recorded:5.00"), amount="25.00").placed()
    ask_providers()
    first, second = Tender.objects.filter(order_id=order.id).order_by("id")

    refund(order, 1200, goodwill=True, tender_id=second.id)
    refusal = refund(order, 501, goodwill=True, tender_id=first.id)
    ask_providers()

    assert refusal.facts["captured"] == "5.00 EUR"
    assert (first.sheets.get().refunded, second.sheets.get().refunded) == (0, 1200)


def test_a_refund_that_is_declined_is_owed_to_the_customer_and_left_to_people(fake: Fake):
    order = fake.placed(tee(2), "refund:decline=not_possible")

    cancel_orders([Cancel(order.id, "customer_request", [Wanted(1, 1)])], actor=CLERK)
    ask_providers()

    assert order.money == {"captured": 2000}
    assert order.summary.payment == "overpaid"
    assert attempts(order)[-1] == ("refund", 1000, "declined")


def test_a_refund_whose_answer_is_lost_is_looked_up_and_given_once(fake: Fake):
    order = fake.placed(tee(), "refund:timeout+tell_never")
    refund(order, 250, goodwill=True)
    ask_providers()
    assert order.money == {"captured": 750, "refunding": 250}

    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 750, "refunded": 250}
    assert fake.authorization() == (1000, 1000, 0, 250)


def test_many_clerks_at_once_give_back_what_is_there_and_no_more(fake: Fake):
    order = fake.placed(tee())
    answers = []

    def give_back():
        try:
            answers.append(refund(order, 300, goodwill=True))
        finally:
            connection.close()

    threads = [threading.Thread(target=give_back) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ask_providers()

    assert sorted(getattr(answer, "code", "asked") for answer in answers) == ["asked"] * 3 + ["more_than_captured"] * 5
    assert order.money == {"captured": 100, "refunded": 900}
    assert fake.authorization() == (1000, 1000, 0, 900)
    assert order.total == 100


def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(fake: Fake, statements):
    orders = [fake.placed(tee()) for _ in range(6)]

    def give_back(some):
        return statements(lambda: refund_orders([Refund(o.id, "late", 100, goodwill=True) for o in some], actor=CLERK))

    assert give_back(orders[:1]) == give_back(orders[1:])
