"""/v1/orders/{number}/payments and the door for what providers tell us."""

import json
from datetime import date
from uuid import uuid4

import pytest
from builders import a_channel, a_shelf, an_order
from django.test import Client
from providers import SECRET, Fake, fake, later

from orderwright.adapters.signing import sign
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.hear_provider import hear_provider
from orderwright.kernel import clock
from orderwright.payments.linking import order_of
from orderwright.payments.models import Attempt, ProviderMessage, Receipt
from orderwright.payments.ports import Told, Unknown

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_shelf("BERLIN", "TEE", 100)
    a_channel("stall", capture_when="shipment")


def tee(quantity=1):
    return an_order().with_line("TEE", quantity, "10.00").on("stall")


def post(browser: Client, order, what: str, body=None, **more):
    return browser.post(
        f"/v1/orders/{order.number}/payments/{what}", data=body or {}, content_type="application/json", **more
    )


def tell(client: Client, body: bytes, headers: dict[str, str], provider="fake"):
    return client.post(f"/v1/payments/webhooks/{provider}", data=body, content_type="application/json", headers=headers)


def test_the_money_of_an_order(browser: Client, fake: Fake):
    order = fake.placed(tee(), "decline=expired_card")

    found = browser.get(f"/v1/orders/{order.number}/payments")

    assert found.status_code == 200
    said = found.json()
    assert (said["order"], said["total"], said["captured"], said["owed"]) == (order.number, "10.00", "0.00", "10.00")
    (tender,) = said["tenders"]
    assert (tender["method"], tender["amount"], tender["currency"]) == ("fake", "10.00", "EUR")
    assert {name: amount for name, amount in tender["balances"].items() if amount != "0.00"} == {"voided": "10.00"}
    (attempt,) = said["attempts"]
    assert (attempt["verb"], attempt["answer"], attempt["reason"]) == ("authorize", "declined", "expired_card")
    assert "token" not in attempt
    assert said["receipts"] == []


def test_capturing_answers_at_once_and_asks_the_provider_later(browser: Client, fake: Fake):
    order = fake.placed(tee())
    asked_before = len(fake.asked())

    answer = post(browser, order, "capture", {"amount": "4.00"})

    assert answer.status_code == 202
    assert (answer.json()["amount"], len(answer.json()["attempts"])) == ("4.00", 1)
    assert len(fake.asked()) == asked_before
    ask_providers()
    assert order.money == {"authorized": 600, "captured": 400}


def test_one_key_captures_once(browser: Client, fake: Fake):
    order = fake.placed(tee())
    key = {"Idempotency-Key": str(uuid4())}

    first = post(browser, order, "capture", {"amount": "4.00"}, headers=key)
    second = post(browser, order, "capture", {"amount": "4.00"}, headers=key)
    other = post(browser, order, "capture", {"amount": "5.00"}, headers=key)

    assert first.json() == second.json()
    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 422)
    assert other.json()["code"] == "idempotency_key_reused"
    assert order.money == {"authorized": 600, "capturing": 400}


def test_voiding_and_refunding(browser: Client, fake: Fake):
    one, other = fake.placed(tee()), fake.placed(tee().on("web"))

    voided = post(browser, one, "void")
    refunded = post(browser, other, "refund", {"amount": "2.50", "reason": "late", "goodwill": True})
    ask_providers()

    assert (voided.status_code, refunded.status_code) == (202, 202)
    assert one.money == {"voided": 1000}
    assert other.money == {"captured": 750, "refunded": 250}


