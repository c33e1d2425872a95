"""Letters by API, the mailbox, and the links that stop them."""

import re
from collections.abc import Callable

import pytest
from builders import PlacedOrder, a_shelf, an_order
from django.conf import LazySettings
from django.test import Client
from letterbox import an_eventful_order
from mail_server import mail_server
from people import signed_in
from shelves import wait_for_the_log

from orderwright.customers.models import Customer
from orderwright.kernel.models import Event
from orderwright.notifications.models import Consent, Letter
from orderwright.notifications.sending import follow_and_send

pytestmark = pytest.mark.django_db(transaction=True)
LINK = re.compile(r"http://127.0.0.1:8000(/unsubscribe/\S+)")


@pytest.fixture
def order() -> PlacedOrder:
    order = an_eventful_order("en")
    wait_for_the_log()
    follow_and_send()
    return order


@pytest.fixture
def confirmation(order: PlacedOrder) -> Letter:
    return Letter.objects.get(kind="order_confirmed")


def test_the_log_by_order_kind_and_state(browser: Client, order: PlacedOrder):
    shown = browser.get("/v1/letters", {"order": order.number, "kind": "shipped"}).json()["items"]

    assert [(one["kind"], one["package"], one["order"]) for one in shown] == [("shipped", "1-S1/1", "1")]
    assert shown[0]["message_id"].endswith(".shipped.1-S1-1@localhost>")
    assert browser.get("/v1/letters", {"order": "nothing"}).json() == {"items": [], "next": None}
    assert browser.get("/v1/letters", {"state": "refused"}).json()["items"] == []
    assert browser.get("/v1/letters", {"kind": "love"}).status_code == 422


def test_pages_of_the_log_meet_without_gap(browser: Client, order: PlacedOrder):
    found, after = [], ""
    while after is not None:
        page = browser.get("/v1/letters", {"limit": 3, "after": after}).json()
        found += [one["id"] for one in page["items"]]
        after = page["next"]

    assert found == list(Letter.objects.order_by("-id").values_list("id", flat=True))
    assert len(found) > 6


def test_a_letter_is_shown_whole_and_resent(browser: Client, confirmation: Letter):
    shown = browser.get(f"/v1/letters/{confirmation.pk}").json()
    again = browser.post(f"/v1/letters/{confirmation.pk}/resend", content_type="application/json")

    assert shown["subject"] == "Your order 1 is confirmed"
    assert "<h1>Thank you for your order</h1>" in shown["html"]
    assert (again.status_code, again.json()["copy_number"], again.json()["resent"]) == (202, 1, confirmation.pk)
    assert browser.get("/v1/letters/9999").status_code == 404


def test_a_preview_writes_and_sends_nothing(browser: Client, order: PlacedOrder):
    before = Letter.objects.count(), Event.objects.count()

    body = {"kind": "delivered", "order": "1", "language": "de"}
    shown = browser.post("/v1/letters/preview", body, content_type="application/json")
    nothing = browser.post("/v1/letters/preview", {**body, "kind": "stock_low"}, content_type="application/json")

    assert shown.json()["subject"] == "Ihr Paket zur Bestellung 1 ist angekommen"
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_tell")
    assert (Letter.objects.count(), Event.objects.count()) == before


def test_a_test_letter_says_when_it_is_not_taken(browser: Client, order: PlacedOrder, settings: LazySettings):
    body = {"kind": "shipped", "order": "1", "to": "me@shop.example"}
    with mail_server() as server:
        settings.EMAIL_URL = server.url
        taken = browser.post("/v1/letters/test", body, content_type="application/json")
    refused = browser.post("/v1/letters/test", body, content_type="application/json")

    assert (taken.status_code, taken.json()["answer"], len(server.letters)) == (200, "accepted", 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "letter_not_taken")
    bad = browser.post("/v1/letters/test", {**body, "to": "a@b\r\nBcc: c@d"}, content_type="application/json")
    assert bad.status_code == 422


def test_kinds_are_switched_and_customers_choose(browser: Client, order: PlacedOrder):
    customer = Customer.objects.get().pk
    off = browser.patch("/v1/letters/kinds/delivered", {"email": False}, content_type="application/json").json()
    bad = browser.patch("/v1/letters/kinds/canceled", {"sms": True}, content_type="application/json")
    words = {"letters": [{"channel": "sms", "kind": "*", "wanted": True}]}
    said = browser.put(f"/v1/customers/{customer}/letters", words, content_type="application/json").json()

    assert (off["email"], off["sms"]) == (False, True)
    assert bad.json()["code"] == "no_such_letter_kind"
    assert said == {"customer": customer, "letters": words["letters"]}
    assert Consent.objects.get().said_by.startswith("client:")


