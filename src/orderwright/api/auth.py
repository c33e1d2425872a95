"""Who calls: API keys in `Authorization: Bearer ow_…`, their scopes, and how often they may call."""

import math
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from orderwright.kernel import actors
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.staff.keys import Client, client_for
from orderwright.staff.limits import seconds_to_wait
from orderwright.staff.permissions import SCOPES


class Unauthenticated(Refusal):
    code = "unauthenticated"
    status = 401
    sentence = _("An API key is needed: Authorization: Bearer ow_…")


class ScopeMissing(Refusal):
    code = "scope_missing"
    status = 403
    sentence = _("This key lacks the scope {scope}.")


class TooManyCalls(Refusal):
    code = "too_many_calls"
    status = 429
    sentence = _("This key may make {calls_per_minute} calls a minute. Try again in {retry_after_seconds} s.")


def bearer(authorization: str) -> str:
    """The token in an Authorization header; empty where it holds none."""
    scheme, _space, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def admit(client: Client | None, scope: str, *, calls: int = 1) -> Client:
    """Let a client in who has the scope and calls no more often than it may; else refuse."""
    if client is None:
        raise Unauthenticated()
    wait = seconds_to_wait(client, calls)
    if wait:
        raise TooManyCalls(calls_per_minute=client.calls_per_minute, retry_after_seconds=math.ceil(wait))
    if scope not in client.scopes:
        raise ScopeMissing(scope=scope)
    return client


def actor(request: Any) -> Actor:
    """The client of a request, as events name it."""
    return actors.client(request.auth.id)


class ApiKey(HttpBearer):
    """An API key with a scope, as django-ninja asks for it."""

    def __init__(self, scope: str) -> None:
        assert scope in SCOPES, scope
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Client:
        return self.authenticate(request, bearer(request.headers.get("Authorization", "")))

    def authenticate(self, request: HttpRequest, token: str) -> Client:
        return admit(client_for(token), self.scope)


def needs(scope: str) -> ApiKey:
    """`@router.post(…, auth=needs("stock:write"))`: the caller's key must have this scope."""
    return ApiKey(scope)
