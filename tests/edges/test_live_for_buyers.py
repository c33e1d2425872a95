"""What the browser of a buyer hears who follows an order: that something happened to this one, and nothing of it."""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from carriers import SECRET
from django.db import transaction

from orderwright.adapters.signing import sign
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import FulfilmentOrder
from orderwright.kernel.events import Happening, record
from orderwright.live import MOST_OF_A_NETWORK, Buyers
from orderwright.payments.linking import PAY, THANKS, TRACK, token_of
from orderwright.shipping.packing import Box
from orderwright.streams import TooManyStreams

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 30


def ordered():
    a_shelf("BERLIN", "TEE", 50)
    a_channel("web")
    return an_order().with_line("TEE", 2, "10.00").placed()


@contextlib.contextmanager
def following(address: str, order_id: int) -> Iterator[Iterator[str]]:
    """The lines of a buyer's stream, from its first beat on."""
    url = f"{address}/track/live?order={token_of(order_id, TRACK)}"
    with httpx.stream("GET", url, timeout=PATIENCE_SECONDS) as got:
        assert got.status_code == 200
        assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = got.iter_lines()
        assert [next(lines), next(lines)] == ["retry: 3000", ""]
        yield lines


def until(lines: Iterator[str], wanted: str) -> list[str]:
    """All that is said until this is."""
    heard = []
    for line in lines:
        heard.append(line)
        if line == wanted:
            return heard
    raise AssertionError("the stream ended")


def test_a_buyer_hears_that_his_order_moves_and_nothing_of_it(address: str) -> None:
    order = ordered()
    with following(address, order.id) as lines:
        began = time.monotonic()
        release_orders([Release(order.id)], actor=CLERK)
        ship_orders([Ship(order.id)], actor=CLERK)

        heard = until(lines, 'data: {"kinds":[]}')

    assert time.monotonic() - began < PATIENCE_SECONDS
    assert {line for line in heard if line and not line.startswith(":")} == {
        "event: happened",
        'data: {"kinds":[]}',
    }


def test_a_carriers_scan_is_heard_within_a_few_seconds(address: str) -> None:
    order = ordered()
    release_orders([Release(order.id)], actor=CLERK)
    (work,) = FulfilmentOrder.objects.filter(order_id=order.id)
    confirm_shipments([Send(work.name, [Box(carrier="fake", tracking_number="FK1")])], actor=CLERK)
    with following(address, order.id) as lines:
        until(lines, ": still here")
        began = time.monotonic()

        tell(address, "FK1")

        until(lines, 'data: {"kinds":[]}')
        assert time.monotonic() - began < 5


def tell(address: str, number: str) -> None:
    """The carrier says by its webhook that a parcel is on its way."""
    now = datetime.now(UTC)
    scan = {"id": "1", "tracking_number": number, "code": "DEPARTED", "at": now.isoformat(), "time_zone": "UTC"}
    body = msgspec.json.encode({"scans": [scan | {"place": "Hamburg, DE", "words": "Sorted."}]})
    headers = sign(SECRET, "m1", now, body)
    answer = httpx.post(f"{address}/v1/carriers/fake/webhook", content=body, headers=headers)
    assert answer.json() == {"matched": 1, "waiting": 0, "again": 0}, answer.text


def test_a_buyer_hears_nothing_of_other_orders_nor_of_notes(address: str) -> None:
    order, other = ordered(), ordered()
    with following(address, order.id) as lines:
        release_orders([Release(other.id)], actor=CLERK)
        with transaction.atomic():
            record([Happening("order.noted", CLERK, {"note": 1}, order.id)])

        heard = until(lines, ": still here") + until(lines, "")

    assert "event: happened" not in heard


@pytest.mark.parametrize("purpose", [PAY, THANKS])
def test_only_the_link_of_an_order_lets_follow_it(address: str, purpose: str) -> None:
    order = ordered()

    for query in ("", "?order=", f"?order={order.id}", f"?order={token_of(order.id, purpose)}"):
        answer = httpx.get(f"{address}/track/live{query}")

        assert (answer.status_code, answer.json()["code"]) == (404, "bad_pay_link")


def test_it_is_only_read(address: str) -> None:
    assert httpx.post(f"{address}/track/live").status_code == 405


def test_so_many_of_a_network_and_more_when_some_left(address: str) -> None:
    order = ordered()
    url = f"{address}/track/live?order={token_of(order.id, TRACK)}"
    with contextlib.ExitStack() as opened:
        answers = [opened.enter_context(httpx.stream("GET", url)) for _each in range(MOST_OF_A_NETWORK + 1)]

        assert answers[0].status_code == 200
        assert answers[-1].status_code == 503
        assert "too_many_streams" in answers[-1].read().decode()

    patience = time.monotonic() + PATIENCE_SECONDS  # that a browser left is noticed with the next beat
    while not _is_open(url):
        assert time.monotonic() < patience
        time.sleep(0.1)


def _is_open(url: str) -> bool:
    with httpx.stream("GET", url) as answer:
        return answer.status_code == 200


def test_who_leaves_makes_room_for_another() -> None:
    buyers = Buyers()
    for _each in range(MOST_OF_A_NETWORK):
        buyers.enter("192.0.2.1")
    with pytest.raises(TooManyStreams):
        buyers.enter("192.0.2.1")
    buyers.enter("192.0.2.2")

    buyers.leave("192.0.2.1")

    buyers.enter("192.0.2.1")


def test_all_buyers_together_leave_room_for_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    buyers = Buyers()
    monkeypatch.setattr("orderwright.live.MOST_OF_BUYERS", 2)
    buyers.enter("192.0.2.1")
    buyers.enter("192.0.2.2")

    with pytest.raises(TooManyStreams):
        buyers.enter("192.0.2.3")
