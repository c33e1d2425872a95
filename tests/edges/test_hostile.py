"""Malformed and hostile bodies at every door: a 4xx problem, and nothing changed."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from builders import a_channel, a_shelf

from orderwright.api.app import api
from orderwright.kernel import sql
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = api.get_openapi_schema(path_prefix="/v1/")
DOORS = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if "requestBody" in operation and "application/json" in operation["requestBody"]["content"]
]
ENCODED = {
    "nothing": b"",
    "no JSON": b"{",
    "two texts": b"{} {}",
    "not UTF-8": b'{"channel": "\xff\xfe"}',
    "a lone surrogate": b'{"channel": "\\ud800"}',
    "NaN": b'{"quantity": NaN}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a NUL": b'{"channel": "a\\u0000b"}',
    "a NUL in a name": b'{"a\\u0000b": 1}',
    "a huge number": b'{"quantity": ' + b"9" * 4000 + b"}",
    "a number beyond 64 bits": b'{"quantity": 9223372036854775808}',
    "a number without end": b'{"quantity": 1e999999}',
    "a long text": b'{"channel": "' + b"a" * 1_000_000 + b'"}',
    "unknown fields": b'{"__proto__": {"admin": true}}',
    "a raw NUL": b"\x00",
    "UTF-16": '{"channel": "a"}'.encode("utf-16"),
}


def rows() -> dict[str, int]:
    """How many rows each table has."""
    tables = [name for (name,) in sql.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    counted = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)
    return dict(sql.rows(counted))


@pytest.fixture
def nothing_changes(caller: httpx.Client) -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before


@pytest.mark.parametrize("name", ENCODED)
def test_a_hostile_body_is_refused_everywhere(caller: httpx.Client, nothing_changes: None, name: str) -> None:
    assert len(DOORS) > 10

    for method, path in DOORS:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{method}{path}", "If-Match": "*"}
        answer = caller.request(method, path.replace("{", "").replace("}", ""), content=ENCODED[name], headers=headers)

        where = (method, path, answer.text[:300])
        assert 400 <= answer.status_code < 500, where
        assert answer.headers["content-type"] == "application/problem+json", where
        assert answer.json()["status"] == answer.status_code, where


def test_a_body_that_is_not_sent_as_json_is_refused_everywhere(caller: httpx.Client, nothing_changes: None) -> None:
    for method, path in DOORS:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"):
            headers = {"Content-Type": kind, "If-Match": "*"}
            answer = caller.request(method, path.replace("{", "").replace("}", ""), content=b"{}", headers=headers)
            assert answer.status_code in (404, 415, 422), (method, path, kind, answer.text[:300])


def test_without_a_key_no_door_opens(address: str, caller: httpx.Client, nothing_changes: None) -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if "security" in operation:
                answer = httpx.request(method, address + path.replace("{", "").replace("}", ""), content=b"{}")
                assert answer.status_code == 401, (method, path)


def test_a_key_without_scopes_opens_no_door(
    address: str, caller: httpx.Client, issue: Callable[..., keys.Issued]
) -> None:
    token = issue("settings:read").token
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if "security" in operation and operation["security"] != [{"ApiKey": ["settings:read"]}]:
                answer = httpx.request(
                    method,
                    address + path.replace("{", "").replace("}", ""),
                    content=b"{}",
                    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                )
                assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), (method, path)


@pytest.mark.parametrize("placed_at", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"])
def test_an_order_of_the_year_one_does_not_spoil_the_lists_and_the_feed(caller: httpx.Client, placed_at: str) -> None:
    a_channel("web")
    a_shelf("BERLIN", "TEE", 10)
    draft = {"channel": "web", "customer": {}, "lines": [{"sku": "TEE", "quantity": 1}], "placed_at": placed_at}

    answer = caller.post("/v1/orders", json=draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "placed_too_long_ago")
    assert caller.get("/v1/orders").json()["items"] == []
    assert caller.get("/v1/events").status_code == 200
