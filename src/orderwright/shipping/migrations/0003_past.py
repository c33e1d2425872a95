"""What was released, shipped or delivered before there were fulfilment orders and packages gets them.

Of each order and location: a fulfilment order with what is released, one with what has left; of what has left a
shipment, with a package of what is on its way and one of what arrived.  An event tells each such shipment.
"""

from django.db import migrations

NAME_WORK = """
    CREATE TEMPORARY TABLE past_work ON COMMIT DROP AS
    SELECT nextval('fulfilment_order_id_seq') AS id, w.*,
           w.number || '-F' || row_number() OVER (PARTITION BY w.order_id ORDER BY w.place_id, w.gone) AS name
      FROM (SELECT l.order_id, o.number, s.place_id, g.gone
              FROM line_sheet s
              JOIN order_line l ON l.id = s.holder_id
              JOIN orders o ON o.id = l.order_id
              CROSS JOIN (VALUES (false), (true)) AS g(gone)
             WHERE CASE WHEN g.gone THEN s.shipped + s.delivered ELSE s.released END > 0
             GROUP BY l.order_id, o.number, s.place_id, g.gone) w
"""

WRITE_WORK = """
    INSERT INTO fulfilment_order (id, name, order_id, location_id, state, ship_on, released_at, closed_at)
    SELECT w.id, w.name, w.order_id, w.place_id, CASE WHEN w.gone THEN 'closed' ELSE 'accepted' END,
           r.at::date, r.at, CASE WHEN w.gone THEN coalesce(p.at, r.at) END
      FROM past_work w
      CROSS JOIN LATERAL (SELECT max(e.at) AS at FROM event e WHERE e.order_id = w.order_id AND e.kind = 'order.released') r
      CROSS JOIN LATERAL (SELECT max(e.at) AS at FROM event e WHERE e.order_id = w.order_id AND e.kind = 'order.shipped') p
"""

NAME_LINES = """
    CREATE TEMPORARY TABLE past_line ON COMMIT DROP AS
    SELECT nextval('fulfilment_line_id_seq') AS id, w.id AS work_id, w.order_id, w.place_id, w.gone, s.holder_id AS line_id,
           CASE WHEN w.gone THEN s.shipped + s.delivered ELSE s.released END AS quantity, s.shipped, s.delivered
      FROM past_work w
      JOIN order_line l ON l.order_id = w.order_id
      JOIN line_sheet s ON s.holder_id = l.id AND s.place_id = w.place_id
     WHERE CASE WHEN w.gone THEN s.shipped + s.delivered ELSE s.released END > 0
"""

WRITE_LINES = """
    INSERT INTO fulfilment_line (id, fulfilment_order_id, line_id, quantity)
    SELECT id, work_id, line_id, quantity FROM past_line
"""

NAME_SHIPMENTS = """
    CREATE TEMPORARY TABLE past_shipment ON COMMIT DROP AS
    SELECT nextval('shipment_id_seq') AS id, nextval('event_id_seq') AS event_id, w.id AS work_id, w.order_id, w.number,
           w.place_id, w.name AS work, p.at,
           w.number || '-S' || row_number() OVER (PARTITION BY w.order_id ORDER BY w.place_id) AS name
      FROM past_work w
      CROSS JOIN LATERAL (SELECT coalesce(max(e.at), now()) AS at
                            FROM event e WHERE e.order_id = w.order_id AND e.kind = 'order.shipped') p
     WHERE w.gone
"""

WRITE_SHIPMENTS = """
    INSERT INTO shipment (id, name, order_id, location_id, state, prepared_at, shipped_at)
    SELECT id, name, order_id, place_id, 'shipped', at, at FROM past_shipment
"""

NAME_PACKAGES = """
    CREATE TEMPORARY TABLE past_package ON COMMIT DROP AS
    SELECT nextval('package_id_seq') AS id, s.id AS shipment_id, s.work_id, s.order_id, s.at, d.arrived,
           s.name || '/' || row_number() OVER (PARTITION BY s.id ORDER BY d.arrived) AS name,
           (SELECT max(e.at) FROM event e WHERE e.order_id = s.order_id AND e.kind = 'order.delivered') AS arrived_at
      FROM past_shipment s
      CROSS JOIN (VALUES (false), (true)) AS d(arrived)
     WHERE EXISTS (SELECT FROM past_line l
                    WHERE l.work_id = s.work_id AND CASE WHEN d.arrived THEN l.delivered ELSE l.shipped END > 0)
"""

