"""The locations that may be sources, where a customer is, and how an order is sourced."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.customers.drafting import AddressDraft
from orderwright.customers.geography import coordinates
from orderwright.fulfilment.sourcing.sorters import Destination, Place
from orderwright.fulfilment.terms import CONDITION_COLUMNS, COUNTED, Conditions, Diary
from orderwright.kernel import clock, sql
from orderwright.kernel.sql import Question

UNKNOWN = Destination("", None, None)


def places() -> Question[list[Place]]:
    """All locations that sell, each with how many days it takes until one more fulfilment order can leave."""
    now = clock.now()
    return Question(PLACES, [now], lambda rows: [_place(row, now) for row in rows])


def _place(row: tuple[Any, ...], now: datetime) -> Place:
    terms = Conditions(*row[6:14])
    diary = Diary(terms, dict(zip(row[14] or (), row[15] or (), strict=True)))
    return Place(*row[:6], (diary.free_day(now) - terms.today(now)).days)


class Way(NamedTuple):
    """How an order is sourced: for which channel, by which strategies, and where it goes."""

    channel_id: int
    strategies: list[str]
    to: Destination


def ways(order_ids: Collection[int]) -> dict[int, Way]:
    """How each of these orders is sourced; one statement."""
    return {
        id_: Way(
            channel_id, list(strategies), destination(AddressDraft(country=country, latitude=north, longitude=east))
        )
        for id_, channel_id, strategies, country, north, east in sql.rows(WAYS, [sql.ints(sorted(set(order_ids)))])
    }


def destination(address: AddressDraft | None) -> Destination:
    """Where an address is: its own coordinates, or those of its country, or nobody knows."""
    if address is None:
        return UNKNOWN
    if address.latitude is not None and address.longitude is not None:
        return Destination(address.country, address.latitude, address.longitude)
    latitude, longitude = coordinates(address.country) or (None, None)
    return Destination(address.country, latitude, longitude)


# The day before is asked for, too: it may be today at the location.
PLACES = f"""
    SELECT l.id, l.code, l.rank, l.country, l.latitude, l.longitude, {CONDITION_COLUMNS}, n.days, n.orders
      FROM location l
      LEFT JOIN location_terms t ON t.location_id = l.id
      LEFT JOIN LATERAL (
           SELECT array_agg(d.ship_on) AS days, array_agg(d.orders) AS orders
             FROM (SELECT f.ship_on, count(*) AS orders
                     FROM fulfilment_order f
                    WHERE t.orders_per_day IS NOT NULL AND f.location_id = l.id AND f.ship_on >= %s::timestamptz::date - 1 AND {COUNTED}
                    GROUP BY f.ship_on) d) n ON true
     WHERE l.active
     ORDER BY l.id
"""

WAYS = """
    SELECT o.id, o.channel_id, c.sourcing, coalesce(a.country, ''), a.latitude, a.longitude
      FROM orders o
      JOIN channel c ON c.id = o.channel_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     WHERE o.id = ANY (%s::bigint[])
"""
