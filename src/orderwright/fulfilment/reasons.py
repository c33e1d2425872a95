"""Why a location says no, and what that says of its stock."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Invalid


class Reason(models.TextChoices):
    SHORT = "short", _("The units are not there")
    DAMAGED = "damaged", _("The units are damaged")
    CLOSED = "closed", _("The location is closed")
    CAPACITY = "capacity", _("The location has too much to do")


# Where the units are in truth, in the STOCK book; of the other reasons they stand on the shelf as before.
TRUE_BUCKET = {Reason.SHORT: "lost", Reason.DAMAGED: "damaged"}


def check(reason: str) -> Reason:
    """A reason that exists."""
    if reason not in Reason.values:
        raise Invalid(field="reason", problem=f"{reason} is none of {', '.join(Reason.values)}")
    return Reason(reason)
