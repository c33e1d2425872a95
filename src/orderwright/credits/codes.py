"""Codes of gift cards: 16 letters and digits that nobody mixes up, the last of which checks the others.

The check character is Luhn's algorithm over 32 characters: every single wrong character is found, and nearly every
pair of neighbours that changed places.  75 bits of chance: nobody guesses one, so a plain digest keeps it safely.
"""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
LENGTH = 16
GROUP = 4
LONGEST_TYPED = 60


def new_code() -> str:
    """A code that nobody has."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The character that makes `body` a code."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character)
        if place % 2 == 0:
            value = sum(divmod(2 * value, len(ALPHABET)))
        total += value
    return ALPHABET[-total % len(ALPHABET)]


def read(typed: str) -> str | None:
    """The code that somebody typed, with or without spaces and hyphens, in either case; None where it cannot be one."""
    if len(typed) > LONGEST_TYPED:
        return None
    code = "".join(typed.split()).replace("-", "").upper()
    if len(code) != LENGTH or not set(code) <= set(ALPHABET) or check_character(code[:-1]) != code[-1]:
        return None
    return code


def digest(code: str) -> bytes:
    """What is kept of a code."""
    return hashlib.sha256(b"gift card " + code.encode()).digest()


def written(code: str) -> str:
    """A code as it is printed: in groups of four."""
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))
