"""The timeline: what happened to an order, in the order in which it happened, in a sentence each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from orderwright.kernel import money, sql

Sentences = Mapping[str, str | Promise]
Words = Mapping[tuple[str, str], str | Promise]  # by the name of a fact, and its code
# How a fact of this name is written for whoever reads, its neighbours beside it; None: as it stands.
Writes = Callable[[str, Any, Mapping[str, Any]], str | None]

SENTENCES: Sentences = {
    "order.placed": _("The order was placed: {units}. It comes to {total}."),
    "order.held": _("Put on hold: {reason}."),
    "order.hold_lifted": _("The hold was lifted: {reason}."),
    "order.edited": _("Edited ({reason}): it came to {total_before}, and comes to {total} now."),
    "order.claim_asked": _("An account with another address asked for the order; its own address was written to."),
    "order.claimed": _("It belongs to customer {customer} now, who asked for it; customer {was} agreed."),
    "order.readdressed": _("It goes to another address."),
    "order.noted": _("A note was written."),
    "order.tagged": _("Tagged: {tags}."),
    "order.untagged": _("Tags taken off: {tags}."),
    "order.canceled": _("Canceled ({reason}): {units}. {taken_back} were taken off."),
    "order.partly_canceled": _("Partly canceled ({reason}): {units}. {taken_back} were taken off."),
    "order.backorder_filled": _("Came in and is kept for the order: {units}."),
    "order.released": _("Released to the warehouse: {units}."),
    "order.taken_back": _("Taken back from the warehouse: {units}."),
    "order.shipped": _("Shipped: {units}."),
    "order.delivered": _("Delivered: {units}."),
}


AMOUNTS = ("total", "total_before", "taken_back")


class Moment(NamedTuple):
    """One event of an order."""

    place: int  # 1, 2, 3 … in the order
    event_id: int
    kind: str
    sentence: str  # in the language that is active
    actor: str
    at: datetime  # when it happened in the business
    facts: dict[str, Any]


def timeline(
    order_id: int, sentences: Sentences = SENTENCES, *, writes: Writes | None = None, after: int = 0, limit: int = 1000
) -> list[Moment]:
    """The events of an order behind place `after`, with their facts as `writes` writes them.

    A kind without a sentence is named by its own words.
    """
    return [
        Moment(place, id_, kind, _say(kind, facts, sentences, writes or _as_it_stands), actor, at, facts)
        for place, id_, kind, actor, at, facts in (
            (*row[:5], _read(row[5])) for row in sql.rows(TIMELINE, [order_id, after, limit])
        )
    ]


def _as_it_stands(name: str, fact: Any, facts: Mapping[str, Any]) -> str | None:
    """For programs: codes and ISO days, amounts with their currency behind them."""
    if name in AMOUNTS and "currency" in facts:
        return f"{fact} {facts['currency']}"
    if name == "amount_minor" and "currency" in facts:
        return f"{money.write(fact, facts['currency'])} {facts['currency']}"
    return None


def _say(kind: str, facts: Mapping[str, Any], sentences: Sentences, writes: Writes) -> str:
    sentence = sentences.get(kind)
    if sentence is None:
        noun, _dot, verb = kind.partition(".")
        return f"{noun} {verb}".replace("_", " ").capitalize() + "."
    return str(sentence).format_map(_Words(facts, writes))


class _Words(dict[str, str]):
    """The facts of an event as words; one that is not there is left blank."""

    def __init__(self, facts: Mapping[str, Any], writes: Writes) -> None:
        super().__init__(
            {
                name: writes(name, fact, facts) or str(fact)
                for name, fact in facts.items()
                if isinstance(fact, str | int)
            }
        )
        rows = facts.get("units") or facts.get("lines") or []
        self["units"] = _units([row for row in rows if "quantity" in row])
        self["days"] = "; ".join(_days([row for row in facts.get("lines") or [] if "ship_on" in row], writes))
        packages = facts.get("packages") or []
        if packages and isinstance(packages[0], str):
            self.setdefault("package", ", ".join(packages))
        self["tags"] = ", ".join(facts.get("tags") or [])
        if "amount_minor" in self:
            self["amount"] = self["amount_minor"]
        if isinstance(days := facts.get("days_late"), int):
            self["late"] = ngettext("{days} day", "{days} days", days).format(days=days)

    def __missing__(self, name: str) -> str:
        return ""


def _units(rows: Sequence[Mapping[str, Any]]) -> str:
    """Units of SKUs, with where they are; what is at one place together, that place once."""
    by_place: dict[str, list[str]] = {}
    for row in rows:
        by_place.setdefault(row.get("location") or "", []).append(f"{row['quantity']} × {row['sku']}")
    return ", ".join(", ".join(units) + (f" ({place})" if place else "") for place, units in by_place.items())


def _days(rows: Sequence[Mapping[str, Any]], writes: Writes) -> Iterator[str]:
    """When lines leave and arrive, and why; those of one fate together."""
    fates: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        said = {name: writes(name, row[name], row) or row[name] for name in ("ship_on", "deliver_on") if row.get(name)}
        why = writes("because", row.get("reason"), row) or row.get("words") or ""
        fates.setdefault((said.get("ship_on", ""), said.get("deliver_on", ""), why), []).append(row["sku"])
    for (ship_on, deliver_on, why), skus in fates.items():
        told = _fate(ship_on, deliver_on, len(skus))
        said_of = {"sku": ", ".join(dict.fromkeys(skus)), "ship_on": ship_on, "deliver_on": deliver_on, "words": why}
        yield told.format(**said_of).strip().rstrip(".")


def _fate(ship_on: str, deliver_on: str, lines: int) -> str:
    if not ship_on:
        return str(_("{sku}: nobody can say yet. {words}"))
    if deliver_on:
        return ngettext(
            "{sku} leaves on {ship_on} and arrives by {deliver_on}. {words}",
            "{sku} leave on {ship_on} and arrive by {deliver_on}. {words}",
            lines,
        )
    return ngettext("{sku} leaves on {ship_on}. {words}", "{sku} leave on {ship_on}. {words}", lines)


def _read(facts: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(facts) if isinstance(facts, str | bytes) else facts
    return found


TIMELINE = """
    SELECT place_in_order, id, kind, actor, at, facts
      FROM event
     WHERE order_id = %s AND place_in_order > %s
     ORDER BY place_in_order
     LIMIT %s::bigint
"""
