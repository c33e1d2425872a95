"""/desk/stock: what stands where; and one SKU: its states at each location, who waits for it, and why it is so many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.inventory import adjusting, queries, receiving
from orderwright.inventory.availability import SafetyRow, availability, incoming, load_safeties
from orderwright.inventory.history import NEWEST, history
from orderwright.inventory.models import Location
from orderwright.inventory.naming import names_of
from orderwright.inventory.queries import Level
from orderwright.inventory.surveying import BELOW_SAFETY, LOW, Stocked, stocked, stocked_one
from orderwright.kernel import clock
from orderwright.kernel.errors import NotFound
from orderwright.orders.wanting import keepers, skus_waited_for, units_waited_for
from orderwright.promises.queueing import queue_behind
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import is_part, page, part
from orderwright.web.movements import REASONS, tell
from orderwright.web.reading import id_or_none

ROWS = 25
MOVEMENTS = 20
IN_QUEUE = 50
MOST_LOCATIONS = 500
MOST_SHELVES = 20_000

SHORT = "short"
VIEWS = (
    ("", _("All")),
    (SHORT, _("Waited for")),
    (LOW, _("Low or out")),
    (BELOW_SAFETY, _("Below safety stock")),
)
BUCKETS = ("available", "reserved", "quality_control", "damaged")  # what stands on the shelf, as bars show it


class Piece(NamedTuple):
    """A piece of a bar: what it stands for, where it begins and how wide it is, of a hundred."""

    bucket: str
    begins: float
    width: float


class Figures(NamedTuple):
    """What there is of a SKU, at a location or at all together."""

    location: str
    on_hand: int
    available: int
    reserved: int
    damaged: int
    quality_control: int
    in_transit: int
    expected: int
    safety: int
    promisable: int
    bar: list[Piece]


class Row(NamedTuple):
    """A SKU in the list: all together, and at each location where it is at several."""

    sku: Stocked
    total: Figures
    places: list[Figures]
    waited_for: int


@require_safe
@allow("stock:read")
def stock(request: Visit) -> HttpResponse:
    """SKUs with their states, by code: at all locations, or at one."""
    search, after = (request.GET.get(name, "").strip()[:100].replace("\x00", "") for name in ("q", "after"))
    only = request.GET.get("only", "")
    locations = queries.locations(limit=MOST_LOCATIONS)
    at = next((one for one in locations if one.code == request.GET.get("at")), None)
    found = stocked(
        search=search,
        location=at.pk if at else None,
        only=only,
        among=skus_waited_for() if only == SHORT else None,
        after=after,
        limit=ROWS + 1,
    )
    words = {
        "rows": _rows(found[:ROWS], at),
        "older": found[ROWS - 1].code if len(found) > ROWS else "",
        "after": after,
        "q": search,
        "only": only,
        "at": at.code if at else "",
        "locations": locations,
        "views": VIEWS,
    }
    if is_part(request):
        return part(request, "stock/_rows.html", words)
    return page(request, "stock/list.html", words)


def _rows(found: Sequence[Stocked], at: Location | None) -> list[Row]:
    """The figures of these SKUs: a number of statements that does not depend on how many they are."""
    ids = [sku.id for sku in found]
    if not ids:
        return []
    figures = figures_of(ids)
    waited = units_waited_for(ids)
    rows = []
    for sku in found:
        total, *places = figures[sku.id]
        here = [one for one in places if at is None or one.location == at.code]
        shown, below = (here[0], []) if at and here else (total, here if len(here) > 1 else [])
        rows.append(Row(sku, shown, below, waited.get(sku.id, 0)))
    return rows


def figures_of(ids: Sequence[int]) -> dict[int, list[Figures]]:
    """The figures of SKUs: all together first, then at each location."""
    sheets: dict[int, list[Level]] = {id_: [] for id_ in ids}
    for sheet in queries.levels(skus=ids, limit=MOST_SHELVES):
        sheets[sheet.sku_id].append(sheet)
    promisable, safeties, coming = availability(ids), load_safeties(ids), incoming(ids)
    found = {}
    for id_ in ids:
        kept = [row for row in safeties if row.sku == id_ and row.channel is None]
        expected = [(one.location, one.quantity) for one in coming if one.sku == id_ and one.transfer is None]
        places = [
            _figures(
                sheet.location,
                [sheet],
                sum(units for location, units in expected if location == sheet.location_id),
                _kept_back(kept, sheet.location_id),
                promisable[id_].by_location.get(sheet.location_id, 0),
            )
            for sheet in sheets[id_]
        ]
        all_expected = sum(units for _location, units in expected)
        total = _figures("", sheets[id_], all_expected, _kept_back(kept, None), promisable[id_].total)
        found[id_] = [total, *places]
    return found


def _kept_back(rows: Iterable[SafetyRow], location: int | None) -> int:
    """What is kept back from everyone: at a location; of all together, where the locations' own count towards it."""
    at_places = {row.location: row.quantity for row in rows if row.location is not None}
    if location is not None:
        return at_places.get(location, 0)
    return max(sum(at_places.values()), *(row.quantity for row in rows if row.location is None), 0)


