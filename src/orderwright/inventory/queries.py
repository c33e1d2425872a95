"""Reading: what stands where, what is on its way, what is counted and what is kept back.

Lists are read page by page: each takes the key behind which it goes on, and how many rows at most.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.inventory.models import Location
from orderwright.kernel import sql
from orderwright.kernel.errors import NotFound


class Level(NamedTuple):
    """A stock sheet as a person reads it.  What is in transit to a location is not on hand there."""

    sku_id: int
    location_id: int
    sku: str
    location: str
    on_hand: int
    available: int
    reserved: int
    damaged: int
    quality_control: int
    in_transit: int


class ExpectedLine(NamedTuple):
    id: int
    sku: str
    location: str
    quantity: int
    received: int
    lost: int
    expected_on: date
    reference: str
    transfer: int | None
    closed_at: datetime | None


class TransferRow(NamedTuple):
    id: int
    source: str
    target: str
    reference: str
    expected_on: date
    sent_at: datetime
    closed_at: datetime | None


class CountRow(NamedTuple):
    id: int
    location: str
    reference: str
    started_at: datetime
    closed_at: datetime | None


class CountLine(NamedTuple):
    sku: str
    expected: int
    counted: int | None


class KeptBack(NamedTuple):
    id: int
    sku: str
    location: str | None
    channel: str | None
    quantity: int


def location_by_code(code: str) -> Location:
    found = Location.objects.filter(code=code).first()
    if found is None:
        raise NotFound(thing=_("location"), name=code)
    return found


def locations(*, after: int = 0, limit: int = 50) -> list[Location]:
    """All locations, the oldest first."""
    return list(Location.objects.filter(pk__gt=after).order_by("pk")[:limit])


def levels(
    *,
    skus: Collection[int] | None = None,
    locations: Collection[int] | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int = 50,
) -> list[Level]:
    """Stock sheets, by SKU and location."""
    conditions, parameters = "", [*after]
    chosen: list[Any] = []
    if skus is not None:
        conditions += " AND t.holder_id = ANY (%s::bigint[])"
        chosen.append(sql.ints(skus))
    if locations is not None:
        conditions += " AND t.place_id = ANY (%s::bigint[])"
        chosen.append(sql.ints(locations))
    return [Level(*row) for row in sql.rows(LEVELS.format(conditions=conditions), [*parameters, *chosen, limit])]


def levels_of(shelves: Collection[tuple[int, int]]) -> list[Level]:
    """The stock sheets of these (SKU, location) pairs."""
    ordered = sorted(shelves)
    found = sql.rows(LEVELS_OF, [sql.ints(sku for sku, _ in ordered), sql.ints(at for _, at in ordered)])
    return [Level(*row) for row in found]


LEVEL = """
    SELECT t.holder_id, t.place_id, s.code, l.code, t.available + t.reserved + t.damaged + t.quality_control,
           t.available, t.reserved, t.damaged, t.quality_control, t.in_transit
      FROM stock_sheet t
      JOIN sku s ON s.id = t.holder_id
      JOIN location l ON l.id = t.place_id
"""

LEVELS = (
    LEVEL
    + """
     WHERE (t.holder_id, t.place_id) > (%s::bigint, %s::bigint) {conditions}
     ORDER BY t.holder_id, t.place_id
     LIMIT %s
"""
)

LEVELS_OF = (
    LEVEL
    + """
      JOIN unnest(%s::bigint[], %s::bigint[]) AS a(sku, location) ON a.sku = t.holder_id AND a.location = t.place_id
     ORDER BY t.holder_id, t.place_id
