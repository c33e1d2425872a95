"""Adjusting: the book is put right by so many units, for a reason, with the paper that says so."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import STOCK
from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.units import check_count, check_enough, check_quantity, not_one_of
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, lock, post
from orderwright.kernel.errors import Invalid
from orderwright.kernel.events import Happening, record


class Reason(NamedTuple):
    """Why units move, and between which buckets: with `more` of them, or with `less`; None: not with this reason."""

    sentence: Promise
    more: tuple[str, str] | None
    less: tuple[str, str] | None


REASONS = {
    "correction": Reason(_("The book was wrong."), ("lost", "available"), ("available", "lost")),
    "found": Reason(_("Found again."), ("lost", "available"), None),
    "lost": Reason(_("Cannot be found."), None, ("available", "lost")),
    "stolen": Reason(_("Stolen."), None, ("available", "lost")),
    "expired": Reason(_("Too old to be sold."), None, ("available", "lost")),
    "given_away": Reason(_("Given away: a sample, a gift, own use."), None, ("available", "lost")),
    "damaged": Reason(_("Damaged on the shelf: still there, not for sale."), None, ("available", "damaged")),
    "mended": Reason(_("Damaged before, for sale again."), ("damaged", "available"), None),
    "written_off": Reason(_("Damaged before, thrown away."), None, ("damaged", "lost")),
}


class Change(NamedTuple):
    """So many units more (or less, below zero) of a SKU (id) at a location (id)."""

    sku: int
    location: int
    quantity: int


class Adjustment(NamedTuple):
    """What is put right at once, for one reason; `reference` names the paper."""

    lines: Sequence[Change]
    reason: str  # of REASONS
    reference: str = ""
    at: datetime | None = None  # now, where it is left out


@transaction.atomic
def adjust(adjustments: Sequence[Adjustment], *, actor: Actor) -> list[int]:
    """Move the units of all `adjustments`, or of none.  Answers the event of each adjustment.

    Raises `NotEnoughStock`, with every shelf that is short, where a bucket would fall below zero.
    """
    for adjustment in adjustments:
        _check(adjustment)
    shelves = {(line.sku, line.location) for adjustment in adjustments for line in adjustment.lines}
    names = name_shelves(shelves)
    balances = lock(STOCK, shelves)
    check_enough(balances, list(_movements(adjustments, [0] * len(adjustments))), names)
    events = record([Happening("stock.adjusted", actor, _facts(each, names), at=each.at) for each in adjustments])
    post(STOCK, list(_movements(adjustments, events)), locked=True)
    return events


def _check(adjustment: Adjustment) -> None:
    if adjustment.reason not in REASONS:
        raise not_one_of(adjustment.reason, REASONS, field="reason")
    reason = REASONS[adjustment.reason]
    check_count(adjustment.lines)
    for line in adjustment.lines:
        check_quantity(abs(line.quantity))
        if (reason.more if line.quantity > 0 else reason.less) is None:
            problem = _("{quantity} does not go with the reason {reason}")
            raise Invalid(field="quantity", problem=problem.format(quantity=line.quantity, reason=adjustment.reason))


def _movements(adjustments: Sequence[Adjustment], events: Sequence[int]) -> Iterable[Movement]:
    for adjustment, event in zip(adjustments, events, strict=True):
        reason = REASONS[adjustment.reason]
        for sku, location, quantity in adjustment.lines:
            step = reason.more if quantity > 0 else reason.less
            assert step is not None
            yield Movement(sku, location, step[0], location, step[1], abs(quantity), event)


def _facts(adjustment: Adjustment, names: Names) -> dict[str, object]:
    return {
        "reason": adjustment.reason,
        "reference": adjustment.reference,
        "lines": [
            {"sku": names.skus[sku], "location": names.locations[location], "quantity": quantity}
            for sku, location, quantity in adjustment.lines
        ],
    }
