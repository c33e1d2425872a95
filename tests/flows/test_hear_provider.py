"""Hearing a provider: its messages may come early, late, twice, in any order, or about what nobody knows."""

import threading

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.db import connection
from providers import Fake, attempts, fake, later, wrong

from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.capture_payments import Capture, capture_payments
from orderwright.flows.hear_overtaken import hear_overtaken
from orderwright.flows.hear_provider import Heard, hear_provider
from orderwright.flows.settle_payments import settle_payments
from orderwright.kernel.models import Event
from orderwright.kernel.money import Money
from orderwright.payments import asking, providers
from orderwright.payments.hearing import forget_old_messages
from orderwright.payments.models import Attempt, ProviderMessage
from orderwright.payments.ports import ActionRequired, Approved, Declined, Told, Unknown
from orderwright.payments.settling import Brought

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)

EUR10 = Money(1000, "EUR")


@pytest.fixture(autouse=True)
def _a_shop():
    a_shelf("BERLIN", "TEE", 100)
    a_channel("stall", capture_when="shipment")
    yield
    assert wrong() == {}


def tee():
    return an_order().with_line("TEE", 1, "10.00").on("stall")


def test_a_message_before_our_own_answer(fake: Fake):
    order = fake.paid_with(tee(), "tell_first+slow=0").placed()
    (due,) = asking.take("fake", 1)
    from_our_call = asking.put(due, providers.provider("fake"))

    heard = fake.hear()
    settle_payments([Brought(due.id, from_our_call)])

    assert heard == Heard(matched=1, waiting=0, again=0)
    assert order.money == {"authorized": 1000}
    assert order.events == ["order.placed", "tender.authorized", "order.confirmed"]


def test_a_message_after_our_own_answer_changes_nothing(fake: Fake):
    order = fake.placed(tee())

    assert fake.hear() == Heard(matched=1, waiting=0, again=0)

    assert order.money == {"authorized": 1000}
    assert order.events == ["order.placed", "tender.authorized", "order.confirmed"]


def test_a_message_that_comes_twice_is_heard_once(fake: Fake):
    order = fake.placed(tee(), "timeout+tell_twice")
    assert order.money == {"authorizing": 1000}

    first, second = fake.hear(0), fake.hear(1)

    assert (first, second) == (Heard(1, 0, 0), Heard(0, 0, 1))
    assert order.money == {"authorized": 1000}
    assert ProviderMessage.objects.count() == 1


def test_messages_in_the_wrong_order(fake: Fake):
    order = fake.placed(tee(), "timeout+capture:timeout")
    fake.hear(0)
    capture_payments([Capture(order.id)], actor=CLERK)
    ask_providers()
    assert order.money == {"capturing": 1000}
    ProviderMessage.objects.all().delete()

    fake.hear(1)  # captured
    fake.hear(0)  # authorized, which we know

    assert order.money == {"captured": 1000}
    assert order.events[-1] == "tender.captured"


def test_the_same_message_at_the_same_moment_in_many_threads(fake: Fake):
    order = fake.placed(tee(), "timeout")
    heard, errors = [], []

    def hear():
        try:
            heard.append(fake.hear(0))
        except Exception as error:  # noqa: BLE001 (the test fails with it below)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=hear) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert sorted(heard) == [Heard(0, 0, 1)] * 5 + [Heard(1, 0, 0)]
    assert order.events == ["order.placed", "tender.authorized", "order.confirmed"]


def test_a_message_about_what_nobody_knows_is_kept(fake: Fake):
    told = Told("m1", "capture", Approved("auth_9", EUR10), key="no-uuid-at-all", reference="auth_9")

    assert hear_provider("fake", [told]) == Heard(matched=0, waiting=1, again=0)
    assert hear_provider("fake", [told]) == Heard(matched=0, waiting=0, again=1)

    kept = ProviderMessage.objects.get()
    assert (kept.reference, kept.matched_at) == ("auth_9", None)
    assert not Event.objects.filter(kind__startswith="tender.").exists()


def test_a_message_by_reference_waits_until_the_reference_is_known(fake: Fake):
    order = fake.paid_with(tee()).placed()
    early = Told("m1", "authorize", Approved("auth_1", EUR10), reference="auth_1")
    assert hear_provider("fake", [early]).waiting == 1
    assert order.money == {"authorizing": 1000}

    ask_providers()

    assert order.money == {"authorized": 1000}
    assert ProviderMessage.objects.get().matched_at is not None
    assert order.events.count("tender.authorized") == 1


def test_a_message_that_came_in_the_same_moment_as_its_reference_is_heard_a_little_later(fake: Fake):
    order = fake.placed(tee(), "capture:timeout")
    told = Told("m1", "capture", Approved("auth_1", EUR10), reference="auth_1")
    assert hear_provider("fake", [told]).waiting == 1  # no capture was asked for yet
    assert hear_overtaken() == 0
    capture_payments([Capture(order.id)], actor=CLERK)

    assert hear_overtaken() == 1
    assert hear_overtaken() == 0

    assert order.money == {"captured": 1000}


