"""The types of fields that requests and answers have in common.

class ReceiveIn(Body):
    sku: Code
    quantity: Count
"""

import re
from datetime import date
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field

BIGGEST = 2**63 - 1


class Body(Schema):
    """What a request brings: a field that is not named is refused, so a slip of the pen is not taken for silence."""

    model_config = ConfigDict(extra="forbid")


def _as_moment(value: Any) -> Any:
    """A moment as RFC 3339 writes it: pydantic would take a number for the seconds since 1970 too."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return value
    raise ValueError(_("a moment such as 2026-01-31T12:00:00Z is needed"))


def _as_day(value: Any) -> Any:
    if isinstance(value, str) and DAY.fullmatch(value):
        return value
    raise ValueError(_("a day such as 2026-01-31 is needed"))


DAY = re.compile(r"(?!000[01])[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DAY.pattern + r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")

Moment = Annotated[AwareDatetime, BeforeValidator(_as_moment)]
Day = Annotated[date, BeforeValidator(_as_day)]
Id = Annotated[int, Field(ge=1, le=BIGGEST)]  # in a path or a query
Whole = Annotated[int, Field(strict=True, ge=-BIGGEST, le=BIGGEST)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
CountOrNone = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
Truth = Annotated[bool, Field(strict=True)]
Code = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=5000)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Decimal = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["12.50"])]