"""
)


def sku_ids(*, after: int = 0, limit: int = 50) -> list[int]:
    """The SKUs that are sold, kits among them, the oldest first."""
    found = sql.rows("SELECT id FROM sku WHERE id > %s AND active ORDER BY id LIMIT %s", [after, limit])
    return [row[0] for row in found]


def expectations(
    *, skus: Collection[int] | None = None, open_only: bool = True, after: int = 0, limit: int = 50
) -> list[ExpectedLine]:
    """What is expected, from suppliers and by transfers, as it was written down."""
    conditions = " AND e.closed_at IS NULL" if open_only else ""
    chosen: list[Any] = []
    if skus is not None:
        conditions += " AND e.sku_id = ANY (%s::bigint[])"
        chosen.append(sql.ints(skus))
    statement = EXPECTED + f" WHERE e.id > %s {conditions} ORDER BY e.id LIMIT %s"
    return [ExpectedLine(*row) for row in sql.rows(statement, [after, *chosen, limit])]


def lines_of_transfers(transfers: Collection[int]) -> dict[int, list[ExpectedLine]]:
    """The lines of transfers, by transfer."""
    lines: dict[int, list[ExpectedLine]] = {id_: [] for id_ in transfers}
    statement = EXPECTED + " WHERE e.transfer_id = ANY (%s::bigint[]) ORDER BY e.id"
    for row in sql.rows(statement, [sql.ints(transfers)]):
        line = ExpectedLine(*row)
        assert line.transfer is not None
        lines[line.transfer].append(line)
    return lines


EXPECTED = """
    SELECT e.id, s.code, l.code, e.quantity, e.received, e.lost, e.expected_on, e.reference, e.transfer_id, e.closed_at
      FROM expectation e
      JOIN sku s ON s.id = e.sku_id
      JOIN location l ON l.id = e.location_id
"""


def transfers(*, open_only: bool = False, before: int = 2**63 - 1, limit: int = 50) -> list[TransferRow]:
    """Transfers, the newest first."""
    conditions = "AND t.closed_at IS NULL" if open_only else ""
    statement = TRANSFERS + f" WHERE t.id < %s {conditions} ORDER BY t.id DESC LIMIT %s"
    return [TransferRow(*row) for row in sql.rows(statement, [before, limit])]


def transfer_by_id(id_: int) -> TransferRow:
    found = sql.rows(TRANSFERS + " WHERE t.id = %s", [id_])
    if not found:
        raise NotFound(thing=_("transfer"), name=id_)
    return TransferRow(*found[0])


TRANSFERS = """
    SELECT t.id, s.code, l.code, t.reference, t.expected_on, t.sent_at, t.closed_at
      FROM transfer t
      JOIN location s ON s.id = t.source_id
      JOIN location l ON l.id = t.target_id
"""


def counts(*, open_only: bool = False, before: int = 2**63 - 1, limit: int = 50) -> list[CountRow]:
    """Counts, the newest first."""
    conditions = "AND c.closed_at IS NULL" if open_only else ""
    statement = COUNTS + f" WHERE c.id < %s {conditions} ORDER BY c.id DESC LIMIT %s"
    return [CountRow(*row) for row in sql.rows(statement, [before, limit])]


def count_by_id(id_: int) -> tuple[CountRow, list[CountLine]]:
    """A count and its lines, by SKU."""
    found = sql.rows(COUNTS + " WHERE c.id = %s", [id_])
    if not found:
        raise NotFound(thing=_("count"), name=id_)
    return CountRow(*found[0]), [CountLine(*row) for row in sql.rows(COUNT_LINES, [id_])]


COUNTS = """
    SELECT c.id, l.code, c.reference, c.started_at, c.closed_at
      FROM stock_count c
      JOIN location l ON l.id = c.location_id
"""

COUNT_LINES = """
    SELECT s.code, c.expected, c.counted
      FROM stock_count_line c
      JOIN sku s ON s.id = c.sku_id
     WHERE c.count_id = %s
     ORDER BY c.sku_id
"""


def kept_back(*, skus: Collection[int] | None = None, after: int = 0, limit: int = 50) -> list[KeptBack]:
    """The rows of safety stock."""
    conditions = "AND f.sku_id = ANY (%s::bigint[])" if skus is not None else ""
    chosen = [sql.ints(skus)] if skus is not None else []
    found = sql.rows(KEPT_BACK.format(conditions=conditions), [after, *chosen, limit])
    return [KeptBack(*row) for row in found]


KEPT_BACK = """
    SELECT f.id, s.code, l.code, c.code, f.quantity
      FROM safety_stock f
      JOIN sku s ON s.id = f.sku_id
      LEFT JOIN location l ON l.id = f.location_id
      LEFT JOIN channel c ON c.id = f.channel_id
     WHERE f.id > %s {conditions}
     ORDER BY f.id
     LIMIT %s
"""
