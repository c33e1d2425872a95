"""The format of the "Online Retail" data set (UCI Machine Learning Repository, doi 10.24432/C5BW33).

A line has InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID and Country.  Six digits
are an order; `C` and six digits take goods back; `A` and six digits are an accountant's entry.  An invoice without a
customer on which nothing has a price corrects the stock.  Codes in `CHARGES` are no goods.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from orderwright.adapters.csv_files import cells
from orderwright.adapters.csv_files.reading import CsvFiles, NumberedRow, Totals, as_read
from orderwright.adapters.csv_files.sorting import Charge, Sorted, kept
from orderwright.channels.ports import BadMapping, Correction, Document, Kept, Line, UnreadableFile
from orderwright.orders.drafting import AddressDraft, CustomerDraft, Draft, TenderDraft

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
INVOICE, SKU, DESCRIPTION, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY = range(8)
LONDON = ZoneInfo("Europe/London")

# Codes that are no goods, in capitals: what an adjustment of the order they make.
CHARGES: dict[str, Charge] = {
    "POST": ("shipping", "Postage"),
    "DOT": ("shipping", "Dotcom postage"),
    "C2": ("shipping", "Carriage"),
    "D": ("discount", "Discount"),
    "M": ("fee", "Manual"),
    "BANK CHARGES": ("fee", "Bank charges"),
    "AMAZONFEE": ("fee", "Amazon fee"),
    "CRUK": ("fee", "CRUK commission"),
    "S": ("fee", "Samples"),
    "B": ("fee", "Bad debt"),
}

# Countries that the file calls otherwise than English names of ISO 3166-1 do; what is no country is a region.
COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "Finland": "FI", "France": "FR",
    "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL", "Italy": "IT", "Japan": "JP",
    "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL", "Norway": "NO", "Poland": "PL",
    "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES", "Sweden": "SE",
    "Switzerland": "CH", "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB",
}  # fmt: skip
NOWHERE = ("", "nan", "Unspecified")

# Words of remarks on units that are gone, and the reason that they mean; the first that is found counts.
GONE = (
    ("damaged", ("damag", "dagamed", "broken", "breakage", "smash", "crush", "crack", "wet", "rust", "mould", "faulty",
                 "unsaleable", "throw", "smudge")),
    ("lost", ("lost", "missing", "mia", "can't find", "mystery")),
    ("given_away", ("sample", "showroom", "display", "given away")),
)  # fmt: skip
CAME = (("found", ("found", "put aside")),)


class OnlineRetail:
    """Files of this format, as one stream of documents."""

    currency = "GBP"

    def __init__(self, files: Sequence[Path], *, channel: str, mapping: Path | None = None) -> None:
        if mapping is not None:
            raise BadMapping(file=mapping.name, problem="the format online-retail needs none")
        self.channel = channel
        self._files = CsvFiles(files)
        if self._files.header != COLUMNS:
            raise UnreadableFile(file=files[0].name, problem=f"its columns are not {', '.join(COLUMNS)}")

    @cached_property
    def fingerprint(self) -> str:
        return self._files.fingerprint("online-retail")

    @property
    def lines(self) -> int:
        return self._totals.lines

    @property
    def worth(self) -> int:
        return self._totals.worth

    def as_read(self, line: Line) -> dict[str, str]:
        return as_read(COLUMNS, line.cells)

    def documents(self) -> Iterator[Document]:
        for reference, rows in self._files.grouped(INVOICE, self._totals.late):
            yield self._sort(reference, rows)

    @cached_property
    def _totals(self) -> Totals:
        return self._files.totals(INVOICE, _worth)

    def _sort(self, reference: str, rows: Sequence[NumberedRow]) -> Document:
        """Put each line of a document where it belongs."""
        lines = [Line(number, _worth(row) if len(row) == 8 else 0, row) for number, row in rows]
        if self._files.is_broken(rows[0][1], INVOICE):
            return kept(reference, None, refused=[Kept(line, "malformed") for line in lines])
        at = cells.moment(lines[0].cells[DATE], "", LONDON)
        if reference.startswith("C"):
            return kept(reference, at, waiting=[Kept(line, "credit_note") for line in lines])
        if reference.startswith("A"):
            return kept(reference, at, refused=[Kept(line, "accounting_entry") for line in lines])
        if not (reference.isascii() and reference.isdigit() and at):
            return kept(reference, at, refused=[Kept(line, "malformed") for line in lines])
        if not any(line.worth or line.cells[CUSTOMER].isdigit() for line in lines):
            return _corrections(reference, at, lines)
        return self._order(reference, at, lines)

    def _order(self, reference: str, at: datetime, lines: Sequence[Line]) -> Document:
        into = Sorted(self.currency, CHARGES)
        for line in lines:
            row = line.cells
            into.add(
                line, row[SKU], row[DESCRIPTION], cells.quantity(row[QUANTITY]), row[PRICE], cells.price(row[PRICE])
            )
        first = lines[0].cells
        customer = first[CUSTOMER] if first[CUSTOMER].isdigit() else ""
        return into.document(
            reference,
            at,
            lambda order_lines, adjustments: Draft(
                channel=self.channel,
                reference=reference,
                customer=CustomerDraft(reference=customer),
                ship_to=_address(first[COUNTRY]),
                lines=order_lines,
                adjustments=adjustments,
                tenders=PAID,
                when_short="backorder",
                placed_at=at,
            ),
        )


PAID = [TenderDraft(method="recorded")]


def _worth(row: list[str]) -> int:
    """Quantity x unit price in millionths; 0 where one of the two is no number."""
    return (cells.quantity(row[QUANTITY]) or 0) * (cells.price(row[PRICE]) or 0)


def _address(country: str) -> AddressDraft | None:
    if country in NOWHERE:
        return None
    if country in COUNTRIES:
        return AddressDraft(country=COUNTRIES[country])
    return AddressDraft(region=cells.text(country))


def _corrections(reference: str, at: datetime, lines: Sequence[Line]) -> Document:
    """What a document without customer and prices does to the stock."""
    corrections, refused = [], []
    for line in lines:
        sku, quantity = cells.code(line.cells[SKU]), cells.quantity(line.cells[QUANTITY])
        if sku is None or not quantity or cells.price(line.cells[PRICE]) is None:
            refused.append(Kept(line, "malformed"))
        elif sku in CHARGES:
            refused.append(Kept(line, "no_goods"))
        else:
            corrections.append(Correction(line, sku, quantity, _reason(quantity, line.cells[DESCRIPTION])))
    return Document(reference, at, None, (), (), corrections, (), refused)


def _reason(quantity: int, remark: str) -> str:
    """The reason of `inventory.adjusting` that a remark means; mix-ups, counts and riddles are corrections."""
    remark = remark.lower()
    known = CAME if quantity > 0 else GONE
    return next((reason for reason, words in known if any(word in remark for word in words)), "correction")
