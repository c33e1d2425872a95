"""What a placed order is told to whoever placed it, and to everyone who reads the feed: the facts of `order.placed`.

Amounts are decimal numbers as text.  No personal data: the customer is a number.
"""

from typing import Any

from msgspec import Struct


class Reserved(Struct, frozen=True, gc=False):
    location: str
    quantity: int


class ReceiptPart(Struct, frozen=True, gc=False):
    """A part of a kit."""

    position: int
    sku: str
    quantity: int
    reserved: list[Reserved]
    backordered: int


class ReceiptLine(Struct, frozen=True, gc=False):
    position: int
    sku: str
    quantity: int
    unit_price: str
    total: str
    reserved: list[Reserved]
    backordered: int
    wanted: int  # units asked for; more than `quantity` where only what there is was taken
    parts: list[ReceiptPart]  # of a kit, which has none of its own reserved


class ReceiptAdjustment(Struct, frozen=True, gc=False):
    kind: str
    label: str
    amount: str
    line: int | None
    included: bool


class ReceiptTender(Struct, frozen=True, gc=False):
    id: int
    method: str
    amount: str


class Receipt(Struct, frozen=True, gc=False, omit_defaults=True):
    number: str
    channel: str
    reference: str | None
    customer: int
    placed_at: str
    status: str
    fulfilment: str
    payment: str
    currency: str
    total: str
    lines: list[ReceiptLine]
    adjustments: list[ReceiptAdjustment]
    tenders: list[ReceiptTender]
    sourcing: dict[str, Any]
    delivery_option: str = ""  # what the buyer chose; left out where nothing was chosen
