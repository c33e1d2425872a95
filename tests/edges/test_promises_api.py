"""Promises over the API: quotes, the ledger of an order, the queue and what may be promised of a SKU."""

from datetime import UTC, date, datetime

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order, place_all

from orderwright.catalog.models import Sku
from orderwright.flows.promise_orders import promise_orders
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.kernel.models import Event
from orderwright.shipping.models import DeliveryOption

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def expectation():
    a_sku("TEE", when_short="backorder")
    a_location("BERLIN")
    a_channel()
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    line = Expected(Sku.objects.get(code="TEE").pk, Location.objects.get(code="BERLIN").pk, 9, date(2026, 6, 9), "PO-1")
    with clock.at(MONDAY):
        yield expect([line], actor=CLERK)[0]


def two_who_wait():
    orders = place_all([an_order().with_line("TEE", 2).but(when_short="backorder")] * 2)
    promise_orders([order.id for order in orders])
    return orders


def sent(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_cart_is_told_when_it_would_come_by_each_option(browser):
    a_shelf("BERLIN", "TEE", 3)
    asked = {"lines": [{"sku": "TEE", "quantity": 2}, {"sku": "TEE", "quantity": 4}], "country": "DE"}

    (option,) = sent(browser.post("/v1/promises/quote", asked, content_type="application/json"))["options"]

    assert option["option"] == "std"
    first, second = option["lines"]
    assert (first["ship_on"], first["deliver_on"], first["reason"]) == ("2026-06-01", "2026-06-04", "in_stock")
    assert (second["ship_on"], second["deliver_on"], second["reason"]) == ("2026-06-10", "2026-06-13", "receipt")
    assert [(part["quantity"], part["reference"]) for part in second["parts"]] == [(1, ""), (3, "PO-1")]


def test_an_order_tells_what_it_was_promised_now_and_before(browser, expectation):
    first, _second = two_who_wait()
    path = f"/v1/stock/expectations/{expectation}"
    tag = browser.get(path)["ETag"]

    moved = browser.patch(
        path, {"expected_on": "2026-06-16"}, content_type="application/json", headers={"If-Match": tag}
    )
    promise_orders([first.id], why={first.id: "expectation_moved"})

    assert sent(moved)["expected_on"] == "2026-06-16"
    (line,) = sent(browser.get(f"/v1/orders/{first.number}/promises"))["lines"]
    assert (line["current"]["ship_on"], line["current"]["words"]) == (
        "2026-06-17",
        "It comes in at BERLIN on 2026-06-16.",
    )
    assert [one["ship_on"] for one in line["history"]] == ["2026-06-10"]
    told = Event.objects.get(kind="stock.expectation_moved").facts["lines"]
    assert (told[0]["was_expected_on"], told[0]["expected_on"]) == ("2026-06-09", "2026-06-16")


def test_a_move_that_was_decided_on_an_old_look_is_refused(browser, expectation):
    path = f"/v1/stock/expectations/{expectation}"
    browser.patch(path, {"expected_on": "2026-06-16"}, content_type="application/json", headers={"If-Match": '"1"'})

    late = browser.patch(
        path, {"expected_on": "2026-06-20"}, content_type="application/json", headers={"If-Match": '"1"'}
    )

    assert sent(late, 412)["code"] == "stale"
    assert sent(browser.get(path))["expected_on"] == "2026-06-16"


def test_the_queue_is_told_and_changed_by_priority(browser):
    first, second = two_who_wait()

    sent(browser.put(f"/v1/orders/{second.number}/priority", {"priority": 5}, content_type="application/json"))

    page = sent(browser.get("/v1/skus/TEE/queue?limit=1"))
    rest = sent(browser.get(f"/v1/skus/TEE/queue?limit=1&after={page['next']}"))
    (ahead,), (behind,) = page["items"], rest["items"]
    assert (ahead["place"], ahead["order"], ahead["priority"], ahead["quantity"]) == (1, second.number, 5, 2)
    assert (behind["place"], behind["order"], behind["promised"]) == (2, first.number, "2026-06-10")
    assert rest["next"] is None


def test_the_next_page_of_the_queue_begins_behind_the_last_order_though_others_were_served(browser):
    first, second = two_who_wait()
    (third,) = place_all([an_order().with_line("TEE", 1).but(when_short="backorder")])
    page = sent(browser.get("/v1/skus/TEE/queue?limit=1"))
    sent(browser.put(f"/v1/orders/{first.number}/priority", {"priority": 5}, content_type="application/json"))

    rest = sent(browser.get(f"/v1/skus/TEE/queue?limit=5&after={page['next']}"))

    assert [(one["place"], one["order"], one["promised"]) for one in rest["items"]] == [
        (2, second.number, "2026-06-10"),
        (3, third.number, None),
    ]
    assert browser.get("/v1/skus/TEE/queue?after=WzFd").status_code == 422


def test_what_may_be_promised_of_a_sku_is_told_day_by_day(browser):
    two_who_wait()
    a_shelf("BERLIN", "TEE", 1)

    told = sent(browser.get("/v1/skus/TEE/atp?quantity=6"))

    assert told["waiting"] == 4
    assert [(one["on"], one["reference"], one["discrete"], one["cumulative"]) for one in told["buckets"]] == [
        ("2026-06-01", "", 0, 0),
        ("2026-06-09", "PO-1", 6, 6),
    ]
    assert told["earliest"] == "2026-06-09"
    assert sent(browser.get("/v1/skus/TEE/atp?quantity=7"))["earliest"] is None


def test_kept_units_are_given_to_who_waits(browser):
    a_shelf("BERLIN", "TEE", 2)
    giver, taker = two_who_wait()
    asked = {"to": taker.number, "sku": "TEE", "quantity": 1}

    told = sent(browser.post(f"/v1/orders/{giver.number}/reallocate", asked, content_type="application/json"))

    assert told == {"units": 1}
    assert (giver.units, taker.units) == ({"reserved": 1, "backordered": 1}, {"reserved": 1, "backordered": 1})
    refused = browser.post(
        f"/v1/orders/{giver.number}/reallocate", {**asked, "quantity": 2}, content_type="application/json"
    )
    assert sent(refused, 409)["code"] == "nothing_to_reallocate"


def test_how_well_promises_are_kept_is_told_by_lane(browser):
    assert sent(browser.get("/v1/promises/accuracy?first=2026-06-01&last=2026-06-30")) == {"lanes": []}
    assert browser.get("/v1/promises/accuracy?first=yesterday&last=2026-06-30").status_code == 422
