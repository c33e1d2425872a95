"""Deliveries of webhooks a second to a fast endpoint, while another one is dead.

The sender runs as it does in the worker, on the database that DATABASE_URL names; the fast receiver is a process of its
own on the same cores, and the dead endpoint an address where nobody answers.

python -m bench.webhooks
"""

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import uvloop
from django.core.management import call_command

from orderwright.runtime.django_setup import wake_django

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
KIND = "channel.edited"  # of no order, so that what is measured leaves the books alone
EVENTS = 500  # a transaction
EVENTS_AHEAD = 4000  # a second of measuring: more than can be told
FACTS = {"number": "W-1", "channel": "web", "lines": [{"sku": "TEE", "quantity": 2, "total": "25.00"}] * 3}


async def receive(port: int) -> None:
    """A receiver that only answers."""
    server = await asyncio.start_server(_answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            at = head.index(b"content-length:")
            await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
            writer.write(ANSWER)
    writer.close()


@contextlib.contextmanager
def receiving() -> Iterator[str]:
    """The address of a receiver that runs meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.webhooks", "--receive", str(port)])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/fast"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def silence() -> Iterator[str]:
    """The address of an endpoint that takes connections and never says a word."""
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen(0)
        yield f"http://127.0.0.1:{dead.getsockname()[1]}/dead"


def measure(seconds: float) -> float:
    """Deliveries a second that a fast endpoint took, in so many seconds, with more waiting all the time.

    Django must be set up, with ORDERWRIGHT_WEBHOOKS_INSIDE=127.0.0.0/8 and ORDERWRIGHT_WEBHOOKS_HTTP=1.
    """
    # Not at the top: the models of Django can only be imported when it is set up.
    from django.db import transaction

    from orderwright.kernel import actors, sql
    from orderwright.kernel.events import Happening, record
    from orderwright.webhooks.editing import Wish, create_webhook, delete_webhook
    from orderwright.webhooks.sending import SenderThread

    actor = actors.system("bench")
    with receiving() as fast_url, silence() as dead_url:
        fast = create_webhook(Wish(url=fast_url, kinds=[KIND], concurrency=16), actor=actor)[0].pk
        dead = create_webhook(Wish(url=dead_url, kinds=[KIND], concurrency=16), actor=actor)[0].pk
        for _ in range(int((seconds + 1) * EVENTS_AHEAD / EVENTS)):
            with transaction.atomic():
                record([Happening(KIND, actor, FACTS) for _ in range(EVENTS)])
        count = f"SELECT count(*) FROM webhook_delivery WHERE state = 'delivered' AND endpoint_id = {fast}"
        sender = SenderThread()
        sender.start()
        try:
            time.sleep(1.0)
            began, before = time.perf_counter(), sql.value(count)
            time.sleep(seconds)
            rate = (sql.value(count) - before) / (time.perf_counter() - began)
        finally:
            sender.end()
        for webhook in (fast, dead):
            delete_webhook(webhook, actor=actor)
    return float(rate)


def main() -> None:
    """Measure on the database that DATABASE_URL names, or on the embedded one of ORDERWRIGHT_DATA."""
    options = argparse.ArgumentParser(prog="python -m bench.webhooks")
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--receive", type=int, help="only be the receiver, at this port")
    chosen = options.parse_args()
    if chosen.receive:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(receive(chosen.receive))
        return
    os.environ |= {"ORDERWRIGHT_WEBHOOKS_INSIDE": "127.0.0.0/8", "ORDERWRIGHT_WEBHOOKS_HTTP": "1"}
    wake_django()
    call_command("migrate", verbosity=0)
    print(f"webhooks_s {measure(chosen.seconds):.0f}")


if __name__ == "__main__":
    main()
