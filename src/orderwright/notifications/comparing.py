"""Comparing what is promised now with what the customer was told last, line by line.  Pure.

Events only say that there may be news: several may have come while a letter waited, and the last of them need not
speak of all that changed.  So a letter tells what is true when it is sent, of every line that was told otherwise.
"""

from datetime import date
from typing import NamedTuple

from orderwright.notifications.gathering import Gathered
from orderwright.notifications.kinds import TELLS_ALL_DAYS, TELLS_NEW_DAYS
from orderwright.promises.models import Reason


class News(NamedTuple):
    """A line of which the customer was told another day; None: that nobody can say."""

    position: int
    was: date | None
    now: date | None
    reason: str

    @property
    def is_later(self) -> bool:
        return self.was is not None and (self.now is None or self.now > self.was)

    @property
    def is_sooner(self) -> bool:
        return self.now is not None and (self.was is None or self.now < self.was)


def news(letter: Gathered) -> list[News]:
    """What is to be told.  Who was told nothing by this channel knows what was promised first.

    Of a lost parcel another letter tells; its new day is news once it is sent again.
    """
    found = [
        News(position, letter.told.get(position, promise.first_on), promise.day, promise.reason)
        for position, promise in sorted(letter.promises.items())
        if promise.reason != Reason.LOST
    ]
    return [one for one in found if one.was != one.now]


def is_news(letter: Gathered) -> bool:
    """Whether a letter of new days has something to tell that is of its kind."""
    found = news(letter)
    if letter.kind == "delayed":
        return any(one.is_later for one in found)
    if letter.kind == "sooner":
        return any(one.is_sooner for one in found) and not any(one.is_later for one in found)
    return bool(found)


def tells(letter: Gathered) -> dict[str, str | None] | None:
    """The days that a letter tells, by the line's position, to be kept; None where it tells none."""
    if letter.kind in TELLS_NEW_DAYS and not letter.copy:
        return {str(one.position): str(one.now) if one.now else None for one in news(letter)}
    if letter.kind in TELLS_ALL_DAYS:
        return {str(at): str(one.day) if one.day else None for at, one in letter.promises.items()} or None
    return None
