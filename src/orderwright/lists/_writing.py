"""Writing orders as CSV: what spreadsheets open, and in which no cell is a formula."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orderwright.kernel.money import decimals
from orderwright.lists import searching
from orderwright.lists.searching import Row

BYTE_ORDER_MARK = "\ufeff"  # by which some spreadsheets know that it is UTF-8
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(orders: Sequence[int], words: Mapping[str, Any], *, first: bool) -> bytes:
    """These orders, a row each, in their order; the first part begins with the names of the columns."""
    columns = ["number", "status", *[column for column in words["columns"] if column in CELLS]]
    columns = [cell for column in columns for cell in ((column, "currency") if column == "total" else (column,))]
    out = io.StringIO(newline="")
    if first and words.get("mark"):
        out.write(BYTE_ORDER_MARK)
    rows = csv.writer(out)
    if first:
        rows.writerow(columns)
    for order in searching.read_ids(orders):
        rows.writerow([guarded(CELLS[column](order)) for column in columns])
    return out.getvalue().encode()


def guarded(value: Any) -> str:
    """A cell that no spreadsheet reckons with: what begins like a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _amount(order: Row) -> str:
    digits = decimals(order.currency)
    return f"{order.total_minor / 10**digits:.{digits}f}"


CELLS: dict[str, Callable[[Row], Any]] = {
    "number": lambda order: order.number,
    "status": lambda order: order.status,
    "placed": lambda order: order.placed_at.isoformat(timespec="seconds"),
    "customer": lambda order: order.customer,
    "channel": lambda order: order.channel,
    "country": lambda order: order.country,
    "total": _amount,
    "currency": lambda order: order.currency,
    "payment": lambda order: order.payment,
    "fulfilment": lambda order: order.fulfilment,
    "promise": lambda order: order.deliver_on or order.ship_on,
    "units": lambda order: order.units,
    "tags": lambda order: " ".join(order.tags),
    "reference": lambda order: order.reference,
}
