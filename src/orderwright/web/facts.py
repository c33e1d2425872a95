"""Facts of events as people read them: days, times and amounts in the reader's way, codes and names in trade words."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from babel.numbers import format_currency
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.money import decimals
from orderwright.orders.timeline import Words
from orderwright.promises.dating import words as because
from orderwright.promises.models import Reason
from orderwright.web.days import day_in_words, locale_of_reader, time_in_words
from orderwright.web.words import FAMILIES, word

NAMES: Mapping[str, str | Promise] = {
    "added": _("Added"),
    "adjustments": _("Delivery, taxes, discounts"),
    "amount": _("Amount"),
    "amount_minor": _("Amount"),
    "backordered": _("Waited for"),
    "came": _("Came on"),
    "carrier": _("Carrier"),
    "channel": _("Sent by"),
    "days_late": _("Days late"),
    "deliver_on": _("Arrives"),
    "delivery_option": _("Delivery option"),
    "discount": _("Discount"),
    "expires_at": _("Until"),
    "expected_on": _("Expected"),
    "from": _("From"),
    "fulfilment": _("Fulfilment"),
    "fulfilment_order": _("Fulfilment order"),
    "fulfilment_orders": _("Fulfilment orders"),
    "goodwill": _("Goodwill"),
    "happened_at": _("Time"),
    "included": _("included"),
    "into": _("Into"),
    "kept": _("From elsewhere"),
    "kind": _("Letter"),
    "label": _("Label"),
    "lines": _("Lines"),
    "location": _("Location"),
    "merged": _("Merged"),
    "message": _("Message"),
    "method": _("Means of payment"),
    "on": _("On"),
    "option": _("Delivery option"),
    "order": _("Order"),
    "package": _("Parcel"),
    "packages": _("Parcels"),
    "parts": _("Parts"),
    "payment": _("Payment"),
    "place": _("Place"),
    "placed_at": _("Placed"),
    "price": _("Price"),
    "priority": _("Priority"),
    "promised": _("Promised"),
    "provider": _("Provider"),
    "quantity": _("Quantity"),
    "readdressed": _("Goes to another address"),
    "reason": _("Reason"),
    "rebilled": _("Billed to another address"),
    "received_on": _("Came in on"),
    "reference": _("Reference"),
    "refused": _("What was in the way"),
    "release_at": _("Release"),
    "released": _("Released"),
    "reserved": _("Reserved"),
    "settled": _("Settled"),
    "ship_on": _("Leaves"),
    "shipment": _("Shipment"),
    "sku": _("SKU"),
    "stage": _("Stage"),
    "state": _("State"),
    "status": _("State"),
    "tags": _("Tags"),
    "taken_away": _("Taken away"),
    "taken_back": _("Taken off"),
    "tells_customer": _("The customer is written to"),
    "tenders": _("Means of payment"),
    "to": _("To"),
    "total": _("Total"),
    "total_before": _("Total before"),
    "tracking_number": _("Tracking number"),
    "tracking_url": _("Tracking page"),
    "unit_price": _("Price each"),
    "units": _("Units"),
    "wanted": _("Wanted"),
    "was": _("Before"),
    "was_deliver_on": _("Was to arrive"),
    "was_expected_on": _("Was expected"),
    "was_ship_on": _("Was to leave"),
    "why": _("Reason"),
    "words": _("Why"),
}
# What says nothing to people, or is told beside it: numbers of rows, the order itself, and the way of sourcing.
UNTOLD = frozenset(
    {"address", "attempt", "currency", "customer", "event", "from_line", "hold", "id", "letter", "line", "note"}
    | {"number", "position", "renewed", "sourcing", "tender", "time_zone", "to_line", "version"}
)
AMOUNTS = frozenset({"amount", "discount", "price", "taken_back", "total", "total_before", "unit_price"})
DAYS = frozenset({"came", "promised"})
STAGES = frozenset({"stage", "was", "settled"})
STATES = {"fulfilment": "fulfilment", "payment": "payment", "status": "order", "state": "fulfilment_order"}
CODES = frozenset({"reason", "why", "method", "kind", "channel", *STAGES, *STATES})
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
AMOUNT = re.compile(r"-?\d+(\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
LONGEST = 300
MOST_ROWS = 20


class Reader:
    """Writes facts for whoever looks, in the language and the time zone that are active."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def __call__(self, name: str, fact: Any, facts: Mapping[str, Any]) -> str | None:
        """A fact in words; None where it is as plain as it stands.  `facts` tell the currency of an amount."""
        if isinstance(fact, bool):
            return say("yes") if fact else say("no")
        currency = facts.get("currency")
        if name.endswith("_minor") and isinstance(fact, int) and currency:
            return _amount(fact / 10 ** decimals(currency), currency)
        if not isinstance(fact, str):
            return None
        if name == "because" and fact in Reason.values:
            days = ("expected_on", "was_expected_on")
            parts = [
                {key: self(key, one, part) or one if key in days else one for key, one in part.items()}
                for part in facts.get("parts", ())
            ]
            return str(because(fact, parts))
        if name in AMOUNTS and currency and AMOUNT.fullmatch(fact):
            return _amount(float(fact), currency)
        if (name.endswith("_on") or name in DAYS) and DAY.fullmatch(fact):
            return day_in_words(date.fromisoformat(fact))
        if name.endswith("_at") and TIME.fullmatch(fact):
            return time_in_words(datetime.fromisoformat(fact))
        return self._code(name, fact) if name in CODES else None

    def _code(self, name: str, code: str) -> str | None:
        if (name, code) in self.words:
            return str(self.words[name, code])
        family = "package" if name in STAGES else STATES.get(name, "")
        if code in FAMILIES.get(family, ()):
            return str(word(family, code).label)
        if name == "reason" and code in Reason.values:
            return str(Reason(code).label)
        return code.replace("_", " ") if CODE.fullmatch(code) else None

    def facts(self, facts: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
        """What an event tells, name by name; of a list, each of its rows."""
        for name, fact in facts.items():
            if name in UNTOLD or fact in (None, "", [], {}) or (name == "was" and isinstance(fact, int)):
                continue
            rows = fact if isinstance(fact, list) else [fact]
            yield _name(name), [self._row(name, row, facts)[:LONGEST] for row in rows[:MOST_ROWS]]

    def _row(self, name: str, row: Any, facts: Mapping[str, Any]) -> str:
        if isinstance(row, list):
            return ", ".join(self._row(name, one, facts) for one in row)
        if not isinstance(row, dict):
            return self(name, row, facts) or str(row)
        row = {"currency": facts.get("currency"), **row}
        head, rest = [], []
        if "quantity" in row and "sku" in row:
            head.append(f"{row['quantity']} × {row['sku']}")
        elif "sku" in row or "name" in row:
            head.append(str(row.get("sku") or row["name"]))
        elif "label" in row and "amount" in row:
            included = f" ({_name('included')})" if row.get("included") else ""
            return f"{row['label']}: {self._row('amount', row['amount'], row)}{included}"
        elif "location" in row and "quantity" in row:
            head.append(f"{row['quantity']} {row['location']}")
        if "words" in row and (why := self("because", row.get("reason"), row)):
            row = {key: value for key, value in row.items() if key not in ("reason", "parts")} | {"words": why}
        for key, value in row.items():
            told = key in ("quantity", "sku", "name") or (key == "location" and not ("sku" in row or "name" in row))
            repeats = key == "wanted" and value == row.get("quantity")
            if (head and told) or repeats or key in UNTOLD or value in (None, "", [], {}, 0):
                continue
            said = self._row(key, value, row)
            rest.append(said if key == "location" else f"{_name(key)}: {said}")
        return " · ".join([*head, *rest])


def _amount(amount: float, currency: str) -> str:
    return str(format_currency(amount, currency, locale=locale_of_reader()))


def _name(name: str) -> str:
    return str(NAMES.get(name) or name.replace("_", " ").capitalize())
