"""The page of an order once more for programs: schema.org's Order and ParcelDelivery as JSON-LD."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from orderwright.kernel.money import write
from orderwright.orders.queries import OrderSeen
from orderwright.shipping.queries import PackageShown

STATUS = {
    "canceled": "OrderCancelled",
    "delivered": "OrderDelivered",
    "shipped": "OrderInTransit",
    "partly_shipped": "OrderInTransit",
    "returned": "OrderReturned",
    "unpaid": "OrderPaymentDue",
    "on_hold": "OrderProblem",
}


def order_as_json(found: OrderSeen, packages: Sequence[PackageShown]) -> SafeString:
    """A script element that holds data, which no browser runs; nothing in it ends it before its time."""
    head = found.head
    said = {
        "@context": "https://schema.org",
        "@type": "Order",
        "orderNumber": head.number,
        "orderDate": head.placed_at.isoformat(),
        "orderStatus": f"https://schema.org/{STATUS.get(head.status, 'OrderProcessing')}",
        "price": write(head.total_minor, head.currency),
        "priceCurrency": head.currency,
        "merchant": {"@type": "Organization", "name": settings.SHOP_NAME, "url": settings.SHOP_URL},
        "orderDelivery": [_delivery(package) for package in packages],
    }
    text = json.dumps(said, ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(f'<script type="application/ld+json">{safe}</script>')


def _delivery(package: PackageShown) -> dict[str, Any]:
    said: dict[str, Any] = {"@type": "ParcelDelivery"}
    if package.carrier:
        said["carrier"] = {"@type": "Organization", "name": package.carrier}
    if package.tracking_number:
        said["trackingNumber"] = package.tracking_number
    if package.tracking_url.startswith(("https://", "http://")):
        said["trackingUrl"] = package.tracking_url
    return said