def test_a_message_by_reference_and_verb_answers_the_open_question(fake: Fake):
    order = fake.placed(tee())
    capture_payments([Capture(order.id, 400)], actor=CLERK)
    told = Told("m1", "capture", Approved("auth_1", Money(400, "EUR")), reference="auth_1")

    assert hear_provider("fake", [told]).matched == 1

    assert order.money == {"authorized": 600, "captured": 400}


def test_a_second_and_different_answer_moves_nothing_and_is_told(fake: Fake):
    order = fake.placed(tee())
    attempt = str(Attempt.objects.get().id)
    told = Told("m1", "authorize", Declined("suspected_fraud", "Sorry"), key=attempt)

    hear_provider("fake", [told])

    assert order.money == {"authorized": 1000}
    assert order.events[-1] == "tender.contradicted"
    assert (order.facts("tender.contradicted")["was"], order.facts("tender.contradicted")["now"]) == (
        "approved",
        "declined",
    )
    assert attempts(order) == [("authorize", 1000, "approved")]


@pytest.mark.parametrize("answer", [Unknown(), Approved("auth_1", Money(1000, "USD"))])
def test_what_is_no_answer_leaves_the_question_open(fake: Fake, answer):
    order = fake.paid_with(tee()).placed()

    hear_provider("fake", [Told("m1", "authorize", answer, key=str(Attempt.objects.get().id))])

    assert order.money == {"authorizing": 1000}
    assert order.events == ["order.placed"]


def test_being_told_twice_to_confirm_is_told_once(fake: Fake):
    order = fake.paid_with(tee()).placed()
    key = str(Attempt.objects.get().id)

    for message in ("m1", "m2"):
        hear_provider("fake", [Told(message, "authorize", ActionRequired("https://bank.example/1"), key=key)])

    assert order.events == ["order.placed", "tender.action_required"]


def test_of_two_answers_that_come_together_the_last_one_counts(fake: Fake):
    order = fake.paid_with(tee()).placed()
    key = str(Attempt.objects.get().id)

    settle_payments(
        [Brought(key, ActionRequired("https://bank.example/1")), Brought(key, Declined("not_confirmed", "No."))]
    )

    assert order.money == {"voided": 1000}
    attempt = Attempt.objects.get()
    assert (attempt.answer, attempt.ask_again_at, attempt.action_url) == ("declined", None, "")
    assert attempt.answered_at is not None


def test_a_provider_that_says_it_took_more_is_believed_up_to_what_was_asked(fake: Fake):
    order = fake.paid_with(tee()).placed()
    key = str(Attempt.objects.get().id)

    hear_provider("fake", [Told("m1", "authorize", Approved("auth_1", Money(1200, "EUR")), key=key)])

    assert order.money == {"authorized": 1000}
    assert order.facts("tender.authorized")["provider_says_minor"] == 1200


def test_messages_that_were_matched_are_forgotten_after_a_while_and_others_are_not(fake: Fake):
    fake.placed(tee())
    fake.hear()
    hear_provider("fake", [Told("m1", "capture", Unknown(), reference="auth_9")])

    with later(days=89):
        assert forget_old_messages() == 0
    with later(days=91):
        assert forget_old_messages() == 1

    assert ProviderMessage.objects.get().message_id == "m1"


def test_a_late_message_without_a_key_is_not_taken_for_the_answer_to_a_later_question(fake: Fake):
    order = fake.placed(tee())
    for amount in (400, 600):
        capture_payments([Capture(order.id, amount)], actor=CLERK)
        if amount == 400:
            (due,) = asking.take("fake", 1)
            settle_payments([Brought(due.id, Approved("cap_1", Money(400, "EUR")))])
    assert order.money == {"captured": 400, "capturing": 600}
    late = Told("m-1", "capture", Approved("cap_1", Money(400, "EUR")), reference="auth_1")
    news = Told("m-2", "capture", Approved("cap_2", Money(600, "EUR")), reference="auth_1")

    hear_provider("fake", [late])

    assert order.money == {"captured": 400, "capturing": 600}
    hear_provider("fake", [news])
    assert order.money == {"captured": 1000}
    assert "tender.contradicted" not in order.events


def test_the_words_of_a_message_stay_with_the_question_alone(fake: Fake):
    order = fake.paid_with(tee()).placed()
    (due,) = asking.take("fake", 1)

    hear_provider("fake", [Told("m-1", "authorize", Declined("refused", "Ada's card was stolen."), key=due.id)])

    assert Attempt.objects.get().message == "Ada's card was stolen."
    assert ProviderMessage.objects.get().told["declined"] == {"reason": "refused"}
    assert order.events[-1] == "tender.declined"
