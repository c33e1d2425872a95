"""Stock over HTTP: what is answered, what is refused, and that a refusal changes nothing."""

import pytest
from django.test import Client
from shelves import a_channel, a_kit, a_location, a_shelf, a_sku, book, happened, shelf

from orderwright.inventory.models import Expectation, StockCount, Transfer

pytestmark = pytest.mark.django_db
FRIDAY = "2026-11-27"


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin(tee):
    """Holds 10 of TEE."""
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    return berlin


@pytest.fixture
def paris():
    return a_location("PARIS")


def post(browser: Client, path: str, body: object, **headers: str):
    answer = browser.post(f"/v1/stock/{path}", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def get(browser: Client, path: str, **query: object):
    answer = browser.get(f"/v1/stock/{path}", query)
    return answer.status_code, answer.json()


def level(**more):
    buckets = dict.fromkeys(("on_hand", "available", "reserved", "damaged", "quality_control", "in_transit"), 0)
    return {"sku": "TEE", "location": "BERLIN", **buckets, **more}


def test_units_are_received_once_per_key(browser, tee, berlin):
    body = {"lines": [{"sku": "TEE", "location": "BERLIN", "quantity": 5}], "reference": "PO-7"}

    first = post(browser, "receive", body, **{"Idempotency-Key": "r-1"})
    again = post(browser, "receive", body, **{"Idempotency-Key": "r-1"})

    assert first[0] == 200
    assert first[1]["levels"] == [level(on_hand=15, available=15)]
    assert again == first
    assert shelf(tee, berlin) == {"available": 15}


def test_adjusting_answers_the_levels_after_it(browser, tee, berlin):
    body = {"lines": [{"sku": "TEE", "location": "BERLIN", "quantity": -4}], "reason": "damaged", "reference": "D-1"}

    status, document = post(browser, "adjust", body)

    assert status == 200
    assert document["levels"] == [level(on_hand=10, available=6, damaged=4)]


def test_too_little_is_a_problem_that_names_each_short_shelf(browser, tee, berlin):
    before = book()
    body = {"lines": [{"sku": "TEE", "location": "BERLIN", "quantity": -11}], "reason": "lost"}

    status, problem = post(browser, "adjust", body)

    assert (status, problem["code"]) == (409, "not_enough_stock")
    assert problem["short"] == [{"sku": "TEE", "location": "BERLIN", "bucket": "available", "asked": 11, "there": 10}]
    assert problem["detail"] == "10 of TEE are available at BERLIN; 11 are asked for."
    assert book() == before


def test_a_level_is_set_if_nobody_changed_it(browser, tee, berlin):
    line = {"sku": "TEE", "location": "BERLIN", "quantity": 12, "expecting": 10}

    assert post(browser, "set", {"lines": [line]})[1]["levels"] == [level(on_hand=12, available=12)]

    status, problem = post(browser, "set", {"lines": [line]})
    assert (status, problem["code"], problem["present"], problem["expecting"]) == (409, "stock_changed", 12, 10)
    assert shelf(tee, berlin) == {"available": 12}

    assert post(browser, "set", {"lines": [{**line, "expecting": None}]})[1]["event"] is None


def test_setting_needs_a_word_about_what_was_there(browser, tee, berlin):
    status, problem = post(browser, "set", {"lines": [{"sku": "TEE", "location": "BERLIN", "quantity": 12}]})

    assert (status, problem["errors"][0]["pointer"]) == (422, "/lines/0/expecting")
    assert shelf(tee, berlin) == {"available": 10}


def test_a_transfer_is_sent_and_arrives_in_parts(browser, tee, berlin, paris):
    body = {"source": "BERLIN", "target": "PARIS", "expected_on": FRIDAY, "lines": [{"sku": "TEE", "quantity": 6}]}
    status, sent = post(browser, "transfers", body)
    assert status == 201
    assert (sent["lines"], sent["closed_at"]) == ([{"sku": "TEE", "quantity": 6, "received": 0, "lost": 0}], None)

    arriving = {"lines": [{"sku": "TEE", "arrived": 4, "lost": 1}]}
    status, part = post(browser, f"transfers/{sent['id']}/arrive", arriving)
    assert (status, part["lines"]) == (200, [{"sku": "TEE", "quantity": 6, "received": 4, "lost": 1}])

    before = book()
    status, problem = post(browser, f"transfers/{sent['id']}/arrive", arriving)
    assert (status, problem["code"], problem["there"]) == (409, "not_on_the_way", 1)
    assert book() == before

    assert get(browser, f"transfers/{sent['id']}")[1] == part
    assert get(browser, "transfers", open_only=True)[1] == {"items": [part], "next": None}
    assert shelf(tee, paris) == {"available": 4, "in_transit": 1}


def test_what_is_expected_shows_in_availability_until_it_came(browser, tee, berlin):
    line = {"sku": "TEE", "location": "BERLIN", "quantity": 20, "expected_on": FRIDAY, "reference": "PO-7"}
    _, made = post(browser, "expectations", {"lines": [line]})
    (expectation,) = made["expectations"]

    _, told = get(browser, "availability", sku="TEE")
    assert told["items"] == [
        {
            "sku": "TEE",
            "available": 10,
            "locations": [{"location": "BERLIN", "available": 10}],
            "incoming": [
                {
                    "location": "BERLIN",
                    "quantity": 20,
                    "expected_on": FRIDAY,
                    "reference": "PO-7",
                    "expectation": expectation,
                    "transfer": None,
                }
            ],
        }
    ]

    coming = {"sku": "TEE", "location": "BERLIN", "quantity": 20, "expectation": expectation}
    assert post(browser, "receive", {"lines": [coming]})[0] == 200
    assert get(browser, "availability", sku="TEE")[1]["items"][0]["incoming"] == []
    assert get(browser, "expectations")[1]["items"] == []
    assert get(browser, "expectations", open_only=False)[1]["items"][0]["received"] == 20

    status, problem = post(browser, f"expectations/{expectation}/close", {})
    assert (status, problem["code"]) == (409, "expectation_closed")


def test_safety_stock_is_kept_back_from_the_channel_that_asks(browser, tee, berlin):
    a_channel("market")
    rows = [{"sku": "TEE", "location": "BERLIN", "channel": "market", "quantity": 8}]
    assert post(browser, "safety", {"lines": rows})[0] == 200

    assert get(browser, "availability", sku="TEE", channel="market")[1]["items"][0]["available"] == 2
    assert get(browser, "availability", sku="TEE")[1]["items"][0]["available"] == 10
    assert get(browser, "safety", sku="TEE")[1]["items"] == rows


def test_lines_that_share_a_part_are_covered_together_or_not(browser, tee, berlin):
    a_kit("SET", TEE=3)

    def covered(*lines: tuple[str, int]):
        return post(browser, "cover", {"lines": [{"sku": sku, "quantity": units} for sku, units in lines]})[1]

    assert covered(("SET", 3), ("TEE", 1)) == {"covered": True, "short": []}
    assert covered(("SET", 3), ("TEE", 2)) == {
        "covered": False,
        "short": [{"sku": "TEE", "wanted": 11, "available": 10}],
    }
    assert shelf(tee, berlin) == {"available": 10}


def test_the_history_says_why_it_is_so_many(browser, tee, berlin):
    body = {"lines": [{"sku": "TEE", "location": "BERLIN", "quantity": -3}], "reason": "stolen", "reference": "P-9"}
    post(browser, "adjust", body)

    _, first = get(browser, "history/TEE", location="BERLIN", limit=1)
    _, second = get(browser, "history/TEE", location="BERLIN", limit=1, after=first["next"])

    (stolen,), (received,) = first["items"], second["items"]
    assert (stolen["kind"], stolen["reason"], stolen["reference"]) == ("stock.adjusted", "stolen", "P-9")
    assert (stolen["change"], stolen["on_hand"], stolen["target"]) == (-3, 7, "lost")
    assert (received["change"], received["on_hand"], received["actor"]) == (10, 10, "system:test")
    assert second["next"] is None


def test_levels_are_read_page_by_page(browser, tee, berlin, paris):
    mug = a_sku("MUG")
    for sku, location in [(tee, paris), (mug, berlin), (mug, paris)]:
        a_shelf(sku, location, 1)

    seen, after = [], None
    while True:
        _, page = get(browser, "levels", limit=1, **({"after": after} if after else {}))
        seen += [(each["sku"], each["location"]) for each in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert seen == [("TEE", "BERLIN"), ("TEE", "PARIS"), ("MUG", "BERLIN"), ("MUG", "PARIS")]
    assert [each["location"] for each in get(browser, "levels", sku="MUG", location="PARIS")[1]["items"]] == ["PARIS"]


def test_a_count_is_begun_and_its_figures_handed_in(browser, tee, berlin):
    status, count = post(browser, "counts", {"location": "BERLIN", "skus": ["TEE"], "reference": "AISLE-3"})
    assert (status, count["lines"]) == (201, [{"sku": "TEE", "expected": 10, "counted": None}])

    _, outcome = post(browser, f"counts/{count['id']}/figures", {"lines": [{"sku": "TEE", "counted": 9}]})

    assert outcome["lines"] == [{"sku": "TEE", "counted": 9, "expected": 10, "outcome": "posted"}]
    assert get(browser, f"counts/{count['id']}")[1]["lines"] == [{"sku": "TEE", "expected": 10, "counted": 9}]
    assert get(browser, "counts", open_only=True)[1]["items"] == []
    assert shelf(tee, berlin) == {"available": 9}

    status, problem = post(browser, f"counts/{count['id']}/close", {})
    assert (status, problem["code"]) == (409, "count_closed")


LINE = {"sku": "TEE", "location": "BERLIN", "quantity": 1}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("receive", {"lines": []}, 422),
        ("receive", {"lines": [{**LINE, "quantity": 0}]}, 422),
        ("receive", {"lines": [{**LINE, "quantity": "1"}]}, 422),
        ("receive", {"lines": [{**LINE, "quantity": 1.5}]}, 422),
        ("receive", {"lines": [{**LINE, "quantity": 10**30}]}, 422),
        ("receive", {"lines": [{**LINE, "sku": "NONE"}]}, 404),
        ("receive", {"lines": [{**LINE, "sku": "T\x00"}]}, 422),
        ("receive", {"lines": [{**LINE, "colour": "red"}]}, 422),
        ("receive", {"lines": [LINE], "reason": "because"}, 422),
        ("receive", {"lines": [{**LINE, "expectation": 999}]}, 404),
        ("receive", {"lines": [LINE] * 1001}, 422),
        ("adjust", {"lines": [LINE]}, 422),
        ("adjust", {"lines": [{**LINE, "quantity": -1}], "reason": "found"}, 422),
        ("adjust", {"lines": [{**LINE, "location": "NOWHERE"}], "reason": "found"}, 404),
        ("set", {"lines": [{**LINE, "expecting": 10, "level": "reserved"}]}, 422),
        ("set", {"lines": [{**LINE, "expecting": 10}] * 2}, 422),
        ("transfers", {"source": "BERLIN", "target": "BERLIN", "expected_on": FRIDAY, "lines": [LINE]}, 422),
        ("transfers", {"source": "BERLIN", "target": "BERLIN", "expected_on": "soon", "lines": []}, 422),
        ("transfers/999/arrive", {"lines": [{"sku": "TEE", "arrived": 1}]}, 404),
        ("counts", {"location": "BERLIN", "skus": []}, 422),
        ("counts/999/figures", {"lines": [{"sku": "TEE", "counted": 1}]}, 404),
        ("expectations", {"lines": [{**LINE, "expected_on": "2026-02-30"}]}, 422),
        ("safety", {"lines": [{"sku": "TEE", "quantity": -1}]}, 422),
        ("safety", {"lines": [{"sku": "TEE", "channel": "none", "quantity": 1}]}, 404),
        ("cover", {"lines": [{"sku": "NONE", "quantity": 1}]}, 404),
    ],
)
def test_what_cannot_be_is_a_problem_and_changes_nothing(browser, tee, berlin, path, body, status):
    before = book()

    found, problem = post(browser, path, body)

    assert (found, problem["status"]) == (status, status)
    assert book() == before
    assert [table.objects.count() for table in (Transfer, StockCount, Expectation)] == [0, 0, 0]


