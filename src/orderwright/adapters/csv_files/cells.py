"""What stands in a cell: a count, a price, a code.  Files repeat themselves, so each text is read once."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from orderwright.kernel import money

strptime = datetime.strptime

LARGEST_QUANTITY = 1_000_000_000
LARGEST_PRICE = 10**12 * money.MICROS
LONGEST_WORD = 100
LONGEST_TEXT = 200


@lru_cache(100_000)
def quantity(text: str) -> int | None:
    """A whole number, which may be negative; None where it is none, or too large for a line."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > LARGEST_QUANTITY:
        return None
    return int(number)


@lru_cache(100_000)
def price(text: str, decimal: str = ".") -> int | None:
    """A price in millionths, which may be negative; None where it is none, has more decimals, or is too large."""
    if decimal != ".":
        text = text.replace(".", "").replace(decimal, ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > 12:
        return None
    scaled = number.scaleb(6)
    return int(scaled) if scaled == scaled.to_integral_value() else None


@lru_cache(100_000)
def code(text: str) -> str | None:
    """A SKU's code, without spaces around it and in capitals; None where the catalog could not keep it."""
    word = text.strip().upper()
    fits = 1 <= len(word) <= LONGEST_WORD and word.isprintable() and "/" not in word and word not in (".", "..")
    return word if fits else None


@lru_cache(100_000)
def text(words: str) -> str:
    """Words without spaces around them, as long as a name may be; what says that there are none is no name."""
    words = "".join(letter for letter in words.strip() if letter != "\x00")[:LONGEST_TEXT]
    return "" if words.lower() in ("nan", "null") else words


def moment(words: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    """A time in UTC: ISO 8601 where `pattern` is empty, else as strptime reads it; `zone` is where the clock hung.

    An hour that the clock showed twice counts as the first of the two.
    """
    try:
        read = strptime(words.strip(), pattern) if pattern else datetime.fromisoformat(words.strip())
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
