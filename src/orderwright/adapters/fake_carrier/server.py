"""The fake carrier's own side: a real HTTP server with parcels of its own.

POST /rates                      {"sender_country", "receiver_country", "weight_grams"}: {"quotes": […]}
POST /labels                     a consignment as `client` writes it, with an Idempotency-Key
POST /labels/NUMBER/void         {}, with an Idempotency-Key
GET  /questions/KEY              the answer to the question with this key; 404 if it never came
POST /track                      {"tracking_numbers": […]}, 100 at most: {"scans": […]}
GET  /labels                     all labels that were made: [{"reference", "tracking_number"}]
POST /clock                      {"at": moment or null}: let it be that moment (null: now), and tell all up to it
POST /behaviour                  {"verb", "words"}: how to treat what comes (`behaving`), until changed

All want `Authorization: Bearer SECRET`, but /clock, which only a play or a test knows.
"""

import base64
import logging
import random
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from orderwright.adapters.fake_carrier import labels, tariff
from orderwright.adapters.fake_carrier.behaving import Behaviour, behaviour, in_company
from orderwright.adapters.fake_carrier.journeys import Scan
from orderwright.adapters.fake_carrier.parcels import Parcels
from orderwright.adapters.signing import sign

log = logging.getLogger(__name__)

SCANS_A_MESSAGE = 100
TELL_EVERY_SECONDS = 0.5


class FakeCarrierServer:
    """The server; `messages` are all that it has sent, or would have, had it been told where to."""

    def __init__(
        self,
        secret: str,
        *,
        port: int = 0,
        tell_url: str | None = None,
        parcels: Parcels | None = None,
        plain_labels: bool = False,
    ) -> None:
        self.secret, self.tell_url, self.plain_labels = secret, tell_url, plain_labels
        self.parcels = parcels or Parcels()
        self.words: dict[str, str] = {}  # by verb: how to treat what comes
        self.seen: set[str] = set()  # keys that were put before
        self.requests: list[tuple[str, str]] = []  # method and path of all that came
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self._ended, self._telling, self._counting = Event(), Lock(), Lock()
        self._told = 0
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"fake": self}))
        self._threads = [
            Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True),
            Thread(target=self._tell_on, daemon=True),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "FakeCarrierServer":
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def behave(self, verb: str, words: str) -> None:
        """Treat every question with this verb like that; "" as usual again."""
        self.words[verb] = words

    def set_clock(self, at: datetime | None) -> None:
        """Let it be that moment for the carrier; what happened by then is told before this returns."""
        self.parcels.stopped_at = at
        self.tell()

    def tell(self) -> None:
        """Tell what is due, in messages of a hundred scans at most."""
        with self._telling:
            due = self.parcels.take_due()
            if self.parcels.trouble:
                random.Random(f"{self.parcels.seed}:{self._told}").shuffle(due)
            for start in range(0, len(due), SCANS_A_MESSAGE):
                self._send(due[start : start + SCANS_A_MESSAGE])

    def first_time(self, key: str) -> bool:
        """Whether a question comes for the first time."""
        with self._counting:
            new = key not in self.seen
            self.seen.add(key)
            return new

    def _send(self, scans: list[Scan]) -> None:
        self._told += 1
        body = msgspec.json.encode({"scans": [scan.document() for scan in scans]})
        message = sign(self.secret, f"msg_{self._told}", self.parcels.now(), body), body
        if self.tell_url is None:
            self.messages.append(message)
            return
        headers, body = message
        try:
            httpx.post(self.tell_url, headers={**headers, "Content-Type": "application/json"}, content=body, timeout=30)
        except httpx.HTTPError as error:
            log.warning("The shop cannot be told: %s", error)

    def _tell_on(self) -> None:
        while not self._ended.wait(TELL_EVERY_SECONDS):
            if self.parcels.stopped_at is None:
                self.tell()


