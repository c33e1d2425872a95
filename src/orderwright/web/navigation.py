"""The desk's menu, as one table; the command palette offers the same places."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Place(NamedTuple):
    """A page of the desk that a menu leads to."""

    name: Promise
    url: str
    icon: str
    verb: str  # needed to see it
    keys: str = ""  # pressed one after the other, they lead there


class Shown(NamedTuple):
    """A place in the menu of somebody who is at some page."""

    place: Place
    here: bool


DESK = "/desk"  # the board, which is no beginning of the other pages' addresses
PLACES = (
    Place(_("Board"), DESK, "board", "orders:read", "g b"),
    Place(_("Orders"), "/desk/orders", "orders", "orders:read", "g o"),
    Place(_("Exceptions"), "/desk/exceptions", "alert", "exceptions:read", "g e"),
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
