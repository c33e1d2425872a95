"""Any CSV file whose columns a small mapping (TOML) names.

    time_zone = "Europe/Berlin"          # of times without an offset; UTC
    placed_at_format = "%d.%m.%Y %H:%M"  # as Python's strptime reads it; ISO 8601
    delimiter = ";"                      # a comma
    decimal = ","                        # the sign before decimals; a point
    currency = "EUR"

    [columns]                            # field = column; these four must be there
    reference = "Order"
    sku = "Article"
    quantity = "Pieces"
    unit_price = "Price"

    [constants]                          # field = text, for fields that have no column
    country = "DE"

    [charges]                            # codes in the column `sku` that are no goods, and the adjustment they make
    POSTAGE = "shipping"

The lines of an order stand one below the other, or anywhere; customer and address are those of its first line.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderwright.adapters.csv_files import cells
from orderwright.adapters.csv_files.reading import CsvFiles, NumberedRow, Totals, as_read
from orderwright.adapters.csv_files.sorting import Charge, Sorted, kept
from orderwright.channels.ports import BadMapping, Document, Kept, Line
from orderwright.kernel import money
from orderwright.kernel.errors import Refusal
from orderwright.orders.drafting import AddressDraft, CustomerDraft, Draft, TenderDraft, WhenShort

NEEDED = ("reference", "sku", "quantity", "unit_price")
ADDRESS = ("company", "street", "postal_code", "city", "region", "country")
FIELDS = (*NEEDED, "name", "placed_at", "currency", "tender", "note",
          "email", "customer", "customer_name", "phone", *ADDRESS)  # fmt: skip
SETTINGS = {
    "time_zone": "UTC",
    "placed_at_format": "",
    "delimiter": ",",
    "decimal": ".",
    "encoding": "utf-8-sig",
    "currency": "",
    "when_short": "backorder",
}
KINDS = ("shipping", "fee", "discount", "tax")
LONGEST = {"street": 500, "postal_code": 20, "phone": 40, "country": 2, "email": 254, "note": 5000}


class Mapped:
    """Files as a mapping reads them, as one stream of documents."""

    def __init__(self, files: Sequence[Path], *, channel: str, mapping: Path | None = None) -> None:
        if mapping is None:
            raise BadMapping(file="", problem="the format csv needs a mapping")
        self.channel, self._name = channel, mapping.name
        try:
            self._text = mapping.read_text(encoding="utf-8")
            read = tomllib.loads(self._text)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadMapping(file=mapping.name, problem=str(error)) from error
        self._columns = self._table(read, "columns", FIELDS)
        self._constants = self._table(read, "constants", FIELDS)
        self._charges = self._read_charges(read)
        settings = self._read_settings(read)
        self.currency = settings["currency"]
        self._pattern, self._decimal = settings["placed_at_format"], settings["decimal"]
        self._when_short = cast(WhenShort, settings["when_short"])
        self._zone = self._read_zone(settings["time_zone"])
        self._files = CsvFiles(files, delimiter=settings["delimiter"], encoding=settings["encoding"])
        self._places = self._find_columns()

    @cached_property
    def fingerprint(self) -> str:
        return self._files.fingerprint(self._text)

    @property
    def lines(self) -> int:
        return self._totals.lines

    @property
    def worth(self) -> int:
        return self._totals.worth

    def as_read(self, line: Line) -> dict[str, str]:
        return as_read(self._files.header, line.cells)

    def documents(self) -> Iterator[Document]:
        for reference, rows in self._files.grouped(self._places["reference"], self._totals.late):
            yield self._sort(reference, rows)

    @cached_property
    def _totals(self) -> Totals:
        return self._files.totals(self._places["reference"], self._worth)

    def _sort(self, reference: str, rows: Sequence[NumberedRow]) -> Document:
        width = len(self._files.header)
        lines = [Line(number, self._worth(row) if len(row) == width else 0, row) for number, row in rows]
        first = lines[0].cells
        if self._files.is_broken(first, self._places["reference"]):
            return kept(reference, None, refused=[Kept(line, "malformed") for line in lines])
        placed, at = self._cell(first, "placed_at"), None
        if placed:
            at = cells.moment(placed, self._pattern, self._zone)
        named = len(reference) <= cells.LONGEST_WORD and reference.isprintable()
        if not named or (placed and at is None):
            return kept(reference, at, refused=[Kept(line, "malformed") for line in lines])
        if any(self._cell(line.cells, "currency").strip() not in ("", self.currency) for line in lines):
            return kept(reference, at, refused=[Kept(line, "other_currency") for line in lines])
        into = Sorted(self.currency, self._charges)
        for line in lines:
            self._add(into, line)
        return into.document(reference, at, lambda goods, charges: self._draft(reference, at, first, goods, charges))

    def _add(self, into: Sorted, line: Line) -> None:
        row = line.cells
        price = cells.price(self._cell(row, "unit_price"), self._decimal)
        into.add(
            line,
            self._cell(row, "sku"),
            self._cell(row, "name"),
            cells.quantity(self._cell(row, "quantity")),
            money.write_micros(price or 0),
            price,
        )

    def _draft(self, reference: str, at: datetime | None, first: list[str], goods: Any, charges: Any) -> Draft:
        person = CustomerDraft(
            email=self._text_of(first, "email"),
            reference=self._text_of(first, "customer"),
            name=self._text_of(first, "customer_name"),
            phone=self._text_of(first, "phone"),
        )
        address: dict[str, Any] = {field: self._text_of(first, field) for field in ADDRESS}
        return Draft(
            channel=self.channel,
            reference=reference,
            customer=person,
            ship_to=AddressDraft(name=person.name, **address) if any(address.values()) else None,
            lines=goods,
            adjustments=charges,
            tenders=[TenderDraft(method=self._text_of(first, "tender") or "recorded")],
            when_short=self._when_short,
            placed_at=at,
            note=self._text_of(first, "note"),
        )

    def _worth(self, row: list[str]) -> int:
        """Quantity x unit price in millionths; 0 where one of the two is no number."""
        quantity = cells.quantity(self._cell(row, "quantity"))
        return (quantity or 0) * (cells.price(self._cell(row, "unit_price"), self._decimal) or 0)

    def _cell(self, row: list[str], field: str) -> str:
        place = self._places.get(field)
        return self._constants.get(field, "") if place is None else row[place]

    def _text_of(self, row: list[str], field: str) -> str:
        return self._cell(row, field).replace("\x00", "").strip()[: LONGEST.get(field, cells.LONGEST_TEXT)]

    def _find_columns(self) -> dict[str, int]:
        header = self._files.header
        for column in self._columns.values():
            if header.count(column) != 1:
                raise BadMapping(file=self._name, problem=f"the files have {header.count(column)} columns {column!r}")
        return {field: header.index(column) for field, column in self._columns.items()}

    def _table(self, read: dict[str, Any], name: str, fields: Sequence[str]) -> dict[str, str]:
        """A table of texts of the mapping, with no other fields than these."""
        table = read.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
            raise BadMapping(file=self._name, problem=f"[{name}] is not a table of texts")
        if strangers := sorted(table.keys() - set(fields)):
            raise BadMapping(file=self._name, problem=f"[{name}] cannot have {', '.join(strangers)}")
        if name == "columns" and (missing := [field for field in NEEDED if field not in table]):
            raise BadMapping(file=self._name, problem=f"[columns] lacks {', '.join(missing)}")
        return table

    def _read_settings(self, read: dict[str, Any]) -> dict[str, str]:
        known = {name: value for name, value in read.items() if name not in ("columns", "constants", "charges")}
        if strangers := sorted(known.keys() - SETTINGS.keys()):
            raise BadMapping(file=self._name, problem=f"there is no setting {', '.join(strangers)}")
        settings = {**SETTINGS, **known}
        if not all(isinstance(value, str) for value in settings.values()):
            raise BadMapping(file=self._name, problem="all settings are texts")
        if not re.fullmatch(r'[^\r\n"]', settings["delimiter"]) or settings["decimal"] not in (".", ","):
            raise BadMapping(file=self._name, problem="a delimiter is one sign, and decimals follow a point or a comma")
        if settings["when_short"] not in ("refuse", "backorder"):
            raise BadMapping(file=self._name, problem="when_short is refuse or backorder")
        try:
            codecs.lookup(settings["encoding"])
            money.decimals(settings["currency"])
        except LookupError as error:
            raise BadMapping(file=self._name, problem=str(error)) from error
        except Refusal as refusal:
            raise BadMapping(file=self._name, problem=f"currency: {refusal}") from refusal
        return settings

    def _read_charges(self, read: dict[str, Any]) -> dict[str, Charge]:
        table = read.get("charges", {})
        if not isinstance(table, dict) or not all(kind in KINDS for kind in table.values()):
            raise BadMapping(file=self._name, problem=f"[charges] names codes and one of {', '.join(KINDS)} for each")
        return {code.strip().upper(): (kind, code) for code, kind in table.items()}

    def _read_zone(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadMapping(file=self._name, problem=f"{name!r} is no time zone") from error
