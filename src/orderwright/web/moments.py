"""What happened to an order, moment by moment: in plain words, by whom, and with its facts one click away.

What somebody's role does not see is neither said nor among the facts.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.fulfilment import telling as fulfilment_telling
from orderwright.notifications import telling as notifications_telling
from orderwright.orders import timeline
from orderwright.orders.timeline import Moment
from orderwright.payments import telling as payments_telling
from orderwright.promises import telling as promises_telling
from orderwright.shipping import telling as shipping_telling
from orderwright.web.facts import Reader
from orderwright.web.whose import called

ROOMS = (timeline, payments_telling, fulfilment_telling, shipping_telling, promises_telling, notifications_telling)
SENTENCES: dict[str, str | Promise] = {kind: said for room in ROOMS for kind, said in room.SENTENCES.items()}

# For those who see no prices.
WITHOUT_PRICES: dict[str, str | Promise] = {
    "order.placed": _("The order was placed: {units}."),
    "order.canceled": _("Canceled ({reason}): {units}."),
    "order.partly_canceled": _("Partly canceled ({reason}): {units}."),
    "order.edited": _("The order was edited."),
}
OF_MONEY = ("tender.", "order.discounted", "order.repriced", "credit")
MONEY = re.compile(
    r"minor|micros|price|total|amount|taken_back|currency|adjust|tender|discount|tax|owed|due$|shipping|balance"
)
COSTS = frozenset({"package.label_made"})

TONES: Mapping[str, str] = {
    "order.placed": "busy",
    "order.released": "busy",
    "order.shipped": "busy",
    "order.delivered": "good",
    "order.confirmed": "good",
    "order.held": "wait",
    "order.backorder_filled": "good",
    "order.canceled": "bad",
    "order.partly_canceled": "bad",
    "tender.captured": "good",
    "tender.authorized": "good",
    "tender.received": "good",
    "promise.kept": "good",
    "promise.missed": "bad",
    "promise.changed": "wait",
    "package.delayed": "bad",
    "package.lost": "bad",
    "package.returned": "bad",
    "package.attempted": "wait",
}
WRONG = ("declined", "refused", "contradicted", "rejected")

MOST_MOMENTS = 500
MOST_FACTS = 40


class Told(NamedTuple):
    """A moment as somebody reads it."""

    place: int
    kind: str
    sentence: str
    who: str
    at: datetime
    tone: str
    facts: list[tuple[str, list[str]]]


def moments(order_id: int, may: Collection[str], words: timeline.Words) -> list[Moment]:
    """The events of an order that somebody may see, the first one first; one statement."""
    sentences = SENTENCES if "prices:read" in may else SENTENCES | WITHOUT_PRICES
    found = timeline.timeline(order_id, sentences, writes=Reader(words), limit=MOST_MOMENTS)
    return [moment for moment in found if sees_money(may) or not moment.kind.startswith(OF_MONEY)]


def sees_money(may: Collection[str]) -> bool:
    return "prices:read" in may and "payments:read" in may


def tell(found: Sequence[Moment], may: Collection[str], words: timeline.Words) -> list[Told]:
    """These moments in words, the newest first; two statements."""
    reader = Reader(words)
    names = called({moment.actor for moment in found})
    return [
        Told(
            moment.place,
            moment.kind,
            moment.sentence,
            names.get(moment.actor, moment.actor),
            moment.at,
            _tone(moment.kind),
            _facts(moment, may, reader),
        )
        for moment in reversed(found)
    ]


def _tone(kind: str) -> str:
    return TONES.get(kind) or ("bad" if kind.endswith(WRONG) else "calm")


def _facts(moment: Moment, may: Collection[str], reader: Reader) -> list[tuple[str, list[str]]]:
    facts = moment.facts
    if "prices:read" not in may or ("costs:read" not in may and moment.kind in COSTS):
        facts = _without_money(facts)
    return list(reader.facts(facts))[:MOST_FACTS]


def _without_money(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {name: _without_money(fact) for name, fact in facts.items() if not MONEY.search(name)}
    return [_without_money(fact) for fact in facts] if isinstance(facts, list) else facts
