"""Explaining: why an order's units come from where they come from, read from what was told when it was decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.fulfilment.sourcing.sorters import FEWEST_PARCELS
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor

# The events that say of which units a source was chosen.
DECIDED = (
    "order.placed",
    "order.backorder_filled",
    "order.sent_again",
    "order.reallocated",
    "fulfilment.rejected",
    "fulfilment.moved",
)


class Candidate(NamedTuple):
    """A location that has some of what is wanted, and how good each strategy found it: the lower, the better."""

    location: str
    has: int
    of: int
    distance_km: int | None
    scores: dict[str, float]
    chosen: bool


class LeftOut(NamedTuple):
    location: str
    why: str


class Sourced(NamedTuple):
    """So many units of a line that come from a location; from none, where they are waited for."""

    line: int
    sku: str
    quantity: int
    location: str | None


class Decision(NamedTuple):
    """One decision, in words and in numbers."""

    event: int
    kind: str
    at: datetime
    actor: Actor
    words: str
    strategies: list[str]
    candidates: list[Candidate]
    chosen: list[str]
    left_out: list[LeftOut]
    units: list[Sourced]
    was_at: str = ""  # the location that they were at before, and why it does not do them
    reason: str = ""
    were: list[tuple[str, int]] = []  # SKUs and units that were there


def decisions(order_id: int) -> list[Decision]:
    """Every decision about where the units of an order come from, in the order in which they were taken."""
    found = []
    for id_, kind, actor, at, document in sql.rows(DECISIONS, [order_id, sql.texts(DECIDED)]):
        facts = msgspec.json.decode(document) if isinstance(document, str | bytes) else document
        sourcing = facts.get("sourcing") or _by_hand(facts)
        if sourcing:
            found.append(_decision(id_, kind, at, actor, facts, sourcing))
    return found


def _decision(
    id_: int, kind: str, at: datetime, actor: Actor, facts: Mapping[str, Any], sourcing: Mapping[str, Any]
) -> Decision:
    chosen, strategies = list(sourcing.get("chosen", ())), list(sourcing.get("strategies", ()))
    candidates = [
        Candidate(
            one["location"],
            one["has"],
            one["of"],
            one.get("distance_km"),
            {name: one["scores"][name] for name in strategies if name in one.get("scores", {})},
            one["location"] in chosen,
        )
        for one in sourcing.get("candidates", ())
    ]
    left_out = [LeftOut(one["location"], one["why"]) for one in sourcing.get("left_out", ())]
    words = _words(kind, facts, sourcing, candidates, left_out)
    units = _sourced(kind, facts)
    if kind not in ("fulfilment.rejected", "fulfilment.moved"):
        return Decision(id_, kind, at, actor, words, strategies, candidates, chosen, left_out, units)
    was_at, reason = facts["location"], facts.get("reason", "")
    were = [(row["sku"], row["quantity"]) for row in facts["units"]]
    return Decision(id_, kind, at, actor, words, strategies, candidates, chosen, left_out, units, was_at, reason, were)


def _sourced(kind: str, facts: Mapping[str, Any]) -> list[Sourced]:
    """Where the units come from since then, by line."""
    if kind == "order.placed":
        leaves = [leaf for line in facts["lines"] for leaf in (line["parts"] or (line,))]
        return [
            Sourced(leaf["position"], leaf["sku"], quantity, location)
            for leaf in leaves
            for location, quantity in (
                *((one["location"], one["quantity"]) for one in leaf["reserved"]),
                (None, leaf["backordered"]),
            )
            if quantity
        ]
    if kind == "fulfilment.rejected":
        rows = [*facts["kept"], *facts["backordered"]]
    elif kind == "fulfilment.moved":
        rows = [{**row, "location": facts["to"]} for row in facts["units"]]
    else:
        rows = facts["units"]
    return [Sourced(row["line"], row["sku"], row["quantity"], row.get("location")) for row in rows]


def _by_hand(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A move: somebody named the location, and nobody was asked for another."""
    if "to" not in facts:
        return {}
    return {"chosen": [facts["to"]], "reason": f"Somebody chose {facts['to']}."}


def _words(
    kind: str,
    facts: Mapping[str, Any],
    sourcing: Mapping[str, Any],
    candidates: Sequence[Candidate],
    left_out: Sequence[LeftOut],
) -> str:
    """The decision as a clerk would tell it: why it was to be taken, what was found, and who was not asked."""
    sentences = []
    if kind == "fulfilment.rejected":
        sentences.append(f"{facts['location']} rejected {_units(facts['units'])} ({facts['reason']}).")
    if kind == "fulfilment.moved":
        sentences.append(f"{_units(facts['units'])} were at {facts['location']}.")
    sentences.append(str(sourcing["reason"]))
    sentences += [_candidate(one) for one in candidates]
    sentences += [f"{one.location} was left out. {one.why}" for one in left_out]
    return " ".join(sentences)


def _candidate(one: Candidate) -> str:
    scores = [f"{name.replace('_', ' ')} {score:g}" for name, score in one.scores.items() if name != FEWEST_PARCELS]
    far = f", {one.distance_km} km away" if one.distance_km is not None and "nearest" not in one.scores else ""
    by = f" ({', '.join(scores)})" if scores else ""
    return f"{one.location} has {one.has} of {one.of}{far}{by}."


def _units(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{row['quantity']} × {row['sku']}" for row in rows)


DECISIONS = """
    SELECT id, kind, actor, at, facts
      FROM event
     WHERE order_id = %s AND kind = ANY (%s::text[])
     ORDER BY place_in_order
"""
