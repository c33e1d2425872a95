"""Importing the catalog from a CSV file: a row a SKU, an answer for each row; importing again changes nothing.

Columns, of which only `sku` is needed: name, product, product_name, description, category, gtin, weight_grams,
length_mm, width_mm, height_mm, customs_code, origin_country, tax_class, active, when_short, backorder_limit,
low_stock_at, lead_days, parts ("MUG*2|SPOON": a kit of two mugs and a spoon), and `price EUR` for each currency.  An
empty cell says nothing: what is there stays.  Commas, semicolons or tabs between the cells; UTF-8.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.catalog.editing import AlreadyThere, Edited, Outcome
from orderwright.catalog.taking_up import Offer, take_up
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.kernel.locks import again_on_conflict

T = TypeVar("T")

CHUNK = 300  # rows in one transaction: well under a second
LONGEST_CELL = 100_000


class BadFile(Refusal):
    code = "bad_file"
    status = 422
    sentence = gettext_lazy("The file cannot be read as a catalog: {problem}")


class RowAnswer(NamedTuple):
    """What became of a row; `row` is the line of the file on which it ends."""

    row: int
    sku: str
    outcome: Outcome
    reason: str = ""
    code: str = ""  # of the refusal


class _Row(NamedTuple):
    row: int
    offer: Offer


def import_catalog(
    content: bytes, *, actor: Actor, dry_run: bool = False, progress: Callable[[int], object] = lambda _rows: None
) -> list[RowAnswer]:
    """Take up each row by itself, in chunks that are committed one by one.  A dry run answers the same, and is undone.

    Plain SKUs come before kits, so a kit may stand above its parts in the file.  `progress` is told of rows done.
    """
    rows, refused = _read(content)
    progress(len(refused))
    plain = [row for row in rows if row.offer.parts is None]
    kits = [row for row in rows if row.offer.parts is not None]
    answers = list(refused)
    to_come: dict[str, Offer] = {}  # in a dry run: what would be there when the kits' turn comes
    for chunk in [*_chunks(plain), *_chunks(kits)]:
        parts = {part for row in chunk for part in row.offer.parts or ()}
        before = [offer for code, offer in to_come.items() if code in parts]
        done = _run(lambda chunk=chunk, before=before: _take_up(chunk, before, actor, dry_run))  # type: ignore[misc]
        if dry_run:
            new = {answer.sku for answer in done if answer.outcome == Outcome.CREATED}
            to_come |= {row.offer.code: row.offer for row in chunk if row.offer.code in new}
        answers += done
        progress(len(chunk))
    return sorted(answers)


def count(answers: Sequence[RowAnswer]) -> dict[str, int]:
    """How many rows came to each outcome."""
    counted = Counter(answer.outcome for answer in answers)
    return {outcome.value: counted[outcome] for outcome in Outcome}


def _run(work: Callable[[], T]) -> T:
    return work() if connection.in_atomic_block else again_on_conflict(work)


def _chunks(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


@transaction.atomic
def _take_up(rows: Sequence[_Row], before: Sequence[Offer], actor: Actor, dry_run: bool) -> list[RowAnswer]:
    if before:
        take_up(before, actor=actor)
    edited = take_up([row.offer for row in rows], actor=actor)
    overtaken = [place for place, one in enumerate(edited) if isinstance(one.refusal, AlreadyThere)]
    if overtaken:  # another transaction wrote these codes meanwhile; now they are there to be seen
        again = take_up([rows[place].offer for place in overtaken], actor=actor)
        edited = list((dict(enumerate(edited)) | dict(zip(overtaken, again, strict=True))).values())
    transaction.set_rollback(dry_run)
    return [_answer(row.row, one) for row, one in zip(rows, edited, strict=True)]


def _answer(row: int, edited: Edited) -> RowAnswer:
    refusal = edited.refusal
    return RowAnswer(row, edited.code, edited.outcome, str(refusal or ""), refusal.code if refusal else "")


def _read(content: bytes) -> tuple[list[_Row], list[RowAnswer]]:
    """All rows that can be read, and the others with what is wrong with them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(problem=_("it is not UTF-8 at byte {place}").format(place=error.start)) from error
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, refused, page = [], [], _Page({}, {})
    try:
        header = _header(next(reader, []))
        for cells in reader:
            if not any(cells):
                continue
            try:
                rows.append(_Row(reader.line_num, page.offer(reader.line_num, header, cells)))
            except Refusal as refusal:
                refused.append(RowAnswer(reader.line_num, cells[0][:100], Outcome.REFUSED, str(refusal), refusal.code))
    except csv.Error as error:
        raise BadFile(problem=_("line {line}: {error}").format(line=reader.line_num, error=error)) from error
    return rows, refused