WRITE_PACKAGES = """
    INSERT INTO package (id, name, shipment_id, stage, stage_at, settled)
    SELECT id, name, shipment_id, CASE WHEN arrived THEN 'delivered' ELSE 'prepared' END,
           CASE WHEN arrived THEN coalesce(arrived_at, at) ELSE at END, CASE WHEN arrived THEN 'delivered' ELSE '' END
      FROM past_package
"""

WRITE_SCANS = """
    INSERT INTO scan (id, carrier, message_id, tracking_number, package_id, stage, happened_at, told_by, received_at)
    SELECT nextval('scan_id_seq'), 'hand', 'past-' || id, '', id, 'delivered', coalesce(arrived_at, at), 'hand',
           coalesce(arrived_at, at)
      FROM past_package WHERE arrived
"""

WRITE_CONTENTS = """
    INSERT INTO package_content (package_id, fulfilment_line_id, line_id, quantity)
    SELECT p.id, l.id, l.line_id, CASE WHEN p.arrived THEN l.delivered ELSE l.shipped END
      FROM past_package p
      JOIN past_line l ON l.work_id = p.work_id
     WHERE CASE WHEN p.arrived THEN l.delivered ELSE l.shipped END > 0
"""

WRITE_EVENTS = """
    INSERT INTO event (id, kind, order_id, place_in_order, actor, facts, at)
    SELECT s.event_id, 'order.shipped', s.order_id,
           (SELECT max(e.place_in_order) FROM event e WHERE e.order_id = s.order_id)
           + row_number() OVER (PARTITION BY s.order_id ORDER BY s.id),
           'system:migration',
           jsonb_build_object('number', s.number, 'shipment', s.name, 'fulfilment_order', s.work, 'location', p.code,
                              'option', NULL, 'units', u.units, 'packages', k.packages), s.at
      FROM past_shipment s
      JOIN location p ON p.id = s.place_id
      CROSS JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object('line', o.position, 'sku', c.code, 'quantity', l.quantity,
                                               'location', p.code) ORDER BY o.position) AS units
             FROM past_line l JOIN order_line o ON o.id = l.line_id JOIN sku c ON c.id = o.sku_id
            WHERE l.work_id = s.work_id) u
      CROSS JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object('package', g.name, 'carrier', '', 'tracking_number', NULL,
                                               'tracking_url', '', 'units', '[]'::jsonb) ORDER BY g.id) AS packages
             FROM past_package g WHERE g.shipment_id = s.id) k
"""

WRITE_SHEETS = """
    INSERT INTO work_sheet (holder_id, place_id, open, shipped)
    SELECT id, place_id, CASE WHEN gone THEN 0 ELSE quantity END, CASE WHEN gone THEN quantity ELSE 0 END FROM past_line
"""

WRITE_ENTRIES = """
    INSERT INTO work_entry (event_id, holder_id, source_place, source, target_place, target, amount)
    SELECT CASE WHEN l.gone THEN (SELECT s.event_id FROM past_shipment s WHERE s.work_id = l.work_id)
                ELSE (SELECT max(e.id) FROM event e WHERE e.order_id = l.order_id AND e.kind = 'order.released') END,
           l.id, l.place_id, m.source, l.place_id, m.target, l.quantity
      FROM past_line l
      JOIN (VALUES (1, 'asked', 'open'), (2, 'open', 'shipped')) AS m(step, source, target) ON m.step = 1 OR l.gone
     ORDER BY l.id, m.step
"""

STEPS = (
    NAME_WORK, WRITE_WORK, NAME_LINES, WRITE_LINES, NAME_SHIPMENTS, WRITE_SHIPMENTS, NAME_PACKAGES, WRITE_PACKAGES,
    WRITE_SCANS, WRITE_CONTENTS, WRITE_EVENTS, WRITE_SHEETS, WRITE_ENTRIES,
)  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
        ('shipping', '0002_under_way'),
    ]

    operations = [migrations.RunSQL(list(STEPS), migrations.RunSQL.noop)]