def test_health_tells_what_waits(browser: Client, confirmation: Letter):
    health = browser.get("/v1/letters/health").json()

    assert [(one["channel"], one["waiting"], one["provider"]) for one in health["channels"]] == [
        ("email", 0, "mailbox"),
        ("sms", 0, ""),
    ]


def test_letters_ask_for_their_scope(issue: Callable[..., object], confirmation: Letter):
    client = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})

    assert client.get("/v1/letters").status_code == 403
    assert client.get(f"/v1/letters/{confirmation.pk}").status_code == 403
    assert client.post(f"/v1/letters/{confirmation.pk}/resend").status_code == 403


def test_the_mailbox_shows_letters_until_a_provider_is_set_up(confirmation: Letter, settings: LazySettings):
    visitor = signed_in()

    listed = visitor.get("/mailbox")
    page = visitor.get(f"/mailbox/{confirmation.pk}")
    frame = visitor.get(f"/mailbox/{confirmation.pk}/html")

    assert "Your order 1 is confirmed" in listed.content.decode()
    assert "script-src 'self';" in listed["Content-Security-Policy"]
    assert Client().get("/mailbox")["Location"] == "/sign-in?next=%2Fmailbox"
    assert signed_in("warehouse").get("/mailbox").status_code == 403
    assert f'src="/mailbox/{confirmation.pk}/html" sandbox=' in page.content.decode()
    assert "order_confirmed@localhost" in page.content.decode()
    assert frame["Content-Security-Policy"].startswith("sandbox ")
    assert "First Flush Darjeeling" in frame.content.decode()
    assert "Your order 1 is confirmed" not in visitor.get("/mailbox", {"kind": "shipped"}).content.decode()
    assert "There are no such letters." in visitor.get("/mailbox", {"order": "<script>\x00"}).content.decode()
    settings.EMAIL_URL = "smtp://mail.example"
    for path in ("", f"/{confirmation.pk}", f"/{confirmation.pk}/html"):
        assert visitor.get(f"/mailbox{path}").status_code == 404


def test_one_click_stops_a_kind_and_looking_does_not(confirmation: Letter):
    visitor = Client(enforce_csrf_checks=True)
    link = LINK.search(confirmation.text)[1]

    looked = visitor.get(link)

    assert "Stop these letters?" in looked.content.decode()
    assert not Consent.objects.exists()
    clicked = visitor.post(link, {"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    word = Consent.objects.get()
    assert (word.channel, word.kind, word.wanted) == ("email", "order_confirmed", False)
    visitor.post(link, {"do": "stop_all"})
    assert Consent.objects.get(kind="*").wanted is False
    visitor.post(link, {"do": "start"})
    assert set(Consent.objects.values_list("wanted", flat=True)) == {True}


def test_who_starts_a_kind_again_agrees_to_no_other(confirmation: Letter):
    visitor = Client()
    link = LINK.search(confirmation.text)[1]
    visitor.post(link, {"do": "stop"})

    visitor.post(link, {"do": "start"})

    assert list(Consent.objects.values_list("channel", "kind", "wanted")) == [("email", "order_confirmed", True)]


def test_a_forged_link_stops_nothing(confirmation: Letter):
    visitor = Client()
    link = LINK.search(confirmation.text)[1]
    forged = [
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        "/unsubscribe/x",
        "/unsubscribe/W10:1:x",
        link.replace("W", "X", 1),
    ]

    for one in forged:
        assert visitor.post(one).status_code == 404, one
        assert "This link does not work" in visitor.get(one).content.decode()

    assert not Consent.objects.exists()


def test_the_link_of_a_forgotten_person_says_that_it_worked(confirmation: Letter, browser: Client):
    link = LINK.search(confirmation.text)[1]
    Customer.objects.update(forgotten_at="2026-11-01T00:00:00Z", email=None)

    assert Client().post(link).status_code == 200
    assert not Consent.objects.exists()


def test_forgetting_by_api_erases_letters(browser: Client):
    a_shelf("BERLIN", "TEE", 1)
    order = an_order().with_line("TEE").placed()
    wait_for_the_log()
    follow_and_send()
    browser.post(f"/v1/orders/{order.number}/cancel", {"reason": "customer"}, content_type="application/json")

    answer = browser.post(f"/v1/customers/{Customer.objects.get().pk}/forget", content_type="application/json")

    assert answer.status_code == 200
    assert set(Letter.objects.values_list("subject", "html", "text")) == {("", "", "")}
