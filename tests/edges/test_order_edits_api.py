"""/v1/orders/{number}/edits: previewed, applied once, and refused where somebody was ahead."""

import pytest
from builders import a_shelf, a_sku, an_order, shelf, written

from orderwright.catalog.models import Sku
from orderwright.kernel.models import Event
from orderwright.orders import queries

pytestmark = pytest.mark.django_db

MORE = {"add": [{"sku": "MUG", "quantity": 3, "unit_price": "4.50"}], "lines": [{"line": 1, "quantity": 1}]}


@pytest.fixture
def order():
    a_shelf("BERLIN", "TEE", 10)
    a_sku("MUG", when_short="backorder")
    a_shelf("BERLIN", "MUG", 2)
    return an_order().with_line("TEE", 2, "10.00").to("DE", city="Bonn").paid_by("invoice").placed()


def post(browser, path, body, **headers):
    return browser.post(f"/v1/orders/{path}", body, content_type="application/json", headers=headers)


def test_a_preview_says_what_the_edit_does_and_changes_nothing(browser, order):
    seen = post(browser, f"{order.number}/edits/preview", MORE)

    assert seen.status_code == 200
    assert seen.json() == {
        "number": order.number,
        "currency": "EUR",
        "total_before": "20.00",
        "total": "23.50",
        "owed_before": "20.00",
        "owed": "23.50",
        "lines": [
            {"line": 1, "sku": "TEE", "quantity": 1, "total": "10.00", "is_new": False, "reserved": [],
             "backordered": 0},
            {"line": 2, "sku": "MUG", "quantity": 3, "total": "13.50", "is_new": True,
             "reserved": [{"location": "BERLIN", "quantity": 2}], "backordered": 1},
        ],
    }  # fmt: skip
    assert shelf("BERLIN", "MUG") == {"available": 2}
    assert not Event.objects.filter(kind="order.edited").exists()

    done = post(browser, f"{order.number}/edits", MORE, **{"If-Match": seen["ETag"]})

    assert (done.status_code, done.json()) == (200, seen.json())
    assert shelf("BERLIN", "MUG") == {"reserved": 2}


def test_an_edit_is_refused_where_somebody_was_ahead(browser, order):
    seen = post(browser, f"{order.number}/edits/preview", MORE)
    post(browser, f"{order.number}/cancel", {"reason": "mistake", "lines": [{"line": 1, "quantity": 1}]})

    late = post(browser, f"{order.number}/edits", MORE, **{"If-Match": seen["ETag"]})

    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert shelf("BERLIN", "MUG") == {"available": 2}


def test_with_a_key_it_is_applied_once(browser, order):
    first = post(browser, f"{order.number}/edits", MORE, **{"Idempotency-Key": "edit-1"})
    again = post(browser, f"{order.number}/edits", MORE, **{"Idempotency-Key": "edit-1"})

    assert (first.status_code, again.json(), again["Idempotency-Replayed"]) == (200, first.json(), "true")
    assert Event.objects.filter(kind="order.edited").count() == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "nothing_to_edit"),
        ({"lines": [{"line": 9, "quantity": 1}]}, "no_such_line"),
        ({"discounts": [{"amount": "-1.00"}]}, "invalid"),
        ({"shipping": "-1.00"}, "invalid"),
        ({"add": [{"sku": "MUG", "quantity": 1, "unit_price": "-1"}]}, "invalid"),
        ({"ship_to": {"country": "DE"}}, "bad_address"),
        (
            {"ship_to": {"name": "A", "street": "Rue 1", "postal_code": "75001", "city": "Paris", "country": "FR"}},
            "another_country",
        ),
    ],
)
def test_refused_in_words(browser, order, asked, code):
    for path in ("edits/preview", "edits"):
        refused = post(browser, f"{order.number}/{path}", asked)

        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert not Event.objects.filter(kind="order.edited").exists()


def test_another_order_like_one_is_placed_once(browser, order):
    post(browser, f"{order.number}/edits", {"discounts": [{"amount": "3.00"}]})

    first, again = (post(browser, f"{order.number}/duplicate", {}, **{"Idempotency-Key": "d-1"}) for _press in range(2))

    assert (first.status_code, first["Location"]) == (201, f"/v1/orders/{first.json()['number']}")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    copy = browser.get(first["Location"]).json()
    assert [(line["sku"], line["quantity"]) for line in copy["lines"]] == [("TEE", 2)]
    assert (copy["customer"], copy["ship_to"]["city"]) == (queries.get(order.number).head.customer_id, "Bonn")
    assert (copy["payment"], copy["total"], copy["adjustments"]) == ("unpaid", "20.00", [])
    assert shelf("BERLIN", "TEE") == {"available": 6, "reserved": 4}


def test_a_copy_is_refused_as_an_order_is(browser, issue, order):
    reads = {"Authorization": f"Bearer {issue('orders:read').token}"}
    Sku.objects.filter(code="TEE").update(active=False)
    before = written()

    assert post(browser, f"{order.number}/duplicate", {}, **reads).status_code == 403
    assert post(browser, "NOBODY/duplicate", {}).status_code == 404
    refused = post(browser, f"{order.number}/duplicate", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_for_sale")
    assert written() == before