class _Server(ThreadingHTTPServer):
    """A thread for each connection; a client that did not wait for its answer is no news."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("The connection from %s broke.", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One request of the shop."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is one packet
    fake: FakeCarrierServer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/").split("/")
        self.fake.requests.append(("GET", self.path))
        if not self._trusted():
            return self._say(401, {"error": "unknown account"})
        if path == ["labels"]:
            return self._say(200, self.fake.parcels.made)
        found = self.fake.parcels.answers.get(path[1]) if path[0] == "questions" and len(path) == 2 else None
        return self._say(200, found) if found else self._say(404, {"error": "unknown question"})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path.strip("/").split("/")
        self.fake.requests.append(("POST", self.path))
        said = msgspec.json.decode(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if path == ["clock"]:
            self.fake.set_clock(datetime.fromisoformat(said["at"]) if said["at"] else None)
            return self._say(200, {})
        if not self._trusted():
            return self._say(401, {"error": "unknown account"})
        if path == ["behaviour"]:
            self.fake.behave(said["verb"], said["words"])
            return self._say(200, {})
        is_void = len(path) == 3 and path[0] == "labels" and path[2] == "void"
        verb = "void" if is_void else {"rates": "rate", "labels": "label", "track": "track"}.get("/".join(path))
        key = self.headers.get("Idempotency-Key", "")
        if verb is None or (verb in ("label", "void") and not key):
            return self._say(400, {"error": "no such question, or no key"})
        return self._work(verb, key, path, said)

    def _work(self, verb: str, key: str, path: list[str], said: dict[str, Any]) -> None:
        """Answer a question, in the way that was ordered."""
        company = said["receiver"]["company"] if verb == "label" else ""
        how = behaviour(self.fake.words.get(verb) or in_company(company))
        if key and not self.fake.first_time(key):
            how = how._replace(connection="", slow_seconds=0.0)
        if how.connection == "lost":
            self.close_connection = True
            return
        if how.connection == "error_first":
            self._say(500, {"error": "out of order"})
            return
        answer = self._decide(verb, key, path, said, how)
        time.sleep(how.slow_seconds)
        if how.connection == "timeout":
            self.close_connection = True
        elif how.connection == "error":
            self._say(500, {"error": "out of order"})
        else:
            self._say(422 if answer.get("status") == "refused" else 200, answer)

    def _decide(self, verb: str, key: str, path: list[str], said: dict[str, Any], how: Behaviour) -> dict[str, Any]:
        parcels = self.fake.parcels
        if verb == "rate":
            found = tariff.quotes(said["sender_country"], said["receiver_country"], said["weight_grams"])
            if how.refuse or not found:
                return {"status": "refused", "reason": how.refuse or "no_service", "message": "Nothing goes there."}
            return {"quotes": found}
        if verb == "track":
            return {"scans": [scan.document() for scan in parcels.scans_of(said["tracking_numbers"][:100])]}
        if verb == "void":
            return parcels.void_label(key, path[1])
        return self._label(key, said, how)

    def _label(self, key: str, said: dict[str, Any], how: Behaviour) -> dict[str, Any]:
        parcels = self.fake.parcels
        if key in parcels.answers:
            return parcels.answers[key]
        product, receiver, parcel = tariff.product(said["service"]), said["receiver"], said["parcel"]
        zone = tariff.zone(said["sender"]["country"], receiver["country"])
        weight = parcel["weight_grams"]
        if how.refuse:
            return parcels.refuse(key, how.refuse, "As you wished.")
        if not receiver["country"] or receiver["postal_code"] == "00000":
            return parcels.refuse(key, "no_address", "This address cannot be delivered to.")
        if product is None or zone is None:
            return parcels.refuse(key, "no_service", f"{said['service']} does not go to {receiver['country']}.")
        sides = [parcel[side] or 0 for side in ("length_mm", "width_mm", "height_mm")]
        if not 0 < weight <= tariff.HEAVIEST_GRAMS or max(sides) > tariff.LONGEST_MM:
            return parcels.refuse(key, "too_big", "The package is too heavy or too large.")
        price = tariff.price_minor(product, zone, weight)
        number = parcels.number_of(key)
        document = labels.PLAIN if self.fake.plain_labels else labels.label(number, said, zone)
        return parcels.label(key, said, how, base64.b64encode(document).decode(), price, zone)

    def _trusted(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.fake.secret}"

    def _say(self, status: int, document: object) -> None:
        body = msgspec.json.encode(document)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)
