"""A worker that is killed in the middle of sending loses nothing, and tells each order's events in their order."""

import os
import signal
import subprocess
import sys
import time

import pytest
from builders import CLERK, a_shelf, an_order
from receivers import Behaviour, Receiver, receiver
from servers import here, url_of
from shelves import wait_for_the_log

from orderwright.flows.audit import audit
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.kernel import sql
from orderwright.webhooks.auditing import CHECKS
from orderwright.webhooks.editing import Wish, create_webhook
from orderwright.webhooks.models import Delivery

__all__ = ["receiver"]
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ORDERS, NOTES, AT_ONCE = 60, 3, 8
EVENTS = ORDERS * (1 + NOTES)
ROUNDS = 4
A_MINUTE_LATER = "UPDATE webhook_delivery SET leased_until = now() WHERE leased_until IS NOT NULL"


def a_worker() -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "DATABASE_URL": url_of(here()),
        "ORDERWRIGHT_WEBHOOKS_INSIDE": "127.0.0.0/8",
        "ORDERWRIGHT_WEBHOOKS_HTTP": "1",
    }
    return subprocess.Popen([sys.executable, "-m", "orderwright.runtime.work"], env=environment)


def until_told(receiver: Receiver, messages: int, patience_seconds: float = 60) -> None:
    end = time.monotonic() + patience_seconds
    while len(receiver.messages) < messages and Delivery.objects.filter(state="delivered").count() < EVENTS:
        assert time.monotonic() < end, f"{len(receiver.messages)} messages came"
        time.sleep(0.005)


def test_killed_workers_lose_no_event_and_mix_up_no_order(receiver):
    create_webhook(
        Wish(url=receiver.url + "/hook", kinds=["order.placed", "order.noted"], concurrency=AT_ONCE), actor=CLERK
    )
    receiver.always["/hook"] = Behaviour(after_seconds=0.01)
    a_shelf("BERLIN", "TEE", ORDERS)
    orders = [an_order().with_line("TEE", 1).placed().id for _ in range(ORDERS)]
    for note in range(NOTES):
        note_orders([WriteNote(order, f"note {note}") for order in orders], actor=CLERK)
    wait_for_the_log()

    for _round in range(ROUNDS):
        worker = a_worker()
        try:
            until_told(receiver, len(receiver.messages) + 35)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        time.sleep(0.2)
        sql.run(A_MINUTE_LATER)
    worker = a_worker()
    try:
        until_told(receiver, 10**6)
    finally:
        worker.terminate()
        worker.wait(20)

    first: dict[str, tuple[str, int]] = {}
    for message in receiver.messages:
        first.setdefault(message.headers["webhook-id"], message.place)
    places = list(first.values())
    assert len(places) == EVENTS
    for order in {order for order, _place in places}:
        assert [place for one, place in places if one == order] == list(range(1, NOTES + 2))
    assert len(receiver.messages) - len(places) <= ROUNDS * 60  # what was answered, and not yet written down
    assert [finding.check.name for finding in audit(CHECKS) if finding.wrong] == []
