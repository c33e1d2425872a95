"""Promising: what will come is dealt out to those who wait for it, in their order; what is left may be promised (ATP).

Pure: numbers in, dates out.  *Discrete* is what is left of each receipt by itself; *cumulative* is all that is left
up to its day.  Each unit that comes is promised once: who stands earlier in the queue takes the earliest first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from orderwright.inventory.availability import SafetyRow, sellable
from orderwright.inventory.reserving import Shelves

NOWHERE_SHUT: Mapping[int, datetime] = {}


class Coming(NamedTuple):
    """So many units of a SKU that can be had at a location from a day on; by a receipt, where it has a reference."""

    sku: int
    location: int
    quantity: int
    on: date
    expectation: int | None = None  # None: they stand on the shelf now
    reference: str = ""
    was_expected_on: date | None = None  # overdue: the day on which it should have come
    opens_at: datetime | None = None  # whoever takes it is not served by its location before


class Waiter(NamedTuple):
    """Someone (`key`) who waits for units of a SKU, and whom some locations do not serve before a moment."""

    key: int
    sku: int
    quantity: int
    channel: int | None = None  # what is kept back from it is not for him
    shut: Mapping[int, datetime] = NOWHERE_SHUT  # by location


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


def deal(
    coming: Iterable[Coming], queue: Iterable[Waiter], safeties: Iterable[SafetyRow] = ()
) -> dict[tuple[int, int], Dealt]:
    """Deal out what comes; `queue` has who waits in their order.  By the waiter's key and SKU.

    Safety stock stays back, and what comes in makes up first for what is missing of it: as when backorders are filled.
    """
    left = _by_sku(coming)
    kept: dict[int, list[SafetyRow]] = {}
    for row in safeties:
        kept.setdefault(row.sku, []).append(row)
    dealt: dict[tuple[int, int], Dealt] = {}
    for waiter in queue:
        there, rows = left.get(waiter.sku, []), kept.get(waiter.sku, [])
        shares, wanted = _take_free(there, waiter, rows) if rows or waiter.shut else _take(there, waiter.quantity)
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


def _take_free(left: Left, waiter: Waiter, rows: Sequence[SafetyRow]) -> tuple[list[Share], int]:
    """The same for who is not served everywhere yet, or from whom something is kept back.

    What comes to a shelf, or a location that opens, may set free what stood there before: that counts as it does.
    """
    wanted, shares = waiter.quantity, []
    there: Shelves = {}
    came: list[int] = []
    opened = [(_opened(one, waiter.shut), index) for index, (one, _units) in enumerate(left)]
    for one, index in sorted(opened, key=lambda pair: (pair[0].on, pair[1])):
        came.append(index)
        there[one.sku, one.location] = there.get((one.sku, one.location), 0) + left[index][1]
        free = sellable(there, rows, waiter.channel)
        for earlier in reversed(came):
            source, units = left[earlier]
            shelf = source.sku, source.location
            part = min(units, free[shelf], wanted)
            if part > 0:
                left[earlier] = (source, units - part)
                there[shelf], free[shelf], wanted = there[shelf] - part, free[shelf] - part, wanted - part
                shares.append(Share(one._replace(location=source.location), part))
        if not wanted:
            break
    return shares, wanted


def _opened(one: Coming, shut: Mapping[int, datetime]) -> Coming:
    """What comes, as someone has it whom its location does not serve before a moment."""
    opens_at = shut.get(one.location)
    return one if opens_at is None else one._replace(on=max(one.on, opens_at.date()), opens_at=opens_at)
