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
from datetime import date
from typing import NamedTuple

from orderwright.inventory.reserving import Shelves
from orderwright.kernel import sql
from orderwright.kernel.sql import Question


class Availability(NamedTuple):
    """What may be promised of a SKU: at each location, and of all together.

    A kit is as available as its scarcest part.  Its parts may come from different locations, so the total of a kit can
    be more than the sum over locations, where each has all parts.
    """

    total: int
    by_location: dict[int, int]


class Incoming(NamedTuple):
    """What will come of a SKU: so many units at a location on a day; from a transfer, where it names one."""

    expectation: int
    sku: int
    location: int
    quantity: int
    expected_on: date
    reference: str
    transfer: int | None


class SafetyRow(NamedTuple):
    """Keep `quantity` units of a SKU back, at `location` (None: of all together), from `channel` (None: from all)."""

    sku: int
    location: int | None
    channel: int | None
    quantity: int


def load_safeties(skus: Collection[int]) -> list[SafetyRow]:
    """The safety stock of `skus`, for every location and channel: one statement."""
    return sql.ask(safeties_of(skus))


def safeties_of(skus: Collection[int]) -> Question[list[SafetyRow]]:
    """The same as a question, to be asked beside others."""
    return Question(LOAD_SAFETIES, [sql.ints(sorted(skus))], lambda rows: [SafetyRow(*row) for row in rows])


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


def availability(skus: Collection[int], *, channel: int | None = None) -> dict[int, Availability]:
    """What may be promised of `skus`, kits among them, to a channel: one statement for any number of them.

    SKUs that do not exist are left out; active locations count.  It says the same as `sellable` does of locked shelves.
    """
    found: dict[int, Availability] = {}
    for sku, location, units in sql.rows(AVAILABILITY, {"skus": sql.ints(skus), "channel": channel}):
        if location is None:
            found[sku] = Availability(units, {})
        else:
            found[sku].by_location[location] = units
    return found


# A SKU that is no kit is its own only part.  Then as `sellable` does: the largest applying row of each shelf is kept
# back (`kept`); what is missing of the SKU's sum is taken from shelf after shelf, the smallest first (`before` is what
# smaller shelves have left).  Last, the scarcest part: at each location that has all parts, and over all locations.
AVAILABILITY = """
    WITH part AS (
        SELECT s.id AS sku, coalesce(k.part_id, s.id) AS part, coalesce(k.quantity, 1) AS quantity,
               count(*) OVER (PARTITION BY s.id) AS parts
          FROM sku s
          LEFT JOIN kit_part k ON k.kit_id = s.id
         WHERE s.id = ANY (%(skus)s::bigint[])
    ), safety AS (
        SELECT sku_id AS part, location_id AS location, max(quantity) AS quantity
          FROM safety_stock
         WHERE sku_id IN (SELECT part FROM part) AND (channel_id IS NULL OR channel_id = %(channel)s::bigint)
         GROUP BY sku_id, location_id
    ), shelf AS (
        SELECT s.holder_id AS part, s.place_id AS location, least(s.available, coalesce(f.quantity, 0)) AS kept,
               s.available - least(s.available, coalesce(f.quantity, 0)) AS left_over
          FROM stock_sheet s
          JOIN location l ON l.id = s.place_id AND l.active
          LEFT JOIN safety f ON f.part = s.holder_id AND f.location = s.place_id
         WHERE s.holder_id IN (SELECT part FROM part)
    ), spread AS (
        SELECT s.part, s.location, s.left_over,
               coalesce(f.quantity, 0) - sum(s.kept) OVER (PARTITION BY s.part) AS missing,
               sum(s.left_over) OVER (PARTITION BY s.part ORDER BY s.left_over, s.location) - s.left_over AS before
          FROM shelf s
          LEFT JOIN safety f ON f.part = s.part AND f.location IS NULL
    ), atp AS (
        SELECT part, location, left_over - least(left_over, greatest(0, missing - before))::bigint AS units
          FROM spread
    ), total AS (
        SELECT part, sum(units)::bigint AS units FROM atp GROUP BY part
    )
    SELECT p.sku, NULL AS location, min(coalesce(t.units, 0) / p.quantity) AS units
      FROM part p
      LEFT JOIN total t ON t.part = p.part
     GROUP BY p.sku
     UNION ALL
    SELECT p.sku, a.location, CASE WHEN count(*) = p.parts THEN min(a.units / p.quantity) ELSE 0 END
      FROM part p
      JOIN atp a ON a.part = p.part
     GROUP BY p.sku, a.location, p.parts
     ORDER BY sku, location NULLS FIRST
"""


class Short(NamedTuple):
    """A SKU of which more is wanted than there is."""

    sku: int
    wanted: int
    there: int


def short_of(wanted: Sequence[tuple[int, int]], *, channel: int | None = None) -> list[Short]:
    """Which SKUs are short, if all of `wanted` (SKU, quantity) is to be promised at once.

    Kits are taken apart and everything is added up before it is compared: two lines that share a part are short of it
    together, where each alone would not be.
    """
    skus = sorted({sku for sku, _ in wanted})
    parts: dict[int, list[tuple[int, int]]] = {}
    for kit, part, quantity in sql.rows(PARTS, [sql.ints(skus)]):
        parts.setdefault(kit, []).append((part, quantity))
    needed: dict[int, int] = {}
    for sku, quantity in wanted:
        for part, each in parts.get(sku, [(sku, 1)]):
            needed[part] = needed.get(part, 0) + each * quantity
    there = availability(needed.keys(), channel=channel)
    found = [Short(part, units, there[part].total if part in there else 0) for part, units in needed.items()]
    return [short for short in found if short.wanted > short.there]


PARTS = "SELECT kit_id, part_id, quantity FROM kit_part WHERE kit_id = ANY (%s::bigint[]) ORDER BY kit_id, part_id"


def incoming(skus: Collection[int]) -> list[Incoming]:
    """What will come of `skus`, the earliest first: from suppliers and by transfers."""
    return [Incoming(*row) for row in sql.rows(INCOMING, [sql.ints(skus)])]


INCOMING = """
    SELECT id, sku_id, location_id, quantity - received - lost, expected_on, reference, transfer_id
      FROM expectation
     WHERE sku_id = ANY (%s::bigint[]) AND closed_at IS NULL
     ORDER BY expected_on, id
"""
