"""Where the units of order lines are: pictures of the LINES book, with the same in words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.orders.models import LINE_BUCKETS
from orderwright.orders.queries import LineSeen

BUCKETS: Mapping[str, Promise] = {
    "open": _("to be looked for"),
    "backordered": _("waiting for stock"),
    "reserved": _("reserved"),
    "released": _("in work"),
    "shipped": _("on the way"),
    "delivered": _("delivered"),
    "returned": _("returned"),
    "lost": _("lost"),
    "canceled": _("canceled"),
}
FREE = ("open", "backordered", "reserved")  # no location has them yet
LEAVABLE = (*FREE, "released")  # they have not left yet


class Piece(NamedTuple):
    """Units that are together: what they are, how many, where; and their piece of a bar of a hundred."""

    bucket: str
    words: Promise
    quantity: int
    location: str | None
    begins: float
    width: float


class LineShown(NamedTuple):
    """A line of an order with where its units are; of a kit, its parts."""

    line: LineSeen
    pieces: list[Piece]
    parts: list["LineShown"]
    cancelable: int  # so many have not left
    called_back: int  # of these, so many are with a location
    picture: str
    together: bool = False  # a kit whose parts are all in the same places: `pieces` are then of the kit


def show(lines: Sequence[LineSeen], pictures: Mapping[str, str]) -> list[LineShown]:
    """The lines as they were ordered, kits with their parts below them.  Pure."""
    parts: dict[int, list[LineShown]] = {}
    for line in lines:
        if line.kit is not None:
            parts.setdefault(line.kit, []).append(_shown(line, [], pictures))
    return [_shown(line, parts.get(line.position, []), pictures) for line in lines if line.kit is None]


def _shown(line: LineSeen, parts: list[LineShown], pictures: Mapping[str, str]) -> LineShown:
    if line.is_kit and parts:
        each = [(part, part.line.quantity // line.quantity or 1) for part in parts]
        free = min(part.cancelable // of for part, of in each)
        back = max(-(-part.called_back // of) for part, of in each)
    else:
        free, back = _count(line, LEAVABLE), _count(line, ("released",))
    of_kits = _of_kits(line, parts)
    picture = pictures.get(line.sku, "")
    return LineShown(line, of_kits or pieces(line), parts, free, back, picture, together=bool(of_kits))


def _of_kits(line: LineSeen, parts: Sequence[LineShown]) -> list[Piece]:
    """Where a kit's units are, whole kits at a time; nothing where its parts are in different places."""
    places = {tuple((one.bucket, one.location, one.width) for one in part.pieces) for part in parts}
    whole = all(one.quantity * line.quantity % part.line.quantity == 0 for part in parts for one in part.pieces)
    if len(places) != 1 or not whole:
        return []
    part = parts[0]
    return [one._replace(quantity=one.quantity * line.quantity // part.line.quantity) for one in part.pieces]


def pieces(line: LineSeen) -> list[Piece]:
    """Pieces of a bar, in the order in which units move through them."""
    order = {bucket: place for place, bucket in enumerate(LINE_BUCKETS)}
    found, begins = [], 0.0
    for where in sorted(line.where, key=lambda one: (order[one.bucket], one.location or "")):
        width = 100 * where.quantity / line.quantity
        words = BUCKETS[where.bucket]
        found.append(Piece(where.bucket, words, where.quantity, where.location, round(begins, 2), round(width, 2)))
        begins += width
    return found


def _count(line: LineSeen, buckets: Sequence[str]) -> int:
    return sum(where.quantity for where in line.where if where.bucket in buckets)
