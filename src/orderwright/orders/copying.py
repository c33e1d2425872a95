"""Copying: an order like another one, at today's prices and without its discounts."""

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.kernel import money
from orderwright.orders.drafting import AdjustmentDraft, Draft, LineDraft
from orderwright.orders.editing import taxes_of
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.queries import AddressSeen, OrderSeen
from orderwright.orders.units import OrderUnits
from orderwright.orders.wishing import Wished


def draft_like(order: OrderSeen, units: OrderUnits, customer: CustomerDraft, wished: Wished) -> Draft:
    """What would be ordered again: all lines as they were, delivery at what it cost, taxes at the order's rates."""
    sold = [line for line in order.lines if line.kit is None]
    shipping = sum(one.amount_minor for one in order.adjustments if one.kind == AdjustmentKind.SHIPPING)
    adjustments = (
        [AdjustmentDraft("shipping", "shipping", money.write(shipping, order.head.currency))] if shipping else []
    )
    adjustments += [
        AdjustmentDraft("tax", tax.label, rate=money.write_micros(tax.rate_micros), included=tax.included)
        for tax in taxes_of(units, order.adjustments)
    ]
    return Draft(
        channel=order.head.channel,
        lines=[LineDraft(line.sku, line.quantity) for line in sold],
        customer=customer,
        ship_to=_drafted(order.ship_to),
        bill_to=_drafted(order.bill_to),
        adjustments=adjustments,
        when_short="backorder",
        delivery_option=wished.delivery_option or None,
    )


def _drafted(address: AddressSeen | None) -> AddressDraft | None:
    if address is None:
        return None
    return AddressDraft(
        name=address.name,
        company=address.company,
        street=address.street,
        postal_code=address.postal_code,
        city=address.city,
        region=address.region,
        country=address.country,
        phone=address.phone,
    )
