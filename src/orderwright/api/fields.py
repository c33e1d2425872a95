"""The types of fields that requests and answers have in common.

class ReceiveIn(Body):
    sku: Code
    quantity: Count
"""

from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

BIGGEST = 2**63 - 1


class Body(Schema):
    """What a request brings: a field that is not named is refused, so a slip of the pen is not taken for silence."""

    model_config = ConfigDict(extra="forbid")


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
