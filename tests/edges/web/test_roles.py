"""Who may do what: every page and form of the desk, found in the table of addresses, for every role and for strangers.

A page that is new is in it by itself; one that names no verb fails.
"""

import re
from typing import Any

import pytest
from django.test import Client
from people import signed_in
from routes import Way, desk, filled

from orderwright.lists.models import Act
from orderwright.staff.roles import ROLES

pytestmark = pytest.mark.django_db

OWN = ("desk/me", "desk/orders/-/views", "desk/orders/-/runs")  # of their own: a file of what they may see, too
WAYS = desk()


def ask(client: Client, way: Way) -> dict[str, int]:
    """The status of each method, but where the page does not know it."""
    client.raise_request_exception = False
    said = {"GET": client.get(way.address), "POST": client.post(way.address)}
    return {method: answer.status_code for method, answer in said.items() if answer.status_code != 405}


def test_every_page_of_the_desk_names_a_verb() -> None:
    assert [way.route for way in WAYS if way.verb is None] == []
    assert len(WAYS) > 20


def test_strangers_are_led_to_sign_in() -> None:
    client = Client()

    for way in WAYS:
        for answer in (client.get(way.address), client.post(way.address)):
            assert answer.status_code in (303, 405), way
            assert answer.status_code == 405 or answer["Location"].startswith("/sign-in?next=%2F"), way


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_see_and_do_what_its_verbs_say(role: str) -> None:
    client = signed_in(role)

    wrong = []
    for way in WAYS:
        statuses = ask(client, way)
        if way.verb not in ROLES[role].verbs:
            if set(statuses.values()) != {403}:
                wrong.append((way.route, way.verb, "is not refused", statuses))
        elif 403 in [statuses.get("GET")] or any(status >= 500 for status in statuses.values()):
            wrong.append((way.route, way.verb, "is refused", statuses))

    assert wrong == []


def test_ids_that_no_row_can_have_lead_nowhere() -> None:
    client = signed_in("owner")
    client.raise_request_exception = False
    huge = str(2**63)

    for way in [way for way in WAYS if "<int:" in way.route]:
        address = "/" + re.sub(r"<int:\w+>", huge, way.route)
        for answer in (client.get(filled(address)), client.post(filled(address))):
            assert answer.status_code == 404, way


def test_who_only_reads_changes_nothing() -> None:
    client = signed_in("read_only")

    open_to_all = []
    for way in WAYS:
        status = client.post(way.address).status_code
        missing = status == 404 and "<" in way.route  # there is no such thing, so nothing that could be changed
        if status not in (403, 405) and not missing and not way.route.startswith(OWN):
            open_to_all.append((way.route, way.verb, status))

    assert open_to_all == []


@pytest.mark.parametrize("act", [act for act in Act.values if act not in (Act.EXPORT, Act.SLIPS)])
def test_who_only_reads_begins_no_run_that_changes_orders(act: str) -> None:
    assert signed_in("read_only").post("/desk/orders/-/runs", {"act": act, "order": "1"}).status_code == 403


def test_who_was_let_go_is_a_stranger() -> None:
    client = signed_in("owner")
    assert client.get("/desk/stock").status_code == 200

    user_of(client).__class__.objects.update(is_active=False)

    assert client.get("/desk/stock").status_code == 303


def user_of(client: Client) -> Any:
    return client.get("/desk/stock").wsgi_request.user
