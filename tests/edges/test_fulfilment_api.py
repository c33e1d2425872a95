"""Fulfilment orders over HTTP: a location's work, what it answers, its terms, recalls, schedules and decisions."""

import pytest
from builders import CLERK, a_location, a_shelf, a_sku, an_order, place_all, written
from django.test import Client

from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment.models import FulfilmentOrder, Terms
from orderwright.inventory.models import Location

pytestmark = pytest.mark.django_db

ANY_TERMS = {
    "accepting": "at_once",
    "orders_per_day": None,
    "cut_off": "14:00",
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "closed_on": [],
    "handling_days": 0,
}


def post(browser: Client, path: str, body: object = None):
    answer = browser.post(f"/v1/{path}", body or {}, content_type="application/json")
    return answer.status_code, answer.json()


def put(browser: Client, body: object, tag: str | None):
    headers = {"If-Match": tag} if tag else {}
    return browser.put("/v1/locations/BERLIN/terms", body, content_type="application/json", headers=headers)


@pytest.fixture
def orders():
    """Three orders of three tea and a cup each, released to Berlin; Lyon has tea, too."""
    a_location("BERLIN", latitude=52.5, longitude=13.4)
    a_location("LYON", latitude=45.8, longitude=4.8)
    for sku in ("TEE", "CUP"):
        a_sku(sku, when_short="backorder")
        a_shelf("BERLIN", sku, 50)
    a_shelf("LYON", "TEE", 4)
    to_leipzig = an_order().to("DE", latitude=51.3, longitude=12.4)
    orders = place_all([to_leipzig.with_line("TEE", 3).with_line("CUP")] * 3)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    return orders


def test_a_location_reads_what_it_has_to_do_the_most_urgent_first(browser, orders):
    FulfilmentOrder.objects.filter(name="3-F1").update(ship_on="2020-01-01")

    first = browser.get("/v1/locations/BERLIN/fulfilment-orders?limit=2").json()
    second = browser.get(f"/v1/locations/BERLIN/fulfilment-orders?limit=2&after={first['next']}").json()

    assert [work["name"] for work in first["items"]] == ["3-F1", "1-F1"]
    assert ([work["name"] for work in second["items"]], second["next"]) == (["2-F1"], None)
    work = first["items"][0]
    assert (work["order"], work["location"], work["state"], work["ship_on"]) == (
        "3",
        "BERLIN",
        "accepted",
        "2020-01-01",
    )
    assert work["lines"] == [
        {"line": 1, "sku": "TEE", "name": "Tee", "quantity": 3, "units": {"open": 3}},
        {"line": 2, "sku": "CUP", "name": "Cup", "quantity": 1, "units": {"open": 1}},
    ]
    assert browser.get("/v1/locations/BERLIN/fulfilment-orders?state=offered").json()["items"] == []
    assert browser.get("/v1/locations/ATLANTIS/fulfilment-orders").status_code == 404


def test_a_rejection_says_where_the_units_come_from_now(browser, orders):
    body = {"reason": "damaged", "lines": [{"line": 1, "quantity": 2}], "note": "wet"}

    status, done = post(browser, "fulfilment-orders/1-F1/reject", body)

    assert (status, done["units"], done["kept"], done["backordered"], done["new"]) == (200, 2, 2, 0, ["1-F2"])
    assert done["fulfilment_order"]["lines"][0]["units"] == {"open": 1, "rejected": 2}
    whole = browser.get("/v1/fulfilment-orders/1-F1").json()
    (rejection,) = whole["rejections"]
    assert (rejection["line"], rejection["sku"], rejection["quantity"]) == (1, "TEE", 2)
    assert (rejection["reason"], rejection["note"]) == ("damaged", "wet")
    names = [work["name"] for work in browser.get("/v1/orders/1/fulfilment-orders").json()["items"]]
    assert names == ["1-F1", "1-F2"]


