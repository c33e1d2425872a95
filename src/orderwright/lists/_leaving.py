"""When orders are to leave, and which are late: the one meaning of the word, on the board and in lists.

An order is late when the day is over on which something of it was to leave, and it has not left: the day of the work
that a location has, and for what no location works on yet, the day that was promised; both by the location's clock.
What waits for its buyer, who has not paid, or for a hold to be lifted, is not late.
"""

from orderwright.orders.status import Status

STATES = tuple(one.value for one in (Status.BACKORDERED, Status.READY, Status.IN_WORK, Status.PARTLY_SHIPPED))

DAYS = {
    "missed": "d.ship_on < day.today",
    "today": "d.ship_on = day.today",
    "soon": "d.ship_on BETWEEN day.today AND day.today + 1",
}

# Days are compared two days apart first, so that the indexes help.  `asked` takes a moment, once.
DUE = """
    SELECT d.order_id
      FROM (SELECT %s::timestamptz AS now) asked
     CROSS JOIN LATERAL (
           SELECT f.order_id, f.ship_on, f.location_id
             FROM fulfilment_order f
            WHERE f.closed_at IS NULL AND f.ship_on <= (asked.now AT TIME ZONE 'UTC')::date + 2 {of_work}
           UNION ALL
           SELECT p.order_id, p.ship_on, p.location_id
             FROM promise p
            WHERE p.superseded_at IS NULL AND p.came_on IS NULL
              AND p.ship_on <= (asked.now AT TIME ZONE 'UTC')::date + 2 {of_promise}
              AND EXISTS (SELECT FROM order_line l JOIN line_sheet h ON h.holder_id = l.id
                           WHERE l.order_id = p.order_id AND (l.id = p.line_id OR l.parent_id = p.line_id)
                             AND h.open + h.backordered + h.reserved > 0)) d
      LEFT JOIN location c ON c.id = d.location_id
     CROSS JOIN LATERAL (SELECT (asked.now AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date AS today) day
     WHERE {day}
"""


def due(kind: str) -> tuple[str, str]:
    """The orders of which something is to leave on such a day, each once; and whether one of them is `s`."""
    found = DUE.format(of_work="", of_promise="", day=DAYS[kind])
    one = DUE.format(of_work="AND f.order_id = s.order_id", of_promise="AND p.order_id = s.order_id", day=DAYS[kind])
    return f"SELECT DISTINCT order_id FROM ({found}) u", f"EXISTS ({one})"
