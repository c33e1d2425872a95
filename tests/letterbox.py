"""An order to which everything happened that a letter tells."""

from builders import CLERK, AnOrder, PlacedOrder, a_shelf, a_sku, an_order
from django.db import transaction

from orderwright.catalog.models import Sku
from orderwright.customers.models import Customer
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel.events import Happening, record
from orderwright.orders.drafting import CustomerDraft
from orderwright.orders.locking import lock_orders
from orderwright.shipping.models import Package

BUYER = CustomerDraft(email="ada@example.org", name="Ada Löffler", phone="+4915112345678")
TRACKING = "https://parcels.example/track/JD014600006281230001"


def an_eventful_order(language: str = "de") -> PlacedOrder:
    """Two lines, one of them with units that wait; a parcel with a number; and every other event written by hand."""
    a_shelf("BERLIN", "TEE", 3)
    a_sku("CUP", when_short="backorder")
    a_shelf("BERLIN", "CUP", 2)
    Sku.objects.filter(code="TEE").update(name="First Flush Darjeeling, 250 g")
    Sku.objects.filter(code="CUP").update(name="Cup <large> & saucer")
    place = an_order().to("DE", name="Ada Löffler", street="Torstraße 5", postal_code="10119", city="Berlin")
    order = (
        place.with_line("TEE", 2, "12.50")
        .with_line("CUP", 4, "8.90")
        .with_adjustment("shipping", "4.90")
        .with_adjustment("tax", rate="0.19", included=True, label="VAT 19 %")
        .but(when_short="backorder")
    )
    placed = AnOrder(**{**order.__dict__, "customer": BUYER}).placed()
    Customer.objects.update(language=language)
    release_orders([Release(placed.id)], actor=CLERK)
    ship_orders([Ship(placed.id)], actor=CLERK)
    parcel = Package.objects.get()
    Package.objects.update(carrier="parcel_express", tracking_number="JD014600006281230001", tracking_url=TRACKING)
    happen(placed, EVENTS, parcel.name)
    return placed


@transaction.atomic
def happen(order: PlacedOrder, happenings: dict[str, dict[str, object]], parcel: str = "") -> None:
    """Write events down by hand."""
    lock_orders([order.id])
    of_package = {"package": parcel, "packages": [parcel]} if parcel else {}
    record(
        [
            Happening(kind, CLERK, {"number": order.number, **of_package, **facts}, order.id)
            for kind, facts in happenings.items()
        ]
    )


LATE = {"line": 1, "sku": "TEE", "was_deliver_on": "2026-11-25", "deliver_on": "2026-11-30", "reason": "in_work"}
WAITING = {"line": 2, "sku": "CUP", "was_deliver_on": "2026-12-01", "deliver_on": "2026-12-14", "reason": "receipt"}
SOONER = {"line": 1, "sku": "TEE", "was_deliver_on": "2026-12-24", "deliver_on": "2026-11-30", "reason": "in_stock"}
UNITS = [{"line": 2, "sku": "CUP", "quantity": 1, "location": "BERLIN"}]
PLACE = {"place": "Paketshop Torstraße 99, Berlin", "time_zone": "Europe/Berlin"}

# In this order, so that a letter of each kind finds its own event.
EVENTS: dict[str, dict[str, object]] = {
    "package.sent_out": PLACE,
    "package.made_ready": PLACE,
    "package.attempted": PLACE,
    "order.delivered": PLACE,
    "promise.changed": {"later": True, "lines": [LATE]},
    "order.partly_canceled": {"reason": "customer", "units": UNITS, "taken_back": "8.90", "currency": "EUR"},
    "order.canceled": {"reason": "customer", "units": UNITS, "taken_back": "8.90", "currency": "EUR"},
    "order.edited": {
        "reason": "customer",
        "total_before": "65.50",
        "total": "65.50",
        "currency": "EUR",
        "taken_back": "0.00",
        "tells_customer": True,
    },
    "tender.refunded": {"amount_minor": 890, "currency": "EUR", "method": "card"},
    "package.lost": {**PLACE, "units": UNITS},
    "package.returned": {**PLACE, "units": UNITS},
    "tender.expiring": {"amount_minor": 6550, "currency": "EUR"},
}
