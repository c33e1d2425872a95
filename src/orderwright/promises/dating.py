"""Dating: from where the units of a line are, the day on which its last one leaves, and the day it arrives.  Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from orderwright.promises.models import Reason


class Part(NamedTuple):
    """Units of a line that leave together on a day; None: nobody can say when."""

    reason: Reason
    quantity: int
    ship_on: date | None
    location: int | None = None
    place: str = ""  # the location's code
    reference: str = ""  # of the receipt
    expected_on: date | None = None
    arrives_on: date | None = None  # of units that have left
    was_expected_on: date | None = None  # it should have come in, or been done, by then

    def facts(self) -> dict[str, object]:
        """As the ledger and the events tell it."""
        told: dict[str, object] = {"reason": self.reason.value, "quantity": self.quantity}
        if self.ship_on:
            told["ship_on"] = self.ship_on.isoformat()
        if self.place:
            told["location"] = self.place
        if self.reason == Reason.RECEIPT:
            told |= {"reference": self.reference, "expected_on": str(self.expected_on)}
        if self.was_expected_on:
            told["was_expected_on"] = self.was_expected_on.isoformat()
        return told


class Dated(NamedTuple):
    """What may be promised of a line."""

    ship_on: date | None
    deliver_on: date | None
    reason: Reason
    location: int | None
    parts: Sequence[Part]
    overdue: bool = False  # what decides should have come in, or been done, before
    renewed: int = 0  # how many times it was promised anew with nothing new known

    def facts(self) -> dict[str, object]:
        facts: dict[str, object] = {"parts": [part.facts() for part in self.parts]}
        return facts | {"renewed": self.renewed} if self.renewed else facts


def promise(parts: Sequence[Part], transit_days: int | None) -> Dated:
    """The line's date is its last unit's: it is known only when those of all its units are.

    Units that are on their way count once nothing is left to send.
    """
    here = [part for part in parts if part.reason != Reason.ON_ITS_WAY] or parts
    last = max(here, key=lambda part: (part.ship_on is None, part.ship_on or date.min, part.reason))
    if last.reason == Reason.ON_ITS_WAY:
        arrives = max((part.arrives_on for part in here if part.arrives_on), default=None)
    else:
        arrives = last.ship_on + timedelta(days=transit_days) if last.ship_on and transit_days is not None else None
    return Dated(last.ship_on, arrives, last.reason, last.location, parts, last.was_expected_on is not None)


def words(reason: str, parts: Sequence[dict[str, object]]) -> str:
    """Why it is that day, in a sentence: of the part that leaves last."""
    deciding = [part for part in parts if part["reason"] == reason]
    last = max(deciding, key=lambda part: str(part.get("ship_on") or ""), default={})
    overdue = {
        Reason.RECEIPT: _("It was expected at {location} on {was_expected_on}, and is overdue."),
        Reason.IN_WORK: _("{location} should have sent it on {was_expected_on}, and is working on it."),
    }
    sentence = (
        overdue[Reason(reason)]
        if last.get("was_expected_on") and Reason(reason) in overdue
        else {
            Reason.IN_STOCK: _("It is kept at {location}."),
            Reason.IN_WORK: _("{location} is working on it."),
            Reason.RECEIPT: _("It comes in at {location} on {expected_on}."),
            Reason.LEAD_TIME: _("It has to be ordered first."),
            Reason.ON_ITS_WAY: _("It is on its way."),
            Reason.LOST: _("Its parcel was lost, and nothing has been sent again yet."),
            Reason.UNKNOWN: _("Nothing is expected that it could be taken from."),
        }[Reason(reason)]
    )
    return sentence.format(**{"location": "", "expected_on": "", **last})
