"""Offering delivery: by which ways some goods can reach a buyer, on which day at the latest, and for what price."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orderwright.flows._promising import Places, all_places
from orderwright.flows.quote_promises import Quoted, quote
from orderwright.kernel import clock, sql
from orderwright.kernel.money import Money
from orderwright.shipping import rating
from orderwright.shipping.models import Handover
from orderwright.shipping.options import Option, Terms, terms_of
from orderwright.shipping.packing import HEAVIEST_GRAMS, TARE_GRAMS
from orderwright.shipping.ports import Parcel
from orderwright.shipping.rating import Rated


class Basket(NamedTuple):
    """What somebody wants: SKUs and quantities, what they come to, and where they go."""

    lines: Sequence[tuple[int, int]]
    worth_minor: int
    currency: str
    country: str
    postal_code: str = ""
    channel_id: int | None = None


class Offer(NamedTuple):
    """A way of delivery as a buyer sees it."""

    code: str
    name: str
    kind: str
    price_minor: int
    deliver_on: date | None  # None: nobody can say yet
    cut_off: datetime | None = None  # order by then
    pickup_at: str = ""  # the code of a location


def offer_delivery(basket: Basket) -> list[Offer]:
    """The ways that are open for a basket now, in the shop's order; nothing is kept by it.

    A way is left out where its carrier refuses, where nobody knows its price, or where it is too late for it today.
    Carriers are asked only for what the shop has not priced itself, so no transaction may be open then.
    """
    quoted = [one for one in quote(basket.lines, basket.country, channel=basket.channel_id) if one.option]
    options = [one.option for one in quoted if one.option]
    terms = terms_of(options)
    asked = any(option.carrier and terms[option.code].price_minor is None for option in options)
    rated = _rated(basket) if asked else {}
    now = clock.now()
    places = all_places(now) if any(option.kind == Handover.SAME_DAY for option in options) else None
    found = [_offer(one, terms, rated, basket, places, now) for one in quoted]
    return [one for one in found if one is not None]


def _offer(
    quoted: Quoted,
    terms: Mapping[str, Terms],
    rated: Mapping[str, Rated],
    basket: Basket,
    places: Places | None,
    now: datetime,
) -> Offer | None:
    option = quoted.option
    assert option is not None
    term = terms[option.code]
    price = _price(option, term, rated.get(option.code), basket)
    if price is None:
        return None
    ends = None
    if option.kind == Handover.SAME_DAY:
        ends = _ends(quoted, term, places, now)
        if ends is None:
            return None
    days = [line.ship_on if option.kind == Handover.PICKUP else line.deliver_on for line in quoted.lines]
    latest = None if None in days else max((day for day in days if day), default=None)
    return Offer(option.code, term.name, option.kind, price, latest, ends, term.pickup_at)


def _price(option: Option, term: Terms, rated: Rated | None, basket: Basket) -> int | None:
    """What a buyer pays for an option; None where it is not to be had."""
    if rated is not None and rated.refused is not None:
        return None
    if term.price_minor is not None or not option.carrier:
        price = Money(term.price_minor or 0, term.currency or basket.currency)
    elif rated is not None and rated.price is not None:
        price = rated.price
    else:
        return None
    if price.currency != basket.currency:
        return None
    is_free = term.free_from_minor is not None and basket.worth_minor >= term.free_from_minor
    return 0 if is_free and (term.currency or basket.currency) == basket.currency else price.minor


def _ends(quoted: Quoted, term: Terms, places: Places | None, now: datetime) -> datetime | None:
    """Until when delivery today is offered; None where a part of the goods cannot leave today, or it is too late."""
    assert places is not None
    ends: datetime | None = None
    for line in quoted.lines:
        if line.location is None or line.ship_on != places.today(line.location):
            return None
        conditions = places.conditions[line.location]
        cut_off = min(filter(None, (term.cut_off, conditions.cut_off)))
        until = datetime.combine(line.ship_on, cut_off, ZoneInfo(conditions.time_zone))
        ends = until if ends is None else min(ends, until)
    return ends if ends is not None and now < ends else None


def _rated(basket: Basket) -> dict[str, Rated]:
    """What carriers ask for all of it in one parcel, by option."""
    ((grams,),) = sql.rows(
        WEIGHT, [sql.ints(sku for sku, _ in basket.lines), sql.ints(units for _, units in basket.lines)]
    )
    parcel = Parcel(min(TARE_GRAMS + (grams or 0), HEAVIEST_GRAMS))
    sending = rating.to_address(basket.country, basket.postal_code, [parcel])
    return {one.option.code: one for one in rating.rate(sending)}


# Of kits the parts are weighed; what has no weight weighs nothing.
WEIGHT = """
    SELECT sum(coalesce(part.weight_grams, k.weight_grams, 0) * b.quantity * coalesce(p.quantity, 1))::bigint
      FROM unnest(%s::bigint[], %s::bigint[]) AS b(sku_id, quantity)
      JOIN sku k ON k.id = b.sku_id
      LEFT JOIN kit_part p ON p.kit_id = k.id
      LEFT JOIN sku part ON part.id = p.part_id
"""
