"""Receiving: units come in from outside and stand on the shelf."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import STOCK
from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.units import Units, check_count, check_quantity, not_one_of
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, post
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record

REASONS = ("purchase", "production", "opening", "consignment", "other")


class ExpectationClosed(Refusal):
    code = "expectation_closed"
    sentence = _("Expectation {expectation} is closed: nothing more is received against it.")


class NotWhatWasExpected(Refusal):
    code = "not_what_was_expected"
    sentence = _("Expectation {expectation} is for another SKU or another location.")


class Receipt(NamedTuple):
    """What came at once, on one paper: `reference` names it (a delivery note, a purchase order)."""

    lines: Sequence[Units]
    reason: str = "purchase"  # of REASONS
    reference: str = ""
    at: datetime | None = None  # now, where it is left out


@transaction.atomic
def receive(receipts: Sequence[Receipt], *, actor: Actor) -> list[int]:
    """Put units on the shelves: all of `receipts` or none.  Answers the event of each receipt.

    More than was expected may come.  An expectation of which all has come is closed.
    """
    lines = [line for receipt in receipts for line in receipt.lines]
    for receipt in receipts:
        _check(receipt)
    names = name_shelves({(line.sku, line.location) for line in lines})
    _take_from_expectations([line for line in lines if line.expectation is not None])
    events = record([Happening("stock.received", actor, _facts(receipt, names), at=receipt.at) for receipt in receipts])
    post(STOCK, list(_movements(receipts, events)))
    return events


def _check(receipt: Receipt) -> None:
    if receipt.reason not in REASONS:
        raise not_one_of(receipt.reason, REASONS, field="reason")
    check_count(receipt.lines)
    for line in receipt.lines:
        check_quantity(line.quantity)


def _facts(receipt: Receipt, names: Names) -> dict[str, object]:
    return {
        "reason": receipt.reason,
        "reference": receipt.reference,
        "lines": [
            {
                "sku": names.skus[line.sku],
                "location": names.locations[line.location],
                "quantity": line.quantity,
                **({"expectation": line.expectation} if line.expectation is not None else {}),
            }
            for line in receipt.lines
        ],
    }


def _movements(receipts: Sequence[Receipt], events: Sequence[int]) -> Iterable[Movement]:
    for receipt, event in zip(receipts, events, strict=True):
        for sku, location, quantity, _expectation in receipt.lines:
            yield Movement(sku, location, "supplier", location, "available", quantity, event)


def _take_from_expectations(lines: Sequence[Units]) -> None:
    """Note that so many of the expected units have come, and close what is complete."""
    if not lines:
        return
    came: Counter[int] = Counter()
    for line in lines:
        assert line.expectation is not None
        came[line.expectation] += line.quantity
    ordered = sorted(came)
    found = {row[0]: row[1:] for row in sql.rows(LOCK_EXPECTATIONS, [sql.ints(ordered)])}
    for line in lines:
        if line.expectation not in found:
            raise NotFound(thing=_("expectation"), name=line.expectation)
        sku, location, closed, of_transfer = found[line.expectation]
        if closed:
            raise ExpectationClosed(expectation=line.expectation)
        if (sku, location) != (line.sku, line.location) or of_transfer:
            raise NotWhatWasExpected(expectation=line.expectation)
    sql.run(
        NOTE_RECEIVED,
        {"ids": sql.ints(ordered), "came": sql.ints(came[id_] for id_ in ordered), "now": clock.now()},
    )


# Expectations are locked before sheets, and by id.
LOCK_EXPECTATIONS = """
    SELECT id, sku_id, location_id, closed_at IS NOT NULL, transfer_id IS NOT NULL
      FROM expectation
     WHERE id = ANY (%s::bigint[])
     ORDER BY id
       FOR NO KEY UPDATE
"""

NOTE_RECEIVED = """
    UPDATE expectation e
       SET received = e.received + c.came,
           closed_at = CASE WHEN e.received + c.came >= e.quantity THEN %(now)s::timestamptz END
      FROM unnest(%(ids)s::bigint[], %(came)s::bigint[]) AS c(id, came)
     WHERE e.id = c.id
"""
