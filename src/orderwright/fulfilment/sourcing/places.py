"""The locations that may be sources, where a customer is, and how an order is sourced."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.customers.drafting import AddressDraft
from orderwright.customers.geography import coordinates
from orderwright.fulfilment.sourcing.sorters import Destination, Place
from orderwright.fulfilment.terms import CONDITION_COLUMNS, Conditions
from orderwright.kernel import clock, sql
from orderwright.kernel.sql import Question

UNKNOWN = Destination("", None, None)


def places() -> Question[list[Place]]:
    """All locations that sell, each with how many days it takes until one more fulfilment order can leave."""
    now = clock.now()
    return Question(PLACES, (), lambda rows: [_place(row, now) for row in rows])


def _place(row: tuple[Any, ...], now: datetime) -> Place:
    terms, free_on = Conditions(*row[6:14]), row[14]
    day = terms.ship_on(now)
    if terms.orders_per_day is not None and free_on is not None:
        day = max(day, free_on)
    return Place._make([*row[:6], (day - terms.today(now)).days])


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


PLACES = f"""
    SELECT l.id, l.code, l.rank, l.country, l.latitude, l.longitude, {CONDITION_COLUMNS}, t.free_on
      FROM location l LEFT JOIN location_terms t ON t.location_id = l.id
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
