"""Quoting: what would be promised now, were this ordered; and what may be promised of a SKU, day by day."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from orderwright.flows._promising import Places, Supply, all_places, deal_out, shares, what_comes
from orderwright.inventory.availability import PARTS
from orderwright.inventory.promising import Bucket, Coming, Waiter, buckets
from orderwright.kernel import clock, sql
from orderwright.promises.dating import Dated, Part, promise
from orderwright.promises.queueing import queue
from orderwright.shipping.options import Option, active_options, going_to


class Quoted(NamedTuple):
    """What would be promised of one line by one way of delivery."""

    option: Option | None
    lines: Sequence[Dated]


def quote(lines: Sequence[tuple[int, int]], country: str, *, channel: int | None = None) -> list[Quoted]:
    """What would be promised of lines (SKU, quantity) that go to a country, by each option that goes there.

    Those who wait come first, then the lines in their order.  Reads only; nine statements at most.  Nothing is kept
    by it: another may order first.
    """
    now = clock.now()
    parts = _parts(lines)
    skus = sorted({sku for leaves in parts for sku, _quantity in leaves})
    asked = [Waiter(-1 - place, sku, units, channel) for place, leaves in enumerate(parts) for sku, units in leaves]
    places, found = all_places(now), deal_out(skus, now.date(), asked)
    offered: list[Option | None] = [*going_to(country, active_options())]
    return [
        Quoted(option, [_dated(place, leaves, found, places, option) for place, leaves in enumerate(parts)])
        for option in offered or [None]
    ]


def _dated(
    place: int, leaves: Sequence[tuple[int, int]], supply: Supply, places: Places, option: Option | None
) -> Dated:
    found: list[Part] = []
    for sku, _units in leaves:
        dealt = supply.dealt[-1 - place, sku]
        found += shares(dealt, places)
        if dealt.missing:
            found.append(supply.without_receipt(sku, dealt.missing, places))
    return promise(found, option.days_most if option else None)


def _parts(lines: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """What has to be there for each line: of kits, their parts."""
    recipes: dict[int, list[tuple[int, int]]] = {}
    for kit, part, each in sql.rows(PARTS, [sql.ints(sorted({sku for sku, _quantity in lines}))]):
        recipes.setdefault(kit, []).append((part, each))
    return [[(part, each * quantity) for part, each in recipes.get(sku, [(sku, 1)])] for sku, quantity in lines]


class Promisable(NamedTuple):
    """What may be promised of a SKU, day by day, and how many units wait for it."""

    waiting: int
    buckets: list[Bucket]
    locations: dict[int, str]


def promisable(sku: int, *, channel: int | None = None) -> Promisable:
    """What there is and what comes, less what those who wait will have of it."""
    waiting = [Waiter(one.line_id, one.sku_id, one.quantity) for one in queue([sku])]
    coming: Collection[Coming] = what_comes([sku], _today(), channel=channel)
    places = all_places(clock.now())
    found = buckets(coming, waiting)
    return Promisable(
        sum(one.quantity for one in waiting), found, {one.location: places.code(one.location) for one in coming}
    )


def _today() -> date:
    return clock.now().date()
