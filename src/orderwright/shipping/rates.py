"""What carriers' products cost when they were asked last: the zone table that is used while a carrier is away."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.money import Money
from orderwright.shipping.packing import HEAVIEST_GRAMS
from orderwright.shipping.ports import Quote

LIGHT_STEP_GRAMS, HEAVY_STEP_GRAMS = 500, 1000
HEAVY_GRAMS = 10_000  # above it, the steps are wider


class Lane(NamedTuple):
    """A carrier's way from a country to a country, for parcels up to a weight."""

    carrier: str
    sender: str
    receiver: str
    up_to_grams: int


class Learned(NamedTuple):
    """A price that a carrier named, and when it did."""

    quote: Quote
    learned_at: datetime


def step(grams: int) -> int:
    """The weight up to which a price is kept: 1,200 g are kept as 1,500 g."""
    wide = HEAVY_STEP_GRAMS if grams > HEAVY_GRAMS else LIGHT_STEP_GRAMS
    return min(max(1, -(-grams // wide)) * wide, HEAVIEST_GRAMS)


def learn(told: Mapping[Lane, Collection[Quote]]) -> None:
    """Keep what carriers named; one statement.  A price that did not change is written once an hour at most.

    A step holds parcels of many weights: the highest price that was named in it within a day is kept.
    """
    rows = [(lane, quote) for lane, quotes in told.items() for quote in quotes]
    sql.run(
        LEARN,
        [
            clock.now(),
            sql.texts(lane.carrier for lane, _quote in rows),
            sql.texts(quote.service for _lane, quote in rows),
            sql.texts(lane.sender for lane, _quote in rows),
            sql.texts(lane.receiver for lane, _quote in rows),
            sql.ints(lane.up_to_grams for lane, _quote in rows),
            sql.ints(quote.price.minor for _lane, quote in rows),
            sql.texts(quote.price.currency for _lane, quote in rows),
            sql.ints(quote.days_least for _lane, quote in rows),
            sql.ints(quote.days_most for _lane, quote in rows),
        ],
    )


def known(lanes: Collection[Lane]) -> dict[Lane, dict[str, Learned]]:
    """The prices that are known of these lanes, by product; one statement.

    Where this weight was never asked for, the price is that of the next heavier one: rather too much than too little.
    """
    wanted = sorted(lanes)
    found: dict[Lane, dict[str, Learned]] = {lane: {} for lane in wanted}
    rows = sql.rows(
        KNOWN,
        [
            sql.texts(lane.carrier for lane in wanted),
            sql.texts(lane.sender for lane in wanted),
            sql.texts(lane.receiver for lane in wanted),
            sql.ints(lane.up_to_grams for lane in wanted),
        ],
    )
    for *lane, product, minor, currency, least, most, at in rows:
        found[Lane(*lane)][product] = Learned(Quote(product, "", Money(minor, currency), least, most), at)
    return found


LEARN = """
    INSERT INTO learned_rate AS r (carrier, carrier_service, sender_country, receiver_country, up_to_grams,
                                   price_minor, currency, days_least, days_most, learned_at)
    SELECT DISTINCT ON (carrier, product, sender, receiver, grams)
           carrier, product, sender, receiver, grams, price, currency, least, most, %s::timestamptz
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::text[],
                  %s::smallint[], %s::smallint[])
           AS q(carrier, product, sender, receiver, grams, price, currency, least, most)
     ORDER BY carrier, product, sender, receiver, grams, price DESC
        ON CONFLICT (carrier, carrier_service, sender_country, receiver_country, up_to_grams) DO UPDATE
       SET price_minor = excluded.price_minor, currency = excluded.currency, days_least = excluded.days_least,
           days_most = excluded.days_most, learned_at = excluded.learned_at
     WHERE r.currency <> excluded.currency
        OR r.price_minor < excluded.price_minor
        OR r.learned_at < excluded.learned_at - interval '1 day'
        OR r.price_minor = excluded.price_minor
           AND ((r.days_least, r.days_most) <> (excluded.days_least, excluded.days_most)
                OR r.learned_at < excluded.learned_at - interval '1 hour')
"""

KNOWN = """
    SELECT DISTINCT ON (q.carrier, q.sender, q.receiver, q.grams, r.carrier_service)
           q.carrier, q.sender, q.receiver, q.grams, r.carrier_service, r.price_minor, r.currency, r.days_least,
           r.days_most, r.learned_at
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[]) AS q(carrier, sender, receiver, grams)
      JOIN learned_rate r ON r.carrier = q.carrier AND r.sender_country = q.sender
                         AND r.receiver_country = q.receiver AND r.up_to_grams >= q.grams
     ORDER BY q.carrier, q.sender, q.receiver, q.grams, r.carrier_service, r.up_to_grams
"""