def _header(cells: Sequence[str]) -> list[str]:
    """The columns' names; refused where one is unknown or twice there, or `sku` is missing."""
    names = [PRICE.sub(lambda found: f"price {found[1].upper()}", cell.strip().lower()) for cell in cells]
    for name in names:
        if name not in READERS and not PRICE.fullmatch(name):
            raise BadFile(problem=_("there is no column named {name}").format(name=name[:80]))
        if names.count(name) > 1:
            raise BadFile(problem=_("the column {name} is there twice").format(name=name))
    if "sku" not in names:
        raise BadFile(problem=_("the column sku is missing"))
    return names


PRICE = re.compile("price ([a-zA-Z]{3})")


class _Page(NamedTuple):
    """What the rows so far have said, so that a later one does not say otherwise."""

    rows: dict[str, int]  # SKU: its row
    products: dict[tuple[str, str], Any]  # (product, field): what was said

    def offer(self, row: int, header: Sequence[str], cells: Sequence[str]) -> Offer:
        """A row as an offer."""
        if len(cells) > len(header):
            raise Invalid(field="row", problem=_("has more cells than the header"))
        said = {
            name: READERS.get(name, _text)(name, cell.strip())
            for name, cell in zip(header, cells, strict=False)
            if cell.strip()
        }
        if "sku" not in said:
            raise Invalid(field="sku", problem=_("is needed"))
        code, product = said.pop("sku"), said.pop("product", None)
        if self.rows.setdefault(code, row) != row:
            raise Invalid(field="sku", problem=_("is in row {row} already").format(row=self.rows[code]))
        product_fields = {field: said.pop(name) for name, field in PRODUCT_FIELDS.items() if name in said}
        for field, value in product_fields.items():
            if self.products.setdefault((product or code, field), value) != value:
                raise Invalid(field=field, problem=_("is not what an earlier row says of the same product"))
        prices = {name[-3:]: said.pop(name) for name in list(said) if PRICE.fullmatch(name)}
        parts = said.pop("parts", None)
        return Offer(code, said, product, product_fields, prices, parts)


PRODUCT_FIELDS = {"product_name": "name", "description": "description", "category": "category"}


def _text(field: str, cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        raise Invalid(field=field, problem=_("is too long"))
    return cell


def _whole(field: str, cell: str) -> int:
    if not re.fullmatch("-?[0-9]{1,18}", cell):
        raise Invalid(field=field, problem=_("must be a whole number"))
    return int(cell)


def _truth(field: str, cell: str) -> bool:
    word = cell.lower()
    if word not in TRUTHS:
        raise Invalid(field=field, problem=_("must be one of {words}").format(words=", ".join(TRUTHS)))
    return TRUTHS[word]


TRUTHS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def _parts(field: str, cell: str) -> dict[str, int]:
    """Parts of a kit: codes with their quantities, "MUG*2|SPOON"."""
    parts: dict[str, int] = {}
    for piece in cell.split("|"):
        code, star, quantity = piece.strip().rpartition("*")
        part = code.strip() if star else quantity
        if not part or part in parts:
            raise Invalid(field=field, problem=_("each part is named once, as in MUG*2|SPOON"))
        parts[part] = _whole(field, quantity.strip()) if star else 1
    return parts


READERS: dict[str, Callable[[str, str], Any]] = {
    "sku": _text,
    "name": _text,
    "product": _text,
    "product_name": _text,
    "description": _text,
    "category": _text,
    "gtin": _text,
    "weight_grams": _whole,
    "length_mm": _whole,
    "width_mm": _whole,
    "height_mm": _whole,
    "customs_code": _text,
    "origin_country": _text,
    "tax_class": _text,
    "active": _truth,
    "when_short": _text,
    "backorder_limit": _whole,
    "low_stock_at": _whole,
    "lead_days": _whole,
    "parts": _parts,
}
