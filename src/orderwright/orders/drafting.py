"""What someone asks for before it is an order, as the API, a file or a page hands it to `flows.place_orders`.

Amounts are decimal numbers written as text ("12.50"), so that nothing is lost on the way in.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from orderwright.customers.drafting import AddressDraft, CustomerDraft, Text

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Decimal = Annotated[str, Meta(pattern=r"^-?\d{1,12}(\.\d{1,6})?$")]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]

WhenShort = Literal["refuse", "backorder", "take_what_there_is"]
MOST_LINES = 2000

__all__ = [
    "AddressDraft",
    "AdjustmentDraft",
    "CustomerDraft",
    "Decimal",
    "Draft",
    "LineDraft",
    "Quantity",
    "TenderDraft",
    "Text",
    "WhenShort",
    "Word",
]


class LineDraft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    sku: Word
    quantity: Quantity
    unit_price: Decimal | None = None  # the price list's, where it is left out
    name: Text = ""  # the SKU's, where it is left out


class AdjustmentDraft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An amount, or a rate of what it stands on: of one line, or of all lines.

    A rate of tax or discount is worked out on each line after the line's discounts.  Discounts are negative.
    `included` means: inside the prices already (a tax), so the total does not change.
    """

    kind: Literal["discount", "shipping", "fee", "tax"]
    label: Text = ""
    amount: Decimal | None = None
    rate: Decimal | None = None  # "0.19" is 19 %
    line: Annotated[int, Meta(ge=1)] | None = None  # its position, counted from 1
    included: bool = False


class TenderDraft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A means of payment: `method` is a provider's code, or a manual one (see payments.methods)."""

    method: Word
    amount: Decimal | None = None  # what the other tenders leave, where it is left out
    token: Annotated[str, Meta(max_length=500)] = ""  # what the payer's browser got from the provider


class Draft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    channel: Word
    lines: Annotated[list[LineDraft], Meta(min_length=1, max_length=MOST_LINES)]
    customer: CustomerDraft
    reference: Word | None = None  # the channel's own name for the order; the same one again is refused
    ship_to: AddressDraft | None = None
    bill_to: AddressDraft | None = None
    adjustments: Annotated[list[AdjustmentDraft], Meta(max_length=MOST_LINES)] = []
    tenders: Annotated[list[TenderDraft], Meta(max_length=10)] = []  # none: bank transfer
    when_short: WhenShort = "refuse"
    placed_at: datetime | None = None  # of a past that is replayed; now, where it is left out
    note: Annotated[str, Meta(max_length=5000)] = ""
    tags: Annotated[list[Word], Meta(max_length=50)] = []
    delivery_option: Word | None = None  # the default for where it goes, where it is left out
    gift_message: Annotated[str, Meta(max_length=1000)] = ""  # printed on the packing slip
    hide_prices: bool = False  # a gift: what comes with the goods names no prices
    expected_total: Decimal | None = None  # refused where the order comes to something else
