"""API keys: who is let in, to what, and how often."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from orderwright.kernel import actors, feed, sql
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.staff import keys, limits
from orderwright.staff.permissions import UnknownScope

pytestmark = pytest.mark.django_db
Issue = Callable[..., keys.Issued]


def call(token: str, path: str = "/v1/events") -> tuple[int, dict[str, object]]:
    answer = Client().get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def test_a_key_opens_what_its_scopes_say(issue: Issue) -> None:
    token = issue("events:read").token

    read, read_document = call(token)
    listed, listed_document = call(token, "/v1/keys")

    assert (read, list(read_document)) == (200, ["items", "next"])
    assert (listed, listed_document["code"], listed_document["scope"]) == (403, "scope_missing", "keys:write")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer ow_short", "Basic abc", "Bearer ow_" + "A" * 43, "Bearer \xe4"]
)
def test_without_a_key_nothing_is_told(header: str) -> None:
    answer = Client().get("/v1/events", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="orderwright"'
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthenticated"


def test_only_the_hash_of_a_key_is_kept(issue: Issue) -> None:
    token = issue("events:read").token

    kept = sql.rows("SELECT k::text FROM api_key k")[0][0] + sql.rows("SELECT facts::text FROM event")[0][0]

    assert token.startswith("ow_")
    assert len(token) == 46
    assert token[10:] not in kept
    assert token[:8] in kept


def test_a_revoked_key_opens_nothing_within_a_second(issue: Issue) -> None:
    issued = issue("events:read")
    assert call(issued.token)[0] == 200

    # As if by another process: this one's memory is not told.
    sql.run("UPDATE api_key SET revoked_at = now() WHERE id = %s", [issued.client.id])
    time.sleep(1.0)

    assert call(issued.token)[0] == 401


def test_revoking_twice_is_the_same_as_once(issue: Issue) -> None:
    issued = issue("events:read")

    first = keys.revoke(issued.client.id, actor=actors.staff(1))
    second = keys.revoke(issued.client.id, actor=actors.staff(2))

    assert first == second
    assert first.revoked_at is not None
    assert sql.rows("SELECT kind, actor FROM event ORDER BY id") == [
        ("key.issued", "system:tests"),
        ("key.revoked", "staff:1"),
    ]
    with pytest.raises(NotFound):
        keys.revoke(987654321, actor=actors.staff(1))


def test_what_is_not_a_scope_or_a_name_is_refused() -> None:
    for name, scopes, refusal in (("a", ["orders:burn"], UnknownScope), (" ", [], Invalid), ("a\x00b", [], Invalid)):
        with pytest.raises(refusal):
            keys.issue(name, scopes, actor=actors.staff(1))

    assert sql.value("SELECT count(*) FROM api_key") == 0
    assert feed.read() == []


def test_a_key_that_calls_too_often_is_told_when_to_come_back(issue: Issue) -> None:
    token = issue("events:read", calls_per_minute=12).token

    statuses = [call(token)[0] for _ in range(3)]
    last = Client().get("/v1/events", headers={"Authorization": f"Bearer {token}"})

    # A burst of ten seconds' worth: two calls.
    assert statuses == [200, 200, 429]
    assert last["Retry-After"] == "5"
    assert last.json()["code"] == "too_many_calls"


def test_waiting_earns_calls_again() -> None:
    client = keys.Client(-5, "tests", frozenset(), calls_per_minute=60_000)

    assert limits.seconds_to_wait(client, 10_000) == 0.0
    assert 0 < limits.seconds_to_wait(client, 50) <= 0.05
    time.sleep(0.06)
    assert limits.seconds_to_wait(client, 50) == 0.0


def test_a_client_cannot_issue_more_than_it_has(issue: Issue) -> None:
    headers = {"Authorization": f"Bearer {issue('keys:write', 'events:read').token}"}
    body = {"name": "shop", "scopes": ["events:read"]}

    granted = Client().post("/v1/keys", body, content_type="application/json", headers=headers)
    body["scopes"] = ["orders:write"]
    refused = Client().post("/v1/keys", body, content_type="application/json", headers=headers)

    assert (granted.status_code, granted.json()["scopes"]) == (201, ["events:read"])
    assert call(granted.json()["token"])[0] == 200
    assert (refused.status_code, refused.json()["scope"]) == (403, "orders:write")
    assert sql.value("SELECT count(*) FROM api_key") == 2


def test_a_key_is_not_kept_under_its_idempotency_key(browser: Client) -> None:
    said = {"path": "/v1/keys", "content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}

    first = browser.post(data={"name": "shop", "scopes": ["events:read"]}, **said)
    again = browser.post(data={"name": "shop", "scopes": ["events:read"]}, **said)

    assert first.json()["token"].startswith("ow_")
    assert again.json() == {**first.json(), "token": None}
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["token"] not in sql.value("SELECT answer FROM remembered_answer")
    assert sql.value("SELECT count(*) FROM api_key") == 2


def test_keys_are_listed_page_by_page(browser: Client) -> None:
    for number in range(4):
        keys.issue(f"key {number}", ["events:read"], actor=actors.staff(1))

    first = browser.get("/v1/keys?limit=3").json()
    second = browser.get(f"/v1/keys?limit=3&after={first['next']}").json()

    assert [key["name"] for key in first["items"] + second["items"]] == ["tests", "key 0", "key 1", "key 2", "key 3"]
    assert second["next"] is None
    assert "token" not in first["items"][0]
