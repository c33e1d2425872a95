"""The key of a page of a list, as an address carries it: a moment in microseconds, a dot, an id."""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})")


def named(key: tuple[datetime, int] | None) -> str:
    """A key's name; empty for none."""
    return f"{(key[0] - EPOCH) // timedelta(microseconds=1)}.{key[1]}" if key else ""


def read(name: str) -> tuple[datetime, int] | None:
    """The key of this name; None, where it is none: the list begins anew."""
    found = NAMED.fullmatch(name)
    return (EPOCH + timedelta(microseconds=int(found[1])), int(found[2])) if found else None
