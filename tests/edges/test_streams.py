"""Server-sent events: everything once and in order, from any point, filtered, and only for those who may."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from django.db import transaction

from orderwright.kernel import actors, feed, sql
from orderwright.kernel.events import Happening, record
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR = actors.system("tests")


def happen(*kinds: str) -> list[int]:
    with transaction.atomic():
        return record([Happening(kind, ACTOR, {"number": number}) for number, kind in enumerate(kinds)])


def all_can_be_read() -> None:
    """Wait for transactions of others (of another test's database, even), below which the feed ends."""
    end = time.monotonic() + 60
    while feed.lag_seconds():
        assert time.monotonic() < end
        time.sleep(0.01)


class Stream:
    """An open stream, read event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.iter_lines()
        assert next(self.lines) == "retry: 1000"
        assert next(self.lines) == ""

    def take(self, many: int) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        event: dict[str, Any] = {}
        while len(taken) < many:
            line = next(self.lines)
            if line == "":
                taken += [event] if event else []
                event = {}
            elif not line.startswith(":"):
                name, value = line.split(": ", 1)
                event[name] = msgspec.json.decode(value) if name == "data" else value
        return taken


@contextlib.contextmanager
def following(caller: httpx.Client, path: str = "/v1/events/stream", **headers: str) -> Iterator[Stream]:
    with caller.stream("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as got:
        assert got.status_code == 200
        assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield Stream(got)


def test_tells_what_happens_from_now_on(caller: httpx.Client) -> None:
    happen("order.before")
    all_can_be_read()

    with following(caller) as stream:
        ids = happen("order.placed", "stock.received")
        told = stream.take(2)

    assert [event["event"] for event in told] == ["order.placed", "stock.received"]
    assert [event["data"]["id"] for event in told] == ids
    assert [event["id"] for event in told] == [event["data"]["cursor"] for event in told]
    assert told[1]["data"]["facts"] == {"number": 1}


def test_goes_on_behind_the_last_event_that_was_seen(caller: httpx.Client) -> None:
    ids = happen("a.a", "b.b", "c.c")
    all_can_be_read()
    cursor = next(told.cursor for told in feed.read() if told.id == ids[0])

    with following(caller, Last_Event_ID=cursor) as stream:
        seen = stream.take(2)
        ids += happen("d.d")
        seen += stream.take(1)

    assert [event["data"]["id"] for event in seen] == ids[1:]


def test_from_the_start_over_many_pages_while_more_happens(caller: httpx.Client) -> None:
    for _round in range(4):
        happen(*["a.a"] * 300)

    with following(caller, "/v1/events/stream?after=") as stream:
        happen(*["b.b"] * 5)
        told = stream.take(1206)  # with the one event that the key's own issue is

    ids = [event["data"]["id"] for event in told]
    assert ids == [row[0] for row in sql.rows("SELECT id FROM event ORDER BY epoch, xact, id")]


def test_only_the_kinds_that_were_asked_for(caller: httpx.Client) -> None:
    happen("order.placed", "stock.received", "order.shipped")

    with following(caller, "/v1/events/stream?after=&kind=order.*&kind=key.revoked") as stream:
        before = stream.take(2)
        happen("stock.received", "order.held", "key.revoked")
        after = stream.take(2)

    assert [event["event"] for event in before + after] == [
        "order.placed",
        "order.shipped",
        "order.held",
        "key.revoked",
    ]


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ("?after=rubbish", {}, 422, "bad_cursor"),
        ("?after=1.2.99999999999999999999", {}, 422, "bad_cursor"),
        ("", {"Last-Event-ID": "9.9"}, 422, "bad_cursor"),
        ("", {"Last-Event-ID": "\xe4"}, 422, "bad_cursor"),
        ("?kind=ORDER", {}, 422, "invalid_fields"),
        ("?kind=%00", {}, 422, "invalid_fields"),
        ("?kinds=order.placed", {}, 422, "invalid_fields"),
        ("?order=%00", {}, 422, "invalid_fields"),
        ("?order=%FF", {}, 404, "not_found"),
        ("?order=no-such-order", {}, 404, "not_found"),
        ("?" + "&".join(["kind=a.b"] * 51), {}, 422, "invalid_fields"),
        ("?" + "&".join(["kind=a.b"] * 101), {}, 422, "invalid_fields"),
        ("", {"Authorization": "Bearer ow_" + "x" * 43}, 401, "unauthenticated"),
    ],
)
def test_a_stream_that_cannot_be_is_refused_before_it_begins(
    caller: httpx.Client, query: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = caller.get(
        "/v1/events/stream" + query, headers={name: value.encode("latin-1") for name, value in headers.items()}
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_revoked_key_ends_its_streams(caller: httpx.Client) -> None:
    all_can_be_read()

    with following(caller) as stream:
        keys.revoke(sql.value("SELECT id FROM api_key"), actor=ACTOR)
        began = time.monotonic()
        remaining = list(stream.lines)

    assert time.monotonic() - began < 5
    assert [line for line in remaining if line.startswith("event: ")] in ([], ["event: key.revoked"])


def test_the_feed_by_pages_is_the_same(caller: httpx.Client) -> None:
    happen("order.placed", "stock.received", "order.shipped")
    all_can_be_read()

    first = caller.get("/v1/events", params={"limit": 2}).json()
    second = caller.get("/v1/events", params={"after": first["next"], "kind": ["order.*"]}).json()
    third = caller.get("/v1/events", params={"after": second["next"]}).json()

    assert [event["kind"] for event in first["items"]] == ["key.issued", "order.placed"]
    assert [event["kind"] for event in second["items"]] == ["order.shipped"]
    assert third == {"items": [], "next": second["next"]}


def test_metrics_count_the_streams_that_are_open(address: str, caller: httpx.Client) -> None:
    wait_for_streams(address, 0)  # those of tests before this one

    with following(caller):
        wait_for_streams(address, 1)

    wait_for_streams(address, 0)


def wait_for_streams(address: str, many: int) -> None:
    end = time.monotonic() + 60
    while f"\norderwright_streams {many}\n" not in httpx.get(f"{address}/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.1)
