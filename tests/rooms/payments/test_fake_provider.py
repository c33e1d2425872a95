"""The fake provider's parts: how it is told to behave, what it remembers, and what it signs."""

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.adapters.fake_payments.behaving import Behaviour, behaviour
from orderwright.adapters.fake_payments.client import Request, Response, ask_about, ask_authorize, read
from orderwright.adapters.fake_payments.ledger import Ledger
from orderwright.adapters.signing import is_signed, sign
from orderwright.kernel.money import Money
from orderwright.payments.ports import ActionRequired, Approved, Declined, Unknown

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "verb", "found"),
    [
        ("", "authorize", Behaviour()),
        ("tok_1234", "authorize", Behaviour()),
        ("3ds", "authorize", Behaviour(answer="3ds")),
        ("3ds", "capture", Behaviour()),
        ("decline=expired_card+tell_twice", "authorize", Behaviour("decline=expired_card", message="tell_twice")),
        ("capture:timeout+tell_never", "capture", Behaviour(connection="timeout")),
        ("slow=0.5", "authorize", Behaviour(connection="slow", slow_seconds=0.5)),
        ("slow=x", "authorize", Behaviour(connection="slow", slow_seconds=1.0)),
        ("slow=9999", "authorize", Behaviour(connection="slow", slow_seconds=60.0)),
    ],
)
def test_words(words, verb, found):
    assert behaviour(words, verb) == found


def test_the_ledger_takes_no_more_than_is_set_aside_and_gives_back_no_more_than_it_took():
    ledger = Ledger()
    assert ledger.authorize("k1", 1000, "EUR", "", "approve", NOW)["reference"] == "auth_1"

    said = [
        ledger.capture("k2", "auth_1", 1001, NOW)["status"],
        ledger.capture("k3", "auth_1", 600, NOW)["status"],
        ledger.capture("k3", "auth_1", 600, NOW)["status"],
        ledger.void("k4", "auth_1", NOW)["amount_minor"],
        ledger.refund("k5", "auth_1", 601, NOW)["status"],
        ledger.refund("k6", "auth_1", 600, NOW)["status"],
    ]

    assert said == ["declined", "approved", "approved", 400, "declined", "approved"]
    found = ledger.authorizations["auth_1"]
    assert (found.authorized, found.captured, found.voided, found.refunded) == (1000, 600, 400, 600)


def test_after_a_week_an_authorization_has_ended_and_what_was_captured_can_still_go_back():
    ledger = Ledger()
    ledger.authorize("k1", 1000, "EUR", "", "approve", NOW)
    ledger.capture("k2", "auth_1", 400, NOW)
    week_later = NOW + timedelta(days=7)

    assert ledger.capture("k3", "auth_1", 1, week_later)["reason"] == "authorization_ended"
    assert ledger.void("k4", "auth_1", week_later)["reason"] == "authorization_ended"
    assert ledger.refund("k5", "auth_1", 400, week_later)["status"] == "approved"


def test_requests_name_the_key_and_whole_coins():
    assert ask_authorize(Money(500, "JPY"), "tok", "k1") == Request(
        "POST", "/authorizations", "k1", {"amount_minor": 500, "currency": "JPY", "token": "tok"}
    )
    assert ask_about("auth_1", "voids", None, "k2") == Request("POST", "/authorizations/auth_1/voids", "k2", {})


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (
            Response(200, b'{"status":"approved","reference":"a","amount_minor":5,"currency":"EUR"}'),
            Approved("a", Money(5, "EUR")),
        ),
        (Response(402, b'{"status":"declined","reason":"refused","message":"No"}'), Declined("refused", "No")),
        (Response(200, b'{"status":"action_required","url":"/x"}'), ActionRequired("/x")),
        (Response(200, b'{"status":"thinking"}'), Unknown()),
        (Response(200, b'{"status":"approved"}'), Unknown()),
        (Response(200, b"[]"), Unknown()),
        (Response(200, b"<html>"), Unknown()),
        (Response(500, b'{"status":"approved"}'), Unknown()),
        (Response(401), Unknown()),
        (Response(0), Unknown()),
    ],
)
def test_reading_answers(response, answer):
    assert read(response) == answer


def test_a_signature_is_for_one_secret_one_body_and_five_minutes():
    headers = sign("secret", "m1", NOW, b"body")

    assert is_signed("secret", headers, b"body", NOW)
    assert is_signed("secret", headers, b"body", NOW + timedelta(minutes=5))
    assert not is_signed("secret", headers, b"body", NOW + timedelta(minutes=5, seconds=1))
    assert not is_signed("secret", headers, b"body", NOW - timedelta(minutes=6))
    assert not is_signed("other", headers, b"body", NOW)
    assert not is_signed("secret", headers, b"Body", NOW)
    assert not is_signed("secret", {**headers, "webhook-id": "m2"}, b"body", NOW)
    assert not is_signed("secret", {**headers, "webhook-timestamp": "soon"}, b"body", NOW)
    assert not is_signed("secret", {}, b"body", NOW)


def test_of_several_signatures_one_must_be_right():
    headers = sign("secret", "m1", NOW, b"body")
    others = f"v1,AAAA {headers['webhook-signature']} v1,BBBB"

    assert is_signed("secret", {**headers, "webhook-signature": others}, b"body", NOW)
