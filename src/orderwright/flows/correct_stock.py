"""Correcting stock by papers from elsewhere: each correction is booked where the shelf allows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from orderwright.catalog.adopting import Adopted, adopt_skus
from orderwright.inventory.adjusting import REASONS, Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.naming import find_locations
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Balances, lock


class Paper(NamedTuple):
    """Units (signed) of SKUs (by code) that a paper says were found or lost, each with a reason of `REASONS`."""

    reference: str
    at: datetime
    lines: Sequence[tuple[str, int, str]]


class Corrected(NamedTuple):
    event_ids: list[int]
    short: list[int]  # positions of lines, from 0, that the shelf did not allow


@transaction.atomic
def correct_stock(papers: Sequence[Paper], names: Mapping[str, str], *, location: str, actor: Actor) -> list[Corrected]:
    """Adjust the stock at `location` by what `papers` say; lines that the shelf does not allow are left out.

    What was found is put on the shelf before what was lost is taken from it.  SKUs that are missing are made under
    these `names`.  The number of statements does not depend on the papers.
    """
    codes = {code for paper in papers for code, _quantity, _reason in paper.lines}
    skus = adopt_skus({code: names.get(code, "") for code in codes}, actor=actor)
    place = find_locations([location])[location]
    shelves = lock(STOCK, {(sku.id, place) for sku in skus.values() if not sku.is_kit})
    answers = [Corrected([], []) for _paper in papers]
    for sign in (1, -1):
        adjustments: list[Adjustment] = []
        belongs_to: list[int] = []
        for index, paper in enumerate(papers):
            by_reason: dict[str, list[Change]] = {}
            for position, (code, quantity, reason) in enumerate(paper.lines):
                if quantity * sign < 0:
                    continue
                if _take(shelves, skus[code], place, quantity, reason):
                    by_reason.setdefault(reason, []).append(Change(skus[code].id, place, quantity))
                else:
                    answers[index].short.append(position)
            adjustments += [
                Adjustment(changes, reason, paper.reference, paper.at) for reason, changes in by_reason.items()
            ]
            belongs_to += [index] * len(by_reason)
        for index, event in zip(belongs_to, adjust(adjustments, actor=actor) if adjustments else [], strict=True):
            answers[index].event_ids.append(event)
    return answers


def _take(shelves: Balances, sku: Adopted, place: int, quantity: int, reason: str) -> bool:
    """Move the units on the shelf as it was read, if there are enough of them in the bucket they come from."""
    step = REASONS[reason].more if quantity > 0 else REASONS[reason].less
    if step is None or sku.is_kit:
        return False
    sheet = shelves[sku.id, place]
    source, target = step
    if source not in STOCK.outside:
        if sheet[source] < abs(quantity):
            return False
        sheet[source] -= abs(quantity)
    if target not in STOCK.outside:
        sheet[target] += abs(quantity)
    return True
