"""How a SKU stands for a buyer: ready to ship, only a few left, back on a day, to be ordered, or sold out; always true.

It is what the shop's channel may promise now: what is kept back or promised to others is not there for a buyer.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from orderwright.catalog.selling import ForSale
from orderwright.flows.quote_promises import promisable
from orderwright.inventory.availability import Availability, availability
from orderwright.inventory.promising import earliest

FEW = 5


class State(StrEnum):
    READY = "ready"
    FEW = "few"
    LATER = "later"  # may be ordered, and comes when there is some
    SOLD_OUT = "sold_out"


class Stands(NamedTuple):
    """How a SKU stands."""

    state: State
    left: int = 0
    back_on: date | None = None

    @property
    def buyable(self) -> bool:
        return self.state is not State.SOLD_OUT

    @property
    def most(self) -> int | None:
        """How many may be bought at once; None where that is not known, because they may wait."""
        return self.left if self.state in (State.READY, State.FEW) else None


def stands(sku: ForSale, there: Availability | None, *, back_on: date | None = None) -> Stands:
    """Pure.  A SKU that may wait can be ordered where there is none; of a kit, all parts must be able to."""
    left = there.total if there is not None else 0
    if left > FEW:
        return Stands(State.READY, left)
    if left > 0:
        return Stands(State.FEW, left)
    return Stands(State.LATER if may_wait(sku) else State.SOLD_OUT, 0, back_on)


def may_wait(sku: ForSale) -> bool:
    """May it be ordered where there is none?"""
    return all(part.may_wait for part in sku.parts) if sku.parts else sku.may_wait


def of_all(skus: Mapping[str, ForSale], channel: int) -> dict[str, Stands]:
    """How these SKUs stand, by code: one statement."""
    there = availability([sku.id for sku in skus.values()], channel=channel)
    return {code: stands(sku, there.get(sku.id)) for code, sku in skus.items()}


def of_cards(groups: Mapping[str, Collection[int]], channel: int) -> dict[str, int]:
    """How many there are of the best-stocked SKU of each group: one statement for all."""
    there = availability(sorted({sku for group in groups.values() for sku in group}), channel=channel)
    return {name: max((there[sku].total for sku in group if sku in there), default=0) for name, group in groups.items()}


def with_date(sku: ForSale, found: Stands, channel: int) -> Stands:
    """The same, with the day on which there is some again; of a kit nobody knows it."""
    if found.left or sku.parts:
        return found
    return found._replace(back_on=earliest(promisable(sku.id, channel=channel).buckets, 1))
