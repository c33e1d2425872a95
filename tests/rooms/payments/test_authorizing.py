"""Opening tenders: where the money of each method is when its order is placed."""

import pytest
from builders import a_shelf, an_order, place
from django.conf import LazySettings

from orderwright.flows.place_orders import Refused
from orderwright.orders.drafting import TenderDraft
from orderwright.payments.models import Attempt, Tender, TenderEntry, TenderSheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_shop(settings: LazySettings, db):
    settings.PAYMENT_PROVIDERS = "fake=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 100)


def tee(price="10.00"):
    return an_order().with_line("TEE", 1, price)


@pytest.mark.parametrize(
    ("method", "bucket", "payment"),
    [
        ("bank_transfer", "awaited", "unpaid"),
        ("cash_on_delivery", "awaited", "secured"),
        ("invoice", "awaited", "secured"),
        ("recorded", "captured", "paid"),
        ("fake", "authorizing", "pending"),
    ],
)
def test_where_the_money_is(method, bucket, payment):
    order = tee().paid_by(method).placed()

    assert order.money == {bucket: 1000}
    assert order.summary.payment == payment
    assert [(entry.source, entry.target) for entry in TenderEntry.objects.all()] == [("payer", bucket)]


def test_a_provider_is_to_be_asked_with_the_token_of_the_payer():
    order = tee()._but(tenders=(TenderDraft("fake", None, 'tok "1" \\ {2},\x00'),)).placed()

    attempt = Attempt.objects.get()
    assert (attempt.verb, attempt.provider, attempt.amount_minor) == ("authorize", "fake", 1000)
    assert attempt.token == 'tok "1" \\ {2},'
    assert attempt.ask_again_at == attempt.asked_at
    assert attempt.tender.order_id == order.id


def test_a_tender_of_nothing_moves_nothing_and_asks_nobody():
    order = tee("0.00").paid_by("fake").placed()

    assert Tender.objects.get().amount_minor == 0
    assert not TenderSheet.objects.exists()
    assert not Attempt.objects.exists()
    assert order.summary.payment == "nothing_due"


def test_a_method_that_is_not_known_is_refused_and_nothing_is_written():
    (outcome,) = place(tee().paid_by("cowries"))

    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "unknown_payment_method"
    assert not Tender.objects.exists()
