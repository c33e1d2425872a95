"""Rating: what each delivery option would cost, asked of all carriers at once, with a deadline.

A carrier that is away or slow holds nobody up: what it named last is used instead (`shipping.rates`), and said so.
It then rests: for some seconds this process does not ask it, so that not each buyer waits for its deadline.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.money import Money
from orderwright.shipping import carriers, rates
from orderwright.shipping.options import Option, active_options, going_to
from orderwright.shipping.packing import HEAVIEST_GRAMS, TARE_GRAMS
from orderwright.shipping.ports import Carrier, Consignment, Parcel, Party, Quote, Refused, Unknown
from orderwright.shipping.rates import Lane, Learned
from orderwright.shipping.reasons import Reason

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0
REST_SECONDS = 10.0
AT_ONCE = 8  # questions to one carrier: one that is slow takes no thread from the others

CARRIER, CACHE, NOWHERE = "carrier", "cache", "none"
_resting: WeakKeyDictionary[Carrier, float] = WeakKeyDictionary()  # until when, by the computer's running time


class Sending(NamedTuple):
    """What would be sent: from a location, to somebody, in these parcels."""

    location: str
    sender: Party
    receiver: Party
    parcels: Sequence[Parcel]


class Rated(NamedTuple):
    """What an option would cost; without a price where its labels are made by hand, or nobody knows it just now."""

    option: Option
    price: Money | None
    days_least: int
    days_most: int
    source: str  # carrier, cache (what it said at `learned_at`), none
    learned_at: datetime | None = None
    refused: Refused | None = None  # the carrier does not take it


Said = Sequence[Quote] | Refused | Unknown


def rate(sending: Sending, *, within_seconds: float = DEADLINE_SECONDS) -> list[Rated]:
    """What each option that goes there would cost, in their order; three statements, and no transaction is open."""
    assert not connection.in_atomic_block
    country = sending.receiver.country
    offered = going_to(country, active_options())
    ours = {one.carrier for one in offered} & carriers.codes()
    said = _ask(sorted(ours), sending, within_seconds)
    told = {_lane(*asked, sending): found for asked, found in said.items() if not isinstance(found, Refused | Unknown)}
    if any(told.values()):
        rates.learn(told)
    unknown = {_lane(*asked, sending) for asked, found in said.items() if isinstance(found, Unknown)}
    known = rates.known(unknown) if unknown else {}
    return [
        _rated(one, sending, said, known) if one.carrier in ours else Rated(one, None, *_own_days(one), NOWHERE)
        for one in offered
    ]


def cheapest(rated: Collection[Rated]) -> Rated | None:
    """The one with the lowest price, the faster of two; None where there is no price, or prices of two currencies."""
    priced = [(one.price, one.days_most, one) for one in rated if one.price is not None]
    if len({price.currency for price, _days, _one in priced}) != 1:
        return None
    return min(priced, key=lambda found: (found[0].minor, found[1]))[2]


def fastest(rated: Collection[Rated]) -> Rated | None:
    """The one that takes the fewest days at the most, the cheaper of two; not one that a carrier refused."""
    possible = [one for one in rated if one.refused is None]
    return min(
        possible,
        key=lambda one: (one.days_most, one.days_least, one.price is None, one.price.minor if one.price else 0),
        default=None,
    )


def _rated(
    option: Option,
    sending: Sending,
    said: Mapping[tuple[str, Parcel], Said],
    known: Mapping[Lane, Mapping[str, Learned]],
) -> Rated:
    """The sum of all parcels; from the cache where one of them is."""
    found: list[Learned] = []
    source = CARRIER
    for parcel in sending.parcels:
        answer = said[option.carrier, parcel]
        if isinstance(answer, Refused):
            return Rated(option, None, *_own_days(option), CARRIER, refused=answer)
        if isinstance(answer, Unknown):
            source = CACHE
            learned = known[_lane(option.carrier, parcel, sending)].get(option.carrier_service)
            if learned is None:
                return Rated(option, None, *_own_days(option), NOWHERE)
            found.append(learned)
            continue
        quote = next((one for one in answer if one.service == option.carrier_service), None)
        if quote is None:
            refused = Refused(Reason.NOT_SERVED, str(_("The carrier does not offer this product there.")))
            return Rated(option, None, *_own_days(option), CARRIER, refused=refused)
        found.append(Learned(quote, clock.now()))
    if len({one.quote.price.currency for one in found}) != 1:
        return Rated(option, None, *_own_days(option), NOWHERE)
    return Rated(
        option,
        Money(sum(one.quote.price.minor for one in found), found[0].quote.price.currency),
        max(one.quote.days_least for one in found),
        max(one.quote.days_most for one in found),
        source,
        min(one.learned_at for one in found) if source == CACHE else None,
    )


def _ask(codes: Sequence[str], sending: Sending, within_seconds: float) -> dict[tuple[str, Parcel], Said]:
    """Ask for the price of each different parcel, all at once; who has not answered in time, or rests, is not known."""
    parcels = dict.fromkeys(sending.parcels)
    said: dict[tuple[str, Parcel], Said] = {(code, parcel): Unknown() for code in codes for parcel in parcels}
    began = time.monotonic()
    awake = [code for code in codes if _resting.get(carriers.carrier(code), began) <= began]
    asked: dict[tuple[str, Parcel], Future[Said]] = {}
    for code in awake:
        for parcel in parcels:
            wanted = Consignment(sending.sender, sending.receiver, parcel, "", "", clock.now().date())
            asked[code, parcel] = _threads(code).submit(carriers.carrier(code).rate, wanted)
    wait(asked.values(), timeout=within_seconds)
    said |= {one: _answer(one[0], future) for one, future in asked.items()}
    for code in awake:
        if any(said[code, parcel] == Unknown() for parcel in parcels):
            _resting[carriers.carrier(code)] = time.monotonic() + REST_SECONDS
    return said


def _answer(code: str, future: Future[Said]) -> Said:
    """An adapter that fails, or is late, is an answer that we do not know."""
    if not future.done():
        future.cancel()
        return Unknown()
    error = future.exception()
    if error is not None:
        log.error("The adapter of %s failed with a question for rates.", code, exc_info=error)
        return Unknown()
    return future.result()


def forget_rests() -> None:
    """Let every carrier be asked again, whatever it did before."""
    _resting.clear()


@cache
def _threads(code: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"rates of {code}")


def _lane(code: str, parcel: Parcel, sending: Sending) -> Lane:
    return Lane(code, sending.sender.country, sending.receiver.country, rates.step(parcel.weight_grams))


def _own_days(option: Option) -> tuple[int, int]:
    return option.days_least, option.days_most


def of_order(number: str, parcels: Sequence[Parcel] = ()) -> Sending:
    """What is left of an order, in one parcel where nothing else is said, from where most of it stands; one statement.

    Refused where there is no such order, where it goes nowhere, or where its weight is not known and not said.
    """
    found = sql.rows(OF_ORDER, [TARE_GRAMS, HEAVIEST_GRAMS, number]) if "\x00" not in number else []
    if not found:
        raise NotFound(thing="order", name=number)
    return _weighed("order", found[0], parcels)


def of_fulfilment_order(name: str, parcels: Sequence[Parcel] = ()) -> Sending:
    """What a fulfilment order has open or packed, in one parcel where nothing else is said; one statement."""
    found = sql.rows(OF_WORK, [TARE_GRAMS, HEAVIEST_GRAMS, name]) if "\x00" not in name else []
    if not found:
        raise NotFound(thing=_("fulfilment order"), name=name)
    return _weighed("fulfilment_order", found[0], parcels)


def to_address(country: str, postal_code: str, parcels: Sequence[Parcel], *, location: str | None = None) -> Sending:
    """Parcels to somewhere, from a location, the first by rank where none is named; one statement."""
    found = sql.rows(FROM, [location, location]) if "\x00" not in (location or "") else []
    if not found and location is not None:
        raise NotFound(thing=_("location"), name=location)
    code, sender = found[0] if found else (None, None)
    return _sending(code, sender, Party("", "", "", postal_code, "", "", country), parcels)


def _weighed(field: str, found: Sequence[Any], parcels: Sequence[Parcel]) -> Sending:
    """What was found of an order, or of a part of it; refused where it cannot be asked about."""
    grams, code, sender, receiver = found
    if not receiver[6]:
        raise Invalid(field=field, problem=_("it has no country to go to"))
    if not parcels and grams is None:
        raise Invalid(field="packages", problem=_("the order's SKUs have no weights: say how heavy the packages are"))
    return _sending(code, sender, Party(*receiver), parcels or [Parcel(grams)])


def _sending(code: str | None, sender: Sequence[str] | None, receiver: Party, parcels: Sequence[Parcel]) -> Sending:
    if code is None or sender is None:
        raise Invalid(field="location", problem=_("there is none that sends"))
    return Sending(code, Party(*sender), receiver, tuple(parcels))


# Of a kit the parts are weighed.  Where nothing is reserved yet, it leaves from the first location.
OF_ORDER = """
    SELECT CASE WHEN inside.known THEN least(%s::bigint + inside.grams, %s::bigint)::bigint END, l.code, l.sender,
           ARRAY[coalesce(a.name, ''), coalesce(a.company, ''), coalesce(a.street, ''), coalesce(a.postal_code, ''),
                 coalesce(a.city, ''), coalesce(a.region, ''), coalesce(a.country, '')]
      FROM orders o
      LEFT JOIN address a ON a.id = o.ship_to_id
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(k.weight_grams * (s.open + s.backordered + s.reserved + s.released)), 0) AS grams,
                  coalesce(bool_and(k.weight_grams IS NOT NULL), false) AS known
             FROM order_line n
             JOIN line_sheet s ON s.holder_id = n.id
             JOIN sku k ON k.id = n.sku_id
            WHERE n.order_id = o.id AND s.open + s.backordered + s.reserved + s.released > 0) inside
      LEFT JOIN LATERAL (
           SELECT p.code, ARRAY[p.name, '', '', '', p.city, '', p.country] AS sender
             FROM location p
             LEFT JOIN (SELECT s.place_id, sum(s.reserved + s.released) AS units
                          FROM order_line n JOIN line_sheet s ON s.holder_id = n.id
                         WHERE n.order_id = o.id GROUP BY s.place_id) there ON there.place_id = p.id
            WHERE p.active OR there.units > 0
            ORDER BY coalesce(there.units, 0) DESC, p.rank, p.id
            LIMIT 1) l ON true
     WHERE o.number = %s
