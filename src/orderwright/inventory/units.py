"""Units: how many of what, and where; and whether there are as many as someone wants to move."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.inventory.book import ON_HAND, STOCK
from orderwright.inventory.naming import Names
from orderwright.kernel.books import Balances, Movement
from orderwright.kernel.errors import Invalid, Refusal

MOST_UNITS = 1_000_000_000  # at once, of one SKU
MOST_LINES = 100_000  # of one paper


class NotEnoughStock(Refusal):
    code = "not_enough_stock"
    sentence = _("{there} of {sku} are {bucket} at {location}; {asked} are asked for.")


class Units(NamedTuple):
    """So many units of a SKU (id) for a location (id); of what was expected, where `expectation` names that."""

    sku: int
    location: int
    quantity: int
    expectation: int | None = None


def check_count(lines: Sequence[object]) -> None:
    """A paper has lines, and not too many."""
    if not 1 <= len(lines) <= MOST_LINES:
        raise Invalid(
            field="lines", problem=_("there are {count}, not 1 to {most}").format(count=len(lines), most=MOST_LINES)
        )


def check_quantity(quantity: int, *, least: int = 1, field: str = "quantity") -> None:
    if not least <= quantity <= MOST_UNITS:
        problem = _("{quantity} is not between {least} and {most}")
        raise Invalid(field=field, problem=problem.format(quantity=quantity, least=least, most=MOST_UNITS))


def check_once(things: Iterable[object], *, field: str) -> None:
    """Each thing is named once."""
    seen = set()
    for thing in things:
        if thing in seen:
            raise Invalid(field=field, problem=_("the same is named twice"))
        seen.add(thing)


def not_one_of(word: str, known: Iterable[str], *, field: str) -> Invalid:
    """The refusal of a word that is not on a list."""
    problem = _("{word} is none of {known}").format(word=word, known=", ".join(known))
    return Invalid(field=field, problem=problem)


def on_hand(sheet: dict[str, int]) -> int:
    """How many units stand on the shelf, whatever for."""
    return sum(sheet[bucket] for bucket in ON_HAND)


def check_enough(balances: Balances, movements: Sequence[Movement], names: Names) -> None:
    """Whether the locked sheets hold what all `movements` together take; refuses with every shelf that is short."""
    left = {(shelf, bucket): units for shelf, sheet in balances.items() for bucket, units in sheet.items()}
    asked: dict[tuple[tuple[int, int], str], int] = {}
    for movement in movements:
        if movement.source not in STOCK.outside:
            taken = ((movement.holder, movement.source_place), movement.source)
            asked[taken] = asked.get(taken, 0) + movement.amount
    short = [
        {
            "sku": names.skus[shelf[0]],
            "location": names.locations[shelf[1]],
            "bucket": bucket,
            "asked": wanted,
            "there": left[shelf, bucket],
        }
        for (shelf, bucket), wanted in asked.items()
        if wanted > left[shelf, bucket]
    ]
    if short:
        raise NotEnoughStock(**short[0], short=short)
