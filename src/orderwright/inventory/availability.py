"""Availability: what may still be promised (ATP, available to promise).

On hand is not what may be sold: units that are reserved, damaged or in quality control are not, and safety stock is
kept back.  Availability is never below zero; what may be sold beyond it is the SKU's policy (`when_short`).

Safety stock comes in rows that say how many units of a SKU to keep back: at a location or of the sum of all, from
a channel or from every channel.

- Of several rows for the same shelf the largest counts; they do not add up.
- A row without a location keeps units back of the sum over all locations.  What location rows keep back already counts
  towards it.  The rest is taken from the smallest shelves first, so that the largest stays whole and an order is
  likely to leave in one parcel.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.inventory.reserving import Shelves
from orderwright.kernel import sql


class SafetyRow(NamedTuple):
    """Keep `quantity` units of a SKU back, at `location` (None: of all together), from `channel` (None: from all)."""

    sku: int
    location: int | None
    channel: int | None
    quantity: int


def load_safeties(skus: Collection[int]) -> list[SafetyRow]:
    """The safety stock of `skus`, for every location and channel: one statement."""
    return [SafetyRow(*row) for row in sql.rows(LOAD_SAFETIES, [sql.ints(skus)])]


LOAD_SAFETIES = """
    SELECT sku_id, location_id, channel_id, quantity
      FROM safety_stock
     WHERE sku_id = ANY (%s::bigint[]) AND quantity > 0
     ORDER BY sku_id, location_id, channel_id
"""


def sellable(shelves: Shelves, safeties: Sequence[SafetyRow], channel_id: int | None) -> Shelves:
    """What `channel_id` may sell of what is available on each shelf; None is no channel in particular.

    Pure: `shelves` stays as it is.  All shelves of a SKU must be there, for a row without a location looks at the sum.
    """
    left = dict(shelves)
    at_locations, of_all = _largest([row for row in safeties if row.channel is None or row.channel == channel_id])
    missing = dict(of_all)
    for shelf, quantity in at_locations.items():
        kept = min(quantity, left.get(shelf, 0))
        if kept:
            left[shelf] -= kept
            if shelf[0] in missing:
                missing[shelf[0]] -= kept
    if missing:
        _keep_back_of_all(left, missing)
    return left


def _largest(rows: Sequence[SafetyRow]) -> tuple[dict[tuple[int, int], int], dict[int, int]]:
    """The largest quantity for each shelf, and for each SKU over all locations."""
    at_locations: dict[tuple[int, int], int] = {}
    of_all: dict[int, int] = {}
    for row in rows:
        if row.location is None:
            of_all[row.sku] = max(row.quantity, of_all.get(row.sku, 0))
        else:
            shelf = (row.sku, row.location)
            at_locations[shelf] = max(row.quantity, at_locations.get(shelf, 0))
    return at_locations, of_all


def _keep_back_of_all(left: Shelves, missing: dict[int, int]) -> None:
    """Take from `left`, smallest shelves first, as many units of each SKU as are `missing`."""
    for shelf in sorted((shelf for shelf in left if shelf[0] in missing), key=lambda shelf: (left[shelf], shelf)):
        taken = max(0, min(missing[shelf[0]], left[shelf]))
        left[shelf] -= taken
        missing[shelf[0]] -= taken
