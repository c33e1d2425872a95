"""Movements of stock as a person tells them: what moved, why, and what it was for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.inventory.history import Moved
from orderwright.inventory.naming import names_of
from orderwright.orders.queries import heads
from orderwright.web.whose import called


class Story(NamedTuple):
    """A movement in words."""

    entry: int
    at: datetime | None
    sentence: str
    cause: str  # the order or the paper, in words
    url: str  # where the cause is shown
    who: str
    change: int
    on_hand: int
    tone: str


# By the bucket that units came from and the one they went to.
STEPS: Mapping[tuple[str, str], Promise] = {
    ("supplier", "available"): gettext_lazy("{units} came in at {target}"),
    ("available", "reserved"): gettext_lazy("{units} reserved at {source}"),
    ("reserved", "available"): gettext_lazy("{units} not reserved any more at {source}"),
    ("reserved", "customer"): gettext_lazy("{units} left {source} for the customer"),
    ("available", "in_transit"): gettext_lazy("{units} sent from {source} to {target}"),
    ("in_transit", "available"): gettext_lazy("{units} arrived at {target}"),
    ("in_transit", "lost"): gettext_lazy("{units} lost on the way to {target}"),
    ("customer", "quality_control"): gettext_lazy("{units} came back, to be looked at in {target}"),
    ("quality_control", "available"): gettext_lazy("{units} found good at {source}"),
    ("quality_control", "damaged"): gettext_lazy("{units} found damaged at {source}"),
    ("available", "damaged"): gettext_lazy("{units} damaged at {source}: still there, not for sale"),
    ("damaged", "available"): gettext_lazy("{units} mended at {source}"),
    ("damaged", "lost"): gettext_lazy("{units} written off at {source}"),
    ("available", "lost"): gettext_lazy("{units} fewer at {source}"),
    ("lost", "available"): gettext_lazy("{units} more at {target}"),
}

REASONS: Mapping[str, Promise] = {
    "purchase": gettext_lazy("bought"),
    "production": gettext_lazy("made"),
    "opening": gettext_lazy("opening stock"),
    "consignment": gettext_lazy("on consignment"),
    "other": gettext_lazy("another reason"),
    "correction": gettext_lazy("the book was wrong"),
    "found": gettext_lazy("found again"),
    "lost": gettext_lazy("cannot be found"),
    "stolen": gettext_lazy("stolen"),
    "expired": gettext_lazy("too old to be sold"),
    "given_away": gettext_lazy("given away"),
    "damaged": gettext_lazy("damaged on the shelf"),
    "mended": gettext_lazy("for sale again"),
    "written_off": gettext_lazy("thrown away"),
    "count": gettext_lazy("counted"),
    "synchronization": gettext_lazy("as another system says"),
    "import": gettext_lazy("from a file"),
}


def tell(found: Sequence[Moved]) -> list[Story]:
    """These movements in words; five statements at most."""
    places = names_of([], {at for each in found for at in (each.source_place, each.target_place)}).locations
    orders = heads({each.order_id for each in found if each.order_id is not None})
    who = called({each.actor for each in found})
    return [_tell(each, places, {id_: seen.number for id_, seen in orders.items()}, who[each.actor]) for each in found]


def _tell(moved: Moved, places: Mapping[int, str], numbers: Mapping[int, str], who: str) -> Story:
    words = {
        "units": moved.quantity,
        "source": places.get(moved.source_place, ""),
        "target": places.get(moved.target_place, ""),
    }
    step = STEPS.get((moved.source, moved.target))
    sentence = str(step).format(**words) if step else f"{moved.quantity}: {moved.source} → {moved.target}"
    cause, url = _cause(moved, numbers)
    tone = "good" if moved.change > 0 else "bad" if moved.change < 0 and "lost" in moved[9:13] else "calm"
    return Story(moved.entry, moved.at, sentence, cause, url, who, moved.change, moved.on_hand, tone)


def _cause(moved: Moved, numbers: Mapping[int, str]) -> tuple[str, str]:
    if moved.order_id is not None and moved.order_id in numbers:
        number = numbers[moved.order_id]
        return _("order {number}").format(number=number), f"/desk/orders/{quote(number, safe='')}"
    if moved.paper is not None and moved.kind in ("stock.sent", "stock.arrived"):
        return _("transfer {id}").format(id=moved.paper), f"/desk/stock/-/transfers/{moved.paper}"
    if moved.paper is not None:
        return _("count {id}").format(id=moved.paper), f"/desk/stock/-/counts/{moved.paper}"
    reason = str(REASONS.get(moved.reason, moved.reason))
    return " · ".join(filter(None, (reason, moved.reference))), ""
