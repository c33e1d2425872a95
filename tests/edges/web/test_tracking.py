"""Where an order is, for who ordered it: without an account, in their language, and changed by themselves in time."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, written
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from orderwright.customers.models import Customer
from orderwright.flows._each import Done
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import clock
from orderwright.kernel.models import Event
from orderwright.orders.models import Order
from orderwright.payments.linking import PAY, TRACK, token_of, track_url
from orderwright.shipping.forgetting import erase_words
from orderwright.shipping.queries import of_orders, scans_of_order
from orderwright.shipping.stages import Stage
from orderwright.web.shop.tracking import TRIES_OF_A_NETWORK, TRIES_OF_A_NUMBER

pytestmark = pytest.mark.django_db

BONN = {"name": "Ada Lovelace", "street": "Am Hof 1", "postal_code": "53113", "city": "Bonn"}
KOELN = {"name": "Ada Lovelace", "street": "Domplatz 2", "postal_code": "50667", "city": "Köln"}


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_shelf("BERLIN", "TEE", 50)
    a_shelf("LYON", "CUP", 50)
    a_channel("web")


def ordered(*skus: str):
    draft = an_order()
    for sku in skus or ("TEE",):
        draft = draft.with_line(sku, 2, "10.00")
    return draft.to("DE", **BONN).placed()


def link(order, what: str = "") -> str:
    return f"/track/{token_of(order.id, TRACK)}{what}"


def read(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def sent(order) -> None:
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)


def look_up(number: str, email: str, network: str = "192.0.2.1"):
    return Client().post("/track", {"number": number, "email": email}, REMOTE_ADDR=network)


def test_what_has_not_left_and_where_it_goes():
    order = ordered("TEE", "CUP")

    said = read(Client().get(link(order)))

    assert "We have your order" in said
    assert "2 × Tee" in said
    assert "53113 Bonn" in said
    assert "Am Hof" not in said  # whoever gets hold of a link does not learn where somebody lives
    assert "Cancel the order" in said


def test_parcels_with_their_stages():
    order = ordered("TEE", "CUP")
    sent(order)

    said = read(Client().get(link(order)))

    assert "Your order is on its way" in said
    assert "Parcel 1 of 2" in said
    assert "Parcel 2 of 2" in said
    assert "Still to come" not in said
    assert f'href="{link(order, "/cancel")}"' not in said


def test_it_is_said_to_programs_too():
    order = ordered()

    found = re.search(r'ld\+json">(.*?)</script>', Client().get(link(order)).content.decode())

    assert found is not None
    said = json.loads(found[1])
    assert said["orderNumber"] == order.number
    assert said["orderStatus"] == "https://schema.org/OrderProcessing"
    assert said["price"] == "20.00"


def test_the_page_speaks_the_customers_language():
    order = ordered()
    Customer.objects.update(language="de")

    assert 'lang="de"' in read(Client().get(link(order)))
    chosen = Client()
    chosen.cookies["language"] = "en"
    assert 'lang="en"' in read(chosen.get(link(order)))


def test_the_number_of_statements_is_fixed():
    small, large = ordered("TEE"), ordered(*["TEE", "CUP"] * 8)
    for order in (small, large):
        sent(order)

    with CaptureQueriesContext(connection) as of_small:
        Client().get(link(small))
    with CaptureQueriesContext(connection) as of_large:
        Client().get(link(large))

    assert len(of_small) == len(of_large)


def test_a_link_names_no_order_and_cannot_be_made_up():
    order = ordered()

    assert track_url(order.id).endswith(link(order))
    for wrong in ("x", "1", token_of(order.id, PAY), token_of(order.id, TRACK)[:-1], token_of(10**9, TRACK), "%00"):
        assert Client().get(f"/track/{wrong}").status_code == 404, wrong
        assert Client().post(f"/track/{wrong}/cancel").status_code == 404, wrong


def test_an_order_is_found_by_its_number_and_e_mail_address():
    order = ordered()

    answer = look_up(f" {order.number} ", "ADA@example.org ")

    assert answer.status_code == 303
    assert answer["Location"] == link(order)


def test_wrong_and_unknown_are_answered_alike():
    order = ordered()

    def said(answer) -> str:
        return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", read(answer))

    wrong, unknown = look_up(order.number, "eve@example.org"), look_up("NOBODY", "eve@example.org")
    nothing = look_up("\x00", "\x00")

    assert {wrong.status_code, unknown.status_code, nothing.status_code} == {422}
    assert said(wrong) == said(unknown) == said(nothing)


def test_who_guesses_numbers_is_slowed_down():
    for guess in range(TRIES_OF_A_NETWORK):
        assert look_up(f"W-{guess}", "eve@example.org").status_code == 422

    answer = look_up("W-99", "eve@example.org")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert look_up("W-99", "eve@example.org", network="192.0.2.2").status_code == 422


def test_who_guesses_addresses_from_everywhere_is_slowed_down():
    order = ordered()
    for guess in range(TRIES_OF_A_NUMBER):
        look_up(order.number, f"eve{guess}@example.org", network=f"192.0.2.{guess}")

    assert look_up(order.number, "ada@example.org", network="198.51.100.1").status_code == 429


def test_a_customer_cancels():
    order = ordered("TEE", "CUP")
    client = Client()
    asked = read(client.get(link(order, "/cancel")))
    assert "This cannot be undone." in asked
    assert order.units == {"reserved": 4}

    answer = client.post(link(order, "/cancel"))

    assert answer["Location"] == link(order)
    assert order.units == {"canceled": 4}
    customer = Order.objects.get(pk=order.id).customer_id
    assert order.facts("order.canceled")["reason"] == "customer_request"
    assert Event.objects.get(order_id=order.id, kind="order.canceled").actor == f"customer:{customer}"
    assert "Your order is canceled" in read(client.get(link(order)))


@pytest.mark.parametrize("what", ["/cancel", "/address"])
def test_what_is_being_packed_can_no_longer_be_changed(what):
    order = ordered()
    release_orders([Release(order.id)], actor=CLERK)
    before = written()

    answers = [Client().get(link(order, what)), Client().post(link(order, what), KOELN)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "can no longer be changed here" in read(answers[0])
    assert written() == before


@override_settings(SELF_SERVICE_MINUTES=30)
def test_the_shops_window_ends():
    order = ordered()
    client = Client()
    assert client.get(link(order, "/cancel")).status_code == 200

    with clock.at(clock.now() + timedelta(minutes=31)):
        assert client.post(link(order, "/cancel")).status_code == 409

    assert order.units == {"reserved": 2}


def test_an_order_goes_to_another_address():
    order = ordered()
    was = order.row.ship_to_id

    answer = Client().post(link(order, "/address"), KOELN)

    assert answer["Location"] == link(order)
    row = Order.objects.select_related("ship_to").get(pk=order.id)
    assert (row.ship_to.street, row.ship_to.city, row.ship_to.country) == ("Domplatz 2", "Köln", "DE")
    assert order.facts("order.readdressed") == {"number": order.number, "was": was, "address": row.ship_to_id}


@pytest.mark.parametrize("wrong", [{"postal_code": "1"}, {"city": ""}, {"street": "\x00"}])
def test_an_address_that_cannot_be_right_is_shown_again(wrong):
    order = ordered()
    before = written()

    answer = Client().post(link(order, "/address"), KOELN | wrong)

    assert answer.status_code == 422
    assert "Something is not right yet." in read(answer)
    assert "Ada Lovelace" in read(answer)
    assert written() == before
    assert order.row.ship_to.city == "Bonn"


def test_who_has_not_paid_reads_until_when_the_goods_are_kept():
    a_channel("slow", unpaid_expires_seconds=3600, transfer_expires_seconds=86_400)
    order = an_order().with_line("TEE", 2, "10.00").to("DE", **BONN).on("slow").paid_by("bank_transfer").placed()

    said = text(Client().get(link(order)))

    assert "We are waiting for your payment" in said
    assert "The goods are kept for you until" in said


def delivered(order, **proof: str) -> None:
    sent(order)
    (name,) = [package.name for shipment in of_orders([order.id])[order.id] for package in shipment.packages]
    (answer,) = note_scans([Note(name, Stage.DELIVERED, place="Bonn, DE", words="Done", **proof)], actor=CLERK)
    assert isinstance(answer, Done), answer


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        ({"taken_by": "a neighbour"}, "Bonn, DE. Handed to: a neighbour."),
        ({"left_where": "in the garage"}, "Bonn, DE. Left: in the garage."),
        ({}, "Bonn, DE. Done"),
    ],
)
def test_who_took_it_or_where_it_was_left_is_said_to_the_buyer_and_at_the_desk(desk, proof, told):
    order = ordered()
    delivered(order, **proof)

    assert told in text(Client().get(link(order)))
    at_desk = text(desk().get(f"/desk/orders/{order.number}"))
    assert all(words in at_desk for words in proof.values())


def test_who_took_it_is_forgotten_with_the_customer():
    order = ordered()
    delivered(order, taken_by="Mr Meier", left_where="at Meier's")

    erase_words([order.id])

    (scan,) = scans_of_order(order.id).popitem()[1]
    assert (scan.taken_by, scan.left_where, scan.words) == ("", "", "")


def text(answer) -> str:
    """What is read on a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", "", unescape(answer.content.decode())).split())
