"""`POST /v1/orders` and `/v1/orders/batch`, answered without Django: parsed, handed to the counter, and told.

`front` calls these from its event loop; the counter places in its own thread.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext_lazy as _

from orderwright.api import problems
from orderwright.api.auth import ScopeMissing, admit, bearer
from orderwright.api.once import key_of
from orderwright.counter import Counter
from orderwright.flows.place_orders import Outcome, Placed, Refused, Request
from orderwright.kernel import actors
from orderwright.kernel.errors import Refusal
from orderwright.kernel.idempotency import KeyReused, fingerprint
from orderwright.orders.checking import checked
from orderwright.orders.drafting import Draft
from orderwright.payments.methods import MANUAL
from orderwright.staff.keys import Client, client_for

log = logging.getLogger(__name__)

MOST_IN_A_BATCH = 500
MOST_LINES_IN_A_BATCH = 5000  # all of a batch is one transaction, which is to stay short

JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", problems.CONTENT_TYPE.encode())
REPLAYED = (b"idempotency-replayed", b"true")


class Asked(NamedTuple):
    """A request, as far as placing cares."""

    path: str
    headers: Mapping[bytes, bytes]  # names in lower case
    body: bytes


class Told(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many drafts; each is placed or refused by itself."""

    orders: list[Draft]


class TooManyOrders(Refusal):
    code = "too_many_orders"
    status = 422
    sentence = _("A batch has 1 to {most} orders.")


class TooManyLines(Refusal):
    code = "too_many_lines"
    status = 422
    sentence = _("The orders of a batch have {most} lines together at most.")


_draft = msgspec.json.Decoder(Draft).decode
_batch = msgspec.json.Decoder(Batch).decode


async def place_order(asked: Asked, counter: Counter) -> Told:
    """Place one order: 201 with its receipt, or a problem."""
    try:
        client = _client(asked)
        key = _key(asked)
        draft = _decode(asked, _draft)
        _may(client, draft)
        request = _request(client, checked(draft), key, asked)
        (outcome,) = await asyncio.wrap_future(counter.hand_in([request]))
    except Refusal as refusal:
        return _refused(refusal, asked)
    except Exception:
        log.exception("POST %s failed", asked.path)
        return _refused(problems.Failed(), asked)
    if not isinstance(outcome, Placed):
        return _refused(outcome.refusal, asked, again=outcome.again)
    headers = [JSON, (b"location", b"/v1/orders/" + outcome.number.encode())]
    return Told(201, [*headers, REPLAYED] if outcome.again else headers, outcome.receipt)


async def place_orders(asked: Asked, counter: Counter) -> Told:
    """Place many orders: 200 with an answer for each, `{"order": receipt}` or `{"problem": document}`."""
    try:
        _client(asked, calls=0)  # who may not place has nothing read
        batch = _decode(asked, _batch)
        if not 1 <= len(batch.orders) <= MOST_IN_A_BATCH:
            raise TooManyOrders(most=MOST_IN_A_BATCH)
        if sum(len(draft.lines) for draft in batch.orders) > MOST_LINES_IN_A_BATCH:
            raise TooManyLines(most=MOST_LINES_IN_A_BATCH)
        client = _client(asked, calls=len(batch.orders))
        key = _key(asked)
        for draft in batch.orders:
            _may(client, draft)
        requests, refused = _requests(batch.orders, client, key, asked)
        answered = await asyncio.wrap_future(counter.hand_in(requests)) if requests else []
        placed = iter(answered)
        outcomes = [refused[index] if index in refused else next(placed) for index in range(len(batch.orders))]
        _same_batch(outcomes)
    except Refusal as refusal:
        return _refused(refusal, asked)
    except Exception:
        log.exception("POST %s failed", asked.path)
        return _refused(problems.Failed(), asked)
    return Told(200, [JSON], b'{"orders":[' + b",".join(_one(outcome, asked) for outcome in outcomes) + b"]}")


def _client(asked: Asked, calls: int = 1) -> Client:
    token = bearer(asked.headers.get(b"authorization", b"").decode("latin-1"))
    return admit(client_for(token), "orders:write", calls=calls)  # `front` has made it known: this asks no database


def _key(asked: Asked) -> str | None:
    said = asked.headers.get(b"idempotency-key")
    return None if said is None else key_of(said.decode("latin-1"))


def _decode(asked: Asked, decode: Any) -> Any:
    content_type = asked.headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if content_type != b"application/json":
        raise problems.NotJson()
    if b"\\u0000" in asked.body:
        raise problems.InvalidFields(
            errors=[{"in": "body", "pointer": "", "problem": "A text holds a zero character."}]
        )
    try:
        return decode(asked.body)
    except msgspec.ValidationError as error:
        words, _at, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise problems.InvalidFields(errors=[{"in": "body", "pointer": pointer, "problem": words}]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise problems.Malformed(problem=str(error)) from error


def _may(client: Client, draft: Draft) -> None:
    """Some things only some keys may say: prices, when an order was placed, and that its money came already."""
    if draft.placed_at is not None:
        if "orders:backdate" not in client.scopes:
            raise ScopeMissing(scope="orders:backdate")
        if draft.placed_at.tzinfo is None:
            problem = "A time needs its time zone."
            raise problems.InvalidFields(errors=[{"in": "body", "pointer": "/placed_at", "problem": problem}])
    if "orders:price" not in client.scopes and (
        draft.adjustments or any(line.unit_price is not None for line in draft.lines)
    ):
        raise ScopeMissing(scope="orders:price")
    received = {method for method, manual in MANUAL.items() if manual.received}
    if "payments:write" not in client.scopes and any(tender.method in received for tender in draft.tenders):
        raise ScopeMissing(scope="payments:write")


def _request(client: Client, draft: Draft, key: str | None, asked: Asked) -> Request:
    print_ = fingerprint("POST", asked.path, asked.body) if key else b""
    return Request(draft, actors.client(client.id), client.id, key, print_)


def _requests(
    drafts: Sequence[Draft], client: Client, key: str | None, asked: Asked
) -> tuple[list[Request], dict[int, Refused]]:
    """A request for each draft, or why its people and places cannot be right, by its place in the batch."""
    print_ = fingerprint("POST", asked.path, asked.body)
    requests, refused = [], {}
    for index, draft in enumerate(drafts):
        own_key = f"{key} #{index}" if key else None
        try:
            requests.append(Request(checked(draft), actors.client(client.id), client.id, own_key, print_))
        except Refusal as refusal:
            refused[index] = Refused(refusal)
    return requests, refused


def _same_batch(outcomes: Sequence[Outcome]) -> None:
    """Another batch under the same key is refused as a whole."""
    for outcome in outcomes:
        if not isinstance(outcome, Placed) and isinstance(outcome.refusal, KeyReused):
            raise outcome.refusal


def _one(outcome: Outcome, asked: Asked) -> bytes:
    if isinstance(outcome, Placed):
        return b'{"order":' + outcome.receipt + b"}"
    return b'{"problem":' + problems.refused(outcome.refusal, _language(asked))[1] + b"}"


def _refused(refusal: Refusal, asked: Asked, *, again: bool = False) -> Told:
    status, body = problems.refused(refusal, _language(asked))
    headers = [PROBLEM, *((name.lower().encode(), value.encode()) for name, value in problems.headers(refusal).items())]
    return Told(status, [*headers, REPLAYED] if again else headers, body)


def _language(asked: Asked) -> str:
    return asked.headers.get(b"accept-language", b"").decode("latin-1")
