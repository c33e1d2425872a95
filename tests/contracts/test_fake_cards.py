"""The fake provider's pages for payers: cards become tokens in a frame, or pay on its own page, and all come back."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orderwright.adapters.fake_payments.cards import WORDS, passes_luhn
from orderwright.adapters.fake_payments.client import FakeProvider
from orderwright.adapters.fake_payments.server import FakeProviderServer
from orderwright.kernel.money import Money
from orderwright.payments.ports import ActionRequired, Approved, Declined

SECRET, SHOP = "a secret", "http://shop.example:8000"
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = {"number": "4242 4242 4242 4242", "expiry": "12/29", "code": "123"}


@pytest.fixture
def server():
    server = FakeProviderServer(SECRET, now=lambda: MOMENT, tell_url=None).start()
    yield server
    server.stop()


@pytest.fixture
def provider(server):
    return FakeProvider(server.url, SECRET)


def card(number):
    return {**GOOD, "number": number}


def eur():
    return Money(1000, "EUR")


def test_the_frame_may_be_shown_by_the_shop_and_by_nobody_else(server, provider):
    fields = provider.card_fields(SHOP)

    page = httpx.get(fields.frame_url)

    assert fields.origin == server.url
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {SHOP}")
    assert f'data-shop="{SHOP}"' in page.text
    for path in ("/fields.js", "/fields.css"):
        assert httpx.get(server.url + path).status_code == 200


def test_only_the_shop_that_has_the_account_frames_the_fields(server):
    server.tell_url = f"{SHOP}/v1/payments/webhooks/fake"

    assert httpx.get(f"{server.url}/fields", params={"shop": SHOP}).status_code == 200
    for other in ("http://evil.example", "javascript:alert(1)", "", f"{SHOP}.evil.example"):
        assert httpx.get(f"{server.url}/fields", params={"shop": other}).status_code == 404


def test_every_card_of_the_table_is_one_by_its_check_digit():
    assert all(passes_luhn(number) for number in WORDS)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("4242424242424242", Approved),
        ("4111 1111 1111 1111", Approved),
        ("4000000000009995", Declined),
        ("4000000000003220", ActionRequired),
    ],
)
def test_a_token_behaves_as_its_card_and_does_not_tell_it(server, provider, number, answer):
    said = httpx.post(f"{server.url}/tokens", data=card(number)).json()

    assert number.replace(" ", "") not in said["token"]
    assert isinstance(provider.authorize(eur(), said["token"], key="k1"), answer)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": "4242 4242 4242 4241"}, "number"),
        ({"number": ""}, "number"),
        ({"number": "four"}, "number"),
        ({"expiry": "13/29"}, "expiry"),
        ({"expiry": "1229"}, "expiry"),
        ({"expiry": "10/26"}, "expiry"),
        ({"code": "12"}, "code"),
        ({"code": "١٢٣"}, "code"),
    ],
)
def test_what_is_no_card_gets_no_token(server, wrong, field):
    answer = httpx.post(f"{server.url}/tokens", data={**GOOD, **wrong})

    assert (answer.status_code, answer.json()["field"]) == (200, field)
    assert "token" not in answer.json()


@pytest.mark.parametrize(("outcome", "status"), [("agree", Approved), ("refuse", Declined)])
def test_the_banks_step_leads_back_to_the_shop(server, provider, outcome, status):
    asked = provider.authorize(eur(), "3ds", key="k1")
    step = provider.step_url(asked.url, f"{SHOP}/orders/paid?x=1")

    assert "10.00 EUR" in httpx.get(step).text
    back = httpx.post(step, data={"outcome": outcome})
    again = httpx.post(step, data={"outcome": "agree"})

    assert (back.status_code, back.headers["Location"]) == (303, f"{SHOP}/orders/paid?x=1")
    assert again.headers["Location"] == f"{SHOP}/orders/paid?x=1"  # going back changes nothing
    assert isinstance(provider.look_up(key="k1"), status)
    assert len(server.messages) == 1


def test_nobody_is_led_to_another_place(server, provider):
    server.tell_url = f"{SHOP}/v1/payments/webhooks/fake"
    asked = provider.authorize(eur(), "3ds+tell_never", key="k1")

    back = httpx.post(provider.step_url(asked.url, "http://evil.example/"), data={"outcome": "agree"})

    assert (back.status_code, back.headers.get("Location")) == (200, None)


@pytest.mark.parametrize(
    ("number", "status"),
    [("4242424242424242", Approved), ("4000000000000002", Declined)],
)
def test_a_browser_without_scripts_gives_its_card_on_the_providers_own_page(server, provider, number, status):
    asked = provider.authorize(eur(), provider.card_fields(SHOP).hosted_token, key="k1")
    page = provider.step_url(asked.url, f"{SHOP}/back")

    assert httpx.get(page).status_code == 200
    wrong = httpx.post(page, data={**GOOD, "number": "1"})
    back = httpx.post(page, data=card(number))

    assert (wrong.status_code, "not the number" in wrong.text) == (402, True)
    assert (back.status_code, back.headers["Location"]) == (303, f"{SHOP}/back")
    assert isinstance(provider.look_up(key="k1"), status)


def test_a_card_on_the_providers_own_page_may_need_the_banks_step(server, provider):
    asked = provider.authorize(eur(), "hosted", key="k1")

    onwards = httpx.post(provider.step_url(asked.url, f"{SHOP}/back"), data=card("4000000000003220"))

    assert onwards.status_code == 303
    assert parse_qs(urlsplit(onwards.headers["Location"]).query) == {"return_url": [f"{SHOP}/back"]}
    back = httpx.post(server.url + onwards.headers["Location"], data={"outcome": "agree"})
    assert back.headers["Location"] == f"{SHOP}/back"
    assert isinstance(provider.look_up(key="k1"), Approved)


def test_who_gives_no_card_is_led_back_and_has_not_paid(server, provider):
    asked = provider.authorize(eur(), "hosted", key="k1")

    back = httpx.post(provider.step_url(asked.url, f"{SHOP}/back"), data={"outcome": "refuse"})

    assert back.headers["Location"] == f"{SHOP}/back"
    assert provider.look_up(key="k1") == Declined("not_confirmed", "Declined: not confirmed.")


def test_there_is_no_page_for_what_nobody_asked(server):
    for path in ("/pay/auth_9", "/confirm/auth_9", "/pay", "/"):
        assert httpx.get(server.url + path).status_code in (401, 404)
    assert httpx.post(f"{server.url}/pay/auth_9", data=GOOD).status_code == 404
