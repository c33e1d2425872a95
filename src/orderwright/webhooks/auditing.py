"""What must always be true of deliveries."""

from orderwright.kernel.auditing import Check
from orderwright.webhooks.following import READER, wants
from orderwright.webhooks.forgetting import KEPT

# Of events that are old enough, deliveries may be forgotten.
MISSING = f"""
    SELECT w.id AS webhook, v.id AS missing_event, v.kind
      FROM webhook_endpoint w
      JOIN reader_position r ON r.reader = '{READER}' AND r.cursor <> ''
      JOIN event v
        ON ARRAY[v.epoch, v.xact, v.id] > string_to_array(w.wanted_since, '.')::bigint[]
       AND (v.epoch, v.xact, v.id) <= (split_part(r.cursor, '.', 1)::int, split_part(r.cursor, '.', 2)::bigint,
                                       split_part(r.cursor, '.', 3)::bigint)
       AND v.recorded_at > now() - interval '{KEPT.days - 1} days'
       AND {wants("w", "v.kind", "(v.facts ->> 'webhook')::bigint")}
      LEFT JOIN webhook_delivery d ON d.endpoint_id = w.id AND d.event_id = v.id
     WHERE w.state <> 'deleted' AND d.id IS NULL
"""

DELIVERED = """
    SELECT d.id AS delivery, d.endpoint_id AS webhook, d.event_id AS event
      FROM webhook_delivery d
     WHERE d.state = 'delivered'
       AND NOT EXISTS (SELECT FROM webhook_attempt a WHERE a.delivery_id = d.id AND a.outcome = 'delivered')
"""

EVENTS = """
    SELECT d.id AS delivery, d.event_id AS event, d.order_id, d.place_in_order
      FROM webhook_delivery d
      LEFT JOIN event e ON e.id = d.event_id
     WHERE e.id IS NULL
        OR (d.kind, d.order_id, d.place_in_order) IS DISTINCT FROM (e.kind, e.order_id, e.place_in_order)
"""

IN_ORDER = """
    SELECT d.id AS delivery, d.endpoint_id AS webhook, d.order_id, d.place_in_order, d.due_at
      FROM (SELECT *, order_id IS NULL
                      OR row_number() OVER (PARTITION BY endpoint_id, order_id ORDER BY place_in_order) = 1 AS first
              FROM webhook_delivery
             WHERE state = 'waiting') d
      JOIN webhook_endpoint w ON w.id = d.endpoint_id AND w.state <> 'deleted'
     WHERE d.first <> (d.due_at IS NOT NULL)
"""

# What was replayed may well be told after what follows it.
TOLD_IN_ORDER = """
    SELECT endpoint_id AS webhook, order_id, place_in_order, told_at, place_before, told_before_at
      FROM (SELECT d.endpoint_id, d.order_id, d.place_in_order, a.at AS told_at,
                   lag(d.place_in_order) OVER line AS place_before, lag(a.at) OVER line AS told_before_at
              FROM webhook_delivery d
             CROSS JOIN LATERAL (SELECT min(at) AS at FROM webhook_attempt
                                  WHERE delivery_id = d.id AND outcome = 'delivered') a
             WHERE d.order_id IS NOT NULL AND d.state = 'delivered' AND d.replays = 0
            WINDOW line AS (PARTITION BY d.endpoint_id, d.order_id ORDER BY d.place_in_order)) told
     WHERE told_at < told_before_at
"""

CHECKS = (
    Check(
        "wanted_events_have_deliveries",
        "Every event that the reader of the log has passed has a delivery for each endpoint that wants it.",
        MISSING,
    ),
    Check("delivered_means_answered", "What counts as delivered was answered with success.", DELIVERED),
    Check("deliveries_tell_events", "Every delivery tells an event that happened.", EVENTS),
    Check(
        "first_in_line_has_its_turn",
        "Of the deliveries of an order that wait for an endpoint, the first has its turn, and no other.",
        IN_ORDER,
    ),
    Check(
        "webhooks_tell_in_order", "No endpoint was told of an order's later event before an earlier one.", TOLD_IN_ORDER
    ),
)
