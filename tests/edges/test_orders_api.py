"""/v1/orders: reading orders and moving them on."""

from datetime import datetime, timedelta, timezone

import pytest
from builders import a_channel, a_shelf, an_order, place_all, shelf, written
from django.test import Client

from orderwright.api.pages import name

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    a_shelf("BERLIN", "TEE", 10)
    return (
        an_order()
        .with_line("TEE", 2, "19.99")
        .with_adjustment("shipping", "4.90", label="Parcel")
        .but(reference="A-1", tags=["gift"], note="Ring twice.")
        .to("DE", name="Ada", street="Hauptstr. 1", postal_code="10115", city="Berlin")
        .placed()
    )


def post(browser, path, body=None, **headers):
    answer = browser.post(f"/v1/orders/{path}", body or {}, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_an_order_is_read_whole(browser, order):
    found = browser.get(f"/v1/orders/{order.number}").json()

    assert found["number"] == order.number
    assert (found["status"], found["fulfilment"], found["payment"]) == ("ready", "ready", "secured")
    assert (found["total"], found["secured"], found["currency"]) == ("44.88", "44.88", "EUR")
    assert found["lines"] == [
        {
            "position": 1,
            "kit": None,
            "sku": "TEE",
            "name": "Tee",
            "is_kit": False,
            "quantity": 2,
            "unit_price": "19.99",
            "total": "39.98",
            "where": [{"bucket": "reserved", "location": "BERLIN", "quantity": 2}],
        }
    ]
    assert found["adjustments"] == [
        {"line": None, "kind": "shipping", "label": "Parcel", "amount": "4.90", "included": False}
    ]
    (tender,) = found["tenders"]
    assert (tender["method"], tender["amount"], tender["money"]) == ("invoice", "44.88", {"awaited": "44.88"})
    assert (found["ship_to"]["city"], found["bill_to"]) == ("Berlin", None)
    assert [note["text"] for note in found["notes"]] == ["Ring twice."]
    assert (found["tags"], found["standing_holds"], found["reference"]) == (["gift"], [], "A-1")


def test_addresses_are_for_keys_that_may_read_customers(order, issue):
    clerk = Client(headers={"Authorization": f"Bearer {issue('orders:read', 'customers:read').token}"})
    picker = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})

    assert clerk.get(f"/v1/orders/{order.number}").json()["ship_to"]["street"] == "Hauptstr. 1"
    seen = picker.get(f"/v1/orders/{order.number}").json()
    assert (seen["number"], seen["ship_to"], seen["bill_to"]) == (order.number, None, None)