def _figures(location: str, sheets: Sequence[Level], expected: int, safety: int, promisable: int) -> Figures:
    units = {name: sum(getattr(sheet, name) for sheet in sheets) for name in (*BUCKETS, "in_transit")}
    on_hand = sum(units[name] for name in BUCKETS)
    return Figures(
        location,
        on_hand,
        units["available"],
        units["reserved"],
        units["damaged"],
        units["quality_control"],
        units["in_transit"],
        expected,
        safety,
        promisable,
        _bar(units, on_hand),
    )


def _bar(units: Mapping[str, int], on_hand: int) -> list[Piece]:
    pieces, begins = [], 0.0
    for bucket in BUCKETS:
        if units[bucket]:
            width = 100 * units[bucket] / on_hand
            pieces.append(Piece(bucket, round(begins, 2), round(width, 2)))
            begins += width
    return pieces


@require_safe
@allow("stock:read")
def one(request: Visit, sku: str) -> HttpResponse:
    """One SKU: its states at each location, what comes, who waits, who keeps, and what one may do about it."""
    found = sku_named(sku)
    total, *places = figures_of([found.id])[found.id]
    coming = incoming([found.id])
    names = names_of([], {each.location for each in coming}).locations
    kept = keepers(found.id, limit=IN_QUEUE)
    queue = [
        {"place": place, "one": one, "givers": [k for k in kept if k.reserved and k.order_id != one.order_id]}
        for place, one in queue_behind(found.id, None, IN_QUEUE)
    ]
    words = {
        "sku": found,
        "total": total,
        "places": places,
        "expected": [{"one": each, "location": names.get(each.location, "")} for each in coming],
        "queue": queue,
        "waited_for": units_waited_for([found.id]).get(found.id, 0),
        "keepers": kept,
        "safeties": queries.kept_back(skus=[found.id], limit=MOST_LOCATIONS),
        **_story(request, found),
        **_choices(),
    }
    return page(request, "stock/one.html", words)


@require_safe
@allow("stock:read")
def movements(request: Visit, sku: str) -> HttpResponse:
    """Why it is so many: movement by movement, the newest first."""
    found = sku_named(sku)
    words = {"sku": found, **_story(request, found), "locations": queries.locations(limit=MOST_LOCATIONS)}
    template = "stock/_history.html" if is_part(request) else "stock/history.html"
    return (part if is_part(request) else page)(request, template, words)


def _story(request: Visit, found: Stocked) -> dict[str, Any]:
    """A page of the history, at all locations or at one."""
    at = request.GET.get("at", "")
    location = queries.location_by_code(at) if at and "\x00" not in at else None
    before = id_or_none(request.GET, "before") or NEWEST
    moved = history(found.id, location=location.pk if location else None, before=before, limit=MOVEMENTS + 1)
    return {
        "story": tell(moved[:MOVEMENTS]),
        "earlier": moved[MOVEMENTS - 1].entry if len(moved) > MOVEMENTS else None,
        "history_at": location.code if location else "",
        "from_newest": before == NEWEST,
    }


def _choices() -> dict[str, Any]:
    """What the forms offer."""
    places = choices_of_places()
    return {
        **places,
        "locations_or_all": [("", _("All together")), *places["locations"]],
        "receipts": [(code, REASONS[code]) for code in receiving.REASONS],
        "adjustments": [(code, reason.sentence) for code, reason in adjusting.REASONS.items()],
    }


def choices_of_places() -> dict[str, Any]:
    """What forms about places and days offer."""
    locations = queries.locations(limit=MOST_LOCATIONS)
    return {
        "locations": [(location.code, f"{location.code} · {location.name}") for location in locations],
        "tomorrow": (clock.now() + timedelta(days=1)).date().isoformat(),
    }


def sku_named(code: str) -> Stocked:
    """The SKU with this code; refused where there is none."""
    found = stocked_one(code)
    if found is None:
        raise NotFound(thing=_("SKU"), name=code)
    return found


PATHS = [
    path("desk/stock", stock),
    path("desk/stock/<str:sku>", one),
    path("desk/stock/<str:sku>/history", movements),
]
