"""Stock levels from a CSV file, and into one: an answer for each row; importing again changes nothing.

Columns: `sku`, `location`, and `on_hand` (or, where that is missing, `available`): the figure to set.  With a column
`expecting` a row is set only if the level is still that; an empty cell there sets it whatever it is.  Columns that
`export_levels` writes besides are read over, so that an exported file is edited and imported again, and no row undoes
what happened meanwhile.  Commas, semicolons or tabs between the cells; UTF-8.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.inventory import queries
from orderwright.inventory.book import STOCK
from orderwright.inventory.naming import KitHasNoStock, Names
from orderwright.inventory.setting import Figure, Setting, level_of, refuse_changed, set_levels
from orderwright.inventory.units import MOST_UNITS, NotEnoughStock
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Balances, lock
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.locks import again_on_conflict

CHUNK = 500  # rows in one transaction: well under a second
COLUMNS = ("on_hand", "expecting", "available", "reserved", "damaged", "quality_control", "in_transit")


class BadStockFile(Refusal):
    code = "bad_stock_file"
    status = 422
    sentence = gettext_lazy("The file cannot be read as stock levels: {problem}")


class Outcome(StrEnum):
    SET = "set"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class RowAnswer(NamedTuple):
    """What became of a row; `row` is the line of the file on which it ends."""

    row: int
    sku: str
    location: str
    outcome: Outcome
    was: int | None = None
    now: int | None = None
    reason: str = ""
    code: str = ""  # of the refusal


class _Row(NamedTuple):
    row: int
    sku: str
    location: str
    quantity: int
    expecting: int | None
    level: Literal["on_hand", "available"]


def import_levels(
    content: bytes,
    *,
    reference: str = "",
    actor: Actor,
    dry_run: bool = False,
    progress: Callable[[int], object] = lambda _rows: None,
) -> list[RowAnswer]:
    """Set each row by itself, in chunks that are committed one by one.  A dry run answers the same and writes nothing.

    `reference` names the file in the history.  `progress` is told of rows done.
    """
    rows, answers = _read(content)
    progress(len(answers))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        if connection.in_atomic_block:
            answers += _set(chunk, reference, actor, dry_run)
        else:
            answers += again_on_conflict(lambda chunk=chunk: _set(chunk, reference, actor, dry_run))  # type: ignore[misc]
        progress(len(chunk))
    return sorted(answers)


def export_levels() -> Iterator[str]:
    """All levels as lines of CSV, a header first; `expecting` repeats the figure, to be kept when that is edited."""
    yield _line(["sku", "location", *COLUMNS])
    after = (0, 0)
    while found := queries.levels(after=after, limit=5_000):
        for level in found:
            yield _line(
                [
                    level.sku,
                    level.location,
                    *(getattr(level, "on_hand" if column == "expecting" else column) for column in COLUMNS),
                ]
            )
        after = (found[-1].sku_id, found[-1].location_id)


def _line(cells: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()


@transaction.atomic
def _set(rows: Sequence[_Row], reference: str, actor: Actor, dry_run: bool) -> list[RowAnswer]:
    """Decide each row under the lock of its sheet, and set those that may be."""
    shelves, answers = _find(rows)
    names = Names(
        {sku: row.sku for row, (sku, _at) in shelves.items()}, {at: row.location for row, (_sku, at) in shelves.items()}
    )
    sheets = lock(STOCK, set(shelves.values()))
    figures = []
    for row, (sku, location) in shelves.items():
        figure = Figure(sku, location, row.quantity, row.expecting, row.level)
        was = level_of(figure, sheets)
        try:
            _check(figure, sheets, names)
        except Refusal as refusal:
            answers.append(_refused(row, refusal, was))
            continue
        outcome = Outcome.UNCHANGED if was == row.quantity else Outcome.SET
        answers.append(RowAnswer(row.row, row.sku, row.location, outcome, was, row.quantity))
        if outcome is Outcome.SET:
            figures.append(figure)
    if figures and not dry_run:
        set_levels([Setting(figures, "import", reference)], actor=actor)
    transaction.set_rollback(dry_run)
    return answers


def _find(rows: Sequence[_Row]) -> tuple[dict[_Row, tuple[int, int]], list[RowAnswer]]:
    """The shelf of each row, and answers to those that name none."""
    codes = [sql.texts({row.sku for row in rows}), sql.texts({row.location for row in rows})]
    skus: dict[str, int] = {}
    locations: dict[str, int] = {}
    kits: set[str] = set()
    for code, id_, is_location, is_kit in sql.rows(FIND, codes):
        (locations if is_location else skus)[code] = id_
        if is_kit:
            kits.add(code)
    shelves: dict[_Row, tuple[int, int]] = {}
    answers: list[RowAnswer] = []
    for row in rows:
        if row.sku not in skus:
            answers.append(_refused(row, NotFound(thing=_("SKU"), name=row.sku)))
        elif row.sku in kits:
            answers.append(_refused(row, KitHasNoStock(sku=row.sku)))
        elif row.location not in locations:
            answers.append(_refused(row, NotFound(thing=_("location"), name=row.location)))
        else:
            shelves[row] = (skus[row.sku], locations[row.location])
    return shelves, answers


FIND = """
    SELECT code, id, false, is_kit FROM sku WHERE code = ANY (%s::text[])
    UNION ALL
    SELECT code, id, true, false FROM location WHERE code = ANY (%s::text[])