def test_marking_as_received(browser: Client, fake: Fake):
    order = tee().paid_by("bank_transfer").placed()

    answer = post(
        browser, order, "mark-received", {"amount": "3.00", "received_on": "2026-01-02", "reference": "ADA 17"}
    )

    assert answer.status_code == 202
    assert "ADA 17" not in answer.content.decode()  # an answer is remembered, and must name nobody
    assert order.money == {"awaited": 700, "captured": 300}
    assert Receipt.objects.get().received_on == date(2026, 1, 2)
    seen = browser.get(f"/v1/orders/{order.number}/payments").json()
    assert [receipt["reference"] for receipt in seen["receipts"]] == ["ADA 17"]


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("capture", {"amount": "10.01"}, 409, "more_than_authorized"),
        ("capture", {"amount": "0.00"}, 422, "invalid"),
        ("capture", {"amount": "1.001"}, 422, "not_an_amount"),
        ("capture", {"amount": 1}, 422, "invalid_fields"),
        ("capture", {"tender": 999999}, 404, "not_found"),
        ("refund", {"reason": "late"}, 409, "nothing_to_refund"),
        ("refund", {}, 422, "invalid_fields"),
        ("mark-received", {}, 409, "nothing_awaited"),
        ("void", {"amount": "1.00"}, 422, "invalid_fields"),
    ],
)
def test_what_is_refused(browser: Client, fake: Fake, what, body, status, code):
    order = fake.placed(tee())

    answer = post(browser, order, what, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert order.money == {"authorized": 1000}


def test_an_order_that_is_not_there(browser: Client):
    assert browser.get("/v1/orders/none/payments").status_code == 404


def test_reading_is_not_enough_to_capture(issue, fake: Fake):
    order = fake.placed(tee())
    reader = Client(headers={"Authorization": f"Bearer {issue('payments:read').token}"})

    assert reader.get(f"/v1/orders/{order.number}/payments").status_code == 200
    assert post(reader, order, "capture").status_code == 403
    assert Client().get(f"/v1/orders/{order.number}/payments").status_code == 401
    assert order.money == {"authorized": 1000}


def test_authorizations_that_end_soon(browser: Client, fake: Fake):
    orders = [fake.placed(tee()) for _ in range(3)]

    assert browser.get("/v1/payments/expiring").json() == {"items": [], "next": None}
    with later(days=6):
        first = browser.get("/v1/payments/expiring?limit=2").json()
        last = browser.get(f"/v1/payments/expiring?limit=2&after={first['next']}").json()

    assert [found["order"] for found in (*first["items"], *last["items"])] == [order.number for order in orders]
    assert last["next"] is None


def test_a_message_needs_no_key_and_settles_the_question(fake: Fake):
    order = fake.placed(tee(), "timeout+tell_twice")
    headers, body = fake.message(1)

    first, second = tell(Client(), body, headers), tell(Client(), body, headers)

    assert (first.status_code, first.json()) == (200, {"matched": 1, "waiting": 0, "again": 0})
    assert (second.status_code, second.json()) == (200, {"matched": 0, "waiting": 0, "again": 1})
    assert order.money == {"authorized": 1000}


def test_a_message_that_nobody_signed_is_refused_and_nothing_is_kept(fake: Fake):
    order = fake.paid_with(tee()).placed()
    key = str(Attempt.objects.get().id)
    answer = {"status": "approved", "reference": "a", "amount_minor": 1000, "currency": "EUR"}
    body = json.dumps({"verb": "authorize", "key": key, "reference": "a", "answer": answer}).encode()

    unsigned = tell(Client(), body, {})
    forged = tell(Client(), body, sign("another secret", "m1", clock.now(), body))
    old = tell(Client(), body, sign(SECRET, "m1", clock.now().replace(year=2000), body))
    keyed = tell(Client(), body, {"Idempotency-Key": "k"})

    assert [found.status_code for found in (unsigned, forged, old, keyed)] == [400] * 4
    assert {found.json()["code"] for found in (unsigned, forged, old, keyed)} == {"bad_signature"}
    assert order.money == {"authorizing": 1000}
    assert ProviderMessage.objects.count() == 0


def test_a_message_that_is_signed_and_makes_no_sense(fake: Fake):
    for body in (b"", b"[]", b"\xff", b'{"verb": "authorize"}'):
        answer = tell(Client(), body, sign(SECRET, "m1", clock.now(), body))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")


def test_messages_that_wait_are_listed(browser: Client, fake: Fake):
    hear_provider("fake", [Told(f"m{n}", "capture", Unknown(), reference="auth_9") for n in range(3)])

    first = browser.get("/v1/payments/messages?limit=2").json()
    last = browser.get(f"/v1/payments/messages?limit=2&after={first['next']}").json()

    assert [(found["message_id"], found["reference"]) for found in (*first["items"], *last["items"])] == [
        ("m0", "auth_9"),
        ("m1", "auth_9"),
        ("m2", "auth_9"),
    ]
    assert last["next"] is None


def test_a_provider_that_this_shop_does_not_know(fake: Fake):
    assert tell(Client(), b"{}", {}, provider="nobody").status_code == 404


def test_another_card_pays_what_is_due(browser: Client, fake: Fake):
    order = fake.placed(tee(), "decline=expired_card")

    answer = browser.post(
        f"/v1/orders/{order.number}/payments",
        data={"method": "fake", "token": "ok", "amount": "4.00"},
        content_type="application/json",
    )

    assert answer.status_code == 202
    said = answer.json()
    assert (said["amount"], said["tender"], said["owed"]) == ("4.00", said["tenders"][-1]["id"], "10.00")
    ask_providers()
    assert order.money == {"voided": 1000, "authorized": 400}


def test_what_is_not_due_is_refused(browser: Client, fake: Fake):
    order = fake.placed(tee(), "ok")

    answer = browser.post(
        f"/v1/orders/{order.number}/payments", data={"method": "fake"}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_due")
    assert order.money == {"authorized": 1000}


def test_the_link_to_pay_an_order(browser: Client, fake: Fake):
    order = fake.placed(tee(), "decline=expired_card")

    said = browser.get(f"/v1/orders/{order.number}/pay-link").json()

    assert (said["due"], said["currency"]) == ("10.00", "EUR")
    assert order_of(said["url"].rpartition("/pay/")[2]) == order.id
