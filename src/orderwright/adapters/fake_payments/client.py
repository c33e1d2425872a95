"""The fake provider's adapter: build the request, send it, read the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec

from orderwright.adapters.signing import is_signed
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.kernel.ports import BadMessage, BadSignature
from orderwright.payments.ports import (
    ActionRequired,
    Answer,
    Approved,
    CardFields,
    Declined,
    Told,
    Unknown,
)

TIMEOUT_SECONDS = 10.0


class Request(NamedTuple):
    """What is sent."""

    method: str
    path: str
    key: str = ""
    body: dict[str, object] | None = None


class Response(NamedTuple):
    """What came back; the status is 0 where nothing did."""

    status: int
    body: bytes = b""


class FakeProvider:
    """An account at the fake provider at `url`."""

    code = "fake"

    def __init__(self, url: str, secret: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._client = httpx.Client(
            base_url=url,
            timeout=timeout_seconds,
            headers={"Authorization": f"Bearer {secret}"},
            limits=httpx.Limits(max_keepalive_connections=0),  # nothing to close when the account is forgotten
            trust_env=False,
        )

    def authorize(self, amount: Money, token: str, *, key: str) -> Answer:
        return read(self._send(ask_authorize(amount, token, key)))

    def capture(self, reference: str, amount: Money, *, key: str) -> Answer:
        return read(self._send(ask_about(reference, "captures", amount, key)))

    def void(self, reference: str, *, key: str) -> Answer:
        return read(self._send(ask_about(reference, "voids", None, key)))

    def refund(self, reference: str, amount: Money, *, key: str) -> Answer:
        return read(self._send(ask_about(reference, "refunds", amount, key)))

    def look_up(self, *, key: str) -> Answer | None:
        response = self._send(Request("GET", f"/questions/{key}"))
        return None if response.status == 404 else read(response)

    def card_fields(self, shop: str) -> CardFields | None:
        return CardFields(f"{self._url}/fields?{urlencode({'shop': shop})}", hosted_token="hosted")

    def step_url(self, url: str, back: str) -> str:
        return f"{url}?{urlencode({'return_url': back})}"

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Told]:
        if not is_signed(self._secret, headers, body, clock.now()):
            raise BadSignature(sender=self.code)
        return [read_message(headers["webhook-id"], body)]

    def _send(self, request: Request) -> Response:
        headers = {"Idempotency-Key": request.key} if request.key else {}
        try:
            found = self._client.request(request.method, request.path, headers=headers, json=request.body)
        except httpx.HTTPError:
            return Response(0)
        return Response(found.status_code, found.content)


def ask_authorize(amount: Money, token: str, key: str) -> Request:
    """The request that sets money aside."""
    body = {"amount_minor": amount.minor, "currency": amount.currency, "token": token}
    return Request("POST", "/authorizations", key, body)


def ask_about(reference: str, what: str, amount: Money | None, key: str) -> Request:
    """A request about an authorization: its captures, voids or refunds."""
    body: dict[str, object] = {}
    if amount is not None:
        body = {"amount_minor": amount.minor, "currency": amount.currency}
    return Request("POST", f"/authorizations/{reference}/{what}", key, body)


def read(response: Response) -> Answer:
    """The answer in a response.  What is not an answer (no response, an error of theirs) leaves us not knowing."""
    if response.status not in (200, 402):
        return Unknown()
    try:
        return _answer(msgspec.json.decode(response.body))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return Unknown()


def read_message(message_id: str, body: bytes) -> Told:
    """What a message says, whose signature was checked."""
    try:
        said = msgspec.json.decode(body)
        return Told(message_id, said["verb"], _answer(said["answer"]), key=said["key"], reference=said["reference"])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise BadMessage(sender=FakeProvider.code) from error


def _answer(said: Mapping[str, Any]) -> Answer:
    match said["status"]:
        case "approved":
            ends = said.get("expires_at")
            return Approved(
                str(said["reference"]),
                Money(int(said["amount_minor"]), str(said["currency"])),
                datetime.fromisoformat(ends) if ends else None,
            )
        case "declined":
            return Declined(str(said["reason"]), str(said["message"]))
        case "action_required":
            return ActionRequired(str(said["url"]))
    return Unknown()
