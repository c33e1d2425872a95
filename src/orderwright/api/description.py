"""Completing the OpenAPI document: what all endpoints have in common, and those that `front` answers itself."""

import re
from typing import Any

import msgspec
from ninja import NinjaAPI

from orderwright.api.native import native_paths, native_schemas
from orderwright.api.once import CHANGING, HEADER, LONGEST_KEY
from orderwright.api.problems import CONTENT_TYPE

MEANINGS = {
    400: "The request is malformed.",
    401: "No key, or one that opens nothing.",
    403: "The key lacks the scope.",
    404: "Something that the request names is not there.",
    409: "The state of the shop does not allow it, and `code` says why.",
    412: "It was changed meanwhile: another version than If-Match says.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    422: "A field is not as it must be, or the request can never be right.",
    428: "If-Match is missing.",
    429: "Too many calls; Retry-After says when to come back.",
    503: "The database cannot be reached.",
}

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).  The facts of a refusal are members beside these.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "A sentence in the language of Accept-Language."},
        "code": {"type": "string", "examples": ["not_found"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "problem", "in"],
                "properties": {
                    "pointer": {"type": "string"},
                    "problem": {"type": "string"},
                    "in": {"type": "string"},
                },
            },
        },
    },
}

KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The same key and the same request get the same answer again, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}


def describe(api: NinjaAPI, document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of `api`, completed."""
    document["paths"] = dict(sorted(document["paths"].items()))
    for path, operations in native_paths().items():
        document["paths"].setdefault(path, {}).update(operations)
    document["components"].setdefault("schemas", {}).update({**native_schemas(), "Problem": PROBLEM})
    scopes = _scopes(api)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path, method.upper(), operation, scopes)
    plain: dict[str, Any] = msgspec.to_builtins(dict(document), str_keys=True, enc_hook=str)
    return plain


def _complete(path: str, method: str, operation: dict[str, Any], scopes: dict[str, str]) -> None:
    scope = scopes.get(operation["operationId"]) or operation.pop("x-scope", None)
    if scope:
        operation["security"] = [{"ApiKey": [scope]}]
        said = operation.get("description", "")
        operation["description"] = re.sub(r"\s*\n\s*", "\n", f"{said}\n\nNeeds the scope `{scope}`.".strip())
    if method == "POST" and scope:
        operation.setdefault("parameters", []).append(KEY_PARAMETER)
    responses = operation["responses"]
    for status in _refusals(path, method, operation):
        if status not in responses and str(status) not in responses:
            responses[status] = {
                "description": MEANINGS[status],
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """The statuses of the problems that such an operation may answer with."""
    statuses = [400, 413, 422, 503]
    if "security" in operation:
        statuses += [401, 403, 429]
    if "requestBody" in operation:
        statuses += [415]
    if "{" in path or method in CHANGING or operation.get("parameters"):
        statuses += [404]
    if method in CHANGING:
        statuses += [409]
    if method in ("PATCH", "PUT"):
        statuses += [412, 428]
    return sorted(statuses)


def _scopes(api: NinjaAPI) -> dict[str, str]:
    """The scope that each operation needs, by the operation's id."""
    return {
        operation.operation_id or api.get_openapi_operation_id(operation): callback.scope
        for bound in api._get_bound_routers()
        for view in bound.path_operations.values()
        for operation in view.operations
        for callback in operation.auth_callbacks
        if hasattr(callback, "scope")
    }
