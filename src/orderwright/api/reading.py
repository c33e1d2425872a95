"""Reading what a request brings, before any field is looked at.

JSON is read strictly (UTF-8, no lone surrogates, nesting that ends).  A text with a NUL and a number beyond 64 bits are
refused here, for every endpoint, since PostgreSQL stores neither.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.operation import Operation
from ninja.parser import Parser

from orderwright.api.problems import FieldError, InvalidFields, Malformed, NotJson, pointer_to

BIGGEST = 2**63 - 1


class StrictParser(Parser):
    """How django-ninja gets at bodies and queries here."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type not in ("application/json", ""):
            raise NotJson()
        found = read_json(request.body)
        refuse_unstorable(found, "body")
        return found

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        found = super().parse_querydict(data, list_fields, request)
        refuse_unstorable(found, "query")
        return found


def only_known(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse parameters of a query that an operation does not have (a decorator of django-ninja's mode "view").

    A misspelled filter would otherwise be taken for none, and answer with everything.
    """
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    models = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    names = frozenset(name for model in models for name in model.__ninja_flatten_map__)
    handler = operation.view_func

    @functools.wraps(handler)
    def checked(request: HttpRequest, **values: Any) -> Any:
        refuse_unknown(request.GET, names)
        return handler(request, **values)

    operation.view_func = checked
    return run


def refuse_unknown(said: Iterable[str], names: Collection[str]) -> None:
    """Refuse names of parameters that are not among `names`."""
    unknown = [name for name in said if name not in names]
    if unknown:
        problem = _("there is no such parameter here")
        raise InvalidFields(
            errors=[FieldError(name[:80], problem)._asdict() | {"in": "query"} for name in unknown[:20]]
        )


def read_json(body: bytes) -> Any:
    """The value that a JSON text holds; refused where it is not one."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(problem=str(error)[:200]) from error


def refuse_unstorable(found: Any, source: str) -> None:
    """Refuse what PostgreSQL cannot store, naming each place."""
    errors = [FieldError(place, problem)._asdict() | {"in": source} for place, problem in unstorable(found)]
    if errors:
        raise InvalidFields(errors=errors[:20])


def unstorable(found: Any) -> Iterator[tuple[str, str]]:
    """The places of a JSON value that PostgreSQL cannot store, and what is wrong with them."""
    waiting: list[tuple[tuple[object, ...], Any]] = [((), found)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value:
                yield pointer_to(path), _("a text cannot hold the character U+0000")
        elif isinstance(value, dict):
            if any("\x00" in name for name in value):
                yield pointer_to(path), _("a name cannot hold the character U+0000")
            waiting += [((*path, name), part) for name, part in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, place), part) for place, part in enumerate(value)]
        elif isinstance(value, int) and not -BIGGEST <= value <= BIGGEST:
            yield pointer_to(path), _("a number cannot have more than 64 bits")
