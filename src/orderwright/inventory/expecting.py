"""Expecting: stock that is on its way to us, with the day on which it should be here."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.receiving import ExpectationClosed, NotWhatWasExpected
from orderwright.inventory.units import check_count, check_quantity
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Stale
from orderwright.kernel.events import Happening, record
from orderwright.kernel.numbering import take_ids


class Expected(NamedTuple):
    """So many units of a SKU (id) should be at a location (id) on a day; `reference` names the purchase order."""

    sku: int
    location: int
    quantity: int
    expected_on: date
    reference: str = ""


@transaction.atomic
def expect(lines: Sequence[Expected], *, actor: Actor) -> list[int]:
    """Write down what will come from suppliers.  Answers the ids of the expectations, to receive against."""
    check_count(lines)
    for line in lines:
        check_quantity(line.quantity)
    names = name_shelves({(line.sku, line.location) for line in lines})
    ids = take_ids("expectation_id_seq", len(lines))
    write_expectations(ids, lines, transfers=[None] * len(lines))
    record([Happening("stock.expected", actor, _facts(ids, lines, names))])
    return ids


@transaction.atomic
def close(expectations: Collection[int], *, actor: Actor) -> int:
    """No more will come of these: what has not come is not expected any longer.  Answers the event.

    A transfer is not closed here, for its units are somewhere: they arrive, or are lost on the way.
    """
    ordered = sorted(set(expectations))
    check_count(ordered)
    found = {row[0]: row[1:] for row in sql.rows(LOCK_TO_CLOSE, [sql.ints(ordered)])}
    for id_ in ordered:
        if id_ not in found:
            raise NotFound(thing=_("expectation"), name=id_)
        closed, of_transfer = found[id_][:2]
        if of_transfer:
            raise NotWhatWasExpected(expectation=id_)
        if closed:
            raise ExpectationClosed(expectation=id_)
    sql.run(CLOSE, [clock.now(), sql.ints(ordered)])
    lines = [{"expectation": id_, "sku": found[id_][2], "missing": found[id_][3]} for id_ in ordered]
    return record([Happening("stock.expectation_closed", actor, {"lines": lines})])[0]


class Expectation(NamedTuple):
    """Units that are expected, or were."""

    id: int
    sku: str
    location: str
    quantity: int
    received: int
    expected_on: date
    reference: str
    of_transfer: bool
    closed: bool
    version: int


def expectation(id_: int) -> Expectation:
    """An expectation; refused where there is none."""
    return _found(id_, sql.rows(LOOK, [id_]))


@transaction.atomic
def move(id_: int, expected_on: date, *, seen: int | None, actor: Actor) -> Expectation:
    """Expect the units on another day, if nobody changed that since version `seen` (None: whatever it is at).

    Of a transfer too: its units can be late on the road.  The same day again changes nothing.
    """
    found = _found(id_, sql.rows(LOOK + " FOR NO KEY UPDATE OF e", [id_]))
    if seen is not None and seen != found.version:
        raise Stale(thing=str(id_), version=found.version)
    if found.closed:
        raise ExpectationClosed(expectation=id_)
    if expected_on == found.expected_on:
        return found
    sql.run(MOVE, [expected_on, id_])
    line = {
        "expectation": id_,
        "sku": found.sku,
        "location": found.location,
        "was_expected_on": found.expected_on.isoformat(),
        "expected_on": expected_on.isoformat(),
        "reference": found.reference,
    }
    record([Happening("stock.expectation_moved", actor, {"lines": [line]})])
    return found._replace(expected_on=expected_on, version=found.version + 1)


def _found(id_: int, rows: Sequence[tuple[Any, ...]]) -> Expectation:
    if not rows:
        raise NotFound(thing=_("expectation"), name=id_)
    return Expectation(*rows[0])


def write_expectations(ids: Sequence[int], lines: Sequence[Expected], *, transfers: Sequence[int | None]) -> None:
    """Write expectations, in one statement; of transfers, where those are named."""
    sql.run(
        WRITE_EXPECTATIONS,
        [
            clock.now(),
            sql.ints(ids),
            sql.ints(line.sku for line in lines),
            sql.ints(line.location for line in lines),
            sql.ints(line.quantity for line in lines),
            sql.texts(line.expected_on.isoformat() for line in lines),
            sql.texts(line.reference for line in lines),
            sql.ints(transfers),
        ],
    )


WRITE_EXPECTATIONS = """
    INSERT INTO expectation (created_at, id, sku_id, location_id, quantity, expected_on, reference, transfer_id)
    SELECT %s::timestamptz, *
      FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[])
"""

LOCK_TO_CLOSE = """
    SELECT e.id, e.closed_at IS NOT NULL, e.transfer_id IS NOT NULL, s.code, greatest(0, e.quantity - e.received)
      FROM expectation e
      JOIN sku s ON s.id = e.sku_id
     WHERE e.id = ANY (%s::bigint[])
     ORDER BY e.id
       FOR NO KEY UPDATE OF e
"""

LOOK = """
    SELECT e.id, s.code, l.code, e.quantity, e.received, e.expected_on, e.reference, e.transfer_id IS NOT NULL,
           e.closed_at IS NOT NULL, e.version
      FROM expectation e
      JOIN sku s ON s.id = e.sku_id
      JOIN location l ON l.id = e.location_id
     WHERE e.id = %s::bigint
"""

MOVE = "UPDATE expectation SET expected_on = %s::date, version = version + 1 WHERE id = %s::bigint"

CLOSE = "UPDATE expectation SET closed_at = %s::timestamptz WHERE id = ANY (%s::bigint[])"


def _facts(ids: Sequence[int], lines: Sequence[Expected], names: Names) -> dict[str, object]:
    return {
        "lines": [
            {
                "expectation": id_,
                "sku": names.skus[line.sku],
                "location": names.locations[line.location],
                "quantity": line.quantity,
                "expected_on": line.expected_on.isoformat(),
                "reference": line.reference,
            }
            for id_, line in zip(ids, lines, strict=True)
        ]
    }
