"""Counting: someone counts what stands on the shelves, while the shop goes on selling.

The book's figure is noted when the counting begins.  When a counted figure comes in and nothing entered or left the
shelf meanwhile, the difference moves.  Where something did, nobody can say whether it was counted, so that SKU is to be
counted again, from the book's figure of now.  A reservation is no movement: the unit stays on the shelf.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import ON_HAND, STOCK
from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.units import check_count, check_quantity, on_hand
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, lock, post
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record


class CountClosed(Refusal):
    code = "count_closed"
    sentence = _("Count {count} is closed.")


class CountedBefore(Refusal):
    code = "counted_before"
    sentence = _("{sku} was counted before in count {count}.")


class Outcome(StrEnum):
    """What became of a counted figure."""

    POSTED = "posted"  # the book says now what was counted
    COUNT_AGAIN = "count_again"  # units came or left while it was counted
    BELOW_RESERVED = "below_reserved"  # more is reserved, damaged or in quality control than was counted


class Counted(NamedTuple):
    """A counted figure, and what became of it."""

    sku: int
    counted: int
    expected: int  # by the book: when it was posted, or from now on where it is to be counted again
    outcome: Outcome


@transaction.atomic
def start(location: int, skus: Collection[int], *, reference: str = "", actor: Actor) -> int:
    """Begin to count `skus` at a location.  Answers the count's id; its lines say what the book has."""
    ordered = sorted(set(skus))
    check_count(ordered)
    shelves = [(sku, location) for sku in ordered]
    names = name_shelves(shelves)
    sheets = lock(STOCK, shelves)
    count = int(sql.value(WRITE_COUNT, [location, reference, clock.now()]))
    expected = [on_hand(sheets[shelf]) for shelf in shelves]
    sql.run(WRITE_LINES, {"count": count, "skus": sql.ints(ordered), "expected": sql.ints(expected)})
    lines = [{"sku": names.skus[sku], "expected": figure} for sku, figure in zip(ordered, expected, strict=True)]
    facts = {"count": count, "location": names.locations[location], "reference": reference, "lines": lines}
    record([Happening("stock.count_started", actor, facts)])
    return count


@transaction.atomic
def post_figures(count: int, figures: Mapping[int, int], *, actor: Actor, at: datetime | None = None) -> list[Counted]:
    """Compare counted `figures` (by SKU id) with the book, and move the differences.  Answers each figure's outcome.

    What is to be counted again stays open; with the last figure posted the count is closed.
    """
    check_count(list(figures))
    for quantity in figures.values():
        check_quantity(quantity, least=0, field="counted")
    location = _lock_count(count)
    ordered = sorted(figures)
    shelves = [(sku, location) for sku in ordered]
    names = name_shelves(shelves)
    sheets = lock(STOCK, shelves)
    moved = _moved_meanwhile(count, location, ordered, names)
    outcomes = [_compare(sku, figures[sku], sheets[sku, location], moved=moved[sku]) for sku in ordered]
    _note(count, outcomes)
    _post(count, location, outcomes, names, actor, at)
    return outcomes


@transaction.atomic
def close(count: int, *, actor: Actor) -> None:
    """End a count; what was not counted stays as the book has it."""
    _lock_count(count)
    sql.run("UPDATE stock_count SET closed_at = %s::timestamptz WHERE id = %s", [clock.now(), count])
    record([Happening("stock.count_closed", actor, {"count": count})])


WRITE_COUNT = """
    INSERT INTO stock_count (location_id, reference, started_at) VALUES (%s, %s, %s::timestamptz) RETURNING id
"""

# An entry that comes later has a higher number, for the sheets are locked here.
WRITE_LINES = """
    INSERT INTO stock_count_line (count_id, sku_id, expected, last_entry_id)
    SELECT %(count)s::bigint, sku, expected,
           coalesce((SELECT max(e.id) FROM stock_entry e WHERE e.holder_id = l.sku), 0)
      FROM unnest(%(skus)s::bigint[], %(expected)s::bigint[]) AS l(sku, expected)
"""


def _lock_count(count: int) -> int:
    """Lock an open count, before any sheet; answers its location."""
    found = sql.rows("SELECT location_id, closed_at FROM stock_count WHERE id = %s FOR NO KEY UPDATE", [count])
    if not found:
        raise NotFound(thing=_("count"), name=count)
    ((location, closed_at),) = found
    if closed_at is not None:
        raise CountClosed(count=count)
    return int(location)