def test_an_order_that_is_not_there_is_a_problem(browser, order):
    for answer in (browser.get("/v1/orders/X-1"), browser.get("/v1/orders/X-1/timeline")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert post(browser, "X-1/release")[0] == 404


def test_one_order_goes_all_the_way(browser, order):
    number = order.number

    assert post(browser, f"{number}/hold", {"reason": "fraud", "note": "Odd."})[1]["order"]["status"] == "on_hold"
    assert post(browser, f"{number}/release")[1]["code"] == "on_hold"
    assert post(browser, f"{number}/lift")[1]["order"]["holds"] == 0
    assert post(browser, f"{number}/release") == (200, {"order": listed(browser, number), "units": 2})
    assert post(browser, f"{number}/take-back", {"lines": [{"line": 1, "quantity": 1}]})[1]["units"] == 1
    ship = {"lines": [{"line": 1, "quantity": 1, "location": "BERLIN"}]}
    assert post(browser, f"{number}/ship", ship)[1]["order"]["status"] == "partly_shipped"
    assert post(browser, f"{number}/deliver")[1]["units"] == 1
    assert post(browser, f"{number}/cancel", {"reason": "other"})[1]["code"] == "already_shipped"
    cancel = {"reason": "other", "lines": [{"line": 1, "quantity": 1}]}
    status, answer = post(browser, f"{number}/cancel", cancel)

    assert (status, answer["order"]["status"], answer["order"]["total"]) == (200, "delivered", "24.89")
    assert shelf("BERLIN", "TEE") == {"available": 9}
    moments = browser.get(f"/v1/orders/{number}/timeline").json()["items"]
    assert [moment["sentence"] for moment in moments] == [
        "The order was placed: 2 × TEE. It comes to 44.88 EUR.",
        "Put on hold: fraud.",
        "The hold was lifted: fraud.",
        "Released to the warehouse: 2 × TEE (BERLIN).",
        "Taken back from the warehouse: 1 × TEE (BERLIN).",
        "1-S1 left: 1 × TEE (BERLIN).",
        "1-S1/1 was delivered: 1 × TEE (BERLIN).",
        "Partly canceled (other): 1 × TEE (BERLIN). 19.99 EUR were taken off.",
        "19.99 EUR were let go (invoice).",
    ]
    assert [moment["place"] for moment in moments] == list(range(1, 10))


def test_notes_and_tags(browser, order):
    assert post(browser, f"{order.number}/note", {"text": "Call."})[0] == 200
    assert post(browser, f"{order.number}/tags", {"put_on": ["vip"], "take_off": ["gift"]})[0] == 200

    found = browser.get(f"/v1/orders/{order.number}").json()
    assert [note["text"] for note in found["notes"]] == ["Ring twice.", "Call."]
    assert found["tags"] == ["vip"]


def test_the_same_key_moves_an_order_once(browser, order):
    first = post(browser, f"{order.number}/release", **{"Idempotency-Key": "k1"})
    again = post(browser, f"{order.number}/release", **{"Idempotency-Key": "k1"})

    assert first == again
    assert first[0] == 200
    assert order.events == ["order.placed", "order.released"]


def test_of_many_each_gets_its_own_answer(browser, order):
    other = an_order().with_line("TEE").placed()
    bodies = [{"number": number} for number in (order.number, "X-1", other.number, order.number)]

    status, answer = post(browser, "release", {"orders": bodies})

    assert status == 200
    assert [item["number"] for item in answer["items"]] == [order.number, "X-1", other.number, order.number]
    assert [item["problem"] and item["problem"]["code"] for item in answer["items"]] == [
        None,
        "not_found",
        None,
        "nothing_to_release",
    ]
    assert [item["units"] for item in answer["items"]] == [2, None, 1, None]
    for step in ("ship", "deliver"):
        _status, answer = post(browser, step, {"orders": bodies[:1]})
        assert answer["items"][0]["units"] == 2
    _status, answer = post(browser, "take-back", {"orders": bodies[2:3]})
    assert answer["items"][0]["order"]["status"] == "ready"
    for step, body in (
        ("hold", {"reason": "fraud"}),
        ("tags", {"put_on": ["late"]}),
        ("lift", {}),
        ("cancel", {"reason": "other"}),
    ):
        _status, answer = post(browser, step, {"orders": [{"number": other.number, **body}]})
        assert answer["items"][0]["problem"] is None, step
    assert other.status == "canceled"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("1/cancel", {}),
        ("1/cancel", {"reason": "Why not!"}),
        ("1/cancel", {"reason": "other", "lines": []}),
        ("1/cancel", {"reason": "other", "lines": [{"line": 1, "quantity": 0}]}),
        ("1/cancel", {"reason": "other", "lines": [{"line": "1", "quantity": 1}]}),
        ("1/ship", {"lines": [{"line": 1, "quantity": 1, "place": "BERLIN"}]}),
        ("1/note", {"text": "  "}),
        ("1/release", {"all": True}),
        ("release", {"orders": []}),
        ("release", {"orders": [{"number": "1"}] * 201}),
    ],
)
def test_what_is_not_as_it_must_be_changes_nothing(browser, order, path, body):
    before = written()

    status, answer = post(browser, path, body)

    assert (status, answer["code"]) == (422, "invalid_fields")
    assert written() == before


