"""Paying an order that is placed: for what is due and never for more, however often and from wherever it is tried."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.db import connection
from providers import Fake, attempts, fake, later, wrong

from orderwright.flows.ask_providers import ask_about, ask_providers
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.expire_unpaid_orders import expire_unpaid_orders
from orderwright.flows.pay_orders import Opened, Pay, pay_orders
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.payments.linking import BadPayLink, order_of, pay_url, token_of
from orderwright.payments.models import Tender

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 100)
    yield
    assert wrong() == {}


def tee():
    """An order at 10.00."""
    return an_order().with_line("TEE", 1, "10.00")


def pay(order, method="fake", token="", amount=None):
    (answer,) = pay_orders([Pay(order.id, method, token, amount)], actor=CLERK)
    return answer


def refused(answer):
    assert isinstance(answer, Refusal)
    return answer.code, answer.facts


def test_a_declined_card_is_followed_by_another_on_the_same_order(fake: Fake):
    order = fake.placed(tee(), "decline=insufficient_funds")

    answer = pay(order, token="ok")
    ask_about(order.id)

    second = Tender.objects.filter(order_id=order.id).latest("id")
    assert answer == Opened(order.id, second.id, 1000)
    assert order.money == {"captured": 1000, "voided": 1000}
    assert (order.status, order.summary.payment) == ("ready", "paid")
    assert fake.authorization("auth_2") == (1000, 1000, 0, 0)
    assert order.facts("tender.opened") == {
        "tender": second.id,
        "method": "fake",
        "amount_minor": 1000,
        "currency": "EUR",
    }


def test_asking_about_one_order_leaves_the_others_to_their_turn(fake: Fake):
    order, other = fake.paid_with(tee(), "ok").placed(), fake.paid_with(tee(), "ok").placed()

    assert ask_about(order.id) == 2  # the authorization, and the capture that follows

    assert order.money == {"captured": 1000}
    assert other.money == {"authorizing": 1000}


def test_who_does_not_answer_in_time_is_looked_up_later(fake: Fake):
    order = fake.paid_with(tee(), "slow=1").placed()

    assert ask_about(order.id, within_seconds=0.1) == 0
    assert order.money == {"authorizing": 1000}

    with later(minutes=1):
        ask_providers()
    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)


@pytest.mark.parametrize("token", ["ok", "3ds"])
def test_while_one_card_is_asked_nothing_is_due(fake: Fake, token):
    order = fake.paid_with(tee(), token).placed()

    assert refused(pay(order, token="ok")) == ("nothing_due", {"number": order.number})

    assert Tender.objects.count() == 1
    assert order.events == ["order.placed"]


def test_two_tabs_at_once_charge_once(fake: Fake):
    order = fake.placed(tee(), "decline=refused")

    def press(_tab):
        try:
            return again_on_conflict(lambda: pay(order, token="ok"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    ask_providers()

    assert sum(isinstance(answer, Opened) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"nothing_due"}
    assert order.money == {"captured": 1000, "voided": 1000}


def test_a_bank_transfer_is_waited_for_no_longer_when_a_card_pays(fake: Fake):
    order = tee().paid_by("bank_transfer").placed()
    assert order.status == "unpaid"

    pay(order, token="ok")
    assert order.money == {"awaited": 1000, "authorizing": 1000}
    ask_about(order.id)

    assert order.money == {"voided": 1000, "captured": 1000}
    assert order.summary.payment == "paid"


def test_a_bank_transfer_that_is_awaited_is_not_awaited_twice(fake: Fake):
    order = tee().paid_by("bank_transfer").placed()

    assert refused(pay(order, "bank_transfer"))[0] == "nothing_due"
    assert order.money == {"awaited": 1000}


def test_what_is_trusted_confirms_the_order_at_once(fake: Fake):
    order = fake.placed(tee(), "decline=refused")

    pay(order, "cash_on_delivery")

    assert order.money == {"voided": 1000, "awaited": 1000}
    assert (order.status, order.summary.payment) == ("ready", "secured")
    assert order.events[-2:] == ["tender.opened", "order.confirmed"]


def test_a_part_may_be_paid_and_the_rest_after_it_and_no_more(fake: Fake):
    order = fake.placed(tee(), "decline=refused")

    first, second, third = pay_orders(
        [Pay(order.id, "fake", "ok", 300), Pay(order.id, "fake", "ok", 701), Pay(order.id, "fake", "ok")], actor=CLERK
    )
    ask_providers()

    assert isinstance(first, Opened)
    assert isinstance(third, Opened)
    assert third.amount_minor == 700
    assert refused(second) == (
        "more_than_due",
        {"asked": "7.01 EUR", "due": "7.00 EUR", "number": order.number},
    )
    assert order.money == {"voided": 1000, "captured": 1000}


@pytest.mark.parametrize(
    ("method", "amount", "code"),
    [
        ("nothing", None, "unknown_payment_method"),
        ("recorded", None, "not_for_payers"),
        ("fake", 0, "invalid"),
        ("fake", -1, "invalid"),
        ("fake", 1001, "more_than_due"),
    ],
)
def test_what_cannot_be_paid_opens_nothing(fake: Fake, method, amount, code):
    order = fake.placed(tee(), "decline=refused")

    assert refused(pay(order, method, amount=amount))[0] == code

    assert Tender.objects.count() == 1
    assert attempts(order) == [("authorize", 1000, "declined")]


def test_an_order_that_is_paid_or_canceled_has_nothing_due(fake: Fake):
    paid, canceled = fake.placed(tee(), "ok"), tee().paid_by("bank_transfer").placed()
    cancel_orders([Cancel(canceled.id, "customer")], actor=CLERK)

    assert refused(pay(paid)) == ("nothing_due", {"number": paid.number})
    assert refused(pay(canceled)) == ("nothing_due", {"number": canceled.number})


def test_a_card_that_is_confirmed_after_the_time_was_over_takes_no_money(fake: Fake):
    a_channel(unpaid_expires_seconds=600)
    order = fake.placed(tee(), "3ds")
    assert order.money == {"authorizing": 1000}

    with later(minutes=11):
        assert expire_unpaid_orders() == 1
    assert fake.confirm("auth_1", agree=True) == 200
    fake.hear()
    ask_providers()

    assert order.status == "canceled"
    assert order.money == {"voided": 1000}
    assert fake.authorization() == (1000, 0, 1000, 0)


def test_the_statements_do_not_depend_on_the_number_of_orders(fake: Fake, statements):
    few = [fake.placed(tee(), "decline=refused") for _ in range(1)]
    many = [fake.placed(tee(), "decline=refused") for _ in range(6)]

    def paying(orders):
        return lambda: pay_orders([Pay(order.id, "fake", "ok") for order in orders], actor=CLERK)

    assert statements(paying(few)) == statements(paying(many))


def test_a_pay_link_leads_to_its_order_and_to_no_other():
    token = token_of(12)

    assert order_of(token) == 12
    assert pay_url(12).endswith(f"/pay/{token}")
    for bad in ("", "12", "C:x", token[:-1], f"1{token}", "\x00", token * 20):
        with pytest.raises(BadPayLink):
            order_of(bad)
