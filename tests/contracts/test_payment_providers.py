"""What every payment provider must do, asked of each adapter that is installed.

An adapter is tried against something that answers like its provider: `STAGES` says how to open an account there.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import uuid4

import pytest

from orderwright.adapters.fake_payments.server import FakeProviderServer
from orderwright.adapters.signing import sign
from orderwright.kernel import clock, ports
from orderwright.kernel.money import Money
from orderwright.kernel.ports import BadMessage, BadSignature
from orderwright.payments.ports import (
    ActionRequired,
    Approved,
    Declined,
    PaymentProvider,
    Unknown,
)
from orderwright.payments.reasons import REASONS

SECRET = "a secret"


class Stage(NamedTuple):
    """A provider to try an adapter with, and the tokens with which it can be told to misbehave."""

    provider: PaymentProvider
    impatient: PaymentProvider  # the same account, by a client that waits 0.2 s for an answer
    nowhere: PaymentProvider  # an account where nobody answers
    declining: str
    confirming: str
    slow: str
    messages: Callable[[], list[tuple[dict[str, str], bytes]]]
    forget_messages: Callable[[], None]
    signed: Callable[[bytes], dict[str, str]]  # the headers of a message with this body


@contextmanager
def fake() -> Iterator[Stage]:
    adapter = ports.adapter("payment_provider", "fake")
    server = FakeProviderServer(SECRET).start()
    yield Stage(
        provider=adapter(server.url, SECRET),
        impatient=adapter(server.url, SECRET, timeout_seconds=0.2),
        nowhere=adapter("http://127.0.0.1:9", SECRET),
        declining="decline=expired_card",
        confirming="3ds",
        slow="slow=0.6",
        messages=lambda: list(server.messages),
        forget_messages=server.messages.clear,
        signed=lambda body: sign(SECRET, "msg_1", clock.now(), body),
    )
    server.stop()


STAGES = {"fake": fake}


def test_every_installed_provider_is_tried():
    assert sorted(ports.installed("payment_provider")) == sorted(STAGES)


@pytest.fixture(params=sorted(STAGES))
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with STAGES[request.param]() as opened:
        yield opened


@pytest.fixture
def provider(stage: Stage) -> PaymentProvider:
    return stage.provider


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def key() -> str:
    return str(uuid4())


@pytest.fixture
def reference(provider: PaymentProvider) -> str:
    """An authorization of 10.00."""
    answer = provider.authorize(eur(1000), "", key=key())
    assert isinstance(answer, Approved)
    return answer.reference


def test_its_code_is_the_name_that_it_is_installed_under(provider: PaymentProvider):
    assert isinstance(provider, ports.adapter("payment_provider", provider.code))


def test_an_authorization_has_a_reference_an_end_and_its_amount(provider: PaymentProvider):
    answer = provider.authorize(eur(1000), "", key=key())

    assert isinstance(answer, Approved)
    assert answer.amount == eur(1000)
    assert answer.reference
    assert answer.expires_at is not None
    assert answer.expires_at > clock.now()


def test_amounts_keep_their_currency(provider: PaymentProvider):
    answer = provider.authorize(Money(500, "JPY"), "", key=key())

    assert isinstance(answer, Approved)
    assert answer.amount == Money(500, "JPY")


def test_asking_twice_with_one_key_takes_money_once(provider: PaymentProvider, reference: str):
    same = key()

    first = provider.capture(reference, eur(600), key=same)
    second = provider.capture(reference, eur(600), key=same)

    assert isinstance(first, Approved)
    assert first == second
    assert isinstance(provider.capture(reference, eur(400), key=key()), Approved)
    assert isinstance(provider.capture(reference, eur(1), key=key()), Declined)


def test_asking_twice_at_the_same_time_takes_money_once(provider: PaymentProvider, reference: str):
    same, answers = key(), []
    threads = [
        threading.Thread(target=lambda: answers.append(provider.capture(reference, eur(600), key=same)))
        for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert all(isinstance(answer, Approved | Unknown) for answer in answers)
    assert isinstance(provider.capture(reference, eur(400), key=key()), Approved)


def test_it_captures_in_parts(provider: PaymentProvider, reference: str):
    taken = [provider.capture(reference, eur(part), key=key()) for part in (100, 200, 700)]

    assert [answer.amount for answer in taken if isinstance(answer, Approved)] == [eur(100), eur(200), eur(700)]


def test_capturing_more_than_authorized_is_declined(provider: PaymentProvider, reference: str):
    answer = provider.capture(reference, eur(1001), key=key())

    assert isinstance(answer, Declined)
    assert answer.reason in REASONS
    assert isinstance(provider.capture(reference, eur(1000), key=key()), Approved)


def test_voiding_lets_go_of_what_is_left_and_says_how_much(provider: PaymentProvider, reference: str):
    provider.capture(reference, eur(300), key=key())

    answer = provider.void(reference, key=key())

    assert isinstance(answer, Approved)
    assert answer.amount == eur(700)
    assert isinstance(provider.capture(reference, eur(1), key=key()), Declined)


def test_refunding_in_parts_and_never_more_than_captured(provider: PaymentProvider, reference: str):
    provider.capture(reference, eur(500), key=key())

    assert isinstance(provider.refund(reference, eur(200), key=key()), Approved)
    assert isinstance(provider.refund(reference, eur(301), key=key()), Declined)
    assert isinstance(provider.refund(reference, eur(300), key=key()), Approved)
    assert isinstance(provider.refund(reference, eur(1), key=key()), Declined)


def test_what_was_never_authorized_is_declined(provider: PaymentProvider):
    answer = provider.capture("auth_of_nobody", eur(1), key=key())

    assert isinstance(answer, Declined)
    assert answer.reason in REASONS


def test_a_no_has_a_reason_in_our_words(stage: Stage):
    answer = stage.provider.authorize(eur(1000), stage.declining, key=key())

    assert isinstance(answer, Declined)
    assert answer.reason in REASONS
    assert answer.message


def test_a_payer_who_must_confirm_first_is_sent_somewhere(stage: Stage):
    answer = stage.provider.authorize(eur(1000), stage.confirming, key=key())

    assert isinstance(answer, ActionRequired)
    assert answer.url


def test_a_timeout_is_unknown_not_declined(stage: Stage):
    same = key()

    answer = stage.impatient.authorize(eur(1000), stage.slow, key=same)

    assert answer == Unknown()
    assert isinstance(stage.provider.authorize(eur(1000), stage.slow, key=same), Approved)


def test_nobody_there_is_unknown_everywhere(stage: Stage):
    nowhere = stage.nowhere

    assert nowhere.authorize(eur(1000), "", key=key()) == Unknown()
    assert nowhere.capture("auth_1", eur(1000), key=key()) == Unknown()
    assert nowhere.void("auth_1", key=key()) == Unknown()
    assert nowhere.refund("auth_1", eur(1000), key=key()) == Unknown()
    assert nowhere.look_up(key=key()) == Unknown()


def test_a_question_can_be_looked_up_by_its_key(stage: Stage):
    approved, declined = key(), key()
    first = stage.provider.authorize(eur(1000), "", key=approved)
    second = stage.provider.authorize(eur(1000), stage.declining, key=declined)

    assert stage.provider.look_up(key=approved) == first
    assert stage.provider.look_up(key=declined) == second


def test_a_question_that_never_arrived_is_none(provider: PaymentProvider):
    assert provider.look_up(key=key()) is None


def message(stage: Stage, asked_with: str = "") -> tuple[dict[str, str], bytes]:
    """The message about an authorization of 10.00."""
    stage.forget_messages()
    stage.provider.authorize(eur(1000), "", key=asked_with or key())
    for _try in range(100):
        if stage.messages():
            return stage.messages()[0]
        threading.Event().wait(0.02)
    raise AssertionError("no message came")


def test_a_message_says_what_the_answer_said(stage: Stage):
    same = key()

    (told,) = stage.provider.read_webhook(*message(stage, same))

    answer = stage.provider.look_up(key=same)
    assert (told.verb, told.answer) == ("authorize", answer)
    assert told.key == same or told.reference
    assert told.message_id


def test_a_message_that_was_changed_is_not_believed(stage: Stage):
    headers, body = message(stage)

    with pytest.raises(BadSignature):
        stage.provider.read_webhook(headers, body.replace(b"1000", b"9000"))
    with pytest.raises(BadSignature):
        stage.provider.read_webhook({}, body)


def test_a_message_of_long_ago_is_not_believed(stage: Stage):
    headers, body = message(stage)

    with clock.at(clock.now().replace(year=clock.now().year + 1)), pytest.raises(BadSignature):
        stage.provider.read_webhook(headers, body)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"verb": "authorize", "key": "", "reference": "", "answer": {"status": "approved"}}']
)
def test_a_message_that_is_signed_and_makes_no_sense_is_refused(stage: Stage, body: bytes):
    with pytest.raises(BadMessage):
        stage.provider.read_webhook(stage.signed(body), body)


def test_the_fields_for_a_card_stand_on_the_providers_own_origin(stage: Stage):
    fields = stage.provider.card_fields("https://shop.example")

    if fields is not None:
        assert fields.origin.startswith(("http://", "https://"))
        assert fields.frame_url.startswith(f"{fields.origin}/")
        hosted = stage.provider.authorize(eur(1000), fields.hosted_token, key=key())
        assert isinstance(hosted, ActionRequired)


def test_a_payer_who_is_sent_somewhere_comes_back(stage: Stage):
    step = stage.provider.step_url("https://bank.example/step/1", "https://shop.example/back?to=1&then=2")

    assert step.startswith("https://bank.example/step/1")
    assert "https%3A%2F%2Fshop.example%2Fback%3Fto%3D1%26then%3D2" in step