@pytest.mark.parametrize(
    "path", ["levels", "availability", "history/TEE", "transfers", "counts", "expectations", "safety"]
)
def test_reading_needs_its_scope_and_a_page_that_is_one(browser, issue, tee, berlin, path):
    stranger = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})

    assert get(stranger, path)[1]["scope"] == "stock:read"
    assert get(browser, path, after="not-a-page")[1]["code"] == "bad_page"
    assert get(browser, path, limit=0)[0] == 422


def test_writing_needs_its_scope(issue, tee, berlin):
    reader = Client(headers={"Authorization": f"Bearer {issue('stock:read').token}"})
    before = happened()

    assert post(reader, "receive", {"lines": [LINE]})[1]["scope"] == "stock:write"
    assert happened() == before


def test_a_file_sets_levels_row_by_row_and_a_dry_run_sets_none(browser, tee, berlin):
    file = "sku,location,on_hand,expecting\nTEE,BERLIN,7,10\nCUP,BERLIN,1,\n"

    def imported(**query: object):
        return browser.post(
            "/v1/stock/import", file, content_type="text/csv", query_params={"reference": "levels.csv", **query}
        ).json()

    dry = imported(dry_run=True)
    assert shelf(tee, berlin) == {"available": 10}
    done = imported()

    assert dry == {**done, "dry_run": True}
    assert done["counts"] == {"set": 1, "unchanged": 0, "refused": 1}
    first, second = done["rows"]
    assert (first["row"], first["outcome"], first["was"], first["now"]) == (2, "set", 10, 7)
    assert (second["row"], second["code"], second["reason"]) == (3, "not_found", "There is no SKU CUP.")
    assert shelf(tee, berlin) == {"available": 7}


def test_a_file_that_is_none_is_a_problem(browser, tee, berlin):
    wrong_kind = browser.post("/v1/stock/import", {}, content_type="application/json")
    wrong_columns = browser.post("/v1/stock/import", "sku,colour\n", content_type="text/csv")

    assert (wrong_kind.status_code, wrong_kind.json()["code"]) == (415, "not_csv")
    assert (wrong_columns.status_code, wrong_columns.json()["code"]) == (422, "bad_stock_file")
    assert shelf(tee, berlin) == {"available": 10}
