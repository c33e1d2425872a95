"""What must always be true of shipments: every unit in one package, and every package where it is said to be."""

from orderwright.kernel.auditing import Check
from orderwright.shipping.stages import Stage

STAGES = "ARRAY[" + ", ".join(f"'{stage.value}'" for stage in Stage) + "]"

# Of each fulfilment line: what its sheet says is packed or shipped, beside what stands in packages.
PACKED = """
    SELECT coalesce(w.line, c.line) AS fulfilment_line, coalesce(w.packed, 0) AS packed,
           coalesce(c.packed, 0) AS in_prepared_packages, coalesce(w.shipped, 0) AS shipped,
           coalesce(c.shipped, 0) AS in_shipped_packages
      FROM (SELECT holder_id AS line, packed, shipped FROM work_sheet WHERE packed + shipped > 0) w
      FULL JOIN (SELECT c.fulfilment_line_id AS line,
                        coalesce(sum(c.quantity) FILTER (WHERE s.state = 'prepared'), 0)::bigint AS packed,
                        coalesce(sum(c.quantity) FILTER (WHERE s.state = 'shipped'), 0)::bigint AS shipped
                   FROM package_content c
                   JOIN package p ON p.id = c.package_id
                   JOIN shipment s ON s.id = p.shipment_id
                  WHERE s.state <> 'discarded'
                  GROUP BY 1) c ON c.line = w.line
     WHERE (coalesce(w.packed, 0), coalesce(w.shipped, 0)) <> (coalesce(c.packed, 0), coalesce(c.shipped, 0))
"""

CONTENTS = """
    SELECT p.name AS package, c.fulfilment_line_id AS fulfilment_line, c.line_id AS line, w.line_id AS its_line,
           s.location_id AS left_from, f.location_id AS worked_at
      FROM package_content c
      JOIN package p ON p.id = c.package_id
      JOIN shipment s ON s.id = p.shipment_id
      LEFT JOIN fulfilment_line w ON w.id = c.fulfilment_line_id
      LEFT JOIN fulfilment_order f ON f.id = w.fulfilment_order_id
     WHERE c.line_id IS DISTINCT FROM w.line_id OR f.location_id <> s.location_id OR f.order_id <> s.order_id
"""

# Units whose package is under way are shipped, those of lost packages lost, and nothing else is.  No more units are
# delivered than such packages held, and those of returned packages came back; a customer may send others back later.
FOLLOWED = """
    SELECT (SELECT number FROM orders WHERE id = n.order_id) AS order, n.position AS line, l.code AS location,
           coalesce(s.shipped, 0) AS shipped, coalesce(c.under_way, 0) AS under_way,
           coalesce(s.delivered, 0) AS delivered, coalesce(c.delivered, 0) AS in_delivered_packages,
           coalesce(s.returned, 0) AS returned, coalesce(c.returned, 0) AS in_returned_packages,
           coalesce(s.lost, 0) AS lost, coalesce(c.lost, 0) AS in_lost_packages
      FROM (SELECT holder_id AS line_id, place_id, shipped, delivered, returned, lost
              FROM line_sheet WHERE shipped + delivered + returned + lost > 0) s
      FULL JOIN (SELECT c.line_id, h.location_id AS place_id,
                        coalesce(sum(c.quantity) FILTER (WHERE p.settled = ''), 0)::bigint AS under_way,
                        coalesce(sum(c.quantity) FILTER (WHERE p.settled = 'delivered'), 0)::bigint AS delivered,
                        coalesce(sum(c.quantity) FILTER (WHERE p.settled = 'returned'), 0)::bigint AS returned,
                        coalesce(sum(c.quantity) FILTER (WHERE p.settled = 'lost'), 0)::bigint AS lost
                   FROM package_content c
                   JOIN package p ON p.id = c.package_id
                   JOIN shipment h ON h.id = p.shipment_id
                  WHERE h.state = 'shipped'
                  GROUP BY 1, 2) c ON c.line_id = s.line_id AND c.place_id = s.place_id
      JOIN order_line n ON n.id = coalesce(s.line_id, c.line_id)
      LEFT JOIN location l ON l.id = coalesce(s.place_id, c.place_id)
     WHERE coalesce(s.shipped, 0) <> coalesce(c.under_way, 0) OR coalesce(s.lost, 0) <> coalesce(c.lost, 0)
        OR coalesce(s.delivered, 0) > coalesce(c.delivered, 0) OR coalesce(s.returned, 0) < coalesce(c.returned, 0)
"""

