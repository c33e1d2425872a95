"""Every request that changes something is one transaction, run again after a deadlock, and done once per key.

With `Idempotency-Key`, the answer (a success, or a business refusal) is remembered in the same transaction as the work.
A refusal undoes the work, and is remembered all the same.  Malformed requests and failures are not remembered.

    @router.post("/orders/{number}/cancel", …)          nothing to say: this is so for every endpoint
    @asks_outside                                       its flow calls a provider: no transaction is open around it
    @personal(read_again=customer_by_id)                its answer tells of a person: only its `id` is remembered
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from ninja.operation import Operation
from ninja.responses import Status

from orderwright.api import problems
from orderwright.kernel import idempotency
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict

T = TypeVar("T")
Handler = TypeVar("Handler", bound=Callable[..., Any])
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
HEADER = "Idempotency-Key"
BUSINESS = 409  # a refusal of the shop, which is remembered
LONGEST_KEY = 255
SAID_BEFORE = "Idempotency-Replayed"


class BadKey(Refusal):
    code = "bad_idempotency_key"
    status = 422
    sentence = _("An idempotency key has 1 to 255 visible ASCII characters.")


def asks_outside(handler: Handler) -> Handler:
    """The handler's flow calls the outside world: it opens and closes its own transactions."""
    handler.asks_outside = True  # type: ignore[attr-defined]
    return handler


def personal(read_again: Callable[[HttpRequest, Any], Any]) -> Callable[[Handler], Handler]:
    """The handler's answer holds personal data, so only its `id` is remembered; `read_again` answers by it later."""

    def mark(handler: Handler) -> Handler:
        handler.read_again = read_again  # type: ignore[attr-defined]
        return handler

    return mark


def key_of(said: str | None) -> str | None:
    """The idempotency key in a header; None where it is left out.  Refused where it is not one."""
    if said is None:
        return None
    key = said.strip()
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise BadKey()
    return key


def once(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap the work of an operation that changes something (a decorator of django-ninja's mode "view")."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    if not CHANGING.isdisjoint(operation.methods):
        operation.view_func = _Once(operation)
    return run


class _Once:
    """An operation's handler, called as if it were the handler itself."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.handler = operation.view_func
        self.__name__ = self.handler.__name__
        self.__module__ = self.handler.__module__
        self.outside = getattr(self.handler, "asks_outside", False)
        self.read_again = getattr(self.handler, "read_again", None)

    def __call__(self, request: HttpRequest, **values: Any) -> HttpResponseBase:
        keyed = request.method == "POST" and self.operation.auth_callbacks  # keys belong to clients
        key = key_of(request.headers.get(HEADER)) if keyed else None
        if self.outside:
            return self._between_transactions(request, values, key)
        return _whole(lambda: self._in_one_transaction(request, values, key))

    def _in_one_transaction(self, request: HttpRequest, values: dict[str, Any], key: str | None) -> HttpResponseBase:
        with transaction.atomic():
            if key is None:
                return self._answer(request, values)
            client_id, asked = _asked(request)
            known = idempotency.claim(client_id, key, asked)
            if known is not None:
                return self._said_before(request, known)
            answer = self._work_or_refusal(request, values)
            idempotency.settle(client_id, key, answer.status_code, self._to_remember(answer))
            return answer

    def _between_transactions(self, request: HttpRequest, values: dict[str, Any], key: str | None) -> HttpResponseBase:
        """The key is taken and committed before the outside is asked, so that no second request asks meanwhile.

        Should we fail in between, the key stays taken: nobody knows what the outside did, so asking twice is worse.
        """
        if key is None:
            return self._answer(request, values)
        client_id, asked = _asked(request)
        with transaction.atomic():
            known = idempotency.claim(client_id, key, asked)
        if known is not None:
            return self._said_before(request, known)
        try:
            answer = self._answer(request, values)
        except Refusal as refusal:
            answer = problems.response(request, refusal)
        idempotency.settle(client_id, key, answer.status_code, self._to_remember(answer))
        return answer

    def _work_or_refusal(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        try:
            with transaction.atomic():
                return self._answer(request, values)
        except Refusal as refusal:
            if refusal.status != BUSINESS:
                raise  # what is not there, or cannot be right, did not get as far: its key stays free
            return problems.response(request, refusal)

    def _answer(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        result = self.handler(request, **values)
        return self._rendered(request, result, values)

    def _rendered(self, request: HttpRequest, result: Any, values: dict[str, Any]) -> HttpResponse:
        held = [value for value in values.values() if isinstance(value, HttpResponse)]
        blank = held[0] if held else self.operation.api.create_temporal_response(request)
        answer = self.operation._result_to_response(request, result, blank)
        assert isinstance(answer, HttpResponse)
        return answer

    def _to_remember(self, answer: HttpResponse) -> str:
        if self.read_again is None:
            return answer.content.decode()
        document = msgspec.json.decode(answer.content)
        kept = ("type", "title", "status", "code") if answer.status_code >= 400 else ("id",)
        return msgspec.json.encode({name: document[name] for name in kept}).decode()

    def _said_before(self, request: HttpRequest, known: idempotency.Answer) -> HttpResponse:
        assert known.status is not None
        assert known.body is not None
        if self.read_again is not None and known.status < 400:
            found = self.read_again(request, msgspec.json.decode(known.body)["id"])
            answer = self._rendered(request, Status(known.status, found), {})
        else:
            kind = problems.CONTENT_TYPE if known.status >= 400 else "application/json; charset=utf-8"
            answer = HttpResponse(known.body, status=known.status, content_type=kind)
        answer[SAID_BEFORE] = "true"
        return answer


def _whole(work: Callable[[], T]) -> T:
    """Run again after a deadlock, unless this is a part of a transaction: then only the whole can be run again."""
    return work() if connection.in_atomic_block else again_on_conflict(work)


def _asked(request: HttpRequest) -> tuple[int, bytes]:
    """Whose request it is, and what tells it from another."""
    assert request.method is not None
    client_id: int = request.auth.id  # type: ignore[attr-defined]
    return client_id, idempotency.fingerprint(request.method, request.get_full_path(), request.body)