def test_every_decision_is_told_in_words_with_candidates_and_scores(browser, orders):
    post(browser, "fulfilment-orders/1-F1/reject", {"reason": "damaged", "lines": [{"line": 1, "quantity": 2}]})
    post(browser, "fulfilment-orders/1-F2/move", {"to": "BERLIN"})

    placed, rejected, moved = browser.get("/v1/orders/1/decisions").json()["items"]

    assert (placed["kind"], placed["chosen"], placed["left_out"]) == ("order.placed", ["BERLIN"], [])
    assert placed["candidates"] == [
        {
            "location": "BERLIN",
            "has": 4,
            "of": 4,
            "distance_km": 150,
            "scores": {"fewest_parcels": -4, "nearest": 150, "ranked": 100},
            "chosen": True,
        },
        {
            "location": "LYON",
            "has": 3,
            "of": 4,
            "distance_km": 828,
            "scores": {"fewest_parcels": -3, "nearest": 828, "ranked": 100},
            "chosen": False,
        },
    ]
    assert placed["words"] == (
        "Only BERLIN has all 4 units. BERLIN has 4 of 4 (nearest 150, ranked 100). "
        "LYON has 3 of 4 (nearest 828, ranked 100)."
    )
    assert [unit["quantity"] for unit in placed["units"]] == [3, 1]
    assert rejected["words"] == (
        "BERLIN rejected 2 × TEE (damaged). Only LYON has all 2 units. LYON has 2 of 2 (nearest 828, ranked 100). "
        "BERLIN was left out. It rejected this: damaged."
    )
    assert rejected["units"] == [{"line": 1, "sku": "TEE", "quantity": 2, "location": "LYON"}]
    assert (moved["words"], moved["chosen"]) == ("2 × TEE were at LYON. Somebody chose BERLIN.", ["BERLIN"])


def test_work_is_held_split_and_merged(browser, orders):
    split = post(browser, "fulfilment-orders/1-F1/split", {"lines": [{"line": 2, "quantity": 1}]})
    held = post(browser, "fulfilment-orders/1-F2/hold", {"reason": "address", "handle": "check-7"})
    refused = post(browser, "fulfilment-orders/1-F1/merge", {"others": ["1-F2"]})
    lifted = post(browser, "fulfilment-orders/1-F2/lift", {"handle": "check-7"})
    merged = post(browser, "fulfilment-orders/1-F1/merge", {"others": ["1-F2"]})

    assert (split[0], split[1]["new"], held[1]["fulfilment_order"]["held"]) == (200, ["1-F2"], True)
    assert (refused[0], refused[1]["code"]) == (409, "work_held")
    assert (lifted[1]["fulfilment_order"]["held"], merged[0], merged[1]["units"]) == (False, 200, 1)
    (hold,) = browser.get("/v1/fulfilment-orders/1-F2").json()["holds"]
    assert (hold["handle"], hold["lifted_at"] is not None) == ("check-7", True)


def test_many_are_accepted_and_rejected_each_by_itself(browser, orders):
    FulfilmentOrder.objects.exclude(name="3-F1").update(state="offered")

    _status, accepted = post(browser, "fulfilment-orders/accept", {"fulfilment_orders": ["1-F1", "3-F1", "9-F1"]})
    _status, rejected = post(
        browser, "fulfilment-orders/reject", {"fulfilment_orders": ["2-F1", "9-F1"], "reason": "capacity"}
    )

    codes = [(one["name"], (one["problem"] or {}).get("code")) for one in accepted["items"]]
    assert codes == [("1-F1", None), ("3-F1", "not_offered"), ("9-F1", "not_found")]
    assert [(one["units"], one["new"]) for one in rejected["items"]] == [(4, ["2-F2"]), (None, [])]