def _moved_meanwhile(count: int, location: int, skus: Sequence[int], names: Names) -> dict[int, bool]:
    """Of each SKU, whether units came on the shelf or left it since its counting began."""
    parameters = {"count": count, "location": location, "skus": sql.ints(skus), "on_hand": sql.texts(ON_HAND)}
    found = {sku: (counted, moved) for sku, counted, moved in sql.rows(MOVED_MEANWHILE, parameters)}
    for sku in skus:
        if sku not in found:
            raise NotFound(thing=_("SKU to count"), name=names.skus[sku])
        if found[sku][0] is not None:
            raise CountedBefore(sku=names.skus[sku], count=count)
    return {sku: moved for sku, (_counted, moved) in found.items()}


MOVED_MEANWHILE = """
    SELECT l.sku_id, l.counted,
           EXISTS (SELECT FROM stock_entry e
                    WHERE e.holder_id = l.sku_id AND e.id > l.last_entry_id
                      AND (e.source_place = %(location)s AND e.source = ANY (%(on_hand)s::text[]))
                       <> (e.target_place = %(location)s AND e.target = ANY (%(on_hand)s::text[])))
      FROM stock_count_line l
     WHERE l.count_id = %(count)s AND l.sku_id = ANY (%(skus)s::bigint[])
"""


def _compare(sku: int, counted: int, sheet: dict[str, int], *, moved: bool) -> Counted:
    present = on_hand(sheet)
    if moved:
        return Counted(sku, counted, present, Outcome.COUNT_AGAIN)
    if counted < present - sheet["available"]:
        return Counted(sku, counted, present, Outcome.BELOW_RESERVED)
    return Counted(sku, counted, present, Outcome.POSTED)


def _note(count: int, outcomes: Sequence[Counted]) -> None:
    """Write down what is counted, begin again with the rest, and close the count where nothing is left of it."""
    posted = [each for each in outcomes if each.outcome is Outcome.POSTED]
    again = [each for each in outcomes if each.outcome is Outcome.COUNT_AGAIN]
    sql.run(NOTE_COUNTED, [sql.ints(each.sku for each in posted), sql.ints(each.counted for each in posted), count])
    sql.run(BEGIN_AGAIN, [sql.ints(each.sku for each in again), sql.ints(each.expected for each in again), count])
    sql.run(CLOSE_COUNTED, [clock.now(), count, count])


NOTE_COUNTED = """
    UPDATE stock_count_line l
       SET counted = f.counted
      FROM unnest(%s::bigint[], %s::bigint[]) AS f(sku, counted)
     WHERE l.count_id = %s AND l.sku_id = f.sku
"""

BEGIN_AGAIN = """
    UPDATE stock_count_line l
       SET expected = f.expected,
           last_entry_id = (SELECT max(e.id) FROM stock_entry e WHERE e.holder_id = f.sku)
      FROM unnest(%s::bigint[], %s::bigint[]) AS f(sku, expected)
     WHERE l.count_id = %s AND l.sku_id = f.sku
"""

CLOSE_COUNTED = """
    UPDATE stock_count SET closed_at = %s::timestamptz
     WHERE id = %s AND NOT EXISTS (SELECT FROM stock_count_line WHERE count_id = %s AND counted IS NULL)
"""


def _post(
    count: int,
    location: int,
    outcomes: Sequence[Counted],
    names: Names,
    actor: Actor,
    at: datetime | None,
) -> None:
    """Tell all outcomes, and move the differences of those that are posted."""
    lines = [
        {
            "sku": names.skus[each.sku],
            "counted": each.counted,
            "expected": each.expected,
            "outcome": each.outcome.value,
        }
        for each in outcomes
    ]
    facts = {"count": count, "location": names.locations[location], "reason": "count", "lines": lines}
    (event,) = record([Happening("stock.counted", actor, facts, at=at)])
    movements = []
    for each in outcomes:
        difference = each.counted - each.expected
        if each.outcome is Outcome.POSTED and difference:
            source, target = ("lost", "available") if difference > 0 else ("available", "lost")
            movements.append(Movement(each.sku, location, source, location, target, abs(difference), event))
    post(STOCK, movements, locked=True)
