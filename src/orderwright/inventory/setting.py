"""Setting: a level is brought to a figure that someone knows, if it is still what they last saw."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import STOCK
from orderwright.inventory.naming import Names, name_shelves
from orderwright.inventory.units import check_count, check_enough, check_once, check_quantity, not_one_of, on_hand
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import Movement, lock, post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record

REASONS = ("correction", "synchronization", "import")
LEVELS = ("on_hand", "available")


class StockChanged(Refusal):
    code = "stock_changed"
    sentence = _("{sku} at {location}: {level} is {present} by now, not {expecting}. Nothing was set.")


class Figure(NamedTuple):
    """Bring a level of a SKU (id) at a location (id) to `quantity`, if it is `expecting`; None: whatever it is."""

    sku: int
    location: int
    quantity: int
    expecting: int | None
    level: Literal["on_hand", "available"] = "on_hand"


class Setting(NamedTuple):
    """Figures of one source; `reference` names it."""

    lines: Sequence[Figure]
    reason: str = "correction"  # of REASONS
    reference: str = ""
    at: datetime | None = None  # now, where it is left out


@transaction.atomic
def set_levels(settings: Sequence[Setting], *, actor: Actor) -> list[int | None]:
    """Bring all levels to their figures, or none of them.  Answers the event of each setting that changed something.

    Raises `StockChanged` with the present figures where one is not what was expected, and `NotEnoughStock` where more
    units are reserved, damaged or in quality control than are to be on hand.
    """
    for setting in settings:
        _check(setting)
    figures = [figure for setting in settings for figure in setting.lines]
    shelves = {(figure.sku, figure.location) for figure in figures}
    check_once(((figure.sku, figure.location) for figure in figures), field="lines")
    names = name_shelves(shelves)
    sheets = lock(STOCK, shelves)
    refuse_changed(figures, sheets, names)
    differences = [
        [(each, difference) for each in setting.lines if (difference := difference_of(each, sheets))]
        for setting in settings
    ]
    check_enough(sheets, list(_movements(differences, [0] * len(settings))), names)
    changing = [place for place, different in enumerate(differences) if different]
    events: list[int | None] = [None] * len(settings)
    recorded = record(
        [
            Happening("stock.set", actor, _facts(settings[place], differences[place], names), at=settings[place].at)
            for place in changing
        ]
    )
    for place, event in zip(changing, recorded, strict=True):
        events[place] = event
    post(STOCK, list(_movements([differences[place] for place in changing], recorded)), locked=True)
    return events


def level_of(figure: Figure, sheets: dict[tuple[int, int], dict[str, int]]) -> int:
    """What the level that `figure` is about is now."""
    sheet = sheets[figure.sku, figure.location]
    return on_hand(sheet) if figure.level == "on_hand" else sheet["available"]


def difference_of(figure: Figure, sheets: dict[tuple[int, int], dict[str, int]]) -> int:
    """How many units more have to be available; fewer, below zero."""
    return figure.quantity - level_of(figure, sheets)


def refuse_changed(figures: Sequence[Figure], sheets: dict[tuple[int, int], dict[str, int]], names: Names) -> None:
    """Refuse where a level is not what was expected; with all that are not."""
    changed = [
        {
            "sku": names.skus[figure.sku],
            "location": names.locations[figure.location],
            "level": figure.level,
            "expecting": figure.expecting,
            "present": level_of(figure, sheets),
        }
        for figure in figures
        if figure.expecting is not None and figure.expecting != level_of(figure, sheets)
    ]
    if changed:
        raise StockChanged(**changed[0], changed=changed)


def _check(setting: Setting) -> None:
    if setting.reason not in REASONS:
        raise not_one_of(setting.reason, REASONS, field="reason")
    check_count(setting.lines)
    for figure in setting.lines:
        check_quantity(figure.quantity, least=0)
        if figure.level not in LEVELS:
            raise not_one_of(figure.level, LEVELS, field="level")


Differences = Sequence[tuple[Figure, int]]


def _movements(differences: Sequence[Differences], events: Sequence[int]) -> Iterable[Movement]:
    for different, event in zip(differences, events, strict=True):
        for figure, difference in different:
            source, target = ("lost", "available") if difference > 0 else ("available", "lost")
            yield Movement(figure.sku, figure.location, source, figure.location, target, abs(difference), event)


def _facts(setting: Setting, different: Differences, names: Names) -> dict[str, object]:
    return {
        "reason": setting.reason,
        "reference": setting.reference,
        "lines": [
            {
                "sku": names.skus[figure.sku],
                "location": names.locations[figure.location],
                "level": figure.level,
                "was": figure.quantity - difference,
                "is": figure.quantity,
            }
            for figure, difference in different
        ],
    }
