"""An account asks for an order of another e-mail address: that address agrees by a letter, and nobody else learns."""

import re
from datetime import timedelta
from html import unescape

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, events
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from shelves import wait_for_the_log

from orderwright.customers.models import Address, Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.claim_orders import claim_orders
from orderwright.flows.forget_customers import forget_customers
from orderwright.kernel import actors, clock
from orderwright.kernel.models import Event
from orderwright.notifications.following import follow
from orderwright.notifications.models import Letter
from orderwright.notifications.sending import send_due
from orderwright.orders.claiming import Asked
from orderwright.orders.models import Order, Summary
from orderwright.web.shop.claiming import TRIES_OF_A_NUMBER

pytestmark = pytest.mark.django_db(transaction=True)

GUEST, ACCOUNT = "ada.work@example.org", "ada@example.org"
THE_SAME = "If there is such an order, its address has a letter now."


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_channel("web")
    a_shelf("BERLIN", "TEE", 50)


def read(answer):
    return " ".join(unescape(answer.content.decode()).split())


def signed_in(email=ACCOUNT):
    """A browser in which somebody is signed in to the shop."""
    client = Client()
    customer, _new = Customer.objects.get_or_create(email=email)
    client.get("/account")
    session = client.session
    session["customer"] = customer.pk
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


def ordered(email=GUEST):
    address = {"name": "Ada", "street": "Am Hof 1", "postal_code": "53113", "city": "Bonn"}
    return an_order().with_line("TEE", 2).by(email).to("DE", **address).placed()


def ask(client, number, email=GUEST):
    answer = client.post("/account/claim", {"number": number, "email": email})
    assert (answer.status_code, answer["Location"]) == (303, "/account")
    return read(client.get("/account"))


def link():
    """The link in the letter to the order's own address."""
    wait_for_the_log()
    follow()
    send_due("email")
    letter = Letter.objects.get(kind="claim_link")
    assert (letter.state, letter.customer.email) == ("sent", GUEST)
    (token,) = set(re.findall(r"/account/claim/([\w:-]+)", letter.text))
    return f"/account/claim/{token}"


def test_an_order_of_another_address_moves_to_the_account_when_that_address_agrees():
    order, client = ordered(), signed_in()
    assert THE_SAME in ask(client, order.number)
    address = link()
    reader = Client()  # another machine: where that mailbox is read
    assert ACCOUNT in read(reader.get(address))
    assert f">{order.number}</a>" not in read(client.get("/account"))

    assert "The order has moved" in read(reader.post(address))

    assert f">{order.number}</a>" in read(client.get("/account"))
    account = Customer.objects.get(email=ACCOUNT)
    row = Order.objects.get(pk=order.id)
    assert (row.customer_id, row.ship_to.customer_id) == (account.pk, account.pk)
    assert Summary.objects.get(order_id=order.id).customer_id == account.pk
    was = Customer.objects.get(email=GUEST).pk
    assert order.facts("order.claimed") == {"number": order.number, "was": was, "customer": account.pk}
    assert Event.objects.get(kind="order.claimed").actor == f"customer:{was}"


def test_pressing_twice_moves_it_once():
    order, client = ordered(), signed_in()
    ask(client, order.number)
    address = link()

    assert [Client().post(address).status_code for _each in range(2)] == [200, 200]

    assert events().count("order.claimed") == 1


def test_who_asks_is_told_the_same_whatever_is_right_of_it():
    order, own, client = ordered(), ordered(ACCOUNT), signed_in()

    said = {
        ask(client, order.number),
        ask(client, order.number, "eve@example.org"),
        ask(client, "W-999999"),
        ask(client, own.number, ACCOUNT),
    }

    assert len({re.sub(r'"[A-Za-z0-9]{64}"|"X-CSRFToken": "[^"]*"', "", one) for one in said}) == 1
    assert events().count("order.claim_asked") == 1


def test_a_stranger_asks_for_nothing():
    order = ordered()

    assert Client().post("/account/claim", {"number": order.number, "email": GUEST})["Location"] == "/account"

    assert "order.claim_asked" not in events()


def test_a_mailbox_is_not_flooded():
    order, client = ordered(), signed_in()
    for _each in range(TRIES_OF_A_NUMBER):
        ask(client, order.number)

    assert client.post("/account/claim", {"number": order.number, "email": GUEST}).status_code == 429


def test_a_link_is_good_for_a_day():
    order = ordered()
    ask(signed_in(), order.number)
    address = link()

    with clock.at(clock.now() + timedelta(hours=25)):
        assert Client().get(address).status_code == 410
        assert Client().post(address).status_code == 410

    assert "order.claimed" not in events()


@pytest.mark.parametrize("token", ["x", "1:abc", "a" * 999])
def test_a_forged_link_leads_nowhere(token):
    ordered()

    assert Client().post(f"/account/claim/{token}").status_code == 404


def test_an_order_that_went_elsewhere_meanwhile_stays_there():
    order = ordered()
    ask(signed_in(), order.number)
    address = link()
    guest, other = Customer.objects.get(email=GUEST), Customer.objects.create(email="eve@example.org")
    claim_orders([Asked(0, order.id, guest.pk, other.pk)], actor=actors.customer(guest.pk))

    assert Client().post(address).status_code == 410

    assert Order.objects.get(pk=order.id).customer_id == other.pk


def test_where_it_goes_is_forgotten_with_its_new_owner():
    order = ordered()
    guest, account = Customer.objects.get(email=GUEST), Customer.objects.create(email=ACCOUNT)
    claim_orders([Asked(0, order.id, guest.pk, account.pk)], actor=actors.customer(guest.pk))
    cancel_orders([Cancel(order.id, "customer_request")], actor=CLERK)

    forget_customers([guest.pk], actor=CLERK)
    assert Address.objects.get(pk=Order.objects.get(pk=order.id).ship_to_id).city == "Bonn"
    forget_customers([account.pk], actor=CLERK)

    assert Address.objects.get(pk=Order.objects.get(pk=order.id).ship_to_id).city == ""


def test_the_number_of_statements_does_not_depend_on_how_many():
    account = Customer.objects.create(email=ACCOUNT)
    orders = [ordered() for _each in range(4)]
    guest = Customer.objects.get(email=GUEST)
    asked = [Asked(0, order.id, guest.pk, account.pk) for order in orders]
    counts = []
    for some in (asked[:1], asked[1:]):
        with CaptureQueriesContext(connection) as captured:
            claim_orders(some, actor=actors.customer(guest.pk))
        counts.append(len(captured))

    assert counts[0] == counts[1]
