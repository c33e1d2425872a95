"""What must always be true of fulfilment orders and their units."""

from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.models import WORK_BUCKETS
from orderwright.kernel.auditing import Check, of_book

LINES_ARE_WHOLE = f"""
    SELECT f.name AS fulfilment_order, coalesce(l.id, s.holder_id) AS fulfilment_line,
           coalesce(l.quantity, 0) AS quantity, coalesce(s.units, 0) AS in_buckets
      FROM fulfilment_line l
      FULL JOIN (SELECT holder_id, sum({" + ".join(WORK_BUCKETS)})::bigint AS units
                   FROM work_sheet GROUP BY holder_id) s ON s.holder_id = l.id
      LEFT JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
     WHERE l.quantity IS DISTINCT FROM s.units
"""

AT_THEIR_LOCATION = """
    SELECT f.name AS fulfilment_order, l.id AS fulfilment_line, o.number AS line_of, s.place_id AS place
      FROM fulfilment_line l
      JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
      JOIN order_line k ON k.id = l.line_id
      JOIN orders o ON o.id = k.order_id
      LEFT JOIN work_sheet s ON s.holder_id = l.id AND s.place_id <> f.location_id
     WHERE k.order_id <> f.order_id OR k.is_kit OR s.holder_id IS NOT NULL
"""

RELEASED_UNITS_ARE_IN_WORK = """
    SELECT o.number AS order, k.position AS line, p.code AS location, coalesce(s.released, 0) AS released,
           coalesce(w.units, 0) AS in_work
      FROM (SELECT holder_id AS line_id, place_id, released FROM line_sheet WHERE released > 0) s
      FULL JOIN (SELECT l.line_id, t.place_id, sum(t.open + t.packed)::bigint AS units
                   FROM work_sheet t JOIN fulfilment_line l ON l.id = t.holder_id
                  WHERE t.open + t.packed > 0
                  GROUP BY 1, 2) w USING (line_id, place_id)
      JOIN order_line k ON k.id = line_id
      JOIN orders o ON o.id = k.order_id
      LEFT JOIN location p ON p.id = place_id
     WHERE s.released IS DISTINCT FROM w.units
"""

# What came back may be sent again from elsewhere: so what left is compared, not where it is now.
SHIPPED_WORK_LEFT = """
    SELECT o.number AS order, k.position AS line, p.code AS location, coalesce(e.units, 0) AS left_in_lines,
           coalesce(w.units, 0) AS left_in_work
      FROM (SELECT holder_id AS line_id, source_place AS place_id, sum(amount)::bigint AS units
              FROM line_entry WHERE source = 'released' AND target = 'shipped' GROUP BY 1, 2) e
      FULL JOIN (SELECT l.line_id, t.place_id, sum(t.shipped)::bigint AS units
                   FROM work_sheet t JOIN fulfilment_line l ON l.id = t.holder_id
                  WHERE t.shipped > 0
                  GROUP BY 1, 2) w USING (line_id, place_id)
      JOIN order_line k ON k.id = line_id
      JOIN orders o ON o.id = k.order_id
      LEFT JOIN location p ON p.id = place_id
     WHERE e.units IS DISTINCT FROM w.units
"""

CLOSED_WHEN_DONE = """
    SELECT f.name AS fulfilment_order, f.state, coalesce(w.to_do, 0) AS to_do
      FROM fulfilment_order f
      LEFT JOIN (SELECT l.fulfilment_order_id, sum(t.open + t.packed)::bigint AS to_do
                   FROM work_sheet t JOIN fulfilment_line l ON l.id = t.holder_id
                  WHERE t.open + t.packed > 0
                  GROUP BY 1) w ON w.fulfilment_order_id = f.id
     WHERE (f.state = 'closed') = (w.to_do IS NOT NULL)
"""

COUNTED_IN_THEIR_ORDER = """
    SELECT o.number AS order, f.name AS fulfilment_order, f.position
      FROM (SELECT order_id, name, row_number() OVER (PARTITION BY order_id ORDER BY id) AS position
              FROM fulfilment_order) f
      JOIN orders o ON o.id = f.order_id
     WHERE f.name <> o.number || '-F' || f.position
"""

REJECTIONS_EQUAL_WORK = """
    SELECT f.name AS fulfilment_order, l.id AS fulfilment_line, coalesce(s.rejected, 0) AS in_work,
           coalesce(r.units, 0) AS in_rejections
      FROM (SELECT holder_id, rejected FROM work_sheet WHERE rejected > 0) s
      FULL JOIN (SELECT fulfilment_line_id, sum(quantity)::bigint AS units
                   FROM fulfilment_rejection GROUP BY 1) r ON r.fulfilment_line_id = s.holder_id
      JOIN fulfilment_line l ON l.id = coalesce(s.holder_id, r.fulfilment_line_id)
      JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
     WHERE s.rejected IS DISTINCT FROM r.units
"""

ENTRIES_BELONG_TO_THEIR_ORDER = """
    SELECT e.id AS entry, f.name AS fulfilment_order, v.kind AS event
      FROM work_entry e
      JOIN event v ON v.id = e.event_id
      JOIN fulfilment_line l ON l.id = e.holder_id
      JOIN fulfilment_order f ON f.id = l.fulfilment_order_id
     WHERE v.order_id IS DISTINCT FROM f.order_id
"""

CHECKS = (
    *of_book(WORK),
    Check(
        "fulfilment_lines_are_whole",
        "The units of every line of a fulfilment order are all somewhere: its buckets add up to its quantity.",
        LINES_ARE_WHOLE,
    ),
    Check(
        "work_is_of_its_order_and_location",
        "Every line of a fulfilment order is a line of its order, and its units are at its location.",
        AT_THEIR_LOCATION,
    ),
    Check(
        "released_units_are_in_work",
        "Every unit that is released is open or packed in one fulfilment order there, and the other way round.",
        RELEASED_UNITS_ARE_IN_WORK,
    ),
    Check(
        "shipped_work_left",
        "Every unit that a fulfilment order shipped left in its order's line, and the other way round.",
        SHIPPED_WORK_LEFT,
    ),
    Check(
        "fulfilment_orders_close_when_done",
        "Every fulfilment order is closed exactly when it has nothing open or packed.",
        CLOSED_WHEN_DONE,
    ),
    Check(
        "fulfilment_orders_are_counted",
        "The fulfilment orders of an order are called -F1, -F2, -F3 …, without gaps.",
        COUNTED_IN_THEIR_ORDER,
    ),
    Check(
        "rejections_equal_work",
        "Of every line of a fulfilment order as many units are rejected as its rejections say.",
        REJECTIONS_EQUAL_WORK,
    ),
    Check(
        "work_entries_belong_to_their_order",
        "Every entry of the work book has an event of the same order.",
        ENTRIES_BELONG_TO_THEIR_ORDER,
    ),
)
