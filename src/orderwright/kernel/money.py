"""Money: whole coins and their currency, split and rounded so that nothing is lost.

Unit prices are kept in millionths of the currency (micros), as their source gave them; an amount of money is a
whole number of the currency's smallest coin (minor units; ISO 4217 says how many decimals that is).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.core import get_global
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal

MICROS = 1_000_000
LARGEST_MINOR = 10**15  # far above any order, far below the end of a bigint


class NotAnAmount(Refusal):
    code = "not_an_amount"
    status = 422
    sentence = _("{text} is not an amount with at most {decimals} decimals.")


class UnknownCurrency(Refusal):
    code = "unknown_currency"
    status = 422
    sentence = _("{currency} is not a currency.")


@dataclass(frozen=True, slots=True)  # not a tuple: money * 2 and money < money must not mean what tuples mean
class Money:
    minor: int
    currency: str

    def __add__(self, other: object) -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        assert self.currency == other.currency, (self, other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: object) -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        assert self.currency == other.currency, (self, other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{write(self.minor, self.currency)} {self.currency}"


@lru_cache
def decimals(currency: str) -> int:
    """How many decimals a currency's smallest coin has: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency not in get_global("all_currencies"):
        raise UnknownCurrency(currency=currency)
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def micros(text: str | Decimal) -> int:
    """A price written as a decimal number, such as "2.55" or "0.001", in millionths; at most six decimals."""
    return _scaled(text, 6)


def minor(text: str | Decimal, currency: str) -> int:
    """An amount written as a decimal number, in the currency's smallest coin."""
    return _scaled(text, decimals(currency))


def write(minor_units: int, currency: str) -> str:
    """An amount as a decimal number: 1234 of EUR is "12.34"."""
    places = decimals(currency)
    sign = "-" if minor_units < 0 else ""
    whole, coins = divmod(abs(minor_units), 10**places)
    return f"{sign}{whole}.{coins:0{places}d}" if places else f"{sign}{whole}"


def write_micros(price: int) -> str:
    """A unit price as a decimal number, with two decimals at least and six at most."""
    cents, rest = divmod(price, 10_000)
    whole, cents = divmod(cents, 100)
    return f"{whole}.{cents:02d}" if not rest else f"{whole}.{cents:02d}{rest:04d}".rstrip("0")


def line_total(quantity: int, unit_price_micros: int, currency: str) -> int:
    """What a line comes to in minor units: quantity x unit price, rounded once, half away from zero."""
    return round_half_away(quantity * unit_price_micros, 10 ** (6 - decimals(currency)))


def round_half_away(amount: int, unit: int) -> int:
    """`amount` / `unit` rounded to a whole number; a half goes away from zero, as shops and tax offices do it."""
    whole, rest = divmod(abs(amount), unit)
    rounded = whole + (2 * rest >= unit)
    return rounded if amount >= 0 else -rounded


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by `weights` so that the parts add up to it, to the last coin.

    Largest remainders first; ties go to the earlier part, so the answer is repeatable.  A negative total (a
    discount) is split as its amount is, with the sign put back.
    """
    assert weights, total
    assert min(weights) >= 0, weights
    assert sum(weights) > 0, weights
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _scaled(text: str | Decimal, places: int) -> int:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotAnAmount(text=str(text)[:40], decimals=places) from error
    if not number.is_finite() or number.adjusted() > 15:
        raise NotAnAmount(text=str(text)[:40], decimals=places)
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value() or abs(scaled) > LARGEST_MINOR:
        raise NotAnAmount(text=str(text)[:40], decimals=places)
    return int(scaled)
