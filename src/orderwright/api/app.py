"""The REST API under /v1: one table of routers, a noun each.

OpenAPI 3.1 is at /v1/openapi.json, pages to try it at /v1/docs.  `api.once` makes every change a transaction,
`api.problems` turns what goes wrong into problem documents, `api.description` completes the OpenAPI document.
"""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

import orderwright
from orderwright.api import (
    carriers,
    channels,
    counts,
    customers,
    delivery_options,
    events,
    exceptions,
    fulfilment_orders,
    gift_cards,
    keys,
    letters,
    locations,
    order_edits,
    order_releases,
    orders,
    payments,
    products,
    promises,
    rates,
    shipments,
    skus,
    stock,
    stock_files,
    terms,
    transfers,
    webhook_deliveries,
    webhooks,
)
from orderwright.api.description import describe
from orderwright.api.once import once
from orderwright.api.problems import answer_with_problems
from orderwright.api.reading import StrictParser, only_known

ROUTERS: dict[str, Router] = {
    "events": events.router,
    "keys": keys.router,
    "orders": orders.router,
    "order edits": order_edits.router,
    "order releases": order_releases.router,
    "fulfilment orders": fulfilment_orders.router,
    "terms": terms.router,
    "skus": skus.router,
    "products": products.router,
    "channels": channels.router,
    "customers": customers.router,
    "locations": locations.router,
    "stock": stock.router,
    "stock files": stock_files.router,
    "transfers": transfers.router,
    "counts": counts.router,
    "payments": payments.router,
    "gift cards": gift_cards.router,
    "shipments": shipments.router,
    "delivery options": delivery_options.router,
    "carriers": carriers.router,
    "rates": rates.router,
    "promises": promises.router,
    "exceptions": exceptions.router,
    "letters": letters.router,
    "webhooks": webhooks.router,
    "webhook deliveries": webhook_deliveries.router,
}


class Json(BaseRenderer):
    """Answers as compact JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data, enc_hook=str)


class Api(NinjaAPI):
    """django-ninja, with the OpenAPI document completed by what all endpoints have in common."""

    def get_openapi_schema(self, **options: Any) -> Any:
        return describe(self, super().get_openapi_schema(**options))

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """Words before parameters: `orders/cancel` is not the order whose number is "cancel"."""
        return sorted(super()._get_urls(), key=lambda url: ["<" in part for part in str(url.pattern).split("/")])

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Orderwright",
    version=orderwright.__version__,
    description="Orders, stock, payments and everything that happens to them.",
    urls_namespace="v1",
    docs_url=None,
    parser=StrictParser(),
    renderer=Json(),
)
api.add_decorator(only_known, mode="view")
api.add_decorator(once, mode="view")
answer_with_problems(api)
for noun, router in ROUTERS.items():
    api.add_router("", router, tags=[noun])
