"""Asking a provider: whatever it does, and wherever we die, money moves once and the books know it."""

import pytest
from builders import a_channel, a_shelf, an_order
from providers import SECRET, Fake, attempts, fake, later, wrong

from orderwright.adapters.fake_payments.client import FakeProvider
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.settle_payments import settle_payments
from orderwright.payments import asking
from orderwright.payments.models import Attempt, Tender
from orderwright.payments.settling import Brought

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 100)
    yield
    assert wrong() == {}


def tee(quantity=1):
    """An order of so many at 10.00."""
    return an_order().with_line("TEE", quantity, "10.00")


def test_placing_asks_nobody(fake: Fake):
    order = fake.paid_with(tee(), "ok").placed()

    assert fake.asked() == []
    assert order.money == {"authorizing": 1000}
    assert (order.status, order.summary.payment) == ("unpaid", "pending")
    assert order.events == ["order.placed"]


def test_a_channel_that_captures_at_placement_takes_the_money(fake: Fake):
    order = fake.placed(tee(), "ok")

    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)
    assert (order.status, order.summary.payment) == ("ready", "paid")
    assert order.events == [
        "order.placed",
        "tender.authorized",
        "order.confirmed",
        "tender.capture_asked",
        "tender.captured",
    ]
    assert attempts(order) == [("authorize", 1000, "approved"), ("capture", 1000, "approved")]
    assert set(Attempt.objects.values_list("token", flat=True)) == {""}


def test_a_channel_that_captures_at_shipment_only_sets_it_aside(fake: Fake):
    a_channel("stall", capture_when="shipment")

    order = fake.placed(tee().on("stall"))

    assert order.money == {"authorized": 1000}
    assert (order.status, order.summary.payment) == ("ready", "secured")
    tender = Tender.objects.get(order_id=order.id)
    assert tender.reference == "auth_1"
    assert tender.expires_at == fake.server.ledger.authorizations["auth_1"].expires_at


def test_a_declined_tender_leaves_the_order_unpaid(fake: Fake):
    order = fake.placed(tee(), "decline=insufficient_funds")

    assert order.money == {"voided": 1000}
    assert (order.status, order.summary.payment) == ("unpaid", "unpaid")
    assert order.facts("tender.declined")["reason"] == "insufficient_funds"
    assert order.events == ["order.placed", "tender.declined"]
    assert Attempt.objects.get().message == "Declined: insufficient funds."


def test_a_part_that_is_authorized_does_not_confirm_the_order_and_is_not_captured(fake: Fake):
    order = fake.placed(tee(3), "partly")

    assert order.money == {"authorized": 1500, "voided": 1500}
    assert order.facts("tender.authorized")["left_minor"] == 1500
    assert order.status == "unpaid"


def test_a_payer_who_must_confirm_first(fake: Fake):
    order = fake.placed(tee(), "3ds")

    assert order.money == {"authorizing": 1000}
    assert order.events == ["order.placed", "tender.action_required"]
    assert Attempt.objects.get().action_url == f"{fake.server.url}/confirm/auth_1"

    assert fake.confirm("auth_1", agree=True) == 200
    assert fake.hear().matched == 1
    ask_providers()

    assert order.money == {"captured": 1000}
    assert order.status == "ready"


def test_a_payer_who_does_not_confirm(fake: Fake):
    order = fake.placed(tee(), "3ds")

    fake.confirm("auth_1", agree=False)
    fake.hear()

    assert order.money == {"voided": 1000}
    assert order.facts("tender.declined")["reason"] == "not_confirmed"


def test_a_confirmation_that_nobody_tells_us_of_is_found(fake: Fake):
    order = fake.placed(tee(), "3ds")
    fake.confirm("auth_1", agree=True)

    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 1000}


@pytest.mark.parametrize("verb", ["authorize", "capture"])
@pytest.mark.parametrize("word", ["timeout", "error"])
def test_an_answer_that_does_not_reach_us_is_looked_up_and_nothing_is_done_twice(fake: Fake, verb: str, word: str):
    order = fake.placed(tee(), f"{verb}:{word}+tell_never")
    assert ask_providers() == 0  # it is not its turn yet

    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)
    assert fake.asked().count("GET /questions") == 1
    assert fake.asked().count("POST /authorizations") == 1
    assert fake.asked().count("POST /authorizations/auth_1/captures") == 1


@pytest.mark.parametrize("word", ["lost", "error_first"])
def test_a_question_that_never_arrived_is_asked_again_with_the_same_key(fake: Fake, word: str):
    order = fake.placed(tee(), word)
    assert order.money == {"authorizing": 1000}

    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)
    assert list(fake.server.ledger.authorizations) == ["auth_1"]


def test_dying_between_the_question_and_the_answer_loses_nothing(fake: Fake):
    order = fake.paid_with(tee(), "tell_never").placed()
    (due,) = asking.take("fake", 10)
    asking.put(due, FakeProvider(fake.server.url, SECRET))  # and here we are killed, with the answer in our hands

    assert order.money == {"authorizing": 1000}
    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 1000}
    assert fake.authorization() == (1000, 1000, 0, 0)


def test_dying_after_the_question_was_leased_loses_nothing(fake: Fake):
    order = fake.paid_with(tee()).placed()
    assert len(asking.take("fake", 10)) == 1
    assert asking.take("fake", 10) == []

    with later(minutes=2):
        ask_providers()

    assert order.money == {"captured": 1000}


def test_waits_grow(fake: Fake):
    fake.server.behave("authorize", "slow=0")
    fake.paid_with(tee()).placed()
    fake.server.stop()

    waits = []
    now = later(seconds=0)
    for _try in range(3):
        with now:
            ask_providers()
            attempt = Attempt.objects.get()
        waits.append(round((attempt.ask_again_at - attempt.asked_at).total_seconds()))
        now = later(seconds=waits[-1] + 1)

    assert attempt.tries == 3
    assert waits[0] == 30
    assert waits[1] - waits[0] in range(60, 63)
    assert waits[2] - waits[1] in range(120, 124)


def test_a_slow_answer_delays_no_other(fake: Fake):
    a_channel("stall", capture_when="shipment")
    slow = fake.paid_with(tee().on("stall"), "slow=1").placed()
    quick = [fake.paid_with(tee().on("stall")).placed() for _ in range(5)]

    ask_providers(at_once=2)

    assert [order.money for order in (slow, *quick)] == [{"authorized": 1000}] * 6
    last = Attempt.objects.latest("answered_at")
    assert last.tender.order_id == slow.id  # it was asked first


def test_a_provider_whose_adapter_is_gone_delays_no_other_and_its_questions_wait(fake: Fake, settings):
    settings.PAYMENT_PROVIDERS += f",gone=http://127.0.0.1:9={SECRET}"
    gone, order = tee().paid_by("gone").placed(), fake.paid_with(tee()).placed()

    ask_providers()

    assert gone.money == {"authorizing": 1000}
    assert order.money == {"captured": 1000}


def test_the_number_of_statements_does_not_depend_on_the_number_of_answers(fake: Fake, statements):
    a_channel("stall", capture_when="shipment")

    def settled(many: int) -> int:
        for _order in range(many):
            fake.paid_with(tee().on("stall")).placed()
        batch = [
            Brought(due.id, asking.put(due, FakeProvider(fake.server.url, SECRET))) for due in asking.take("fake", many)
        ]
        return statements(lambda: settle_payments(batch))

    assert settled(1) == settled(7)
