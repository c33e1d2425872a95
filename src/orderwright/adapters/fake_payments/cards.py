"""Cards that the fake provider knows: each number stands for a way to behave (`behaving`); none is anybody's.

Any other number with a right check digit (Luhn, ISO/IEC 7812-1) pays.
"""

import re
import secrets
from datetime import datetime

WORDS = {
    "4242424242424242": "",  # pays
    "4000000000000002": "decline=refused",
    "4000000000009995": "decline=insufficient_funds",
    "4000000000000069": "decline=expired_card",
    "4000000000003220": "3ds",
    "4000000000003238": "3ds+tell_twice",
    "4000000000003246": "3ds+tell_never",
    "4000000000000119": "timeout",
}


class BadCard(Exception):
    """A card that cannot be one: which field is wrong, and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


def words_for(number: str, expiry: str, code: str, now: datetime) -> str:
    """How the card with this number behaves.  Raises `BadCard`."""
    digits = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not passes_luhn(digits):
        raise BadCard("number", "This is not the number of a card.")
    month, _slash, year = expiry.replace(" ", "").partition("/")
    if not (re.fullmatch("[0-9]{1,2}", month) and re.fullmatch("[0-9]{2}", year) and 1 <= int(month) <= 12):
        raise BadCard("expiry", "Write it as on the card: month / year.")
    if (2000 + int(year), int(month)) < (now.year, now.month):
        raise BadCard("expiry", "The card is no longer valid.")
    if not re.fullmatch("[0-9]{3,4}", code.strip()):
        raise BadCard("code", "Three or four digits, from the card's back.")
    return WORDS.get(digits, "")


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def new_token(words: str) -> str:
    """What stands for a card from now on; the shop never sees the number."""
    return "+".join(filter(None, [f"tok_{secrets.token_urlsafe(9)}", words]))
