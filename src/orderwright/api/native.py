"""The endpoints that `front` answers itself, for speed or because they stream: their description, from the types."""

from typing import Any

import msgspec

from orderwright.api.placing import MOST_IN_A_BATCH, Batch
from orderwright.orders.drafting import Draft
from orderwright.orders.receipt import Receipt

TEMPLATE = "#/components/schemas/{name}"
ALLOWED = {"/v1/orders": "POST", "/v1/orders/batch": "POST", "/v1/events/stream": "GET"}


def native_schemas() -> dict[str, Any]:
    """The schemas of what those endpoints take and give."""
    _roots, components = msgspec.json.schema_components([Draft, Batch, Receipt], ref_template=TEMPLATE)
    components["Batch"]["properties"]["orders"] |= {"minItems": 1, "maxItems": MOST_IN_A_BATCH}
    return {**components, "Outcome": OUTCOME}


def native_paths() -> dict[str, dict[str, Any]]:
    """Their paths, as OpenAPI writes them."""
    return {
        "/v1/orders": {"post": _place_order()},
        "/v1/orders/batch": {"post": _place_orders()},
        "/v1/events/stream": {"get": _stream()},
    }


def _place_order() -> dict[str, Any]:
    return {
        "operationId": "place_order",
        "summary": "Place an order",
        "description": "Prices, checks and reserves in one step.  201 says: written, reserved, committed.",
        "tags": ["orders"],
        "x-scope": "orders:write",
        "requestBody": {"required": True, "content": _json(_named("Draft"))},
        "responses": {"201": {"description": "Placed.", "content": _json(_named("Receipt"))}},
    }


def _place_orders() -> dict[str, Any]:
    return {
        "operationId": "place_orders",
        "summary": "Place many orders",
        "description": "Each is placed or refused by itself, and answered in the same order.",
        "tags": ["orders"],
        "x-scope": "orders:write",
        "requestBody": {"required": True, "content": _json(_named("Batch"))},
        "responses": {"200": {"description": "What became of each.", "content": _json(OUTCOMES)}},
    }


def _stream() -> dict[str, Any]:
    return {
        "operationId": "stream_events",
        "summary": "Follow the feed",
        "description": "Server-sent events.  Each has its cursor as `id`; Last-Event-ID (or after=) goes on behind it.",
        "tags": ["events"],
        "x-scope": "events:read",
        "parameters": [
            {"name": "after", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 80}},
            {
                "name": "kind",
                "in": "query",
                "required": False,
                "schema": {
                    "type": "array",
                    "maxItems": 50,
                    "items": {"type": "string", "pattern": r"^[a-z_]+\.([a-z_]+|\*)$", "maxLength": 80},
                },
            },
            {"name": "order", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 100}},
            {"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}},
        ],
        "responses": {"200": {"description": "A stream.", "content": {"text/event-stream": {"schema": {}}}}},
    }


def _named(name: str) -> dict[str, Any]:
    return {"$ref": TEMPLATE.format(name=name)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


OUTCOME = {
    "description": "The receipt of an order that was placed, or the problem of one that was not.",
    "oneOf": [
        {"type": "object", "required": ["order"], "properties": {"order": _named("Receipt")}},
        {"type": "object", "required": ["problem"], "properties": {"problem": _named("Problem")}},
    ],
}
OUTCOMES = {
    "type": "object",
    "required": ["orders"],
    "properties": {"orders": {"type": "array", "items": _named("Outcome")}},
}