"""


def _check(figure: Figure, sheets: Balances, names: Names) -> None:
    refuse_changed([figure], sheets, names)
    available = sheets[figure.sku, figure.location]["available"]
    less = level_of(figure, sheets) - figure.quantity
    if less > available:
        code, place = names.skus[figure.sku], names.locations[figure.location]
        raise NotEnoughStock(sku=code, location=place, bucket="available", asked=less, there=available)


def _refused(row: _Row, refusal: Refusal, was: int | None = None) -> RowAnswer:
    return RowAnswer(row.row, row.sku, row.location, Outcome.REFUSED, was, None, str(refusal), refusal.code)


def _read(content: bytes) -> tuple[list[_Row], list[RowAnswer]]:
    """All rows that can be read, and the others with what is wrong with them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadStockFile(problem=_("it is not UTF-8 at byte {place}").format(place=error.start)) from error
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[_Row] = []
    refused: list[RowAnswer] = []
    shelves: dict[tuple[str, str], int] = {}
    try:
        header = _header(next(reader, []))
        for cells in reader:
            if not any(cells):
                continue
            said = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            sku, location = said.get("sku", "")[:100], said.get("location", "")[:100]
            try:
                row = _row(reader.line_num, said)
                first = shelves.setdefault((sku, location), row.row)
                if first != row.row:
                    raise Invalid(field="sku", problem=_("is at this location in row {row} already").format(row=first))
                rows.append(row)
            except Refusal as refusal:
                refused.append(
                    RowAnswer(reader.line_num, sku, location, Outcome.REFUSED, reason=str(refusal), code=refusal.code)
                )
    except csv.Error as error:
        raise BadStockFile(problem=_("line {line}: {error}").format(line=reader.line_num, error=error)) from error
    return rows, refused


def _header(cells: Sequence[str]) -> list[str]:
    """The columns' names; refused where one is unknown or twice there, or one that is needed is missing."""
    names = [cell.strip().lower() for cell in cells]
    for name in names:
        if name not in ("sku", "location", *COLUMNS):
            raise BadStockFile(problem=_("there is no column named {name}").format(name=name[:80]))
        if names.count(name) > 1:
            raise BadStockFile(problem=_("the column {name} is there twice").format(name=name))
    if not {"sku", "location"} <= set(names) or not {"on_hand", "available"} & set(names):
        raise BadStockFile(problem=_("it needs the columns sku, location, and on_hand or available"))
    return names


def _row(line: int, said: dict[str, str]) -> _Row:
    for field in ("sku", "location"):
        if not said.get(field):
            raise Invalid(field=field, problem=_("is needed"))
        if "\x00" in said[field]:
            raise Invalid(field=field, problem=_("holds a character that cannot be stored"))
    level: Literal["on_hand", "available"] = "on_hand" if "on_hand" in said else "available"
    expecting = _figure("expecting", said["expecting"]) if said.get("expecting") else None
    return _Row(line, said["sku"], said["location"], _figure(level, said.get(level, "")), expecting, level)


def _figure(field: str, cell: str) -> int:
    if not re.fullmatch("[0-9]{1,10}", cell) or int(cell) > MOST_UNITS:
        problem = _("must be a whole number from 0 to {most}").format(most=MOST_UNITS)
        raise Invalid(field=field, problem=problem)
    return int(cell)
