-- The shop that is measured: the baseline's SKUs, locations and stock, on the books.
INSERT INTO product (code, name) SELECT 'P-' || n, 'Item ' || n FROM generate_series(1, 10000) n;
INSERT INTO sku (code, product_id, name) SELECT 'SKU-' || substr(code, 3), id, name FROM product ORDER BY id;
INSERT INTO price (sku_id, currency, unit_price_micros)
SELECT id, 'EUR', (500 + (substr(code, 5)::int * 37) % 9500) * 10000 FROM sku;
INSERT INTO location (code, name, country, latitude, longitude, rank) VALUES
    ('A', 'Berlin', 'DE', 52.5, 13.4, 1), ('B', 'Paris', 'FR', 48.8, 2.3, 2), ('C', 'Madrid', 'ES', 40.4, -3.7, 3);
INSERT INTO channel (code, name, currency, series, number_prefix) VALUES ('bench', 'Bench', 'EUR', 'bench', 'B');
WITH received AS (
    INSERT INTO event (kind, actor, facts, at) VALUES ('stock.received', 'system:bench', '{}', now()) RETURNING id)
INSERT INTO stock_entry (event_id, holder_id, source_place, source, target_place, target, amount)
SELECT received.id, s.id, l.id, 'supplier', l.id, 'available', 100000000 FROM received, sku s, location l ORDER BY s.id, l.id;
INSERT INTO stock_sheet (holder_id, place_id, available)
SELECT holder_id, target_place, amount FROM stock_entry ORDER BY 1, 2;
ANALYZE;
