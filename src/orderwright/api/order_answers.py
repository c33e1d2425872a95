"""What orders look like from outside: the answers of /v1/orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from orderwright.kernel import money
from orderwright.orders.queries import Listed, OrderSeen
from orderwright.orders.status import Fulfilment, Payment, Status
from orderwright.payments.queries import TenderSeen


class OrderListed(Schema):
    number: str
    channel: str
    reference: str | None = Field(description="The channel's own name for it.")
    customer: int
    placed_at: datetime
    status: Status = Field(description="The next thing that somebody waits for.")
    fulfilment: Fulfilment
    payment: Payment
    currency: str
    total: str
    captured: str
    refunded: str
    secured: str = Field(description="Authorized, or trusted to come.")
    units: int = Field(description="Units that are not canceled.")
    holds: int


class WhereOut(Schema):
    bucket: str
    location: str | None = Field(description="null: nowhere yet.")
    quantity: int


class LineOut(Schema):
    position: int
    kit: int | None = Field(description="The position of the kit's line that this is a part of.")
    sku: str
    name: str
    is_kit: bool
    quantity: int
    unit_price: str
    total: str
    where: list[WhereOut] = Field(description="Where its units are; a kit's are its parts'.")


class AdjustmentOut(Schema):
    line: int | None = Field(description="The position of its line; null: the whole order's.")
    kind: str
    label: str
    amount: str
    included: bool = Field(description="Inside the prices already, so the total does not change.")


class HoldOut(Schema):
    id: int
    reason: str
    note: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class NoteOut(Schema):
    id: int
    text: str
    written_by: str
    written_at: datetime


class OrderAddressOut(Schema):
    name: str
    company: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    phone: str


class OrderTenderOut(Schema):
    id: int
    method: str
    amount: str
    money: dict[str, str] = Field(description="Where its money is: bucket and amount; empty ones are left out.")


class OrderOut(OrderListed):
    when_short: str
    ship_to: OrderAddressOut | None
    bill_to: OrderAddressOut | None
    delivery_option: str = Field(description="What the buyer chose; empty: the default for where it goes.")
    gift_message: str = Field(description="Printed on the packing slip.")
    hide_prices: bool = Field(description="A gift: what comes with the goods names no prices.")
    lines: list[LineOut]
    adjustments: list[AdjustmentOut]
    tenders: list[OrderTenderOut]
    standing_holds: list[HoldOut]
    lifted_holds: list[HoldOut]
    notes: list[NoteOut]
    tags: list[str]


class MomentOut(Schema):
    place: int
    event: int
    kind: str
    sentence: str
    actor: str
    at: datetime
    facts: dict[str, Any]


def listed(order: Listed) -> dict[str, Any]:
    """An order as an `OrderListed`."""

    def write(amount: int) -> str:
        return money.write(amount, order.currency)

    return {
        **order._asdict(),
        "customer": order.customer_id,
        "total": write(order.total_minor),
        "captured": write(order.captured_minor),
        "refunded": write(order.refunded_minor),
        "secured": write(order.secured_minor),
    }


def whole(order: OrderSeen, tenders: Sequence[TenderSeen]) -> dict[str, Any]:
    """An order as an `OrderOut`."""
    currency = order.head.currency
    positions = {line.id: line.position for line in order.lines}
    return {
        **order._asdict(),
        **listed(order.head),
        "delivery_option": order.wish.delivery_option,
        "gift_message": order.wish.gift_message,
        "hide_prices": order.wish.hide_prices,
        "lines": [
            {
                **line._asdict(),
                "unit_price": money.write_micros(line.unit_price_micros),
                "total": money.write(line.total_minor, currency),
            }
            for line in order.lines
        ],
        "adjustments": [
            {
                **one._asdict(),
                "line": positions.get(one.line_id) if one.line_id is not None else None,
                "amount": money.write(one.amount_minor, currency),
            }
            for one in order.adjustments
        ],
        "tenders": [
            {
                "id": tender.id,
                "method": tender.method,
                "amount": money.write(tender.amount_minor, currency),
                "money": {bucket: money.write(left, currency) for bucket, left in tender.balances.items() if left},
            }
            for tender in tenders
        ],
        "standing_holds": [hold for hold in order.holds if hold.lifted_at is None],
        "lifted_holds": [hold for hold in order.holds if hold.lifted_at is not None],
    }
