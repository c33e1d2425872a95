"""The fake carrier's adapter: build the request, send it, read the answer."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import httpx
import msgspec

from orderwright.adapters.signing import is_signed
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.kernel.ports import BadMessage, BadSignature
from orderwright.shipping.ports import Consignment, Labelled, Quote, Refused, ScanTold, Unknown, Voided
from orderwright.shipping.reasons import Reason
from orderwright.shipping.stages import Stage

TIMEOUT_SECONDS = 10.0

STAGES = {  # the carrier's words, in ours
    "ACCEPTED": Stage.HANDED_OVER,
    "DEPARTED": Stage.IN_TRANSIT,
    "ARRIVED": Stage.IN_TRANSIT,
    "CUSTOMS": Stage.AT_CUSTOMS,
    "DELAY": Stage.DELAYED,
    "OUT": Stage.OUT_FOR_DELIVERY,
    "PICKUP": Stage.READY_FOR_PICKUP,
    "ATTEMPT": Stage.ATTEMPT_FAILED,
    "DELIVERED": Stage.DELIVERED,
    "RETURNED": Stage.RETURNED,
    "LOST": Stage.LOST,
}
REASONS = {
    "no_address": Reason.BAD_ADDRESS,
    "too_big": Reason.BAD_PARCEL,
    "no_service": Reason.NOT_SERVED,
    "unknown_label": Reason.NO_SUCH_LABEL,
    "in_use": Reason.ALREADY_USED,
    "account": Reason.ACCOUNT,
}


class Request(NamedTuple):
    """What is sent."""

    method: str
    path: str
    body: Mapping[str, object] | None = None
    key: str = ""


class Response(NamedTuple):
    """What came back; the status is 0 where nothing did."""

    status: int
    body: bytes = b""


class FakeCarrier:
    """An account at the fake carrier at `url`."""

    code = "fake"

    def __init__(self, url: str, secret: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._secret = secret
        self._client = httpx.Client(
            base_url=url,
            timeout=timeout_seconds,
            headers={"Authorization": f"Bearer {secret}"},
            limits=httpx.Limits(max_keepalive_connections=0),  # nothing to close when the account is forgotten
            trust_env=False,
        )

    def rate(self, consignment: Consignment) -> Sequence[Quote] | Refused | Unknown:
        return read_quotes(self._send(ask_rate(consignment)))

    def label(self, consignment: Consignment, *, key: str) -> Labelled | Refused | Unknown:
        answer = read(self._send(ask_label(consignment, key)))
        return Unknown() if isinstance(answer, Voided) else answer

    def void(self, tracking_number: str, *, key: str) -> Voided | Refused | Unknown:
        answer = read(self._send(Request("POST", f"/labels/{tracking_number}/void", {}, key)))
        return Unknown() if isinstance(answer, Labelled) else answer

    def look_up(self, *, key: str) -> Labelled | Voided | Refused | Unknown | None:
        response = self._send(Request("GET", f"/questions/{key}"))
        return None if response.status == 404 else read(response)

    def track(self, tracking_numbers: Sequence[str]) -> Sequence[ScanTold] | Unknown:
        response = self._send(Request("POST", "/track", {"tracking_numbers": list(tracking_numbers)}))
        if response.status != 200:
            return Unknown()
        try:
            return read_scans(response.body)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
            return Unknown()

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[ScanTold]:
        if not is_signed(self._secret, headers, body, clock.now()):
            raise BadSignature(sender=self.code)
        try:
            return read_scans(body)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise BadMessage(sender=self.code) from error

    def _send(self, request: Request) -> Response:
        headers = {"Idempotency-Key": request.key} if request.key else {}
        try:
            found = self._client.request(request.method, request.path, headers=headers, json=request.body)
        except httpx.HTTPError:
            return Response(0)
        return Response(found.status_code, found.content)


def ask_rate(consignment: Consignment) -> Request:
    """The request for prices."""
    body = {
        "sender_country": consignment.sender.country,
        "receiver_country": consignment.receiver.country,
        "weight_grams": consignment.parcel.weight_grams,
    }
    return Request("POST", "/rates", body)


def ask_label(consignment: Consignment, key: str) -> Request:
    """The request for a label."""
    body = {
        "sender": asdict(consignment.sender),
        "receiver": asdict(consignment.receiver),
        "parcel": asdict(consignment.parcel),
        "service": consignment.service,
        "reference": consignment.reference,
        "ship_on": consignment.ship_on.isoformat(),
    }
    return Request("POST", "/labels", body, key)


def read(response: Response) -> Labelled | Voided | Refused | Unknown:
    """The answer in a response.  What is not an answer (no response, an error of theirs) leaves us not knowing."""
    if response.status not in (200, 422):
        return Unknown()
    try:
        return _answer(msgspec.json.decode(response.body))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, binascii.Error):
        return Unknown()


def read_quotes(response: Response) -> Sequence[Quote] | Refused | Unknown:
    """The prices in a response."""
    if response.status == 422:
        answer = read(response)
        return answer if isinstance(answer, Refused) else Unknown()
    if response.status != 200:
        return Unknown()
    try:
        return [
            Quote(
                str(one["service"]),
                str(one["name"]),
                Money(int(one["price_minor"]), str(one["currency"])),
                int(one["days_least"]),
                int(one["days_most"]),
            )
            for one in msgspec.json.decode(response.body)["quotes"]
        ]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return Unknown()


def read_scans(body: bytes) -> list[ScanTold]:
    """The scans in a message or an answer; words that we do not know say nothing of where a package is."""
    return [
        ScanTold(
            message_id=str(one["id"]),
            tracking_number=str(one["tracking_number"]),
            stage=STAGES[one["code"]],
            happened_at=_moment(one["at"]),
            time_zone=str(one["time_zone"]),
            place=str(one["place"]),
            words=str(one["words"]),
            taken_by=str(one.get("taken_by", "")),
            left_where=str(one.get("left_where", "")),
        )
        for one in msgspec.json.decode(body)["scans"]
        if one["code"] in STAGES
    ]


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def _answer(said: Mapping[str, Any]) -> Labelled | Voided | Refused | Unknown:
    match said["status"]:
        case "labelled":
            return Labelled(
                str(said["tracking_number"]),
                base64.b64decode(said["document"], validate=True),
                Money(int(said["price_minor"]), str(said["currency"])),
                str(said["tracking_url"]),
            )
        case "voided":
            return Voided()
        case "refused":
            return Refused(REASONS.get(said["reason"], Reason.OTHER), str(said["message"]))
    return Unknown()
