"""The timeline: what happened to an order, in the order in which it happened, in a sentence each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import money, sql

Sentences = Mapping[str, str | Promise]
Words = Mapping[tuple[str, str], str | Promise]  # by the name of a fact, and its code

SENTENCES: Sentences = {
    "order.placed": _("The order was placed: {units}. It comes to {total} {currency}."),
    "order.held": _("Put on hold: {reason}."),
    "order.hold_lifted": _("The hold was lifted: {reason}."),
    "order.edited": _("Edited ({reason}): it came to {total_before} {currency}, and comes to {total} {currency} now."),
    "order.readdressed": _("It goes to another address."),
    "order.noted": _("A note was written."),
    "order.tagged": _("Tagged: {tags}."),
    "order.untagged": _("Tags taken off: {tags}."),
    "order.canceled": _("Canceled ({reason}): {units}. {taken_back} {currency} were taken off."),
    "order.partly_canceled": _("Partly canceled ({reason}): {units}. {taken_back} {currency} were taken off."),
    "order.backorder_filled": _("Came in and is kept for the order: {units}."),
    "order.released": _("Released to the warehouse: {units}."),
    "order.taken_back": _("Taken back from the warehouse: {units}."),
    "order.shipped": _("Shipped: {units}."),
    "order.delivered": _("Delivered: {units}."),
}


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
    order_id: int, sentences: Sentences = SENTENCES, *, words: Words | None = None, after: int = 0, limit: int = 1000
) -> list[Moment]:
    """The events of an order behind place `after`; `words` say what a fact's code means to people.

    A kind without a sentence is named by its own words.
    """
    return [
        Moment(place, id_, kind, _say(kind, facts, sentences, words or {}), actor, at, facts)
        for place, id_, kind, actor, at, facts in (
            (*row[:5], _read(row[5])) for row in sql.rows(TIMELINE, [order_id, after, limit])
        )
    ]


def _say(kind: str, facts: Mapping[str, Any], sentences: Sentences, words: Words) -> str:
    sentence = sentences.get(kind)
    if sentence is None:
        noun, _dot, verb = kind.partition(".")
        return f"{noun} {verb}".replace("_", " ").capitalize() + "."
    return str(sentence).format_map(_Words(facts, words))


class _Words(dict[str, str]):
    """The facts of an event as words; one that is not there is left blank."""

    def __init__(self, facts: Mapping[str, Any], words: Words) -> None:
        super().__init__(
            {
                name: str(words.get((name, str(fact)), str(fact)))
                for name, fact in facts.items()
                if isinstance(fact, str | int)
            }
        )
        rows = facts.get("units") or facts.get("lines") or []
        self["units"] = ", ".join(_units(row) for row in rows if "quantity" in row)
        self["days"] = "; ".join(_days(row) for row in facts.get("lines") or [] if "ship_on" in row)
        packages = facts.get("packages") or []
        if packages and isinstance(packages[0], str):
            self.setdefault("package", ", ".join(packages))
        self["tags"] = ", ".join(facts.get("tags") or [])
        if "amount_minor" in facts and "currency" in facts:
            self["amount"] = f"{money.write(facts['amount_minor'], facts['currency'])} {facts['currency']}"

    def __missing__(self, name: str) -> str:
        return ""


def _units(row: Mapping[str, Any]) -> str:
    place = f" ({row['location']})" if row.get("location") else ""
    return f"{row['quantity']} × {row['sku']}{place}"


def _days(row: Mapping[str, Any]) -> str:
    """When a line leaves and arrives, and why."""
    if not row["ship_on"]:
        told = _("{sku}: nobody can say yet. {words}")
    elif row.get("deliver_on"):
        told = _("{sku} leaves on {ship_on} and arrives by {deliver_on}. {words}")
    else:
        told = _("{sku} leaves on {ship_on}. {words}")
    return str(told).format(**{"words": "", **row}).strip().rstrip(".")


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
