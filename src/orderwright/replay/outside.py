"""The outside world of a play: a fake carrier and a receiver of webhooks, in processes of their own.

The carrier's clock is the play's: it is set at each moment, and what it has to tell of parcels up to then comes as
messages, which are kept here until the play hears them at that moment.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx
from django.conf import settings

from orderwright.runtime.processes import PARENT
from orderwright.runtime.tcp_ports import any_free

PATIENCE_SECONDS = 20.0
SECRET = "replay"
PROGRAM = [sys.executable, "-m", "orderwright"]


class Message(NamedTuple):
    """What a carrier sent: the names of headers are in lower case."""

    headers: dict[str, str]
    body: bytes


class Inbox:
    """Keeps what is posted to it until somebody takes it."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        inbox = self

        class Keep(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                inbox._messages.append(Message({name.lower(): text for name, text in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Keep)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True, name="inbox").start()

    def take(self) -> list[Message]:
        """All that came since it was last asked, in the order in which it came."""
        taken, self._messages = self._messages, []
        return taken

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Outside:
    """What a play knows of the world around it."""

    def __init__(self, carrier_url: str, receiver_url: str, inbox: Inbox) -> None:
        self.carrier_url, self.receiver_url, self._inbox = carrier_url, receiver_url, inbox
        self._client = httpx.Client(timeout=120)

    def set_clock(self, at: datetime) -> list[Message]:
        """Let it be `at` for the carrier; answers what it tells of what happened up to then."""
        self._client.post(f"{self.carrier_url}/clock", json={"at": at.isoformat()}).raise_for_status()
        return self._inbox.take()

    def close(self) -> None:
        self._client.close()


@contextmanager
def outside(*, seed: int, clean: bool) -> Iterator[Outside]:
    """Inside, a carrier and a receiver run, and the shop's settings name them."""
    inbox = Inbox()
    carrier_port, receiver_port = any_free(), any_free()
    words = [
        "--port",
        str(carrier_port),
        "--secret",
        SECRET,
        "--shop",
        inbox.url,
        "--plain-labels",
        "--seed",
        str(seed),
    ]
    carrier = [*PROGRAM, "fake-carrier", *words, *(["--no-trouble"] if clean else [])]
    receiver = [sys.executable, "-m", "orderwright.replay.receiver", str(receiver_port)]
    before = settings.CARRIERS, settings.WEBHOOKS_INSIDE, settings.WEBHOOKS_HTTP
    processes = [_start(words) for words in (carrier, receiver)]
    world = Outside(f"http://127.0.0.1:{carrier_port}", f"http://127.0.0.1:{receiver_port}", inbox)
    try:
        for url, process in zip((world.carrier_url, world.receiver_url), processes, strict=True):
            _wait_for(url, process)
        settings.CARRIERS = f"fake={world.carrier_url}={SECRET}"
        settings.WEBHOOKS_INSIDE, settings.WEBHOOKS_HTTP = "127.0.0.0/8", True
        yield world
    finally:
        settings.CARRIERS, settings.WEBHOOKS_INSIDE, settings.WEBHOOKS_HTTP = before
        world.close()
        inbox.close()
        for process in processes:
            process.terminate()
            process.wait()


def _start(words: list[str]) -> "subprocess.Popen[bytes]":
    """In a session of its own: Ctrl-C is for us, and we end it when we are done."""
    environment = {**os.environ, PARENT: str(os.getpid())}
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{' '.join(map(str, process.args))} did not come up")  # type: ignore[arg-type]
