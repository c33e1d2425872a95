"""Double-entry books.

Stock, order-line quantities and tenders are one idea used three times: an amount is always in exactly one bucket
of one place, and all that can happen is that some of it moves.  So a book is a state machine for quantities: its
legal steps are declared as data, its entries are append-only, and its balances can never go below zero because the
database refuses.

An account is a *holder* (a SKU, an order line, a tender) at a *place* (a location; 0 is nowhere) in a *bucket*.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import IntegrityError, connection, models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal

NOWHERE = 0


class Shortfall(Refusal):
    code = "shortfall"
    sentence = _("There is not enough in {bucket} to do this.")


class Movement(NamedTuple):
    """Move `amount` of what `holder` has from one place and bucket to another, because of an event."""

    holder: int
    source_place: int
    source: str
    target_place: int
    target: str
    amount: int
    event_id: int


@dataclass(frozen=True)
class Book:
    """Legal moves as data: `steps` maps (from bucket, to bucket) to the verb of the trade."""

    name: str
    sheets: str  # table: holder_id, place_id and one column a bucket
    entries: str  # table: one row a movement
    outside: frozenset[str]  # buckets of which no balance is kept
    steps: Mapping[tuple[str, str], str]
    buckets: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        seen = dict.fromkeys(bucket for step in self.steps for bucket in step)
        object.__setattr__(self, "buckets", tuple(bucket for bucket in seen if bucket not in self.outside))


Balances = dict[tuple[int, int], dict[str, int]]


def not_negative(table: str, bucket: str) -> models.CheckConstraint:
    """The floor under a bucket; its name tells `post` which bucket ran short."""
    return models.CheckConstraint(condition=models.Q(**{f"{bucket}__gte": 0}), name=f"{table}_{bucket}_floor")


def post(book: Book, movements: Sequence[Movement], *, opening: bool = False, locked: bool = False) -> None:
    """Move amounts: all of `movements`, or none of them; four statements at most, however many there are.

    `opening` says that the holders are new in this transaction, so their sheets are written and not looked for.
    `locked` says that this transaction has locked the sheets already (`lock`, or a lock of the room's own).
    Raises `Shortfall` where a balance would go below zero.
    """
    assert connection.in_atomic_block
    if not movements:
        return
    for movement in movements:
        assert movement.amount > 0, movement
        assert (movement.source, movement.target) in book.steps, (book.name, movement)
    changes = _sum_by_sheet(book, movements)
    try:
        if opening:
            _write_sheets(book, changes)
        else:
            if not locked:
                lock(book, changes)
            _change_sheets(book, changes)
        _write_entries(book, movements)
    except IntegrityError as error:
        shortfall = _shortfall(book, error)
        if shortfall is None:
            raise
        raise shortfall from error


def lock(book: Book, accounts: Collection[tuple[int, int]]) -> Balances:
    """Make the sheets of these (holder, place) pairs where they are missing, lock all in that order, and read them."""
    ordered = sorted(accounts)
    holders, places = sql.ints(holder for holder, _ in ordered), sql.ints(place for _, place in ordered)
    sql.run(MAKE_SHEETS.format(sheets=book.sheets), [holders, places])
    columns = ", ".join(f"s.{bucket}" for bucket in book.buckets)
    found = sql.rows(LOCK_SHEETS.format(sheets=book.sheets, columns=columns), [holders, places])
    return {(row[0], row[1]): dict(zip(book.buckets, row[2:], strict=True)) for row in found}


# The ON CONFLICT arm writes nothing and locks nothing: rows that are there are locked by the next statement.
MAKE_SHEETS = """
    INSERT INTO {sheets} (holder_id, place_id)
    SELECT holder, place FROM unnest(%s::bigint[], %s::bigint[]) AS a(holder, place) ORDER BY 1, 2
        ON CONFLICT DO NOTHING
"""

LOCK_SHEETS = """
    SELECT s.holder_id, s.place_id, {columns}
      FROM {sheets} s
      JOIN unnest(%s::bigint[], %s::bigint[]) AS a(holder, place) ON s.holder_id = a.holder AND s.place_id = a.place
     ORDER BY s.holder_id, s.place_id
       FOR NO KEY UPDATE OF s
"""


def _sum_by_sheet(book: Book, movements: Iterable[Movement]) -> Balances:
    """What changes on each sheet, bucket by bucket."""
    changes: Balances = {}
    outside = book.outside
    for holder, source_place, source, target_place, target, amount, _event in movements:
        if source not in outside:
            sheet = changes.setdefault((holder, source_place), {})
            sheet[source] = sheet.get(source, 0) - amount
        if target not in outside:
            sheet = changes.setdefault((holder, target_place), {})
            sheet[target] = sheet.get(target, 0) + amount
    return changes


def _columns(changes: Balances) -> tuple[list[str], list[str]]:
    """The buckets that change, and the parameters: holders, places, then one array a bucket, in sheet order."""
    ordered = sorted(changes)
    buckets = sorted({bucket for sheet in changes.values() for bucket in sheet})
    sheets = [changes[account] for account in ordered]
    parameters = [sql.ints([holder for holder, _ in ordered]), sql.ints([place for _, place in ordered])]
    parameters += [sql.ints([sheet.get(bucket, 0) for sheet in sheets]) for bucket in buckets]
    return buckets, parameters


def _write_sheets(book: Book, changes: Balances) -> None:
    buckets, parameters = _columns(changes)
    arrays = ", ".join(["%s::bigint[]"] * len(parameters))
    names = ", ".join(["holder_id", "place_id", *buckets])
    sql.run(f"INSERT INTO {book.sheets} ({names}) SELECT * FROM unnest({arrays})", parameters)


def _change_sheets(book: Book, changes: Balances) -> None:
    buckets, parameters = _columns(changes)
    arrays = ", ".join(["%s::bigint[]"] * len(parameters))
    names = ", ".join(["holder", "place", *buckets])
    sums = ", ".join(f"{bucket} = s.{bucket} + c.{bucket}" for bucket in buckets)
    sql.run(
        f"UPDATE {book.sheets} s SET {sums} FROM unnest({arrays}) AS c({names})"
        " WHERE s.holder_id = c.holder AND s.place_id = c.place",
        parameters,
    )


def _write_entries(book: Book, movements: Sequence[Movement]) -> None:
    holders, source_places, sources, target_places, targets, amounts, events = zip(*movements, strict=True)
    sql.run(
        WRITE_ENTRIES.format(entries=book.entries),
        [
            sql.ints(holders),
            sql.ints(source_places),
            "{" + ",".join(sources) + "}",
            sql.ints(target_places),
            "{" + ",".join(targets) + "}",
            sql.ints(amounts),
            sql.ints(events),
        ],
    )


WRITE_ENTRIES = """
    INSERT INTO {entries} (holder_id, source_place, source, target_place, target, amount, event_id)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[])
"""


def _shortfall(book: Book, error: IntegrityError) -> Shortfall | None:
    """The refusal behind a broken floor.  Any other breach stays the error that it is, with its cause."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    bucket = name.removeprefix(f"{book.sheets}_").removesuffix("_floor")
    return Shortfall(book=book.name, bucket=bucket) if bucket in book.buckets else None
