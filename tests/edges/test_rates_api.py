"""POST /v1/rates: prices of all delivery options, and where they come from."""

import pytest
from builders import CLERK, a_location, a_shelf, an_order
from carriers import Fake

from orderwright.flows.release_orders import Release, release_orders
from orderwright.shipping.options import Way, create_option
from orderwright.shipping.rating import forget_rests

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_shop(fake_carrier: Fake) -> None:
    a_location("HAMBURG", country="DE")
    way = Way(name="Standard", carrier="fake", carrier_service="standard", days_least=4, days_most=8)
    create_option("STANDARD", way, actor=CLERK)
    create_option("VAN", Way(name="Van", countries=["DE"]), actor=CLERK)


def post(browser, body, **headers):
    answer = browser.post("/v1/rates", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


PARCEL = {"country": "DE", "postal_code": "10115", "packages": [{"weight_grams": 1200}]}
STANDARD = {
    "option": "STANDARD",
    "carrier": "fake",
    "price": "7.70",
    "currency": "EUR",
    "days_least": 1,
    "days_most": 3,
    "from": "carrier",
    "learned_at": None,
    "cheapest": True,
    "fastest": True,
    "refused": None,
}


def test_prices_come_from_the_carrier_or_from_what_it_said_before(browser, fake_carrier):
    status, found = post(browser, PARCEL)

    assert (status, found["location"], found["country"], found["weight_grams"]) == (200, "HAMBURG", "DE", 1200)
    standard, van = found["options"]
    assert standard == STANDARD
    assert (van["price"], van["from"], van["cheapest"], van["fastest"]) == (None, "none", False, False)

    fake_carrier.server.behave("rate", "error")
    later = post(browser, PARCEL)[1]["options"][0]
    assert later == STANDARD | {"from": "cache", "learned_at": later["learned_at"]}
    assert later["learned_at"] is not None

    fake_carrier.server.behave("rate", "refuse=too_big")
    forget_rests()
    refused = post(browser, PARCEL)[1]["options"][0]
    assert refused["refused"] == {"reason": "bad_parcel", "message": "Nothing goes there."}
    assert (refused["price"], refused["cheapest"], refused["fastest"]) == (None, False, False)


def test_an_order_says_itself_where_it_goes(browser):
    a_shelf("HAMBURG", "TEE", 5)
    order = an_order().with_line("TEE").to("FR").placed()

    assert post(browser, {"order": order.number})[0] == 422  # nobody knows its weight
    status, found = post(browser, {"order": order.number, "packages": [{"weight_grams": 400}]})

    assert (status, found["country"]) == (200, "FR")
    assert [(one["option"], one["price"]) for one in found["options"]] == [("STANDARD", "8.82")]


def test_a_fulfilment_order_says_itself_where_it_leaves(browser):
    a_shelf("HAMBURG", "TEE", 5)
    order = an_order().with_line("TEE").to("FR").placed()
    release_orders([Release(order.id)], actor=CLERK)
    work = {"fulfilment_order": f"{order.number}-F1"}

    status, found = post(browser, {**work, "packages": [{"weight_grams": 400}]})

    assert (status, found["location"], found["country"]) == (200, "HAMBURG", "FR")
    assert found["options"][0]["price"] == "8.82"
    assert post(browser, {"fulfilment_order": "9-F1"})[0] == 404
    assert post(browser, {**work, "order": order.number})[0] == 422
    assert post(browser, {**work, "location": "HAMBURG"})[0] == 422


def test_the_same_key_is_asked_once(browser, fake_carrier):
    first = post(browser, PARCEL, **{"Idempotency-Key": "k1"})

    assert post(browser, PARCEL, **{"Idempotency-Key": "k1"}) == first
    assert fake_carrier.asked() == ["POST /rates"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"country": "DE"}, 422),
        ({"country": "de", "packages": [{"weight_grams": 1}]}, 422),
        ({"country": "DE", "packages": []}, 422),
        ({"country": "DE", "packages": [{"weight_grams": 0}]}, 422),
        ({"country": "DE", "packages": [{"weight_grams": 1}] * 21}, 422),
        ({"order": "1", "country": "DE"}, 422),
        ({"order": "9"}, 404),
        ({"order": "\x00"}, 422),
        (PARCEL | {"location": "MARS"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused_and_no_carrier_asked(browser, fake_carrier, body, status):
    assert post(browser, body)[0] == status
    assert fake_carrier.asked() == []


def test_who_may_not_read_shipments_is_told_nothing(client, issue):
    answer = client.post("/v1/rates", PARCEL, content_type="application/json")

    assert answer.status_code == 401
