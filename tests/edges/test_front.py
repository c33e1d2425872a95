"""The front over HTTP: health, metrics, limits, hostile requests, and the native endpoints' refusals."""

import asyncio
import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest
from builders import a_channel, a_shelf

from orderwright import front
from orderwright.api.problems import TooLarge
from orderwright.orders.models import Order
from orderwright.staff.keys import Issued

pytestmark = pytest.mark.django_db(transaction=True)


def raw(address: str, request: bytes) -> bytes:
    """What is answered to these very bytes."""
    where = urlsplit(address)
    assert where.hostname is not None
    with socket.create_connection((where.hostname, where.port or 80), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_health_needs_no_key(address: str, caller: httpx.Client) -> None:
    assert httpx.get(f"{address}/healthz").json() == {"status": "up"}
    assert httpx.head(f"{address}/healthz").status_code == 200
    ready = httpx.get(f"{address}/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


def test_metrics_tell_what_was_answered(address: str, caller: httpx.Client) -> None:
    caller.get("/v1/events")

    text = httpx.get(f"{address}/metrics").text

    assert 'orderwright_http_requests_total{status="200"} ' in text
    assert "\norderwright_database_up 1\n" in text
    assert re.search(r"^orderwright_queue_jobs \d+$", text, re.MULTILINE)
    assert "\norderwright_feed_lag_seconds 0" in text


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/v1/orders/batch", 405, "POST"),
        ("POST", "/v1/events/stream", 405, "GET"),
        ("POST", "/healthz", 405, "GET, HEAD"),
        ("DELETE", "/v1/events", 405, "GET"),
        ("PUT", "/v1/orders", 405, "GET, POST"),
        ("GET", "/v1/nothing/here", 404, None),
        ("GET", "/v1/", 404, None),
    ],
)
def test_what_is_not_there_is_a_problem(
    caller: httpx.Client, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = caller.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers.get("allow") == allow
    assert answer.json()["status"] == status


def test_a_body_that_says_it_is_too_large_is_refused_unread(address: str, caller: httpx.Client) -> None:
    answer = raw(
        address,
        b"POST /v1/keys HTTP/1.1\r\nHost: localhost\r\n" + b"Connection: close\r\nContent-Length: 10485761\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"too_large"' in answer


def test_a_body_that_does_not_say_how_long_it_is_is_refused_where_it_is_too_large(caller: httpx.Client) -> None:
    answer = caller.post("/v1/keys", content=(b" " * 65536 for _ in range(170)))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "line",
    [
        b"GET /v1/events?after=\xff HTTP/1.1",
        b"GET /v1/%00 HTTP/1.1",
        b"GET /v1/orders/%00 HTTP/1.1",
        b"GET /v1/%ff%fe HTTP/1.1",
        b"GET /v1/" + b"a" * 5000 + b" HTTP/1.1",
        b"GET /v1/events?" + b"a" * 5000 + b" HTTP/1.1",
        b"GET http:/// HTTP/1.1",
        b"GET /../../etc/passwd HTTP/1.1",
        b"GET /v1/docs/..%2f..%2fmain.py HTTP/1.1",
        b"NONSENSE /v1/events HTTP/1.1",
    ],
)
def test_hostile_lines_are_turned_away(address: str, caller: httpx.Client, line: bytes) -> None:
    answer = raw(address, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert answer[:10] == b"HTTP/1.1 4", answer[:200]
    assert httpx.get(f"{address}/healthz").status_code == 200


def test_a_hostile_host_is_turned_away(address: str, caller: httpx.Client) -> None:
    answer = caller.get("/v1/events", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_placing_needs_a_key_and_its_scope(address: str, caller: httpx.Client, issue) -> None:  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {issue('orders:read').token}"}

    unknown = httpx.post(f"{address}/v1/orders", json={})
    lacking = httpx.post(f"{address}/v1/orders", json={}, headers=headers)

    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthenticated")
    assert (lacking.status_code, lacking.json()["code"]) == (403, "scope_missing")


def test_problems_speak_the_callers_language(address: str, caller: httpx.Client) -> None:
    english = httpx.get(f"{address}/v1/events")
    for language in ("de", "xx-yy, de;q=0.5", "*", "\xe4", "a" * 5000):
        answer = httpx.get(f"{address}/v1/events", headers={"Accept-Language": language.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.json()["detail"]
    assert english.json()["detail"] == "An API key is needed: Authorization: Bearer ow_…"


def test_the_type_of_a_problem_can_be_looked_up(address: str, caller: httpx.Client) -> None:
    problem = httpx.get(f"{address}/v1/events").json()

    kind = httpx.get(address + problem["type"])

    assert kind.text == "unauthenticated (HTTP 401)\n\nAn API key is needed: Authorization: Bearer ow_…\n"
    assert httpx.get(f"{address}/problems/out_of_stock").status_code == 200
    assert httpx.get(f"{address}/problems/no_such_code").status_code == 404


def test_what_slow_senders_have_sent_so_far_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "LARGEST_BODY", 100)
    monkeypatch.setattr(front, "LARGEST_BODIES", 150)
    here = front.Front()

    def sender(*parts: bytes) -> front.Receive:
        messages = iter(parts)

        async def receive() -> front.Message:
            for part in messages:
                return {"type": "http.request", "body": part, "more_body": True}
            return await asyncio.Future()

        return receive

    async def story() -> None:
        slow = asyncio.create_task(here._read({}, sender(b"x" * 90)))
        await asyncio.sleep(0)
        with pytest.raises(front.Busy):
            await here._read({}, sender(b"x" * 90, b"x"))
        assert here.held_bytes == 90
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        with pytest.raises(TooLarge):
            await here._read({}, sender(b"x" * 60, b"x" * 60))
        assert here.held_bytes == 0

    asyncio.run(story())


def test_a_batch_has_so_many_lines_at_most(caller: httpx.Client) -> None:
    lines = [{"sku": "NONE", "quantity": 1}] * 1700
    order = {"channel": "web", "lines": lines, "customer": {"email": "ada@example.org"}}

    answer = caller.post("/v1/orders/batch", json={"orders": [order] * 3})

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_lines")
    assert caller.post("/v1/orders/batch", json={"orders": [order] * 2}).status_code == 200


def test_another_batch_under_the_same_key_places_nothing(caller: httpx.Client) -> None:
    a_shelf("BERLIN", "TEE", 10)
    a_channel()
    order = {"channel": "web", "lines": [{"sku": "TEE", "quantity": 1}], "customer": {"email": "ada@example.org"}}
    key = {"Idempotency-Key": "k-1"}
    assert caller.post("/v1/orders/batch", json={"orders": [order]}, headers=key).json()["orders"][0]["order"]

    answer = caller.post("/v1/orders/batch", json={"orders": [order, order, order]}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1
    alone = caller.post("/v1/orders", json=order, headers=key)
    assert alone.status_code == 201


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ({"lines": [{"sku": "TEE", "quantity": 1, "unit_price": "0.01"}]}, "orders:price"),
        ({"adjustments": [{"kind": "discount", "amount": "-9.99"}]}, "orders:price"),
        ({"placed_at": "2020-01-01T00:00:00Z"}, "orders:backdate"),
        ({"tenders": [{"method": "recorded"}]}, "payments:write"),
    ],
)
def test_some_things_only_some_keys_may_say(
    address: str, caller: httpx.Client, issue: Callable[..., Issued], said: dict[str, object], scope: str
) -> None:
    a_shelf("BERLIN", "TEE", 10)
    a_channel()
    order = {"channel": "web", "lines": [{"sku": "TEE", "quantity": 1}], "customer": {"email": "ada@example.org"}}
    lesser = {"Authorization": f"Bearer {issue('orders:write').token}"}

    for path, body in (("/v1/orders", order | said), ("/v1/orders/batch", {"orders": [order, order | said]})):
        answer = httpx.post(address + path, json=body, headers=lesser)
        assert (answer.status_code, answer.json()["scope"]) == (403, scope)
    assert Order.objects.count() == 0

    may = {"Authorization": f"Bearer {issue('orders:write', scope).token}"}
    assert httpx.post(f"{address}/v1/orders", json=order | said, headers=may).status_code == 201
    assert httpx.post(f"{address}/v1/orders", json=order, headers=lesser).status_code == 201
