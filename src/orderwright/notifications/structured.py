"""What a letter says, once more for the reader's programs: schema.org's Order and ParcelDelivery as JSON-LD."""

import json
from typing import Any

from django.conf import settings

from orderwright.kernel.money import write as write_money
from orderwright.notifications.gathering import Gathered

STATUS = {
    "canceled": "OrderCancelled",
    "partly_canceled": "OrderProcessing",
    "order_edited": "OrderProcessing",
    "payment_due": "OrderPaymentDue",
    "shipped": "OrderInTransit",
    "out_for_delivery": "OrderInTransit",
    "delivery_failed": "OrderProblem",
    "package_lost": "OrderProblem",
    "package_returned": "OrderReturned",
    "ready_for_pickup": "OrderPickupAvailable",
    "delivered": "OrderDelivered",
}


def write(letter: Gathered) -> str:
    """The JSON text of a letter's script element; it ends no element before its time."""
    said = json.dumps(_delivery(letter) if letter.package else _order(letter), ensure_ascii=False)
    return said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _order(letter: Gathered) -> dict[str, Any]:
    return _stub(letter) | {
        "priceCurrency": letter.currency,
        "price": write_money(letter.total_minor, letter.currency),
        "acceptedOffer": [
            {
                "@type": "Offer",
                "itemOffered": {"@type": "Product", "name": line.name, "sku": line.sku},
                "price": write_money(line.total_minor, letter.currency),
                "priceCurrency": letter.currency,
                "eligibleQuantity": {"@type": "QuantitativeValue", "value": line.quantity},
            }
            for line in letter.lines
            if line.kit is None
        ],
    }


def _delivery(letter: Gathered) -> dict[str, Any]:
    package = letter.package
    assert package is not None
    by_position = {line.position: line for line in letter.lines}
    shipped = [
        {"@type": "Product", "name": by_position[position].name, "sku": by_position[position].sku}
        for position, _quantity in package.contents
        if position in by_position
    ]
    said: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "ParcelDelivery",
        "partOfOrder": {name: value for name, value in _stub(letter).items() if name != "@context"},
        "itemShipped": shipped,
        "deliveryAddress": {"@type": "PostalAddress", "name": letter.ship_to["name"],
                            "streetAddress": letter.ship_to["street"], "postalCode": letter.ship_to["postal_code"],
                            "addressLocality": letter.ship_to["city"], "addressCountry": letter.ship_to["country"]},
    }  # fmt: skip
    promised = [letter.promises.get(position) for position, _quantity in package.contents]
    days = [one.day for one in promised if one is not None and one.day is not None]
    if days:
        said["expectedArrivalUntil"] = max(days).isoformat()
    if package.carrier:
        said["carrier"] = {"@type": "Organization", "name": package.carrier}
    if package.tracking_number:
        said["trackingNumber"] = package.tracking_number
    if package.tracking_url.startswith(("https://", "http://")):
        said["trackingUrl"] = package.tracking_url
    return said


def _stub(letter: Gathered) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "Order",
        "orderNumber": letter.number,
        "orderStatus": f"http://schema.org/{STATUS.get(letter.kind, 'OrderProcessing')}",
        "merchant": {"@type": "Organization", "name": settings.SHOP_NAME, "url": settings.SHOP_URL},
    }
    if letter.placed_at:
        said["orderDate"] = letter.placed_at.isoformat()
    return said
