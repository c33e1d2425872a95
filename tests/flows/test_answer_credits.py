"""Paying with gift cards and store credit: set aside, spent, let go and given back, exactly once, never below zero."""

from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.db import transaction
from providers import fake

from orderwright.credits import codes, queries
from orderwright.credits.disabling import disable, enable
from orderwright.credits.issuing import Grant, MoreThanAvailable, NewCard, Withdrawal, grant, issue_cards, withdraw
from orderwright.customers.models import Customer
from orderwright.flows.answer_credits import answer_credits
from orderwright.flows.ask_providers import ask_about, ask_providers
from orderwright.flows.audit import audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.forget_customers import forget_customers
from orderwright.flows.pay_orders import Pay, pay_orders
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid
from orderwright.kernel.models import Event
from orderwright.orders.drafting import TenderDraft
from orderwright.orders.models import Summary
from orderwright.payments.models import Attempt, Tender

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_shelf("BERLIN", "TEE", 100)
    a_channel("stall", capture_when="shipment")
    yield
    assert [finding for finding in audit() if finding.wrong] == []


@transaction.atomic
def a_card(amount_minor=5000, currency="EUR", **more):
    (card,) = issue_cards([NewCard(amount_minor, currency, **more)], actor=CLERK)
    return card


@transaction.atomic
def a_credit(email, amount_minor):
    customer = Customer.objects.get_or_create(email=email)[0]
    return grant([Grant(customer.pk, amount_minor, "EUR", "goodwill")], actor=CLERK)[0]


def bought(*tenders, units=2, channel="web", email="ada@example.org"):
    order = an_order().with_line("TEE", units, "10.00").on(channel).by(email)._but(tenders=tenders).placed()
    ask_providers()
    return order


def left(account):
    """available, held, spent"""
    (one,) = queries._read("a.id = %s::bigint", [account])
    return one.available, one.held, one.spent


def payment(order):
    found = Summary.objects.get(order_id=order.id)
    return found.payment, found.captured_minor, found.refunded_minor


def test_a_gift_card_pays_an_order():
    card = a_card()

    order = bought(TenderDraft("gift_card", None, codes.written(card.code).lower()))

    assert payment(order) == ("paid", 2000, 0)
    assert left(card.account) == (3000, 0, 2000)
    assert Attempt.objects.exclude(token="").count() == 0
    kinds = Event.objects.filter(kind__startswith="credit.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["credit.issued", "credit.held", "credit.spent"]


def test_who_waits_at_the_checkout_is_answered_at_once():
    card = a_card()
    order = an_order().with_line("TEE", 2, "10.00")._but(tenders=(TenderDraft("gift_card", None, card.code),)).placed()

    assert ask_about(order.id) == 2  # to set it aside, and to take it

    assert payment(order) == ("paid", 2000, 0)


def test_a_card_with_less_gives_what_it_has_and_the_rest_is_still_due():
    card = a_card(1200)

    order = bought(TenderDraft("gift_card", None, card.code))

    assert payment(order) == ("unpaid", 0, 0)
    assert left(card.account) == (0, 1200, 0)
    other = a_card(5000)
    (opened,) = pay_orders([Pay(order.id, "gift_card", other.code)], actor=CLERK)
    assert opened.amount_minor == 800
    ask_providers()
    assert payment(order) == ("paid", 2000, 0)
    assert left(card.account) == (0, 0, 1200)
    assert left(other.account) == (4200, 0, 800)


def test_a_gift_card_store_credit_and_a_card_share_an_order(fake):
    card, credit = a_card(500), a_credit("ada@example.org", 700)

    order = bought(
        TenderDraft("gift_card", "5.00", card.code),
        TenderDraft("store_credit", "7.00"),
        TenderDraft("fake", None, "approve"),
    )

    assert payment(order) == ("paid", 2000, 0)
    assert left(card.account) == (0, 0, 500)
    assert left(credit) == (0, 0, 700)
    assert fake.authorization()[:2] == (800, 800)


def test_a_canceled_order_gives_back_to_where_it_came_from():
    card = a_card()
    order = bought(TenderDraft("gift_card", None, card.code))

    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)
    ask_providers()

    assert payment(order) == ("refunded", 2000, 2000)
    assert left(card.account) == (5000, 0, 0)


def test_what_is_only_set_aside_is_let_go():
    credit = a_credit("ada@example.org", 5000)
    order = bought(TenderDraft("store_credit"), channel="stall")
    assert left(credit) == (3000, 2000, 0)

    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)
    ask_providers()

    assert left(credit) == (5000, 0, 0)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda card: "AAAA-BBBB-CCCC-DDDD", "wrong_details"),
        (lambda card: "", "wrong_details"),
        (lambda card: card.code[:-1] + ("2" if card.code[-1] != "2" else "3"), "wrong_details"),
        (lambda card: a_card(5000, "USD").code, "wrong_details"),
    ],
)
def test_what_is_no_card_pays_nothing(spoil, reason):
    card = a_card()

    order = bought(TenderDraft("gift_card", None, spoil(card)))

    assert Attempt.objects.get().reason == reason
    assert payment(order)[0] == "unpaid"
    assert left(card.account) == (5000, 0, 0)


