"""Falling due: the work of each location that was to leave before today, and what is to leave today and tomorrow."""

from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql

MOST = 2500  # of a location


class Due(NamedTuple):
    """Fulfilment orders of a location that are not done, by the day on which they are to leave, by its own clock."""

    location: str
    name: str
    late: int
    today: int
    tomorrow: int
    offered: int  # of all these: not accepted yet
    more: bool  # there are more than were counted
    day_ends_at: datetime


def falling_due(now: datetime) -> list[Due]:
    """The locations that have something to do by tomorrow; one statement, counted to a bound."""
    return [Due(*row) for row in sql.rows(FALLING_DUE, {"now": now, "most": MOST})]


FALLING_DUE = """
    SELECT p.code, p.name,
           (count(*) FILTER (WHERE f.ship_on < day.today))::int,
           (count(*) FILTER (WHERE f.ship_on = day.today))::int,
           (count(*) FILTER (WHERE f.ship_on > day.today))::int,
           (count(*) FILTER (WHERE f.state = 'offered'))::int,
           count(*) > %(most)s::bigint,
           (day.today + 1)::timestamp AT TIME ZONE p.time_zone
      FROM location p
     CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date AS today) day
     CROSS JOIN LATERAL (SELECT f.ship_on, f.state
                           FROM fulfilment_order f
                          WHERE f.location_id = p.id AND f.closed_at IS NULL AND f.ship_on <= day.today + 1
                          ORDER BY f.ship_on, f.id
                          LIMIT %(most)s::bigint + 1) f
     GROUP BY p.code, p.name, p.time_zone, day.today
     ORDER BY p.code
"""
