"""A parcel's way with the fake carrier over real HTTP: its label, its messages, and what it is asked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import CLERK, a_location, a_shelf, an_order
from django.conf import LazySettings
from django.test import Client

from orderwright.adapters.fake_carrier.server import FakeCarrierServer
from orderwright.flows.ask_carriers import ask_carriers
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.track_packages import track_packages
from orderwright.kernel import clock
from orderwright.shipping.models import CarrierQuestion, DeliveryOption, Package
from orderwright.shipping.packing import Box

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a secret"


@pytest.fixture
def server(settings: LazySettings) -> Iterator[FakeCarrierServer]:
    running = FakeCarrierServer(SECRET, plain_labels=True)
    running.set_clock(clock.now())
    running.start()
    settings.CARRIERS = f"fake={running.url}={SECRET}"
    DeliveryOption.objects.create(code="STANDARD", name="Standard", carrier="fake", carrier_service="standard")
    yield running
    running.stop()
    assert {finding.check.name: finding.examples for finding in audit(CHECKS, connections=1) if finding.wrong} == {}


def packed(words=""):
    a_location("BERLIN", country="DE", city="Berlin")
    a_shelf("BERLIN", "TEE", 5)
    address = {"name": "Ada", "street": "Weg 1", "postal_code": "53111", "city": "Bonn", "company": f"fake:{words}"}
    order = an_order().with_line("TEE", 2).to("DE", **address).placed()
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare("1-F1", (Box(weight_grams=900),))], actor=CLERK)
    return order


def test_a_label_is_made_and_a_parcel_told_of_till_it_has_arrived(server: FakeCarrierServer, browser: Client):
    order = packed("end=delivered+tell=shuffled")
    now = clock.now()
    assert ask_carriers() == 1
    label = browser.get("/v1/shipments/1-S1/packages/1/label")
    assert label.content.startswith(b"%PDF")
    confirm_shipments([Confirm("1-S1")], actor=CLERK)

    with clock.at(now + timedelta(days=20)):
        server.set_clock(clock.now())
        answers = [
            browser.post("/v1/carriers/fake/webhook", body, content_type="application/json", headers=headers)
            for headers, body in (*server.messages, *server.messages)
        ]

    assert {answer.status_code for answer in answers} == {200}
    heard = [answer.json() for answer in answers]
    assert sum(one["matched"] for one in heard) == sum(one["again"] for one in heard) > 3
    assert order.units == {"delivered": 2}
    assert order.events.count("order.delivered") == 1


def test_a_message_that_is_not_signed_by_the_carrier_is_refused(server: FakeCarrierServer, browser: Client):
    order = packed("end=delivered")
    ask_carriers()
    confirm_shipments([Confirm("1-S1")], actor=CLERK)
    with clock.at(clock.now() + timedelta(days=20)):
        server.set_clock(clock.now())
        headers, body = server.messages[0]
        path = "/v1/carriers/fake/webhook"
        forged = browser.post(path, body + b" ", content_type="application/json", headers=headers)
        unsigned = browser.post(path, body, content_type="application/json")

    assert [(one.status_code, one.json()["code"]) for one in (forged, unsigned)] == [(400, "bad_signature")] * 2
    assert order.units == {"shipped": 2}


def test_a_parcel_that_is_not_told_of_is_found_by_asking(server: FakeCarrierServer):
    order = packed("end=returned+tell=never")
    ask_carriers()
    confirm_shipments([Confirm("1-S1")], actor=CLERK)

    with clock.at(clock.now() + timedelta(days=60)):
        server.set_clock(clock.now())
        assert track_packages() > 3

    assert order.units == {"returned": 2}


@pytest.mark.parametrize("word", ["timeout", "error", "lost", "error_first"])
def test_whatever_becomes_of_the_answer_there_is_one_label(server: FakeCarrierServer, word: str):
    packed(word)
    ask_carriers()
    assert Package.objects.get().tracking_number is None

    with clock.at(clock.now() + timedelta(minutes=2)):
        ask_carriers()

    number = Package.objects.get().tracking_number
    assert number is not None
    assert [path for method, path in server.requests if method == "POST"].count("/labels") == (
        1 if word in ("timeout", "error") else 2
    )


def test_a_label_is_refused_and_one_that_is_not_needed_made_void(server: FakeCarrierServer):
    order = packed("refuse=too_big")
    ask_carriers()
    assert order.facts("package.label_refused")["reason"] == "bad_parcel"
    discard_shipments(["1-S1"], actor=CLERK)
    server.behave("label", "slow=0")
    order_again = prepare_shipments([Prepare("1-F1", (Box(weight_grams=900),))], actor=CLERK)
    assert order_again[0].units == 2


def test_unpacking_makes_the_label_void_at_the_carrier(server: FakeCarrierServer):
    order = packed()
    ask_carriers()
    discard_shipments(["1-S1"], actor=CLERK)

    assert ask_carriers() == 1

    assert list(CarrierQuestion.objects.order_by("id").values_list("verb", "answer")) == [
        ("label", "labelled"),
        ("void", "voided"),
    ]
    assert order.events[-1] == "package.label_voided"