# `shipping.tracking.where`, as SQL.
WHERE_SCANS_SAY = f"""
    WITH said AS (
        SELECT DISTINCT ON (c.package_id) c.package_id, c.stage
          FROM scan c
          JOIN package p ON p.id = c.package_id
          JOIN shipment s ON s.id = p.shipment_id
         WHERE (c.told_by = 'hand' OR (c.carrier = p.carrier AND c.tracking_number = p.tracking_number))
           AND c.happened_at BETWEEN s.prepared_at - interval '1 day' AND c.received_at + interval '1 hour'
           AND c.stage NOT IN ('prepared', 'labelled')
         ORDER BY c.package_id, c.stage IN ('delivered', 'returned') DESC, c.stage = 'lost' DESC, c.happened_at DESC,
                  array_position({STAGES}, c.stage) DESC, c.id DESC
    )
    SELECT p.name AS package, p.stage, said.stage AS scans_say
      FROM package p
      LEFT JOIN said ON said.package_id = p.id
     WHERE p.stage <> coalesce(said.stage, CASE WHEN p.tracking_number IS NULL THEN 'prepared' ELSE 'labelled' END)
"""

LABELS = """
    SELECT p.name AS package, p.carrier, p.tracking_number
      FROM label b
      JOIN package p ON p.id = b.package_id
     WHERE NOT EXISTS (SELECT FROM carrier_question q
                        WHERE q.package_id = p.id AND q.verb = 'label' AND q.answer = 'labelled'
                          AND q.carrier = p.carrier AND q.tracking_number = p.tracking_number)
"""

# A number that was given by hand may be made void too, though no label was asked for.
ONE_LABEL = """
    SELECT p.name AS package, count(*) AS labels
      FROM carrier_question q
      JOIN package p ON p.id = q.package_id
     WHERE q.answer = 'labelled'
       AND NOT EXISTS (SELECT FROM carrier_question v
                        WHERE v.package_id = q.package_id AND v.verb = 'void' AND v.tracking_number = q.tracking_number
                          AND (v.answer = 'voided' OR v.answer IS NULL))
     GROUP BY p.name
    HAVING count(*) > 1
"""

ANSWERED = """
    SELECT id AS question, verb, answer, answered_at, ask_again_at
      FROM carrier_question
     WHERE (ask_again_at IS NULL) <> (answered_at IS NOT NULL)
        OR (answered_at IS NOT NULL) <> (answer IS NOT NULL)
        OR answer NOT IN ('labelled', 'voided', 'refused', 'withdrawn')
"""

TOLD = """
    SELECT s.name AS shipment, s.state, s.shipped_at
      FROM shipment s
      LEFT JOIN (SELECT order_id, facts ->> 'shipment' AS shipment, count(*) AS times
                   FROM event WHERE kind = 'order.shipped' GROUP BY 1, 2) e
        ON e.order_id = s.order_id AND e.shipment = s.name
     WHERE (s.state = 'shipped') <> (s.shipped_at IS NOT NULL)
        OR coalesce(e.times, 0) <> (s.state = 'shipped')::int
"""

CHECKS = (
    Check(
        "packed_units_are_in_one_package",
        "Every unit that is packed or shipped is in exactly one package, and every package holds such units.",
        PACKED,
    ),
    Check(
        "contents_belong_to_their_shipment",
        "What is in a package was worked on for its order, at the location that it leaves.",
        CONTENTS,
    ),
    Check(
        "units_follow_their_packages",
        "Units are shipped while their package is under way, and delivered, returned or lost with it.",
        FOLLOWED,
    ),
    Check("packages_are_where_scans_say", "Every package is where all that was said of it puts it.", WHERE_SCANS_SAY),
    Check("labels_have_answers", "Every label is the answer to a question that we asked.", LABELS),
    Check(
        "packages_have_one_label",
        "No package has two labels: of several all but one are void, or asked to be.",
        ONE_LABEL,
    ),
    Check("carriers_are_asked_or_answered", "Every question to a carrier is open, or has one final answer.", ANSWERED),
    Check("shipments_are_told", "Every shipment that left is told by one event, and no other is.", TOLD),
)
