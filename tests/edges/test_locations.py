"""Locations over HTTP: set up, read, and edited by who has seen the newest version."""

import pytest
from django.test import Client
from shelves import happened

from orderwright.inventory.models import Location

pytestmark = pytest.mark.django_db
BERLIN = {
    "code": "BERLIN",
    "name": "Berlin",
    "country": "DE",
    "city": "Berlin",
    "latitude": 52.52,
    "longitude": 13.4,
    "rank": 1,
    "active": True,
    "time_zone": "Europe/Berlin",
}


def create(browser: Client, **more: object):
    return browser.post("/v1/locations", {**BERLIN, **more}, content_type="application/json")


def edit(browser: Client, changes: object, tag: str | None = None):
    headers = {"If-Match": tag} if tag else {}
    return browser.patch("/v1/locations/BERLIN", changes, content_type="application/json", headers=headers)


def test_what_was_set_up_is_read_again(browser):
    created = create(browser)

    assert created.status_code == 201
    assert created.json() == {**BERLIN, "version": 1}
    read = browser.get("/v1/locations/BERLIN")
    assert (read.json(), read["ETag"]) == (created.json(), '"1"')
    assert browser.get("/v1/locations").json() == {"items": [created.json()], "next": None}


def test_an_edit_needs_the_newest_version(browser):
    create(browser)

    edited = edit(browser, {"rank": 7}, '"1"')
    stale = edit(browser, {"rank": 8}, '"1"')
    blind = edit(browser, {"rank": 9})

    assert (edited.status_code, edited.json(), edited["ETag"]) == (200, {**BERLIN, "rank": 7, "version": 2}, '"2"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "stale", 2)
    assert (blind.status_code, blind.json()["code"]) == (428, "version_needed")
    assert Location.objects.get().rank == 7
    assert happened()[-2:] == ["location.created", "location.edited"]


def test_a_code_is_taken_once(browser):
    create(browser)

    again = create(browser, name="Bern")

    assert (again.status_code, again.json()["code"]) == (409, "location_taken")
    assert Location.objects.get().name == "Berlin"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "a/b"},
        {"name": " "},
        {"latitude": None},
        {"latitude": 90.1},
        {"longitude": "east"},
        {"country": "Germany"},
        {"time_zone": "Europe/Atlantis"},
        {"rank": 10**20},
        {"shelf": 1},
    ],
)
def test_what_cannot_be_is_a_problem(browser, wrong):
    answer = create(browser, **wrong)

    assert answer.status_code == 422
    assert not Location.objects.exists()


def test_scopes_and_unknown_codes(browser, issue):
    stranger = Client(headers={"Authorization": f"Bearer {issue('orders:read').token}"})

    assert browser.get("/v1/locations/NOWHERE").json()["code"] == "not_found"
    assert stranger.get("/v1/locations").json()["scope"] == "catalog:read"
    assert create(stranger).json()["scope"] == "catalog:write"
    assert not Location.objects.exists()
