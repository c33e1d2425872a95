"""GET /v1/events: page by page, and past what a filter leaves out."""

import pytest
from django.test import Client
from shelves import wait_for_the_log

from orderwright.kernel import actors
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_filtered_page_leads_past_what_it_leaves_out(browser: Client) -> None:
    other = keys.issue("other", ["events:read"], actor=actors.system("tests"))
    wait_for_the_log()
    everything = browser.get("/v1/events?limit=250").json()

    nothing = browser.get("/v1/events?kind=key.revoked").json()

    assert (nothing["items"], nothing["next"]) == ([], everything["next"])
    keys.revoke(other.client.id, actor=actors.system("tests"))
    wait_for_the_log()
    revoked = browser.get("/v1/events", {"kind": "key.revoked", "after": nothing["next"]}).json()
    assert [event["facts"] for event in revoked["items"]] == [{"key": other.client.id}]
    assert revoked["next"] == revoked["items"][0]["cursor"]


def test_a_full_page_leads_behind_its_last_event(browser: Client) -> None:
    keys.issue("other", ["events:read"], actor=actors.system("tests"))
    wait_for_the_log()

    first = browser.get("/v1/events?limit=1").json()

    assert first["next"] == first["items"][0]["cursor"]
    second = browser.get("/v1/events", {"limit": 1, "after": first["next"]}).json()
    assert second["items"][0]["id"] > first["items"][0]["id"]