"""

OF_WORK = """
    SELECT CASE WHEN inside.known THEN least(%s::bigint + inside.grams, %s::bigint)::bigint END, l.code,
           ARRAY[l.name, '', '', '', l.city, '', l.country],
           ARRAY[coalesce(a.name, ''), coalesce(a.company, ''), coalesce(a.street, ''), coalesce(a.postal_code, ''),
                 coalesce(a.city, ''), coalesce(a.region, ''), coalesce(a.country, '')]
      FROM fulfilment_order f
      JOIN location l ON l.id = f.location_id
      JOIN orders o ON o.id = f.order_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     CROSS JOIN LATERAL (
           SELECT sum(k.weight_grams * (w.open + w.packed)) AS grams,
                  coalesce(bool_and(k.weight_grams IS NOT NULL), false) AS known
             FROM fulfilment_line n
             JOIN work_sheet w ON w.holder_id = n.id
             JOIN order_line r ON r.id = n.line_id
             JOIN sku k ON k.id = r.sku_id
            WHERE n.fulfilment_order_id = f.id AND w.open + w.packed > 0) inside
     WHERE f.name = %s
"""

FROM = """
    SELECT code, ARRAY[name, '', '', '', city, '', country]
      FROM location
     WHERE CASE WHEN %s::text IS NULL THEN active ELSE code = %s::text END
     ORDER BY rank, id
     LIMIT 1
"""
