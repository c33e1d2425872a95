"""The desk's menu, as one table; the command palette offers the same places."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.exceptions import queries as exceptions


class Place(NamedTuple):
    """A page of the desk that a menu leads to."""

    name: Promise
    url: str
    icon: str
    verb: str  # needed to see it
    keys: str = ""  # pressed one after the other, they lead there


class Badge(NamedTuple):
    """How many wait at a place; `more`, where there are more than are counted."""

    number: int
    more: bool


class Shown(NamedTuple):
    """A place in the menu of somebody who is at some page."""

    place: Place
    here: bool

    @property
    def badge(self) -> Badge | None:
        """Counted when a page shows it, and not before: parts of pages have no menu."""
        return waiting() if self.place.url == EXCEPTIONS else None


MOST = 99
EXCEPTIONS = "/desk/exceptions"
DESK = "/desk"  # the board, which is no beginning of the other pages' addresses
PLACES = (
    Place(_("Board"), DESK, "board", "orders:read", "g b"),
    Place(_("Orders"), "/desk/orders", "orders", "orders:read", "g o"),
    Place(_("Exceptions"), EXCEPTIONS, "alert", "exceptions:read", "g e"),
    Place(_("Stock"), "/desk/stock", "stock", "stock:read", "g s"),
    Place(_("Customers"), "/desk/customers", "people", "customers:read", "g c"),
    Place(_("Gift cards"), "/desk/gift-cards", "gift", "credits:read", "g i"),
    Place(_("Letters"), "/mailbox", "letter", "letters:read", "g l"),
    Place(_("Settings"), "/desk/settings", "settings", "settings:read", "g ,"),
)


def menu(path: str, may: Collection[str]) -> list[Shown]:
    """The places that somebody may see; the one whose address is the longest beginning of `path` is here."""
    seen = [place for place in PLACES if place.verb in may]
    fitting = [place for place in seen if path == place.url or (path.startswith(place.url + "/") and place.url != DESK)]
    here = max(fitting, key=lambda place: len(place.url), default=None)
    return [Shown(place, place is here) for place in seen]


def waiting() -> Badge:
    """The exceptions that stand, for the menu: one statement, counted to a bound."""
    return badge_of(exceptions.standing(MOST))


def badge_of(number: int) -> Badge:
    """How many there are, as a menu shows it."""
    return Badge(min(number, MOST), number > MOST)
