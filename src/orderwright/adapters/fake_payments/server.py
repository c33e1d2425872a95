"""The fake provider's own side: a real HTTP server with a ledger of its own, in memory.

POST /authorizations                          {"amount_minor", "currency", "token"}
POST /authorizations/REFERENCE/captures       {"amount_minor", "currency"}; the same for refunds
POST /authorizations/REFERENCE/voids          {}
GET  /questions/KEY                           the answer to the question with this Idempotency-Key; 404 if unknown
GET  /fields?shop=ORIGIN                      the field for a card, to be framed by a page of that origin
POST /tokens                                  number, expiry, code of a card: what stands for it from now on
GET, POST /pay/REFERENCE                      the provider's own page for a card
GET, POST /confirm/REFERENCE                  the bank's step: outcome=agree or outcome=refuse
POST /behaviour                               {"verb", "words"}: how to treat what comes (`behaving`), until changed

The payer's pages (`paying`) lead back to `return_url`, if it is one of the shop's.  All else wants `Authorization:
Bearer SECRET`.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from orderwright.adapters.fake_payments import paying
from orderwright.adapters.fake_payments.behaving import Behaviour, behaviour
from orderwright.adapters.fake_payments.ledger import AnswerOut, Ledger
from orderwright.adapters.signing import sign

log = logging.getLogger(__name__)

LOOPBACK = {"127.0.0.1", "localhost", "::1"}  # one computer by three names

Message = tuple[dict[str, str], bytes]  # headers and body


class FakeProviderServer:
    """The server; `messages` are all that it has sent, or would have, had it been told where to."""

    def __init__(
        self, secret: str, *, port: int = 0, tell_url: str | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.secret = secret
        self.tell_url = tell_url
        self.ledger = Ledger()
        self.words: dict[str, str] = {}  # by verb: how to treat what comes
        self.seen: set[str] = set()  # keys that were put before
        self.requests: list[tuple[str, str]] = []  # method and path of all that came
        self.messages: list[Message] = []
        self.now = now or (lambda: datetime.now(UTC))
        self._outbox: SimpleQueue[Message | None] = SimpleQueue()
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"fake": self}))
        self.ledger.confirm_at = self.url
        self._threads = [
            Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True),
            Thread(target=self._send_messages, daemon=True),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "FakeProviderServer":
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._outbox.put(None)

    def behave(self, verb: str, words: str) -> None:
        """Treat every question with this verb like that, whatever its token says; "" as usual again."""
        self.words[verb] = words

    def confirm(self, reference: str, *, agreed: bool, reason: str = "not_confirmed") -> bool:
        """The payer answers; says whether anybody had asked him."""
        with self.ledger.lock:
            key = self.ledger.confirm(reference, agreed, reason)
            found = self.ledger.authorizations.get(reference)
        if key is None or found is None:
            return False
        self.tell(key, how=self.treat("authorize", found.token))
        return True

    def is_shops(self, url: str) -> bool:
        """Whether an address is one of the shop's; where nobody said which shop it is, any is."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        shop = urlsplit(self.tell_url or url)
        if {parts.hostname, shop.hostname} <= LOOPBACK:
            return (parts.scheme, parts.port) == (shop.scheme, shop.port)
        return (parts.scheme, parts.netloc) == (shop.scheme, shop.netloc)

    def tell(self, key: str, *, how: Behaviour) -> None:
        """Send the message about a question, as `how` says."""
        verb, reference = self.ledger.asked[key]
        body = msgspec.json.encode(
            {"verb": verb, "key": key, "reference": reference, "answer": self.ledger.answers[key]}
        )
        message = sign(self.secret, f"msg_{len(self.messages) + 1}_{key}", self.now(), body), body
        for _time in range({"tell_never": 0, "tell_twice": 2}.get(how.message, 1)):
            self.messages.append(message)
            if how.message == "tell_first":
                self._send(message)
            else:
                self._outbox.put(message)

    def treat(self, verb: str, token: str) -> Behaviour:
        """How a question is to be treated."""
        ordered = self.words.get(verb)
        return behaviour(f"{verb}:" + ordered.replace("+", f"+{verb}:") if ordered else token, verb)

    def _send_messages(self) -> None:
        while (message := self._outbox.get()) is not None:
            self._send(message)

    def _send(self, message: Message) -> None:
        if self.tell_url is None:
            return
        headers, body = message
        try:
            httpx.post(self.tell_url, headers={**headers, "Content-Type": "application/json"}, content=body)
        except httpx.HTTPError as error:
            log.warning("The shop cannot be told: %s", error)


