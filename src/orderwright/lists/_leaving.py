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
# Days are compared in UTC first, with a day to spare, so that the indexes help.
NEAR = {
    "missed": "{at}.ship_on <= asked.utc",
    "today": "{at}.ship_on BETWEEN asked.utc - 1 AND asked.utc + 1",
    "soon": "{at}.ship_on BETWEEN asked.utc - 1 AND asked.utc + 2",
}

# Of an order that is ready, nothing is released; of others, each line is looked at.
DUE = """
    SELECT d.order_id
      FROM (SELECT w.now, (w.now AT TIME ZONE 'UTC')::date AS utc FROM (SELECT %s::timestamptz AS now) w) asked
     CROSS JOIN LATERAL (
           SELECT f.order_id, f.ship_on, f.location_id
             FROM fulfilment_order f
             JOIN order_summary y ON y.order_id = f.order_id AND y.status IN ({states})
            WHERE f.closed_at IS NULL AND {of_work}
           UNION ALL
           SELECT p.order_id, p.ship_on, p.location_id
             FROM promise p
             JOIN order_summary y ON y.order_id = p.order_id AND y.status IN ({states})
            WHERE p.superseded_at IS NULL AND p.came_on IS NULL AND {of_promise}
              AND (y.status = 'ready'
                   OR (SELECT bool_or(h.open + h.backordered + h.reserved > 0)
                         FROM order_line l JOIN line_sheet h ON h.holder_id = l.id
                        WHERE l.order_id = p.order_id AND (l.id = p.line_id OR l.parent_id = p.line_id)))) d
      LEFT JOIN location c ON c.id = d.location_id
     CROSS JOIN LATERAL (SELECT (asked.now AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date AS today) day
     WHERE {day}
"""


def due(kind: str) -> tuple[str, str]:
    """The orders of which something is to leave on such a day, once for each of its reasons; and whether `s` is one."""
    return _due(kind), f"EXISTS ({_due(kind, 'AND {at}.order_id = s.order_id')})"


def _due(kind: str, of_one: str = "") -> str:
    near = f"{NEAR[kind]} {of_one}"
    states = ", ".join(f"'{state}'" for state in STATES)
    return DUE.format(of_work=near.format(at="f"), of_promise=near.format(at="p"), day=DAYS[kind], states=states)
