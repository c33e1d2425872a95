"""Exceptions over HTTP: listed, counted, cared for by who has seen the newest version, and repaired."""

import pytest
from builders import a_shelf, an_order, place_all
from django.test import Client
from exceptional import at, stand

from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.models import Case
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders():
    with at():
        a_shelf("BERLIN", "TEE", 100)
        orders = place_all([an_order().with_line("TEE", 2)] * 3)
    with at(25):
        assert len(stand("not_released")) == 3
    return orders


def send(browser: Client, method: str, path: str, body: object, **headers: str):
    return getattr(browser, method)(path, body, content_type="application/json", headers=headers)


def test_one_is_told_with_its_cause_and_what_to_do(browser, orders):
    case = Case.objects.earliest("id")
    number = orders[0].number

    answer = browser.get(f"/v1/exceptions/{case.pk}")

    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    assert answer.json() == {
        "id": case.pk,
        "kind": "not_released",
        "about": "order",
        "subject": number,
        "order": number,
        "since": "2026-03-02T10:00:00Z",
        "appeared_at": "2026-03-03T11:00:00Z",
        "cleared_at": None,
        "cause": f"Order {number} could go to the warehouse, with 2 units, and nobody has released it.",
        "facts": {"order": number, "units": 2},
        "next_step": "Release it, or put a hold on it that says why it waits.",
        "choices": [{"code": "release", "sentence": "Release it now.", "flow": "flows.release_orders", "needs": []}],
        "owner": "",
        "note": "",
        "version": 1,
    }
    assert browser.get("/v1/exceptions/999999").status_code == 404


def test_lists_have_pages_and_filters(browser, orders):
    first = browser.get("/v1/exceptions?limit=2").json()
    second = browser.get(f"/v1/exceptions?limit=2&after={first['next']}").json()
    of_order = browser.get(f"/v1/exceptions?order={orders[1].number}&kind=not_released&owner=").json()
    cleared = browser.get("/v1/exceptions?cleared=true").json()
    unknown = browser.get("/v1/exceptions?kind=nothing")

    found = [one["order"] for one in [*first["items"], *second["items"]]]
    assert (found, second["next"]) == ([order.number for order in orders], None)
    assert [one["order"] for one in of_order["items"]] == [orders[1].number]
    assert cleared == {"items": [], "next": None}
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_counts_and_kinds(browser, orders):
    counts = {one["kind"]: one for one in browser.get("/v1/exceptions/counts").json()}
    kinds = {one["code"]: one for one in browser.get("/v1/exceptions/kinds").json()}

    assert list(counts) == list(kinds) == list(KINDS)
    assert counts["not_released"] == {
        "kind": "not_released",
        "standing": 3,
        "oldest_since": "2026-03-02T10:00:00Z",
        "without_owner": 3,
    }
    assert (kinds["not_released"]["hours"], kinds["not_released"]["watched"]) == (24, True)
    changed = send(browser, "put", "/v1/exceptions/kinds/not_released", {"hours": 48, "watched": False})
    assert (changed.json()["hours"], changed.json()["watched"]) == (48, False)
    assert send(browser, "put", "/v1/exceptions/kinds/not_released", {"hours": -1}).status_code == 422
    assert send(browser, "put", "/v1/exceptions/kinds/nothing", {}).status_code == 404


def test_it_is_taken_over_by_who_has_seen_the_newest_version(browser, orders):
    path = f"/v1/exceptions/{Case.objects.earliest('id').pk}"

    taken = send(browser, "patch", path, {"owner": "anna", "note": "Asked Berlin."}, **{"If-Match": '"1"'})
    stale = send(browser, "patch", path, {"owner": "ben"}, **{"If-Match": '"1"'})
    blind = send(browser, "patch", path, {"owner": "ben"})

    assert (taken.status_code, taken["ETag"], taken.json()["owner"]) == (200, '"2"', "anna")
    assert (stale.status_code, blind.status_code) == (412, 428)
    assert Case.objects.earliest("id").owner == "anna"


def test_it_is_repaired_once_for_a_key(browser, orders):
    case = Case.objects.earliest("id")
    path = f"/v1/exceptions/{case.pk}/repair"

    first = send(browser, "post", path, {}, **{"Idempotency-Key": "r1"})
    again = send(browser, "post", path, {}, **{"Idempotency-Key": "r1"})
    later = send(browser, "post", path, {})
    wrong = send(browser, "post", f"/v1/exceptions/{case.pk + 1}/repair", {"choice": "void"})

    assert first.status_code == 200
    assert first.json() == {
        "exception": case.pk,
        "kind": "not_released",
        "choice": "release",
        "flow": "flows.release_orders",
        "outcome": {"released": 2},
        "cleared": True,
    }
    assert again.json() == first.json()
    assert (later.status_code, later.json()["code"]) == (409, "exception_cleared")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["choices"]) == (422, "no_such_choice", "release")
    assert orders[0].units == {"released": 2}
    assert Event.objects.filter(kind="order.released").count() == 1


def test_scopes(issue, orders):
    reader = Client(headers={"Authorization": f"Bearer {issue('exceptions:read').token}"})
    stranger = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})
    path = f"/v1/exceptions/{Case.objects.earliest('id').pk}/repair"

    assert reader.get("/v1/exceptions").status_code == 200
    assert send(reader, "post", path, {}).json()["scope"] == "exceptions:write"
    assert stranger.get("/v1/exceptions").json()["scope"] == "exceptions:read"
    assert orders[0].units == {"reserved": 2}
