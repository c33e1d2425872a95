"""What is set up before a play begins: the channel, the SKUs, and three places with their terms."""

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.catalog.adopting import adopt_skus
from orderwright.catalog.editing import Wanted, edit_channels, only
from orderwright.catalog.editing import Way as How
from orderwright.exceptions.caring import watch
from orderwright.fulfilment.agreeing import Agreement, set_terms
from orderwright.fulfilment.models import Accepting
from orderwright.inventory.locating import Place, create_location
from orderwright.kernel import actors
from orderwright.replay.outside import Outside
from orderwright.replay.reading import Demand, Year
from orderwright.shipping.options import Way, create_option
from orderwright.webhooks.editing import Wish, create_webhook

ACTOR = actors.system("replay")
CARRIER = "fake"
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
WAYS = (
    ("HOME", "Standard parcel", "standard", ("GB", "IE"), 1, 4),
    ("ABROAD", "Parcel abroad", "standard", (), 2, 9),
)
KINDS = ("order.placed", "order.shipped", "order.delivered", "promise.changed", "package.lost", "package.returned")
HOURS = {  # this shop lets an order wait some days for its last units, and sends parcels a long way
    "not_released": 10 * 24,
    "parcel_silent": 10 * 24,
}
ASKED = Accepting.ASKED.value
TERMS = {
    "london": Agreement(weekdays=(1, 2, 3, 4, 5, 7)),
    "leeds": Agreement(accepting=ASKED, orders_per_day=60, weekdays=(1, 2, 3, 4, 5, 7)),
    "dublin": Agreement(weekdays=(1, 2, 3, 4, 5), handling_days=1),
}


class Scene(NamedTuple):
    """Ids by the codes that everything is called."""

    skus: dict[str, int]
    places: dict[str, int]


def set_up(year: Year, demand: Iterable[Demand], world: Outside) -> Scene:
    """Make what the year's orders need; the clock stands before the first of them."""
    fields = {"name": year.name, "currency": year.currency, "number_prefix": year.number_prefix}
    refusal = only(edit_channels([Wanted(year.channel, fields, How.CREATE)], actor=ACTOR)).refusal
    if refusal is not None:
        raise refusal
    _offer_delivery()
    for kind, hours in HOURS.items():
        watch(kind, hours=hours, watched=True)
    create_webhook(Wish(url=f"{world.receiver_url}/replay", kinds=KINDS, description="The play"), actor=ACTOR)
    places = {code: create_location(code, place, actor=ACTOR).pk for code, (place, _share) in PLACES.items()}
    for code, terms in TERMS.items():
        set_terms(code, terms, seen=None, actor=ACTOR)
    return Scene(_adopt({one.code: one.name for one in demand}), places)


def _offer_delivery() -> None:
    """A standard parcel at home and next door, and one abroad."""
    for rank, (code, name, service, countries, least, most) in enumerate(WAYS, start=1):
        way = Way(
            name=name,
            carrier=CARRIER,
            carrier_service=service,
            countries=countries,
            days_least=least,
            days_most=most,
            rank=10 * rank,
        )
        create_option(code, way, actor=ACTOR)


def _adopt(names: dict[str, str]) -> dict[str, int]:
    codes = sorted(names)
    skus: dict[str, int] = {}
    for start in range(0, len(codes), AT_ONCE):
        some = {code: names[code] for code in codes[start : start + AT_ONCE]}
        skus |= {code: adopted.id for code, adopted in adopt_skus(some, actor=ACTOR).items()}
    return skus