class _Server(ThreadingHTTPServer):
    """A thread for each connection; a client that did not wait for its answer is no news."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("The connection from %s broke.", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One request of the shop, or of a payer."""

    protocol_version = "HTTP/1.1"
    fake: FakeProviderServer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/").split("/")
        self.fake.requests.append(("GET", self.path))
        if (shown := paying.show(self.fake, path, self._query())) is not None:
            return self._show(shown)
        if not self._trusted():
            return self._say(401, {"error": "unknown account"})
        found = self.fake.ledger.answers.get(path[1]) if path[0] == "questions" and len(path) == 2 else None
        return self._say(200, found) if found else self._say(404, {"error": "unknown question"})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path.strip("/").split("/")
        self.fake.requests.append(("POST", self.path))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if (shown := paying.take(self.fake, path, self._query(), _form(body))) is not None:
            return self._show(shown)
        if not self._trusted():
            return self._say(401, {"error": "unknown account"})
        said = msgspec.json.decode(body)
        if path == ["behaviour"]:
            self.fake.behave(said["verb"], said["words"])
            return self._say(200, {})
        verb = {1: "authorize", 3: {"captures": "capture", "voids": "void", "refunds": "refund"}.get(path[-1])}
        asked = verb.get(len(path)) if path[0] == "authorizations" else None
        key = self.headers.get("Idempotency-Key", "")
        if asked is None or not key:
            return self._say(400, {"error": "no such question, or no key"})
        return self._work(asked, key, path[1] if len(path) == 3 else "", said)

    def _work(self, verb: str, key: str, reference: str, said: dict[str, Any]) -> None:
        """Answer a question, in the way that its token asks for."""
        authorization = self.fake.ledger.authorizations.get(reference)
        token = said["token"] if verb == "authorize" else authorization.token if authorization else ""
        how = self.fake.treat(verb, token)
        with self.fake.ledger.lock:
            again = key in self.fake.seen
            self.fake.seen.add(key)
        how = how._replace(connection="", slow_seconds=0.0) if again else how
        if how.connection == "lost":
            self.close_connection = True
        elif how.connection == "error_first":
            self._say(500, {"error": "out of order"})
        else:
            with self.fake.ledger.lock:
                news = key not in self.fake.ledger.answers
                answer = self._decide(verb, key, reference, said, how)
            told = news and answer["status"] != "action_required"
            if told and how.message == "tell_first":
                self.fake.tell(key, how=how)
            self._reply(answer, how)
            if told and how.message != "tell_first":
                self.fake.tell(key, how=how)

    def _reply(self, answer: AnswerOut, how: Behaviour) -> None:
        time.sleep(how.slow_seconds)
        if how.connection == "timeout":
            self.close_connection = True
        elif how.connection == "error":
            self._say(500, {"error": "out of order"})
        else:
            self._say(402 if answer["status"] == "declined" else 200, answer)

    def _decide(self, verb: str, key: str, reference: str, said: dict[str, Any], how: Behaviour) -> AnswerOut:
        ledger, now = self.fake.ledger, self.fake.now()
        if verb == "authorize":
            return ledger.authorize(key, said["amount_minor"], said["currency"], said["token"], how.answer, now)
        if how.answer.startswith("decline"):
            return ledger.decline(key, verb, reference, how.answer.partition("=")[2] or "refused")
        if verb == "void":
            return ledger.void(key, reference, now)
        change = ledger.capture if verb == "capture" else ledger.refund
        return change(key, reference, said["amount_minor"], now)

    def _trusted(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.fake.secret}"

    def _say(self, status: int, document: object) -> None:
        self._answer(status, msgspec.json.encode(document), "application/json")

    def _query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))

    def _show(self, shown: paying.Shown) -> None:
        self._answer(shown.status, shown.body.encode(), shown.kind, shown.headers)

    def _answer(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)


def _form(body: bytes) -> dict[str, str]:
    """A form as a browser sends it; nothing, where it is none."""
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=20))
    except ValueError:
        return {}
