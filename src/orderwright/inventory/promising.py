"""Promising: what will come is dealt out to those who wait for it, in their order; what is left may be promised (ATP).

Pure: numbers in, dates out.  *Discrete* is what is left of each receipt by itself; *cumulative* is all that is left
up to its day.  Each unit that comes is promised once: who stands earlier in the queue takes the earliest first.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple


class Coming(NamedTuple):
    """So many units of a SKU that can be had at a location from a day on; by a receipt, where it has a reference."""

    sku: int
    location: int
    quantity: int
    on: date
    expectation: int | None = None  # None: they stand on the shelf now
    reference: str = ""
    was_expected_on: date | None = None  # overdue: the day on which it should have come


class Waiter(NamedTuple):
    """Someone (`key`) who waits for units of a SKU."""

    key: int
    sku: int
    quantity: int


class Share(NamedTuple):
    """So many units out of what comes."""

    coming: Coming
    quantity: int


class Dealt(NamedTuple):
    """What someone who waits gets, the earliest first, and how many units nothing comes for."""

    shares: list[Share]
    missing: int


class Bucket(NamedTuple):
    """What is left of something that comes when all who wait have had theirs."""

    coming: Coming
    discrete: int
    cumulative: int


def deal(coming: Iterable[Coming], queue: Iterable[Waiter]) -> dict[tuple[int, int], Dealt]:
    """Deal out what comes; `queue` has who waits in their order.  By the waiter's key and SKU."""
    left = _by_sku(coming)
    dealt: dict[tuple[int, int], Dealt] = {}
    for waiter in queue:
        shares, wanted = _take(left.get(waiter.sku, []), waiter.quantity)
        before = dealt.get((waiter.key, waiter.sku), Dealt([], 0))
        dealt[waiter.key, waiter.sku] = Dealt(before.shares + shares, before.missing + wanted)
    return dealt


def buckets(coming: Iterable[Coming], queue: Iterable[Waiter]) -> list[Bucket]:
    """What may still be promised of one SKU, the earliest first.

    Units that are missing for those who wait are nobody's yet: what is expected next is theirs, so nothing is left
    before it.
    """
    (left,) = list(_by_sku(coming).values()) or [[]]
    for waiter in queue:
        _take(left, waiter.quantity)
    found, sum_ = [], 0
    for one, units in left:
        sum_ += units
        found.append(Bucket(one, units, sum_))
    return found


def earliest(found: Sequence[Bucket], quantity: int) -> date | None:
    """The first day on which so many units can be had; None where not so many will come."""
    return next((bucket.coming.on for bucket in found if bucket.cumulative >= quantity), None)


Left = list[tuple[Coming, int]]


def _by_sku(coming: Iterable[Coming]) -> dict[int, Left]:
    left: dict[int, Left] = {}
    for one in sorted(coming, key=lambda one: (one.sku, one.on, one.expectation or 0, one.location)):
        left.setdefault(one.sku, []).append((one, one.quantity))
    return left


def _take(left: Left, wanted: int) -> tuple[list[Share], int]:
    """Take the earliest; answers what was taken, and how much is missing."""
    shares = []
    for index, (one, units) in enumerate(left):
        part = min(units, wanted)
        if part > 0:
            left[index] = (one, units - part)
            shares.append(Share(one, part))
            wanted -= part
        if not wanted:
            break
    return shares, wanted