def test_a_card_that_is_disabled_expired_or_empty_pays_nothing():
    disabled, empty = a_card(), a_card(2000)
    today = clock.now().date()
    expired = a_card(5000, expires_on=today)
    with transaction.atomic():
        disable([disabled.account], actor=CLERK)
        assert disable([disabled.account], actor=CLERK) == []
    bought(TenderDraft("gift_card", None, empty.code))

    with clock.at(clock.now() + timedelta(days=1)):
        for card in (disabled, empty, expired):
            bought(TenderDraft("gift_card", None, card.code))

    declined = Attempt.objects.filter(answer="declined").order_by("id").values_list("reason", flat=True)
    assert list(declined) == ["expired_card", "insufficient_funds", "expired_card"]
    with transaction.atomic():
        assert enable([disabled.account], actor=CLERK) == [disabled.account]


def test_store_credit_is_only_its_customers():
    credit = a_credit("ada@example.org", 5000)

    order = bought(TenderDraft("store_credit"), email="eve@example.org")

    assert payment(order)[0] == "unpaid"
    assert left(credit) == (5000, 0, 0)


def test_two_orders_cannot_spend_the_same_money():
    card = a_card(3000)
    tender = TenderDraft("gift_card", None, card.code)
    orders = [an_order().with_line("TEE", 2, "10.00")._but(tenders=(tender,)).placed() for _ in range(2)]

    answer_credits([str(attempt.pk) for attempt in Attempt.objects.order_by("asked_at", "id")])

    assert left(card.account) == (0, 3000, 0)
    amounts = [Tender.objects.get(order_id=order.id).sheets.get().authorized for order in orders]
    assert sorted(amounts) == [0, 1000]  # of the first, 2000 are being captured
    ask_providers()
    assert sorted(payment(order)[0] for order in orders) == ["paid", "unpaid"]


def test_an_answer_is_given_once():
    card = a_card()
    an_order().with_line("TEE", 2, "10.00")._but(tenders=(TenderDraft("gift_card", None, card.code),)).placed()
    (question,) = [str(attempt.pk) for attempt in Attempt.objects.all()]

    answer_credits([question, question])
    answer_credits([question])

    assert left(card.account) == (3000, 2000, 0)
    ask_providers()


def test_statements_do_not_depend_on_the_number_of_questions(django_assert_max_num_queries):
    card = a_card(100_000)
    tender = TenderDraft("gift_card", None, card.code)
    for _ in range(12):
        an_order().with_line("TEE", 1, "10.00")._but(tenders=(tender,)).placed()
    questions = [str(attempt.pk) for attempt in Attempt.objects.all()]

    with django_assert_max_num_queries(60):
        answer_credits(questions)
    ask_providers()

    assert left(card.account) == (88_000, 0, 12_000)


def test_money_goes_to_store_credit_instead_of_back_to_the_card(fake):
    order = bought(TenderDraft("fake", None, "approve"))

    (asked,) = refund_orders([Refund(order.id, "late", 500, goodwill=True, as_credit=True)], actor=CLERK)

    assert asked.attempts == ()
    assert payment(order) == ("partly_refunded", 2000, 500)
    assert fake.authorization()[3] == 0
    customer = Customer.objects.get(email="ada@example.org")
    (credit,) = queries.credits_of([customer.pk])[customer.pk]
    assert (credit.available, credit.currency) == (500, "EUR")
    assert queries.history(credit.id)[0].reason == "late"


def test_what_came_from_a_gift_card_goes_back_to_it_all_the_same():
    card = a_card()
    order = bought(TenderDraft("gift_card", None, card.code))

    (asked,) = refund_orders([Refund(order.id, "late", 500, goodwill=True, as_credit=True)], actor=CLERK)
    ask_providers()

    assert len(asked.attempts) == 1
    assert left(card.account) == (3500, 0, 1500)


def test_the_shop_takes_back_what_is_not_spent_and_no_more():
    credit = a_credit("ada@example.org", 3000)
    bought(TenderDraft("store_credit"), channel="stall")

    with transaction.atomic():
        withdraw([Withdrawal(credit, 400, "mistake")], actor=CLERK)
    with pytest.raises(MoreThanAvailable) as refused, transaction.atomic():
        withdraw([Withdrawal(credit, 601)], actor=CLERK)

    assert refused.value.facts == {"asked": "6.01 EUR", "available": "6.00 EUR"}
    assert left(credit) == (600, 2000, 0)


@pytest.mark.parametrize("amount", [0, -5, 10**15 + 1])
def test_an_amount_is_more_than_nothing(amount):
    with pytest.raises(Invalid):
        a_card(amount)

    assert queries.cards(limit=10) == []


def test_forgotten_people_have_no_credit_to_spend():
    credit = a_credit("ada@example.org", 3000)

    forget_customers([Customer.objects.get(email="ada@example.org").pk], actor=CLERK)

    assert left(credit) == (3000, 0, 0)
    assert Event.objects.filter(kind="credit.disabled", facts__account=credit).count() == 1