def test_writing_needs_its_scope(client, issue, order):
    token = issue("orders:read").token
    answer = client.post(
        f"/v1/orders/{order.number}/release", {}, "application/json", headers={"Authorization": f"Bearer {token}"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert order.events == ["order.placed"]


class TestListing:
    @pytest.fixture(autouse=True)
    def _orders(self):
        a_shelf("BERLIN", "TEE", 100)
        a_channel("shop")
        one = an_order().with_line("TEE")
        self.orders = place_all(
            [
                one.by("ada@example.org").but(reference="R-1", tags=["gift"]),
                one.by("bob@example.org").paid_by("bank_transfer"),
                one.by("ada@example.org").on("shop").but(reference="R-1"),
                one.by("ada@example.org").paid_by("bank_transfer").but(tags=["gift"]),
            ]
        )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", [3, 2, 1, 0]),
            ("status=unpaid", [3, 1]),
            ("status=ready&status=unpaid", [3, 2, 1, 0]),
            ("status=shipped", []),
            ("email=Ada@example.org", [3, 2, 0]),
            ("email=ada@example.org&status=ready", [2, 0]),
            ("email=eve@example.org", []),
            ("channel=shop", [2]),
            ("channel=none", []),
            ("reference=R-1", [2, 0]),
            ("reference=R-1&channel=web", [0]),
            ("reference=R-2", []),
            ("tag=gift", [3, 0]),
            ("tag=gift&status=ready", [0]),
            ("number=SHOP-1", [2]),
            ("number=SHOP-1&reference=R-1", [2]),
            ("number=SHOP-9", []),
            ("placed_from=2999-01-01T00:00:00Z", []),
            ("placed_before=2999-01-01T00:00:00Z&status=unpaid", [3, 1]),
        ],
    )
    def test_is_narrowed(self, browser, query, expected):
        found = browser.get(f"/v1/orders?{query}").json()

        assert [item["number"] for item in found["items"]] == [self.orders[i].number for i in expected]
        assert found["next"] is None

    @pytest.mark.parametrize("query", ["email=ada@example.org", "q=email:ada", "q=name:Ada", "q=phone:0301234"])
    def test_a_key_that_reads_no_customers_searches_by_none(self, client, issue, query):
        headers = {"Authorization": f"Bearer {issue('orders:read').token}"}

        asked = client.get(f"/v1/orders?{query}", headers=headers)
        words = client.get("/v1/orders?q=ada@example.org", headers=headers)

        assert (asked.status_code, asked.json()["code"]) == (403, "search_needs_customers")
        assert words.json()["items"] == []

    @pytest.mark.parametrize("query", ["", "&status=ready&status=unpaid", "&tag=gift", "&email=ada@example.org"])
    def test_pages_meet_without_a_gap(self, browser, query):
        whole = browser.get(f"/v1/orders?{query}").json()["items"]

        paged, after = [], ""
        while after is not None:
            page = browser.get(f"/v1/orders?limit=1&after={after}{query}").json()
            paged += page["items"]
            after = page["next"]

        assert paged == whole

    def test_a_customer_is_found_by_number(self, browser):
        customer = self.orders[1].row.customer_id

        found = browser.get(f"/v1/orders?customer={customer}").json()

        assert [item["number"] for item in found["items"]] == [self.orders[1].number]


def listed(browser, number):
    return browser.get(f"/v1/orders?number={number}").json()["items"][0]


@pytest.mark.parametrize(
    "query",
    [
        "placed_from=0001-01-01T00:00:00%2B14:00",
        "placed_before=9999-12-31T23:59:59-14:00",
        "placed_from=9999-12-31T23:59:59-14:00&status=ready",
        f"after={name((datetime(1, 1, 1), 2**62))}",
        f"after={name((datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=-14))), 1))}",
        f"customer={2**63 - 1}",
        "reference=%F0%9F%8D%B5&channel=%27%22%5C",
        "tag=%7B%22a%22,NULL%7D&number=%7B%7D",
    ],
)
def test_no_list_fails(browser, order, query):
    answer = browser.get(f"/v1/orders?{query}")

    assert answer.status_code in (200, 422)


def test_what_is_not_there_yet_is_not_remembered(browser):
    said = {"data": {"reason": "check"}, "content_type": "application/json", "headers": {"Idempotency-Key": "h-1"}}
    a_shelf("BERLIN", "TEE", 1)

    early = browser.post("/v1/orders/1/hold", **said)
    an_order().with_line("TEE").placed()
    late = browser.post("/v1/orders/1/hold", **said)
    again = browser.post("/v1/orders/1/hold", **said)

    assert (early.status_code, early.json()["code"]) == (404, "not_found")
    assert (late.status_code, late.json()["order"]["holds"]) == (200, 1)
    assert (again.json(), again["Idempotency-Replayed"]) == (late.json(), "true")
