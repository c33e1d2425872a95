"""Checking what is written into the catalog, field by field: each check answers the value in the form it is kept in."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from babel.core import get_global
from django.utils.translation import gettext as _

from orderwright.catalog import gtin
from orderwright.catalog.models import CaptureWhen, WhenShort
from orderwright.kernel import money
from orderwright.kernel.errors import Invalid

Check = Callable[[str, Any], object]

BIGGEST_INTEGER = 2**31 - 1
LONGEST_SIDE_MM = 100_000
MOST_UNITS = 1_000_000_000
LONGEST_WAIT_SECONDS = 400 * 86_400


def code(field: str, value: Any) -> str:
    """What a thing is called in addresses and files: 1 to 100 characters, none of them a slash."""
    text = _text(field, value, 100)
    if not text or "/" in text or not text.isprintable() or text in (".", ".."):
        raise Invalid(field=field, problem=_("a code has 1 to 100 printable characters, and no slash"))
    return text


def code_or_none(field: str, value: Any) -> str | None:
    return None if value is None else code(field, value)


def name(field: str, value: Any) -> str:
    text = _text(field, value, 200)
    if not text:
        raise Invalid(field=field, problem=_("a name is needed"))
    return text


def long_text(field: str, value: Any) -> str:
    return _text(field, value, 20_000)


def truth(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(field=field, problem=_("must be true or false"))
    return value


def gtin_or_none(field: str, value: Any) -> str | None:
    return None if value in (None, "") else gtin.normalize(_text(field, value, 40))


def number_or_none(smallest: int, largest: int) -> Check:
    """A check for whole numbers in this range; nothing is an answer too."""

    def check(field: str, value: Any) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
            raise Invalid(
                field=field,
                problem=_("must be a whole number from {smallest} to {largest}").format(
                    smallest=smallest, largest=largest
                ),
            )
        return value

    return check


def one_of(*words: str) -> Check:
    """A check for one of these words."""

    def check(field: str, value: Any) -> str:
        if value not in words:
            raise Invalid(field=field, problem=_("must be one of {words}").format(words=", ".join(words)))
        return str(value)

    return check


def customs_code(field: str, value: Any) -> str:
    """A code of the Harmonized System: six digits, and up to four of the country's own; dots and spaces fall out."""
    digits = _text(field, value, 40).replace(".", "").replace(" ", "")
    if digits and not re.fullmatch("[0-9]{6,10}", digits):
        raise Invalid(field=field, problem=_("a customs code has 6 to 10 digits"))
    return digits


def country(field: str, value: Any) -> str:
    """A country by ISO 3166-1 alpha-2, or nothing."""
    letters = _text(field, value, 40).upper()
    if letters and (letters == "ZZ" or letters not in get_global("territory_languages")):
        raise Invalid(field=field, problem=_("a country has two letters, such as DE"))
    return letters


def currency(field: str, value: Any) -> str:
    letters = _text(field, value, 40).upper()
    money.decimals(letters)
    return letters


def word(field: str, value: Any) -> str:
    """A name of something in the program, such as a tax class or a sourcing strategy."""
    text = _text(field, value, 60)
    if not re.fullmatch("[a-z][a-z0-9_-]*", text):
        raise Invalid(field=field, problem=_("must be a word of small letters, digits, _ and -"))
    return text


def words(field: str, value: Any) -> list[str]:
    """Up to twenty words, each once."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= 20 or len(set(value)) < len(value):
        raise Invalid(field=field, problem=_("must be a list of 1 to 20 different words"))
    return [word(field, part) for part in value]


def number_prefix(field: str, value: Any) -> str:
    """What stands before an order's number.  It does not end in a digit, or A + 11 and A1 + 1 would be one number."""
    text = _text(field, value, 20)
    if text[-1:].isdigit() or "/" in text or not (text.isprintable() and text.isascii()):
        raise Invalid(field=field, problem=_("a prefix has up to 20 printable ASCII characters, the last no digit"))
    return text


def _text(field: str, value: Any, longest: int) -> str:
    """A text without control characters (lines and tabs may stay) and without blanks around it."""
    if not isinstance(value, str):
        raise Invalid(field=field, problem=_("must be a text"))
    text = value.strip()
    if len(text) > longest:
        raise Invalid(field=field, problem=_("is longer than {longest} characters").format(longest=longest))
    if not storable(text):
        raise Invalid(field=field, problem=_("holds characters that cannot be printed"))
    return text


def storable(text: str) -> bool:
    """Can PostgreSQL hold it?"""
    return text.isprintable() or not UNPRINTABLE.search(text)


UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


CATEGORY: Mapping[str, Check] = {"name": name, "parent": code_or_none}

PRODUCT: Mapping[str, Check] = {"name": name, "description": long_text, "category": code_or_none}

SKU: Mapping[str, Check] = {
    "product": code,
    "name": name,
    "is_kit": truth,
    "active": truth,
    "gtin": gtin_or_none,
    "weight_grams": number_or_none(0, BIGGEST_INTEGER),
    "length_mm": number_or_none(1, LONGEST_SIDE_MM),
    "width_mm": number_or_none(1, LONGEST_SIDE_MM),
    "height_mm": number_or_none(1, LONGEST_SIDE_MM),
    "customs_code": customs_code,
    "origin_country": country,
    "tax_class": word,
    "when_short": one_of(*WhenShort.values),
    "backorder_limit": number_or_none(0, MOST_UNITS),
    "low_stock_at": number_or_none(0, MOST_UNITS),
    "lead_days": number_or_none(0, 1000),
}

CHANNEL: Mapping[str, Check] = {
    "name": name,
    "currency": currency,
    "series": code,
    "number_prefix": number_prefix,
    "active": truth,
    "prices_include_tax": truth,
    "sourcing": words,
    "capture_when": one_of(*CaptureWhen.values),
    "unpaid_expires_seconds": number_or_none(60, LONGEST_WAIT_SECONDS),
    "transfer_expires_seconds": number_or_none(60, LONGEST_WAIT_SECONDS),
}
