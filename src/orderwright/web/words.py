"""One word and one tone for every state, wherever it is shown.

Tones: calm (nothing to do), busy (somebody is at it), wait (somebody is waited for), good (done), bad (somebody must
look).
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.fulfilment.models import State
from orderwright.orders.status import Fulfilment, Payment, Status
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.stages import Stage


class Word(NamedTuple):
    value: str
    label: str | Promise
    tone: str


def _family(choices: type[TextChoices], tones: Mapping[str, str]) -> dict[str, Word]:
    return {value: Word(value, label, tones[value]) for value, label in choices.choices}


def _words(*words: tuple[str, Promise, str]) -> dict[str, Word]:
    return {value: Word(value, label, tone) for value, label, tone in words}


FULFILMENT_TONES = {
    "waiting": "wait",
    "ready": "busy",
    "in_work": "busy",
    "partly_shipped": "busy",
    "shipped": "good",
    "delivered": "good",
    "returned": "calm",
    "canceled": "calm",
}
PAYMENT_TONES = {
    "nothing_due": "calm",
    "unpaid": "wait",
    "pending": "wait",
    "secured": "good",
    "partly_paid": "wait",
    "paid": "good",
    "overpaid": "bad",
    "partly_refunded": "calm",
    "refunded": "calm",
}
STATUS_TONES = {
    "on_hold": "bad",
    "unpaid": "wait",
    "backordered": "wait",
    "ready": "busy",
    "in_work": "busy",
    "partly_shipped": "busy",
    "shipped": "good",
    "delivered": "good",
    "returned": "calm",
    "canceled": "calm",
}
STAGE_TONES = {
    "prepared": "calm",
    "labelled": "calm",
    "handed_over": "busy",
    "in_transit": "busy",
    "at_customs": "wait",
    "delayed": "bad",
    "out_for_delivery": "busy",
    "ready_for_pickup": "wait",
    "attempt_failed": "bad",
    "delivered": "good",
    "returned": "bad",
    "lost": "bad",
}

FAMILIES: dict[str, dict[str, Word]] = {
    "order": _family(Status, STATUS_TONES),
    "fulfilment": _family(Fulfilment, FULFILMENT_TONES),
    "payment": _family(Payment, PAYMENT_TONES),
    "package": _family(Stage, STAGE_TONES),
    "shipment": _family(ShipmentState, {"prepared": "busy", "shipped": "good", "discarded": "calm"}),
    "fulfilment_order": _family(State, {"offered": "wait", "accepted": "busy", "closed": "calm"}),
    "letter": _words(
        ("waiting", _("Waiting"), "wait"),
        ("sent", _("Sent"), "good"),
        ("refused", _("Refused"), "bad"),
        ("suppressed", _("Not sent"), "calm"),
    ),
    "webhook": _words(
        ("active", _("Active"), "good"),
        ("paused", _("Paused"), "wait"),
        ("deleted", _("Deleted"), "calm"),
        ("waiting", _("Waiting"), "wait"),
        ("delivered", _("Delivered"), "good"),
        ("failed", _("Failed"), "bad"),
    ),
    "exception": _words(
        ("standing", _("Needs somebody"), "bad"),
        ("cared_for", _("Cared for"), "busy"),
        ("cleared", _("Cleared"), "good"),
    ),
    "run": _words(
        ("waiting", _("Waiting"), "wait"),
        ("running", _("Running"), "busy"),
        ("done", _("Done"), "good"),
        ("refused", _("Refused"), "bad"),
        ("failed", _("Failed"), "bad"),
    ),
}


def word(family: str, value: str) -> Word:
    """The word for a state; the state itself, where the family has none."""
    return FAMILIES[family].get(value) or Word(value, value.replace("_", " "), "calm")
