"""Where an order's units come from: pure, in numbers that the caller has locked.

With `fewest_parcels` as its first strategy an order comes from one place if one has it all, else from as few as
can be, the best by the other strategies among those; otherwise places are emptied in the strategies' order.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from orderwright.fulfilment.sourcing.sorters import FEWEST_PARCELS, Destination, Place, distance_km, sorter

MOST_TRIED_PLACES = 12  # combinations are tried of the best places only: of 12 there are 4,095


class Taken(NamedTuple):
    place: int
    amount: int


class Plan(NamedTuple):
    """What is taken where, for each SKU; what is short; and the decision as a fact."""

    taken: dict[int, list[Taken]]
    short: dict[int, int]
    reason: dict[str, Any]


Shelves = Mapping[tuple[int, int], int]  # (SKU, location): units that may be sold


def plan(
    wanted: Mapping[int, int],
    shelves: Shelves,
    places: Sequence[Place],
    to: Destination,
    strategies: Sequence[str],
    left_out: Mapping[int, str] | None = None,
) -> Plan:
    """Choose sources for `wanted` (SKU: units) and say why: each candidate with its score by each strategy.

    `left_out` are locations that may not be chosen, each with the reason in words.  A location that is neither a
    candidate nor left out has nothing of what is wanted.
    """
    if left_out:
        places, barred = [one for one in places if one.id not in left_out], places
    sorters = [(name, sorter(name)) for name in strategies]
    scored = []
    for place in places:
        covered = 0
        for sku, n in wanted.items():
            there = shelves.get((sku, place.id), 0)
            covered += n if there > n else there
        if covered:
            scored.append((place, covered, [score(place, to, covered) for _name, score in sorters]))
    first = _first(strategies)
    scored.sort(key=lambda one: (*one[2][first:], one[0].id))
    ordered = [place for place, _covered, _scores in scored]
    chosen = _fewest(wanted, shelves, ordered) if first else None
    taken, short = _take(wanted, shelves, chosen or ordered)
    used = {take.place for takes in taken.values() for take in takes}
    units = sum(wanted.values())
    candidates = [
        {
            "location": place.code,
            "has": covered,
            "of": units,
            **_distance(place, to),
            "scores": dict(zip(strategies, scores, strict=True)),
        }
        for place, covered, scores in scored
    ]
    codes = [place.code for place in ordered if place.id in used]
    reason: dict[str, Any] = {"strategies": list(strategies), "candidates": candidates, "chosen": codes}
    if left_out:
        reason["left_out"] = [{"location": one.code, "why": left_out[one.id]} for one in barred if one.id in left_out]
    reason["reason"] = _words(codes, candidates, units, strategies, short, other=bool(left_out))
    return Plan(taken, short, reason)


def _first(strategies: Sequence[str]) -> int:
    """1 where the first strategy is to send few parcels: then the others only choose among equals."""
    return int(bool(strategies) and strategies[0] == FEWEST_PARCELS)


def _fewest(wanted: Mapping[int, int], shelves: Shelves, ordered: Sequence[Place]) -> Sequence[Place] | None:
    """The smallest set of places that has everything; the earlier places win among sets of one size."""
    best = ordered[:MOST_TRIED_PLACES]
    for size in range(1, len(best) + 1):
        for group in combinations(best, size):
            if all(sum(shelves.get((sku, place.id), 0) for place in group) >= n for sku, n in wanted.items()):
                return group
    return None


def _take(
    wanted: Mapping[int, int], shelves: Shelves, places: Sequence[Place]
) -> tuple[dict[int, list[Taken]], dict[int, int]]:
    taken: dict[int, list[Taken]] = {}
    short: dict[int, int] = {}
    for sku, left in wanted.items():
        takes = []
        for place in places:
            amount = min(left, shelves.get((sku, place.id), 0))
            if amount > 0:
                takes.append(Taken(place.id, amount))
                left -= amount  # noqa: PLW2901
                if not left:
                    break
        taken[sku] = takes
        if left:
            short[sku] = left
    return taken, short


def _distance(place: Place, to: Destination) -> dict[str, int]:
    if None in (place.latitude, place.longitude, to.latitude, to.longitude):
        return {}
    return {"distance_km": round(distance_km(place, to))}


def _words(
    codes: Sequence[str],
    candidates: Sequence[Mapping[str, Any]],
    units: int,
    strategies: Sequence[str],
    short: Mapping[int, int],
    *,
    other: bool = False,
) -> str:
    """The reason as a clerk would say it; `other` says that some locations were left out."""
    if not codes:
        return f"No {'other ' if other else ''}location has any of it."
    if short:
        return f"{' and '.join(codes)} have some of it; {sum(short.values())} of {units} units are short everywhere."
    whole = [candidate["location"] for candidate in candidates if candidate["has"] == units]
    rest = [name.replace("_", " ") for name in strategies if name != FEWEST_PARCELS]
    by = f" by {', then '.join(rest)}" if rest else ""
    if len(codes) > 1:
        alone = "No location has it all; " if not whole else ""
        return f"{alone}{' and '.join(codes)} together are the first choice{by}."
    if len(whole) == 1:
        return f"Only {codes[0]} has all {units} units."
    return f"{codes[0]} has all {units} units, and of the {len(whole)} locations that do it comes first{by}."
