"""/v1/shipments, /v1/delivery-options and /v1/carriers: packing, labels, scans, and what may be read of them."""

import pytest
from builders import CLERK, a_shelf, an_order
from django.conf import LazySettings

from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.shipping.models import CarrierQuestion
from orderwright.shipping.ports import Labelled, Refused, ScanTold
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a label"
STANDARD = {
    "code": "STANDARD",
    "name": "Standard",
    "carrier": "fake",
    "carrier_service": "parcel",
    "countries": ["AT", "DE"],
    "days_least": 1,
    "days_most": 2,
    "rank": 5,
    "active": True,
}
PLAIN = {"kind": "delivery", "cut_off": None, "price": None, "currency": "", "free_from": None, "pickup_at": ""}


@pytest.fixture(autouse=True)
def _a_shop(db, settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 100)


@pytest.fixture
def order():
    placed = an_order().with_line("TEE", 3).to("DE", name="Ada").placed()
    release_orders([Release(placed.id)], actor=CLERK)
    return placed


def post(browser, path, body=None, **headers):
    answer = browser.post(f"/v1/{path}", body or {}, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def answer_label(said):
    return settle_labels([Brought(str(CarrierQuestion.objects.latest("asked_at").id), said)])


def test_a_shipment_is_packed_labelled_and_leaves(browser, order):
    assert post(browser, "delivery-options", STANDARD)[0] == 201
    body = {"fulfilment_order": "1-F1", "packages": [{"lines": [{"line": 1, "quantity": 2}], "weight_grams": 700}]}

    status, packed = post(browser, "shipments", body, **{"Idempotency-Key": "k1"})
    assert post(browser, "shipments", body, **{"Idempotency-Key": "k1"}) == (status, packed)

    assert (status, packed["name"], packed["state"], packed["option"]) == (201, "1-S1", "prepared", "STANDARD")
    (package,) = packed["packages"]
    assert package == {
        "number": 1,
        "name": "1-S1/1",
        "weight_grams": 700,
        "length_mm": None,
        "width_mm": None,
        "height_mm": None,
        "carrier": "fake",
        "tracking_number": None,
        "tracking_url": "",
        "stage": "prepared",
        "stage_at": package["stage_at"],
        "settled": "",
        "label": {
            "state": "label_asked",
            "reason": "",
            "message": "",
            "price": None,
            "currency": "",
            "document": False,
        },
        "units": [{"line": 1, "sku": "TEE", "quantity": 2}],
    }
    assert browser.get("/v1/shipments/1-S1/packages/1/label").json()["code"] == "no_label"
    answer_label(Labelled("F1", PDF, Money(490, "EUR")))
    printed = browser.get("/v1/shipments/1-S1/packages/1/label")
    assert (printed.status_code, printed["Content-Type"], printed.content) == (200, "application/pdf", PDF)

    status, left = post(browser, "shipments/1-S1/confirm")

    assert (status, left["state"], left["packages"][0]["tracking_number"]) == (200, "shipped", "F1")
    label = left["packages"][0]["label"]
    assert (label["state"], label["price"], label["document"]) == ("labelled", "4.90", True)
    assert post(browser, "shipments/1-S1/confirm")[1]["code"] == "not_prepared"
    assert browser.get("/v1/orders/1/shipments").json()["items"] == [left]
    assert browser.get("/v1/shipments/1-S1").json() == left
    assert order.units == {"released": 1, "shipped": 2}


def test_what_left_already_is_written_down_at_once(browser, order):
    body = {
        "fulfilment_order": "1-F1",
        "left": True,
        "packages": [{"carrier": "Post", "tracking_number": "RR1", "tracking_url": "https://post.example/RR1"}],
    }

    status, left = post(browser, "shipments", body)

    assert (status, left["state"]) == (201, "shipped")
    assert left["packages"][0]["tracking_url"] == "https://post.example/RR1"
    assert order.status == "shipped"


def test_refusals_say_why(browser, order):
    assert post(browser, "shipments", {"fulfilment_order": "9-F9"})[1]["code"] == "not_found"
    assert post(browser, "shipments", {"fulfilment_order": "1-F1", "option": "X"})[0] == 404
    assert post(browser, "shipments", {"fulfilment_order": "1-F1", "packages": []})[0] == 422
    assert post(browser, "shipments", {"fulfilment_order": "1-F1", "place": "x"})[0] == 422
    assert post(browser, "shipments/1-S1/confirm")[0] == 404
    assert post(browser, "shipments/1-S1/discard")[0] == 404
    assert browser.get("/v1/shipments/1-S1").status_code == 404
    assert browser.get("/v1/shipments/1-S1/packages/1/label").status_code == 404
    assert browser.get("/v1/orders/9/shipments").status_code == 404
    assert order.units == {"released": 3}


def test_a_refused_label_is_asked_for_again(browser, order):
    post(browser, "delivery-options", STANDARD)
    post(browser, "shipments", {"fulfilment_order": "1-F1"})
    answer_label(Refused("bad_parcel", "Not measured."))
    label = browser.get("/v1/shipments/1-S1").json()["packages"][0]["label"]
    assert (label["state"], label["reason"], label["message"]) == ("refused", "bad_parcel", "Not measured.")

    status, asked = post(browser, "shipments/1-S1/packages/1/label", {"weight_grams": 800})

    assert (status, asked["packages"][0]["label"]["state"], asked["packages"][0]["weight_grams"]) == (
        202,
        "label_asked",
        800,
    )
    assert post(browser, "shipments/1-S1/packages/1/label")[1]["code"] == "label_pending"
    answer_label(Labelled("F1", PDF, Money(490, "EUR")))
    status, voiding = post(browser, "shipments/1-S1/packages/1/void")
    assert (status, voiding["packages"][0]["label"]["state"]) == (202, "void_asked")


def test_numbers_by_hand_scans_and_what_they_come_to(browser, order):
    post(browser, "shipments", {"fulfilment_order": "1-F1", "left": True})
    hear_scans("Post", [ScanTold("m1", "RR1", Stage.IN_TRANSIT, clock.now(), "Europe/Berlin", "Bonn, DE")])
    (waiting,) = browser.get("/v1/scans/unmatched").json()["items"]
    assert (waiting["carrier"], waiting["tracking_number"]) == ("Post", "RR1")

    number = {"carrier": "Post", "tracking_number": "RR1"}
    status, numbered = post(browser, "shipments/1-S1/packages/1/number", number)

    assert (status, numbered["packages"][0]["stage"]) == (200, "in_transit")
    assert browser.get("/v1/scans/unmatched").json()["items"] == []
    scan = {"stage": "delivered", "place": "Bonn, DE", "time_zone": "Europe/Berlin"}
    assert post(browser, "shipments/1-S1/packages/1/scans", scan)[1]["packages"][0]["settled"] == "delivered"
    found = browser.get("/v1/shipments/1-S1/packages/1/scans").json()
    assert [(one["stage"], one["told_by"], one["believed"]) for one in found] == [
        ("in_transit", "webhook", True),
        ("delivered", "hand", True),
    ]
    assert order.status == "delivered"
    assert post(browser, "shipments/1-S1/packages/1/scans", {"stage": "lost"})[1]["code"] == "cannot_follow"
    assert post(browser, "shipments/1-S1/packages/1/scans", {"stage": "sunk"})[0] == 422


def test_what_is_lost_is_sent_again_or_given_up(browser, order):
    packages = [{"lines": [{"line": 1, "quantity": 1}]}, {}]
    post(browser, "shipments", {"fulfilment_order": "1-F1", "left": True, "packages": packages})
    for package in (1, 2):
        post(browser, f"shipments/1-S1/packages/{package}/scans", {"stage": "lost"})

    status, again = post(browser, "orders/1/send-again", {"packages": ["1-S1/1"]})
    assert (status, again["units"], again["order"]["status"]) == (200, 1, "partly_shipped")
    status, given_up = post(browser, "orders/1/give-up")

    assert (status, given_up["units"]) == (200, 2)
    assert order.units == {"reserved": 1, "canceled": 2}
    assert post(browser, "orders/1/give-up")[1]["code"] == "nothing_to_send_again"


def test_shipments_are_listed_by_state_location_and_order(browser, order):
    other = an_order().with_line("TEE").placed()
    release_orders([Release(other.id)], actor=CLERK)
    post(browser, "shipments", {"fulfilment_order": "1-F1"})
    post(browser, "shipments", {"fulfilment_order": "2-F1", "left": True})

    def names(query=""):
        return [one["name"] for one in browser.get(f"/v1/shipments{query}").json()["items"]]

    assert names() == ["1-S1", "2-S1"]
    assert names("?state=prepared") == ["1-S1"]
    assert names("?state=shipped&state=prepared&location=BERLIN&order=2") == ["2-S1"]
    assert names("?location=PARIS") == []
    first = browser.get("/v1/shipments?limit=1").json()
    assert names(f"?limit=1&after={first['next']}") == ["2-S1"]
    assert browser.get("/v1/shipments?state=gone").status_code == 422


def test_many_leave_at_once_each_with_its_answer(browser, order):
    post(browser, "shipments", {"fulfilment_order": "1-F1"})

    status, told = post(browser, "shipments/confirm", {"shipments": ["1-S1", "9-S9"]})

    assert status == 200
    assert told["items"][0] == {"shipment": "1-S1", "units": 3, "problem": None}
    assert told["items"][1]["problem"]["code"] == "not_found"


def test_delivery_options_are_edited_by_who_has_seen_the_newest(browser):
    status, created = post(browser, "delivery-options", STANDARD)
    assert (status, created) == (201, {**STANDARD, **PLAIN, "version": 1})
    assert post(browser, "delivery-options", STANDARD)[1]["code"] == "option_taken"
    assert post(browser, "delivery-options", {**STANDARD, "code": "X", "carrier": "none"})[0] == 422
    assert post(browser, "delivery-options", {**STANDARD, "code": "X", "days_least": 9})[0] == 422

    def edit(changes, tag):
        path = "/v1/delivery-options/STANDARD"
        return browser.patch(path, changes, content_type="application/json", headers={"If-Match": tag} if tag else {})

    assert edit({"rank": 7}, '"1"').json() == {**STANDARD, **PLAIN, "rank": 7, "version": 2}
    assert edit({"rank": 8}, '"1"').status_code == 412
    assert edit({"rank": 8}, None).status_code == 428
    assert edit({"countries": ["DE"], "active": False}, "*").json()["version"] == 3
    read = browser.get("/v1/delivery-options/STANDARD")
    assert (read["ETag"], read.json()["countries"]) == ('"3"', ["DE"])
    assert [one["code"] for one in browser.get("/v1/delivery-options").json()["items"]] == ["STANDARD"]
    assert browser.get("/v1/delivery-options/NONE").status_code == 404


def test_delivery_options_say_what_they_cost_and_until_when_they_are_offered(browser):
    today = {**STANDARD, "code": "TODAY", "kind": "same_day", "cut_off": "12:30:00", "price": "9.9", "currency": "EUR"}
    pickup = {**STANDARD, "code": "SHOP", "kind": "pickup", "pickup_at": "BERLIN", "carrier": "", "carrier_service": ""}

    status, created = post(browser, "delivery-options", today)
    assert (status, created["cut_off"], created["price"], created["kind"]) == (201, "12:30:00", "9.90", "same_day")
    assert post(browser, "delivery-options", pickup)[1]["pickup_at"] == "BERLIN"
    for wrong in (
        {"pickup_at": ""},
        {"pickup_at": "MOON"},
        {"kind": "delivery"},
        {"kind": "teleport"},
        {"price": "1.00"},
        {"price": "-1.00", "currency": "EUR"},
        {"price": "1.001", "currency": "EUR"},
    ):
        assert post(browser, "delivery-options", {**pickup, "code": "X", **wrong})[0] == 422, wrong
    edited = browser.patch(
        "/v1/delivery-options/TODAY", {"free_from": "50"}, content_type="application/json", headers={"If-Match": '"1"'}
    ).json()
    assert (edited["price"], edited["free_from"], edited["version"]) == ("9.90", "50.00", 2)


def test_how_it_stands_with_carriers(browser, order):
    post(browser, "delivery-options", STANDARD)
    post(browser, "shipments", {"fulfilment_order": "1-F1"})

    (one,) = browser.get("/v1/carriers").json()["items"]

    assert (one["carrier"], one["questions_open"], one["last_answer_at"]) == ("fake", 1, None)
    assert one["oldest_question_at"] is not None
    answer_label(Labelled("F1", PDF, Money(490, "EUR")))
    post(browser, "shipments/1-S1/confirm")
    (one,) = browser.get("/v1/carriers").json()["items"]
    assert (one["questions_open"], one["packages_under_way"], one["to_look_at"]) == (0, 1, 0)
    assert one["last_answer_at"] is not None


def test_nobody_without_the_scope_and_no_carrier_that_is_not_ours(client, issue, order):
    reader = {"Authorization": f"Bearer {issue('shipments:read').token}"}

    assert client.get("/v1/shipments").status_code == 401
    assert client.get("/v1/shipments", headers=reader).status_code == 200
    denied = client.post("/v1/shipments", {"fulfilment_order": "1-F1"}, "application/json", headers=reader)
    assert (denied.status_code, denied.json()["scope"]) == (403, "shipments:write")
    assert client.post("/v1/carriers/dhl/webhook", {}, "application/json").status_code == 404