def test_an_order_is_called_back_and_its_location_answers(browser, orders):
    Terms.objects.create(location=Location.objects.get(code="BERLIN"), accepting="asked")
    refused = post(browser, "orders/1/cancel", {"reason": "customer_request"})

    status, asked = post(browser, "orders/1/recall", {"reason": "customer_request"})

    assert (refused[1]["code"], status, asked["units"], asked["asked"]) == ("already_with_warehouse", 200, 0, ["1-F1"])
    whole = browser.get("/v1/fulfilment-orders/1-F1").json()
    assert whole["recalled"] is True
    assert whole["recalls"][0]["lines"] == [
        {"line": 1, "sku": "TEE", "quantity": 3},
        {"line": 2, "sku": "CUP", "quantity": 1},
    ]
    status, answered = post(browser, "fulfilment-orders/1-F1/answer", {"answer": "accepted", "note": "caught it"})
    assert (status, answered["units"], answered["fulfilment_order"]["state"]) == (200, 4, "closed")
    assert browser.get("/v1/orders/1").json()["status"] == "canceled"


def test_a_release_is_scheduled_and_not_before_its_time(browser, orders):
    order = an_order().with_line("CUP").placed()

    scheduled = post(browser, f"orders/{order.number}/schedule-release", {"release_at": "2099-01-01T00:00:00Z"})
    refused = post(browser, f"orders/{order.number}/release")
    unscheduled = post(browser, f"orders/{order.number}/unschedule-release")
    released = post(browser, f"orders/{order.number}/release")
    many = post(browser, "orders/schedule-release", {"orders": [{"number": "4", "release_at": "2099-01-01T00:00:00Z"}]})

    assert [answer[0] for answer in (scheduled, refused, unscheduled, released)] == [200, 409, 200, 200]
    assert refused[1]["code"] == "release_scheduled"
    assert many[1]["items"][0]["problem"]["code"] == "nothing_to_release"


def test_terms_are_read_and_set_by_who_has_seen_them(browser, orders):
    before = browser.get("/v1/locations/BERLIN/terms")
    wanted = {**ANY_TERMS, "accepting": "asked", "cut_off": "11:30", "closed_on": ["2026-12-25"], "orders_per_day": 7}

    blind, done, stale = put(browser, wanted, None), put(browser, wanted, before["ETag"]), put(browser, wanted, '"0"')

    assert before.json() == {**ANY_TERMS, "version": 0}
    assert (blind.status_code, done.status_code, stale.status_code) == (428, 200, 412)
    assert (done.json(), done["ETag"]) == ({**wanted, "version": 1}, '"1"')
    assert browser.get("/v1/locations/BERLIN/terms").json() == done.json()
    assert browser.get("/v1/locations/ATLANTIS/terms").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("fulfilment-orders/1-F1/reject", {"reason": "bored"}),
        ("fulfilment-orders/1-F1/reject", {"reason": "short", "lines": [{"line": 1, "quantity": 0}]}),
        ("fulfilment-orders/1-F1/split", {"lines": []}),
        ("fulfilment-orders/1-F1/merge", {"others": ["1-F1"]}),
        ("fulfilment-orders/1-F1/hold", {"reason": "no good"}),
        ("fulfilment-orders/1-F1/answer", {"answer": "maybe"}),
        ("orders/1/schedule-release", {"release_at": "tomorrow"}),
        ("orders/1/recall", {"reason": ""}),
    ],
)
def test_what_cannot_be_right_is_refused_and_changes_nothing(browser, orders, path, body):
    before = written()

    status, answer = post(browser, path, body)

    assert (status, bool(answer["detail"])) == (422, True)
    assert written() == before


def test_names_that_nobody_has_are_not_found(browser, orders):
    for path in ("fulfilment-orders/9-F1/accept", "fulfilment-orders/x%00y/accept"):
        assert post(browser, path)[0] == 404
    assert browser.get("/v1/fulfilment-orders/9-F1").status_code == 404
    assert browser.get("/v1/fulfilment-orders/x%00y").status_code == 404
    assert post(browser, "fulfilment-orders/1-F1/move", {"to": "ATLANTIS"})[0] == 404


def test_scopes_are_asked_for(orders, issue):
    reader = Client(headers={"Authorization": f"Bearer {issue('fulfilment:read').token}"})

    assert reader.get("/v1/fulfilment-orders/1-F1").status_code == 200
    assert post(reader, "fulfilment-orders/1-F1/accept")[0] == 403
    assert reader.get("/v1/orders/1/decisions").status_code == 403
