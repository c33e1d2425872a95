"""What is set up before a play begins: the channel, the SKUs, and three places with their terms."""

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.catalog.adopting import adopt_skus
from orderwright.catalog.editing import Wanted, Way, edit_channels, only
from orderwright.inventory.locating import Place, create_location
from orderwright.kernel import actors
from orderwright.replay.reading import Demand, Year

ACTOR = actors.system("replay")
AT_ONCE = 1_000  # SKUs

# Where stock stands, and which share of the demand is stocked there.
PLACES = {
    "london": (Place(name="London", country="GB", city="London", latitude=51.51, longitude=-0.13, rank=10,
                     time_zone="Europe/London"), 0.48),
    "leeds": (Place(name="Leeds", country="GB", city="Leeds", latitude=53.80, longitude=-1.55, rank=20,
                    time_zone="Europe/London"), 0.38),
    "dublin": (Place(name="Dublin", country="IE", city="Dublin", latitude=53.35, longitude=-6.26, rank=30,
                     time_zone="Europe/Dublin"), 0.14),
}  # fmt: skip
ASKED = "leeds"  # the place that accepts and rejects; the others take on what they are given


class Scene(NamedTuple):
    """Ids by the codes that everything is called."""

    skus: dict[str, int]
    places: dict[str, int]


def set_up(year: Year, demand: Iterable[Demand]) -> Scene:
    """Make what the year's orders need; the clock stands before the first of them."""
    fields = {"name": year.name, "currency": year.currency, "number_prefix": year.number_prefix}
    refusal = only(edit_channels([Wanted(year.channel, fields, Way.CREATE)], actor=ACTOR)).refusal
    if refusal is not None:
        raise refusal
    places = {code: create_location(code, place, actor=ACTOR).pk for code, (place, _share) in PLACES.items()}
    return Scene(_adopt({one.code: one.name for one in demand}), places)


def _adopt(names: dict[str, str]) -> dict[str, int]:
    codes = sorted(names)
    skus: dict[str, int] = {}
    for start in range(0, len(codes), AT_ONCE):
        some = {code: names[code] for code in codes[start : start + AT_ONCE]}
        skus |= {code: adopted.id for code, adopted in adopt_skus(some, actor=ACTOR).items()}
    return skus
