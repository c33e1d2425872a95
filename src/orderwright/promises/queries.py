"""Reading the ledger: what an order was promised, and how well promises are kept."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from orderwright.kernel import sql


class Entry(NamedTuple):
    """A promise of the ledger, with what became of it."""

    id: int
    line: int
    sku: str
    made_at: datetime
    ship_on: date | None
    deliver_on: date | None
    reason: str
    facts: dict[str, Any]
    option: str
    superseded_at: datetime | None
    came_on: date | None
    days_late: int | None


def of_order(order_id: int) -> list[Entry]:
    """All that an order was ever promised: line by line, the oldest first."""
    return [Entry(*row)._replace(facts=_facts(row[7])) for row in sql.rows(OF_ORDER, [order_id])]


def deliver_on(order_id: int) -> date | None:
    """The day on which the last of an order arrives, as it is promised now; None where nobody can say."""
    found: date | None = sql.value(DELIVER_ON, [order_id])
    return found


DELIVER_ON = """
    SELECT CASE WHEN bool_and(deliver_on IS NOT NULL) THEN max(deliver_on) END
      FROM promise WHERE order_id = %s::bigint AND superseded_at IS NULL
"""


def deliver_days(order_ids: Collection[int]) -> dict[int, date]:
    """The same of many orders; those of which nobody can say are left out."""
    return dict(sql.rows(DELIVER_DAYS, [sql.ints(order_ids)]))


DELIVER_DAYS = """
    SELECT order_id, max(deliver_on)
      FROM promise WHERE order_id = ANY (%s::bigint[]) AND superseded_at IS NULL
     GROUP BY order_id HAVING bool_and(deliver_on IS NOT NULL)
"""


def _facts(found: Any) -> dict[str, Any]:
    """The driver tells JSON as text."""
    facts: dict[str, Any] = msgspec.json.decode(found) if isinstance(found, str | bytes) else found
    return facts


class Lane(NamedTuple):
    """How well promises were kept from a location, by a delivery option, to a country."""

    location: str
    option: str
    country: str
    lines: int
    kept: int
    days_late: float  # on average: of all lines, those that came early counting below zero


def accuracy(first: date, last: date) -> list[Lane]:
    """Lines that came from `first` to `last`, against the day that each was promised first."""
    return [Lane(*row) for row in sql.rows(ACCURACY, [first, last])]


# A promise whose days stay is not written anew when its units leave: that they are on their way is seen from them.
OF_ORDER = """
    SELECT p.id, l.position, s.code, p.made_at, p.ship_on, p.deliver_on,
           CASE WHEN p.superseded_at IS NULL AND gone.all THEN 'on_its_way' ELSE p.reason END,
           p.facts, p.option, p.superseded_at, p.came_on, p.days_late
      FROM promise p
      JOIN order_line l ON l.id = p.line_id
      JOIN sku s ON s.id = l.sku_id
     CROSS JOIN LATERAL (
         SELECT coalesce(sum(n.open + n.backordered + n.reserved + n.released + n.lost) = 0 AND sum(n.shipped) > 0,
                         false) AS all
           FROM order_line part JOIN line_sheet n ON n.holder_id = part.id
          WHERE part.order_id = p.order_id AND (part.id = p.line_id OR part.parent_id = p.line_id)) gone
     WHERE p.order_id = %s::bigint
     ORDER BY l.position, p.id
"""

ACCURACY = """
    SELECT coalesce(c.code, ''), f.option, f.country, count(*), count(*) FILTER (WHERE f.days_late <= 0),
           round(avg(f.days_late), 2)::float
      FROM (SELECT DISTINCT ON (line_id) line_id, option, country, days_late
              FROM promise
             WHERE came_on BETWEEN %s::date AND %s::date AND deliver_on IS NOT NULL
             ORDER BY line_id, id) f
      JOIN LATERAL (SELECT location_id FROM promise WHERE line_id = f.line_id ORDER BY id DESC LIMIT 1) p ON true
      LEFT JOIN location c ON c.id = p.location_id
     GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3
"""
