"""Sorting the lines of an order: goods become order lines, charges become adjustments, the rest is refused."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from orderwright.adapters.csv_files import cells
from orderwright.channels.ports import Document, Kept, Line
from orderwright.kernel import money
from orderwright.orders.drafting import MOST_LINES, AdjustmentDraft, Draft, LineDraft

Charge = tuple[Literal["discount", "shipping", "fee", "tax"], str]  # kind of the adjustment, and its label


class Sorted:
    """The lines of one document that is an order, as they are put where they belong."""

    def __init__(self, currency: str, charges: Mapping[str, Charge]) -> None:
        self.currency, self.codes = currency, charges
        self.lines: list[LineDraft] = []
        self.adjustments: list[AdjustmentDraft] = []
        self.order_lines: list[Line] = []
        self.charges: list[Line] = []
        self.refused: list[Kept] = []

    def add(
        self, line: Line, sku_text: str, name: str, quantity: int | None, price_text: str, price: int | None
    ) -> None:
        """Sort one line.  `price_text` is the price with a point before its decimals, `price` in millionths."""
        sku = cells.code(sku_text)
        if sku is None or not quantity or price is None:
            self.refused.append(Kept(line, "malformed"))
        elif sku in self.codes:
            self.charges.append(line)
            self.adjustments.append(self._adjustment(self.codes[sku], quantity, price))
        elif quantity < 0 or price < 0:
            self.refused.append(Kept(line, "negative"))
        else:
            self.order_lines.append(line)
            self.lines.append(LineDraft(sku, quantity, price_text, cells.text(name)))

    def document(
        self, reference: str, at: datetime | None, draft: Callable[[list[LineDraft], list[AdjustmentDraft]], Draft]
    ) -> Document:
        """All lines in their places.  An order needs goods, and has no more lines than an order may have."""
        lines, charges, refused = self.order_lines, self.charges, self.refused
        if not lines:
            refused = refused + [Kept(line, "no_goods") for line in charges]
        elif len(lines) > MOST_LINES or len(charges) > MOST_LINES:
            refused = refused + [Kept(line, "too_many_lines") for line in (*lines, *charges)]
        else:
            return Document(reference, at, draft(self.lines, self.adjustments), lines, charges, (), (), refused)
        return kept(reference, at, refused=refused)

    def _adjustment(self, charge: Charge, quantity: int, price: int) -> AdjustmentDraft:
        """A charge as an adjustment; what takes off the total is a discount, whatever it is called."""
        kind, label = charge
        amount = money.line_total(quantity, price, self.currency)
        if amount < 0:
            kind = "discount"
        elif kind == "discount" and amount > 0:
            kind = "fee"
        return AdjustmentDraft(kind=kind, label=label, amount=money.write(amount, self.currency))


def kept(
    reference: str, at: datetime | None, *, waiting: Sequence[Kept] = (), refused: Sequence[Kept] = ()
) -> Document:
    """A document of which nothing is made now."""
    return Document(reference, at, None, (), (), (), waiting, refused)
