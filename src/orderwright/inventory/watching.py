"""Watching: a SKU that runs low, runs out or recovers is told once per crossing.

A reader of the event log: it looks at the SKUs that moved, compares what is available at active locations with the
SKU's low mark, and tells where the level is another than the one told last.  It keeps its place in the log in the
transaction that writes what it tells, so each crossing is told exactly once, and placing an order pays nothing for it.
A dip that is over before it looks is not told: it tells what is so.  Kits are not watched; their parts are.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.inventory.models import Level
from orderwright.kernel import sql
from orderwright.kernel.actors import system
from orderwright.kernel.events import Happening, record
from orderwright.kernel.feed import Told
from orderwright.kernel.readers import read_on, read_once

READER = "inventory.watching"
ACTOR = system("watching")
# What can change a level without moving a unit: the low mark of a SKU, a location that is opened or closed.
EDITS = ("sku.", "location.")


class Watched(NamedTuple):
    sku: int
    code: str
    available: int
    low_stock_at: int | None
    told: Level


def watch(*, limit: int = 1000) -> int:
    """Read on until the log's end; answers how many events were read."""
    sql.value(INDEX_NEW_BLOCKS)
    return read_on(READER, _look_and_tell, limit=limit)


def watch_once(limit: int = 1000) -> int:
    """Read the next events, `limit` at most, and tell the crossings; answers how many were read."""
    return read_once(READER, _look_and_tell, limit=limit)


def _look_and_tell(told: Sequence[Told]) -> None:
    """Tell the crossings of all SKUs that these events moved, or whose marks they changed."""
    skus = {row[0] for row in sql.rows(MOVED, _ids([each.id for each in told]))}
    edits = [each for each in told if each.kind.startswith(EDITS)]
    if edits:
        codes = [str(each.facts.get("sku", "")) for each in edits]
        locations = [str(each.facts.get("location", "")) for each in edits]
        skus |= {row[0] for row in sql.rows(EDITED, [sql.texts(codes), sql.texts(locations)])}
    _tell(_look_at(skus))


def level_of(available: int, low_stock_at: int | None) -> Level:
    """The level of a SKU: out at zero, low at its mark or below."""
    if available <= 0:
        return Level.OUT
    if low_stock_at is not None and available <= low_stock_at:
        return Level.LOW
    return Level.FINE


# Else that is done when the table is vacuumed, and until then every new entry would be read for each portion.
INDEX_NEW_BLOCKS = "SELECT brin_summarize_new_values('stock_entry_event')"


def _ids(events: Sequence[int]) -> dict[str, object]:
    return {"ids": sql.ints(events), "first": min(events), "last": max(events)}


# The range is looked up in the index of blocks, the ids are compared afterwards: events that lie between them may be of
# transactions that are still open, and come later.
MOVED = """
    SELECT DISTINCT e.holder_id
      FROM stock_entry e
      JOIN unnest(%(ids)s::bigint[]) AS v(id) ON v.id = e.event_id
     WHERE e.event_id BETWEEN %(first)s AND %(last)s
"""

EDITED = """
    SELECT s.id FROM sku s
     WHERE s.code = ANY (%s::text[]) AND EXISTS (SELECT FROM stock_sheet t WHERE t.holder_id = s.id)
     UNION
    SELECT t.holder_id FROM stock_sheet t JOIN location l ON l.id = t.place_id WHERE l.code = ANY (%s::text[])
"""


def _look_at(skus: Collection[int]) -> list[Watched]:
    found = sql.rows(LOOK_AT, [sql.ints(sorted(skus))]) if skus else []
    return [Watched(sku, code, there, low, Level(told)) for sku, code, there, low, told in found]


# A SKU of which nothing was told stands at fine: it was not there before.
LOOK_AT = """
    SELECT s.id, s.code,
           coalesce((SELECT sum(t.available) FROM stock_sheet t JOIN location l ON l.id = t.place_id AND l.active
                      WHERE t.holder_id = s.id), 0)::bigint,
           s.low_stock_at, coalesce(w.level, 'fine')
      FROM sku s
      LEFT JOIN told_level w ON w.sku_id = s.id
     WHERE s.id = ANY (%s::bigint[])
     ORDER BY s.id
"""

SEVERITY = {Level.FINE: 0, Level.LOW: 1, Level.OUT: 2}


def _tell(watched: Sequence[Watched]) -> None:
    """Record the crossings, and remember what was told."""
    crossings = [(each, level_of(each.available, each.low_stock_at)) for each in watched]
    crossings = [(each, level) for each, level in crossings if level != each.told]
    if not crossings:
        return
    record([Happening(_kind(each.told, level), ACTOR, _facts(each, level)) for each, level in crossings])
    levels = sql.texts(level.value for _, level in crossings)
    sql.run(REMEMBER, [sql.ints(each.sku for each, _ in crossings), levels])


def _kind(told: Level, level: Level) -> str:
    if SEVERITY[level] < SEVERITY[told]:
        return "stock.recovered"
    return "stock.low" if level is Level.LOW else "stock.out"


def _facts(watched: Watched, level: Level) -> dict[str, object]:
    return {
        "sku": watched.code,
        "available": watched.available,
        "low_stock_at": watched.low_stock_at,
        "was": watched.told.value,
        "is": level.value,
    }


REMEMBER = """
    INSERT INTO told_level (sku_id, level)
    SELECT * FROM unnest(%s::bigint[], %s::text[])
        ON CONFLICT (sku_id) DO UPDATE SET level = excluded.level
"""
