"""What must always be true of letters."""

from orderwright.kernel.auditing import Check
from orderwright.notifications.following import READER

# These make letters whatever their facts are.  Of what happened before the first letter ever, nobody was to be told;
# nor of what was old when it was written down.
ALWAYS = (
    "order.confirmed", "order.canceled", "order.partly_canceled", "order.shipped", "order.delivered", "tender.refunded",
    "package.sent_out", "package.made_ready", "package.attempted", "package.lost", "package.returned",
)  # fmt: skip

MISSING = f"""
    SELECT e.id AS event, e.kind, e.order_id
      FROM reader_position r
     CROSS JOIN (SELECT b.epoch, b.xact, b.id
                   FROM event b WHERE b.id = (SELECT min(event_id) FROM letter)) first
      JOIN event e
        ON (e.epoch, e.xact, e.id) >= (first.epoch, first.xact, first.id)
       AND (e.epoch, e.xact, e.id) <= (split_part(r.cursor, '.', 1)::int, split_part(r.cursor, '.', 2)::bigint,
                                       split_part(r.cursor, '.', 3)::bigint)
     WHERE r.reader = '{READER}' AND r.cursor <> ''
       AND e.kind IN ({", ".join(f"'{kind}'" for kind in ALWAYS)})
       AND e.recorded_at > now() - interval '2 days' AND e.at > e.recorded_at - interval '12 hours'
       AND NOT EXISTS (SELECT FROM letter l WHERE l.event_id = e.id)
"""

TWICE = """
    SELECT order_id, count(*) AS confirmations
      FROM letter
     WHERE kind = 'order_confirmed' AND state = 'sent' AND copy = 0
     GROUP BY order_id, channel
    HAVING count(*) > 1
"""

SENT = """
    SELECT id AS letter, kind, state, provider
      FROM letter
     WHERE (state = 'sent' AND (sent_at IS NULL OR provider = '' OR answer = ''))
        OR (state IN ('refused', 'suppressed') AND reason = '')
        OR (state <> 'sent' AND sent_at IS NOT NULL)
"""

EVENTS = """
    SELECT l.id AS letter, l.event_id AS event, l.order_id
      FROM letter l
      LEFT JOIN event e ON e.id = l.event_id
     WHERE e.id IS NULL OR e.order_id IS DISTINCT FROM l.order_id
"""

FORGOTTEN = """
    SELECT l.id AS letter, l.customer_id AS customer
      FROM customer c
      JOIN letter l ON l.customer_id = c.id
     WHERE c.forgotten_at IS NOT NULL AND (l.subject <> '' OR l.html <> '' OR l.text <> '')
"""

CHECKS = (
    Check("events_have_letters", "Every event that somebody is to be told of has its letter.", MISSING),
    Check("orders_are_confirmed_once", "No order's confirmation is sent twice.", TWICE),
    Check("letters_say_what_became_of_them", "Sent letters have their time and answer, others their reason.", SENT),
    Check("letters_have_events", "Every letter tells of an event of its own order.", EVENTS),
    Check("forgotten_people_have_no_letters", "Of letters to forgotten people no word is kept.", FORGOTTEN),
)
