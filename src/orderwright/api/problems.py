"""What went wrong, as a problem document (RFC 9457), in the caller's language.

`type` is `/problems/<code>`, `detail` the refusal's sentence, and its facts are members beside them.  Malformed
requests get one too, with an `errors` list that points (RFC 6901) at each field; what Django answers by itself is
translated.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from orderwright.kernel.errors import Refusal

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Malformed(Refusal):
    code = "malformed"
    status = 400
    sentence = _("The request's body is not the JSON text that is expected here: {problem}")


class NotJson(Refusal):
    code = "not_json"
    status = 415
    sentence = _("The request's body must be sent as application/json.")


class InvalidFields(Refusal):
    code = "invalid_fields"
    status = 422
    sentence = _("Some fields of the request are not as they must be.")


class OutOfRange(Refusal):
    code = "out_of_range"
    status = 422
    sentence = _("A value in the request is out of the range that can be stored.")


class NoSuchPage(Refusal):
    code = "no_such_page"
    status = 404
    sentence = _("There is nothing at this address.")


class NoSuchMethod(Refusal):
    code = "no_such_method"
    status = 405
    sentence = _("This address does not answer to that method.")


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    sentence = _("The request's body is larger than {limit} bytes.")


class BadRequest(Refusal):
    code = "bad_request"
    status = 400
    sentence = _("The request cannot be understood.")


class Failed(Refusal):
    code = "failed"
    status = 500
    sentence = _("Something went wrong on our side. Nothing was changed; the same request may be tried again.")


class Unavailable(Refusal):
    code = "unavailable"
    status = 503
    sentence = _("The database cannot be reached just now. The same request may be tried again soon.")


class FieldError(NamedTuple):
    """What is wrong with one field: a JSON pointer into the body, or the name of a parameter."""

    pointer: str
    problem: str


def problem(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the problem document of a refusal, in the language that is active."""
    words = refusal.code.replace("_", " ")
    return refusal.status, {
        **refusal.facts,
        "type": f"/problems/{refusal.code}",
        "title": words[:1].upper() + words[1:],
        "status": refusal.status,
        "detail": str(refusal),
        "code": refusal.code,
    }


def encoded(document: Mapping[str, Any]) -> bytes:
    """A problem document as JSON; what JSON has no form for is written as text."""
    return msgspec.json.encode(document, enc_hook=str)


def language_of(accept_language: str) -> str:
    """The language to answer in, of those we have, by the request's Accept-Language header."""
    for wanted, _weight in parse_accept_lang_header(accept_language[:200]):
        if wanted == "*":
            break
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return "en"


def refused(refusal: Refusal, accept_language: str = "") -> tuple[int, bytes]:
    """The HTTP status and the body of the answer to a refused request."""
    with translation.override(language_of(accept_language)):
        status, document = problem(refusal)
        return status, encoded(document)


def response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused request."""
    status, body = refused(refusal, request.headers.get("Accept-Language", ""))
    answer = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    for name, value in headers(refusal).items():
        answer[name] = value
    return answer


def headers(refusal: Refusal) -> dict[str, str]:
    """What a refusal says in headers too: how to authenticate, and when to come back."""
    if refusal.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="orderwright"'}
    if "retry_after_seconds" in refusal.facts:
        return {"Retry-After": str(refusal.facts["retry_after_seconds"])}
    return {}


def answer_with_problems(api: NinjaAPI) -> None:
    """Have all that is raised under `api` answered by a problem document."""
    for kind in (Refusal, ValidationError, HttpError, Http404, Exception):
        api.add_exception_handler(kind, of_exception)


def of_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The answer to a request whose handling raised."""
    assert isinstance(error, Exception)
    if isinstance(error, Refusal):
        return response(request, error)
    if isinstance(error, ValidationError):
        return response(request, InvalidFields(errors=list(map(_field_error, error.errors))))
    if isinstance(error, HttpError):
        cause = error.__cause__
        if isinstance(cause, Refusal):
            return response(request, cause)
        return response(request, _plain(error.status_code))
    if isinstance(error, Http404):
        return response(request, NoSuchPage())
    if isinstance(error, DataError):
        log.warning("A value of %s %s was refused by the database: %s", request.method, request.path, error)
        return response(request, OutOfRange())
    log.error("%s %s failed.", request.method, request.path, exc_info=error)
    if isinstance(error, OperationalError | InterfaceError):
        return response(request, Unavailable())
    return response(request, Failed())


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors.  A body's place begins with its argument's name, which the caller does not know."""
    place = [str(part) for part in error["loc"]]
    source, path = place[0], place[1:]
    pointer = pointer_to(path[1:]) if source == "body" else "".join(path[:1])
    return FieldError(pointer, error["msg"])._asdict() | {"in": source}


def pointer_to(path: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901): `/lines/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _plain(status: int) -> Refusal:
    return {404: NoSuchPage(), 405: NoSuchMethod(), 413: TooLarge(limit=0)}.get(status) or BadRequest()


class ProblemMiddleware:
    """Under /v1 all is said in the language of Accept-Language, and Django's own refusals become problem documents.

    Those are unknown addresses and methods, and hostile hosts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/v1/"):
            return self.get_response(request)
        with translation.override(language_of(request.headers.get("Accept-Language", ""))):
            answer = self.get_response(request)
        if answer.status_code < 400 or answer.get("Content-Type", "").startswith(CONTENT_TYPE):
            return answer
        translated = response(request, Failed() if answer.status_code >= 500 else _plain(answer.status_code))
        if answer.has_header("Allow"):
            translated["Allow"] = answer["Allow"]
        return translated
