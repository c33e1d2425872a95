"""GTIN, the number under a barcode: checked, and brought into one form (GS1 General Specifications, 7.9)."""

from django.utils.translation import gettext as _

from orderwright.kernel.errors import Invalid

LENGTHS = (8, 12, 13, 14)


def normalize(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 without spaces and dashes, in its shortest form.

    A GTIN that is filled up with zeros is the same GTIN, so 00012345600012 and 012345600012 become one.
    """
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdecimal()):
        raise Invalid(field="gtin", problem=_("a GTIN has 8, 12, 13 or 14 digits"))
    if not digits.strip("0"):
        raise Invalid(field="gtin", problem=_("a GTIN is not all zeros"))
    if check_digit(digits[:-1]) != digits[-1]:
        raise Invalid(field="gtin", problem=_("the check digit is wrong"))
    shortest = digits.lstrip("0")
    return shortest.zfill(next(length for length in LENGTHS if length >= len(shortest)))


def check_digit(digits: str) -> str:
    """The last digit that belongs to these: weights 3 and 1 from the right, filled up to the next ten."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
