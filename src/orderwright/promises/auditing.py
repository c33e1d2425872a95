"""What must always be true of promises."""

from orderwright.kernel.auditing import Check

ONE_STANDS = """
    SELECT 'promise_current_once' AS missing
     WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'promise' AND indexname = 'promise_current_once')
"""

# Lines that were promised something once: the reader comes a moment after the order.
WHO_WAITS = """
    SELECT o.number AS order, l.position AS line
      FROM (SELECT DISTINCT coalesce(l.parent_id, l.id) AS line_id
              FROM line_sheet s JOIN order_line l ON l.id = s.holder_id
             WHERE s.backordered > 0) w
      JOIN order_line l ON l.id = w.line_id
      JOIN orders o ON o.id = l.order_id
     WHERE EXISTS (SELECT FROM promise p WHERE p.line_id = w.line_id)
       AND (SELECT count(*) FROM promise p WHERE p.line_id = w.line_id AND p.superseded_at IS NULL) <> 1
"""

HAVE_REASONS = """
    SELECT o.number AS order, p.id AS promise, p.reason, p.ship_on
      FROM promise p JOIN orders o ON o.id = p.order_id
     WHERE (p.ship_on IS NULL) <> (p.reason IN ('unknown', 'lost'))
        OR coalesce(jsonb_array_length(p.facts -> 'parts'), 0) = 0
"""

COMPARED = """
    SELECT o.number AS order, p.id AS promise, p.came_on, c.came_on AS book_says, p.days_late
      FROM promise p
      JOIN orders o ON o.id = p.order_id
      LEFT JOIN (SELECT coalesce(l.parent_id, l.id) AS line_id, max((v.at AT TIME ZONE 'UTC')::date) AS came_on
                   FROM line_entry n
                   JOIN order_line l ON l.id = n.holder_id
                   JOIN event v ON v.id = n.event_id
                  WHERE n.target = 'delivered'
                  GROUP BY 1) c ON c.line_id = p.line_id
     WHERE p.came_on IS NOT NULL
       AND (p.came_on IS DISTINCT FROM c.came_on OR p.days_late IS DISTINCT FROM p.came_on - p.deliver_on)
"""

CHECKS = (
    Check("one_promise_stands", "The database lets no line have two promises that stand.", ONE_STANDS),
    Check(
        "who_waits_is_promised",
        "Every line that was promised something, and waits for stock, has one promise that stands.",
        WHO_WAITS,
    ),
    Check(
        "promises_have_reasons",
        "Every promise has the parts of which it was made, and a day unless nobody can say one.",
        HAVE_REASONS,
    ),
    Check(
        "promises_are_compared_with_what_came",
        "What a promise says about the day on which its line came is what the book of lines says.",
        COMPARED,
    ),
)
