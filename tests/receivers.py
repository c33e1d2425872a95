"""A receiver of webhooks as tests have it: a real HTTP server that records what it is sent, and answers as told."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from django.conf import LazySettings


class Message(NamedTuple):
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return str(self.document["type"])

    @property
    def place(self) -> tuple[str, int]:
        """The order, and which of its events this is."""
        return self.document["data"]["order"], self.document["data"]["place_in_order"]


class Behaviour(NamedTuple):
    """How to answer: with a status, headers and body, after a while, or by hanging up."""

    status: int = 204
    headers: dict[str, str] = {}
    body: bytes = b""
    after_seconds: float = 0.0
    hang_up: bool = False


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of callers who hang up."""

    def handle_error(self, *_words: object) -> None:
        pass


class Receiver:
    """The server; what a path answers next is in `plans`, and otherwise it is well."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.plans: defaultdict[str, list[Behaviour]] = defaultdict(list)
        self.always: dict[str, Behaviour] = {}
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                behaviour = receiver.take(Message(self.path, headers, body))
                try:
                    time.sleep(behaviour.after_seconds)
                    if behaviour.hang_up:
                        self.close_connection = True
                        return
                    self.send_response(behaviour.status)
                    for name, value in {"Content-Length": str(len(behaviour.body)), **behaviour.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(behaviour.body)
                except OSError:
                    self.close_connection = True
                finally:
                    with receiver.lock:
                        receiver.at_once -= 1

            do_GET = do_POST

            def log_message(self, *_words: object) -> None:
                pass

        self.server = Quiet(("127.0.0.1", 0), Answering)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def take(self, message: Message) -> Behaviour:
        """Record a message; answers how to behave."""
        with self.lock:
            self.messages.append(message)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            plan = self.plans[message.path]
            return plan.pop(0) if plan else self.always.get(message.path, Behaviour())

    def at(self, path: str) -> list[Message]:
        """What came to a path, in order."""
        return [message for message in self.messages if message.path == path]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    """A receiver on this machine, which the shop may call."""
    settings.WEBHOOKS_INSIDE, settings.WEBHOOKS_HTTP = "127.0.0.0/8", True
    receiver = Receiver()
    yield receiver
    receiver.stop()
