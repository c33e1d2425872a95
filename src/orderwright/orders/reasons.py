"""Reasons: why something was done to an order, in one word that can be counted."""

import re

from orderwright.kernel.errors import Invalid

WORD = re.compile(r"[a-z][a-z0-9_]{0,49}")


def check(reason: str) -> str:
    """A reason as it is kept: small letters, digits and underscores, such as `customer_request`."""
    if not WORD.fullmatch(reason):
        raise Invalid(field="reason", problem="a reason is 1 to 50 small letters, digits and underscores")
    return reason
