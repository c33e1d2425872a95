-- A million orders that were placed before, one to three lines each, with all their entries: the audit finds nothing.
-- Half of them are paid by invoice and ready, half wait for a bank transfer.
CREATE TEMPORARY TABLE made AS
SELECT nextval('orders_id_seq') AS id, nextval('event_id_seq') AS event_id, nextval('tender_id_seq') AS tender_id, n,
       (SELECT coalesce(max(last), 0) FROM number_series WHERE name = 'bench') + n AS number,
       now() - make_interval(secs => (1000000 - n) * 30) AS placed_at,
       CASE WHEN n % 2 = 0 THEN 'invoice' ELSE 'bank_transfer' END AS method
  FROM generate_series(1::bigint, 1000000) n;
INSERT INTO number_series (name, last) VALUES ('bench', 1000000)
    ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1000000;

INSERT INTO customer (email, name)
SELECT 'm' || n || '@example.com',
       (ARRAY['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Tony', 'Frances', 'Niklaus'])[1 + n % 10]
       || ' ' || (ARRAY['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Perlman', 'Hoare', 'Allen',
                        'Wirth'])[1 + n / 10 % 10]
  FROM generate_series(0, 99999) n;
CREATE TEMPORARY TABLE buyer AS
SELECT id, substr(split_part(email, '@', 1), 2)::int AS n FROM customer WHERE email ~ '^m[0-9]+@example.com$';
CREATE TEMPORARY TABLE made_line AS
SELECT nextval('order_line_id_seq') AS id, m.id AS order_id, m.event_id, position,
       s.id AS sku_id, s.name, 1 + (m.n + position) % 3 AS quantity, p.unit_price_micros,
       (1 + (m.n + position) % 3) * p.unit_price_micros / 10000 AS total_minor, 1 + (m.n + position) % 3 AS place
  FROM made m
 CROSS JOIN LATERAL generate_series(1, 1 + m.n % 3) position
  JOIN sku s ON s.code = 'SKU-' || (1 + (m.n * 7919 + position * 104729) % 10000)
  JOIN price p ON p.sku_id = s.id AND p.currency = 'EUR';
UPDATE made_line SET place = l.id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM location) l WHERE l.n = place;
ANALYZE made; ANALYZE made_line; ANALYZE buyer;

CREATE TEMPORARY TABLE made_order AS
SELECT m.*, b.id AS customer_id, l.total_minor, l.units
  FROM made m
  JOIN buyer b ON b.n = m.n * 31 % 100000
  JOIN (SELECT order_id, sum(total_minor)::bigint AS total_minor, sum(quantity) AS units FROM made_line GROUP BY 1) l
    ON l.order_id = m.id;

INSERT INTO orders (id, number, channel_id, customer_id, currency, when_short, placed_at)
SELECT id, 'B' || number, (SELECT id FROM channel WHERE code = 'bench'), customer_id, 'EUR', 'refuse', placed_at
  FROM made_order ORDER BY 1;
INSERT INTO order_line (id, order_id, position, sku_id, name, quantity, unit_price_micros, total_minor)
SELECT id, order_id, position, sku_id, name, quantity, unit_price_micros, total_minor FROM made_line ORDER BY id;
INSERT INTO line_sheet (holder_id, place_id, reserved) SELECT id, place, quantity FROM made_line ORDER BY id;
INSERT INTO line_entry (event_id, holder_id, source_place, source, target_place, target, amount)
SELECT event_id, id, 0, 'asked', place, 'reserved', quantity FROM made_line ORDER BY id;
INSERT INTO stock_entry (event_id, holder_id, source_place, source, target_place, target, amount)
SELECT event_id, sku_id, place, 'available', place, 'reserved', quantity FROM made_line ORDER BY sku_id;
UPDATE stock_sheet s SET available = s.available - m.units, reserved = s.reserved + m.units
  FROM (SELECT sku_id, place, sum(quantity) AS units FROM made_line GROUP BY 1, 2) m
 WHERE s.holder_id = m.sku_id AND s.place_id = m.place;
INSERT INTO tender (id, order_id, method, amount_minor, currency)
SELECT tender_id, id, method, total_minor, 'EUR' FROM made_order ORDER BY 1;
INSERT INTO tender_sheet (holder_id, place_id, awaited) SELECT tender_id, 0, total_minor FROM made_order ORDER BY 1;
INSERT INTO tender_entry (event_id, holder_id, source_place, source, target_place, target, amount)
SELECT event_id, tender_id, 0, 'payer', 0, 'awaited', total_minor FROM made_order ORDER BY 1;
INSERT INTO event (id, kind, order_id, place_in_order, actor, facts, at)
SELECT event_id, 'order.placed', id, 1, 'system:bench',
       jsonb_build_object('number', 'B' || number, 'channel', 'bench', 'currency', 'EUR',
                          'total', (total_minor / 100.0)::numeric(18, 2)::text),
       placed_at
  FROM made_order ORDER BY 1;
INSERT INTO order_summary (order_id, customer_id, channel_id, placed_at, status, fulfilment, payment, total_minor,
                           secured_minor, units)
SELECT id, customer_id, (SELECT id FROM channel WHERE code = 'bench'), placed_at,
       CASE method WHEN 'invoice' THEN 'ready' ELSE 'unpaid' END, 'ready',
       CASE method WHEN 'invoice' THEN 'secured' ELSE 'unpaid' END, total_minor,
       CASE method WHEN 'invoice' THEN total_minor ELSE 0 END, units
  FROM made_order ORDER BY 1;
DROP TABLE made_order, made_line, made, buyer;
VACUUM ANALYZE;
