"""Buyers' accounts: a link in a letter opens one, once and in time; orders placed as a guest are in it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from django.db import transaction
from django.test import Client
from shelves import wait_for_the_log

from orderwright.credits.issuing import Grant, grant
from orderwright.customers import linking
from orderwright.customers.models import Customer
from orderwright.kernel import clock
from orderwright.kernel.models import Event
from orderwright.notifications.following import follow
from orderwright.notifications.models import Letter
from orderwright.notifications.sending import send_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_channel("web")
    a_shelf("BERLIN", "TEE", 50)


def read(answer):
    return " ".join(unescape(answer.content.decode()).split())


def link_for(email, client=None):
    """Ask for a link, and take it out of the letter."""
    answer = (client or Client()).post("/account/ask", {"email": email})
    assert answer.status_code == 200
    wait_for_the_log()
    follow()
    send_due("email")
    letter = Letter.objects.filter(kind="sign_in_link").latest("id")
    assert letter.state == "sent"
    (token,) = set(re.findall(r"/account/in/([\w:-]+)", letter.text))
    return f"/account/in/{token}"


def signed_in(email):
    client = Client()
    client.post(link_for(email, client))
    return client


def test_a_guest_finds_their_orders_by_a_link_in_a_letter():
    order = an_order().with_line("TEE", 2).by("ada@example.org").placed()
    other = an_order().with_line("TEE", 1).by("eve@example.org").placed()

    client = signed_in("Ada@Example.org")
    said = read(client.get("/account"))

    assert f">{order.number}</a>" in said
    assert f">{other.number}</a>" not in said
    address = re.search(r'href="(/track/[^"]+)"', said)
    assert address is not None
    assert client.get(address[1]).status_code == 200


def test_somebody_new_gets_an_account():
    said = read(signed_in("new@example.org").get("/account"))

    assert "No orders yet" in said
    assert Customer.objects.filter(email="new@example.org").count() == 1


def test_looking_at_the_link_does_not_use_it_up_and_it_works_once():
    address, client = link_for("ada@example.org"), Client()

    assert "Sign in" in read(client.get(address))
    assert client.get("/account").status_code == 200
    assert "Send me a link" in read(client.get("/account"))
    assert client.post(address).status_code == 303

    other = Client()
    assert other.post(address).status_code == 410
    assert "Send me a link" in read(other.get("/account"))


def test_a_link_is_good_for_fifteen_minutes():
    address, client = link_for("ada@example.org"), Client()

    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get(address).status_code == 410
        assert client.post(address).status_code == 410

    assert "Send me a link" in read(client.get("/account"))


@pytest.mark.parametrize("token", ["x", "1-2", "1-2:abc", "a" * 999, "%00"])
def test_a_forged_link_leads_nowhere(token):
    assert Client().post(f"/account/in/{token}").status_code == 404


def test_a_link_of_another_customer_is_not_made_out_of_ones_own():
    link_for("ada@example.org")
    eve = Customer.objects.create(email="eve@example.org")
    event = Event.objects.get(kind="customer.link_asked")

    assert Client().post(f"/account/in/{linking.token_of(eve.pk, event.pk)}").status_code == 404


def test_the_answer_does_not_tell_who_is_known():
    an_order().with_line("TEE").by("ada@example.org").placed()

    known, unknown = (read(Client().post("/account/ask", {"email": f"{who}@example.org"})) for who in ("ada", "eve"))

    def plain(said):
        return re.sub(r"[A-Za-z0-9]{64}", "", said)  # the tokens of forms

    assert plain(known).replace("ada@", "eve@") == plain(unknown)


@pytest.mark.parametrize("email", ["", "no address", "a@", "x" * 300 + "@example.org", "a\x00b@@example.org"])
def test_what_is_no_address_gets_no_letter(email):
    assert Client().post("/account/ask", {"email": email}).status_code == 422
    assert Event.objects.filter(kind="customer.link_asked").count() == 0


def test_nobodys_mailbox_is_flooded():
    statuses = [Client().post("/account/ask", {"email": "ada@example.org"}).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]
    assert Event.objects.filter(kind="customer.link_asked").count() == 5


def test_credit_is_shown_and_signing_out_keeps_the_cart():
    client = signed_in("ada@example.org")
    customer = Customer.objects.get(email="ada@example.org")
    with transaction.atomic():
        grant([Grant(customer.pk, 1250, "EUR")], actor=CLERK)
    client.post("/cart/add", {"sku": "TEE"})

    assert "You have €12.50 to your credit" in read(client.get("/account"))

    client.post("/account/out")
    assert "Send me a link" in read(client.get("/account"))
    assert client.session["cart"] == {"TEE": 1}


def test_who_was_forgotten_is_signed_out():
    client = signed_in("ada@example.org")

    Customer.objects.update(email=None, forgotten_at=clock.now())

    assert "Send me a link" in read(client.get("/account"))
