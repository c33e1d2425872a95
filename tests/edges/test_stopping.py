"""Stopping the web process: what is under way is answered, and what never ends is ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from builders import a_channel, a_shelf
from servers import here, url_of

from orderwright.orders.models import Order
from orderwright.runtime.tcp_ports import any_free
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 60
ORDER = {
    "channel": "web",
    "customer": {"email": "ada@example.org"},
    "lines": [{"sku": "TEE", "quantity": 1}],
    "tenders": [{"method": "invoice"}],
}


@pytest.fixture
def web(issue: Callable[..., keys.Issued]) -> Iterator[tuple["subprocess.Popen[bytes]", httpx.Client]]:
    """A web process that the test may stop, and a client of it."""
    port = str(any_free())
    environment = {**os.environ, "DATABASE_URL": url_of(here()), "ORDERWRIGHT_PORT": port}
    process = subprocess.Popen([sys.executable, "-m", "orderwright.runtime.web"], env=environment)
    headers = {"Authorization": f"Bearer {issue().token}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=PATIENCE_SECONDS) as client:
            _wait_for(client)
            yield process, client
    finally:
        process.kill()
        process.wait()


def _wait_for(client: httpx.Client) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the web process did not come up")


def test_open_stream_does_not_hold_the_stop_up(web: tuple["subprocess.Popen[bytes]", httpx.Client]) -> None:
    process, client = web

    with client.stream("GET", "/v1/events/stream") as stream:
        assert stream.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_order_under_way_is_answered(web: tuple["subprocess.Popen[bytes]", httpx.Client]) -> None:
    process, client = web
    a_shelf("BERLIN", "TEE", 5)
    a_channel("web")
    with psycopg.connect(url_of(here())) as clerk, ThreadPoolExecutor() as threads:
        clerk.execute("SELECT * FROM stock_sheet FOR UPDATE")
        answer = threads.submit(client.post, "/v1/orders", json=ORDER, headers={"Idempotency-Key": "cart-1"})
        while not _waits(clerk) and not answer.done():
            time.sleep(0.01)

        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        clerk.rollback()

        assert answer.result().status_code == 201
    assert process.wait(PATIENCE_SECONDS) == 0
    assert Order.objects.count() == 1


def _waits(clerk: psycopg.Connection) -> bool:
    """Whether somebody waits for a row that the clerk holds."""
    found = clerk.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    ).fetchone()
    return found != (0,)
