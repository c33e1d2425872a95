"""What must be true between rooms: stock and order lines, money and orders, events and everything."""

from itertools import product

from orderwright.kernel.auditing import Check
from orderwright.orders import status
from orderwright.orders.models import LINE_BUCKETS
from orderwright.payments.methods import TRUSTED

IN_WORDS = [bucket for bucket in LINE_BUCKETS if bucket != "canceled"]


def _fulfilment_words() -> str:
    """The fulfilment status for every set of buckets that can have units, as an array: bit 0 is the first bucket."""
    words = []
    for bits in product((0, 1), repeat=len(IN_WORDS)):
        words.append(status.fulfilment(dict(zip(IN_WORDS, reversed(bits), strict=True))).value)
    return "ARRAY[" + ", ".join(f"'{word}'" for word in words) + "]"


def _mask(sheet: str) -> str:
    """Which buckets of a sheet have units, as the bits of a number."""
    return " | ".join(f"(({sheet}.{bucket} > 0)::int << {place})" for place, bucket in enumerate(IN_WORDS))


# A unit is promised to a line exactly as long as the shelf keeps it.
RESERVED_FOR_SOMEONE = """
    SELECT sku.code AS sku, location.code AS location, coalesce(s.units, 0) AS stock_reserved,
           coalesce(l.units, 0) AS lines_reserved
      FROM (SELECT holder_id AS sku_id, place_id, reserved AS units FROM stock_sheet WHERE reserved > 0) s
      FULL JOIN (SELECT ol.sku_id, ls.place_id, sum(ls.reserved + ls.released)::bigint AS units
                   FROM line_sheet ls JOIN order_line ol ON ol.id = ls.holder_id
                  WHERE ls.reserved + ls.released > 0
                  GROUP BY 1, 2) l USING (sku_id, place_id)
      LEFT JOIN sku ON sku.id = sku_id
      LEFT JOIN location ON location.id = place_id
     WHERE s.units IS DISTINCT FROM l.units
"""

SHIPPED_FROM_STOCK = """
    SELECT sku.code AS sku, location.code AS location, coalesce(s.units, 0) AS stock_shipped,
           coalesce(l.units, 0) AS lines_shipped
      FROM (SELECT holder_id AS sku_id, source_place AS place_id, sum(amount)::bigint AS units FROM stock_entry
             WHERE source = 'reserved' AND target = 'customer' GROUP BY 1, 2) s
      FULL JOIN (SELECT ol.sku_id, le.source_place AS place_id, sum(le.amount)::bigint AS units
                   FROM line_entry le JOIN order_line ol ON ol.id = le.holder_id
                  WHERE le.target = 'shipped' GROUP BY 1, 2) l USING (sku_id, place_id)
      LEFT JOIN sku ON sku.id = sku_id
      LEFT JOIN location ON location.id = place_id
     WHERE s.units IS DISTINCT FROM l.units
"""

# What is being captured or voided is still set aside; what is being given back is still spent.
CREDIT_ON_TENDERS = """
    SELECT coalesce(c.account, t.account) AS account, coalesce(c.held, 0) AS held, coalesce(t.held, 0) AS authorized,
           coalesce(c.spent, 0) AS spent, coalesce(t.spent, 0) AS captured
      FROM (SELECT 'credit-' || holder_id AS account, held, spent FROM credit_sheet WHERE held + spent > 0) c
      FULL JOIN (SELECT t.reference AS account, sum(s.authorized + s.capturing + s.voiding)::bigint AS held,
                        sum(s.captured + s.refunding)::bigint AS spent
                   FROM tender t
                   JOIN tender_sheet s ON s.holder_id = t.id
                  WHERE t.method IN ('gift_card', 'store_credit') AND t.reference <> ''
                  GROUP BY t.reference
                 HAVING sum(s.authorized + s.capturing + s.voiding + s.captured + s.refunding) > 0) t USING (account)
     WHERE c.held IS DISTINCT FROM t.held OR c.spent IS DISTINCT FROM t.spent
"""

# Both sides are added up here anew: lines and adjustments, tenders, units, holds, and the words that follow from them.
SUMMARY_EQUALS_REBUILD = f"""
    WITH lines AS (
        SELECT order_id, sum(total_minor)::bigint AS total FROM order_line GROUP BY order_id
    ), adjustments AS (
        SELECT order_id, sum(amount_minor)::bigint AS total FROM order_adjustment WHERE NOT included GROUP BY order_id
    ), units AS (
        SELECT l.order_id, sum({" + ".join(f"s.{bucket}" for bucket in IN_WORDS)})::bigint AS units,
               bit_or({_mask("s")}) AS mask
          FROM line_sheet s JOIN order_line l ON l.id = s.holder_id GROUP BY l.order_id
    ), money AS (
        SELECT t.order_id, sum(s.captured + s.refunding + s.refunded)::bigint AS captured,
               sum(s.refunded)::bigint AS refunded,
               sum(s.authorized + s.capturing
                   + CASE WHEN t.method IN ({", ".join(f"'{method}'" for method in TRUSTED)}) THEN s.awaited ELSE 0 END
               )::bigint AS secured,
               sum(s.authorizing)::bigint AS pending
          FROM tender t JOIN tender_sheet s ON s.holder_id = t.id GROUP BY t.order_id
    ), holds AS (
        SELECT order_id, count(*)::int AS standing FROM order_hold WHERE lifted_at IS NULL GROUP BY order_id
    ), figures AS (
        SELECT o.id, o.number, o.customer_id, o.channel_id, o.placed_at,
               coalesce(l.total, 0) + coalesce(a.total, 0) AS total,
               coalesce(m.captured, 0) AS captured, coalesce(m.refunded, 0) AS refunded,
               coalesce(m.secured, 0) AS secured, coalesce(m.pending, 0) AS pending,
               coalesce(u.units, 0) AS units, coalesce(h.standing, 0) AS holds,
               ({_fulfilment_words()})[1 + coalesce(u.mask, 0)] AS fulfilment
          FROM orders o
          LEFT JOIN lines l ON l.order_id = o.id
          LEFT JOIN adjustments a ON a.order_id = o.id
          LEFT JOIN units u ON u.order_id = o.id
          LEFT JOIN money m ON m.order_id = o.id
          LEFT JOIN holds h ON h.order_id = o.id
    ), owed AS (
        SELECT *, total - captured + refunded AS owed FROM figures
    ), words AS (
        SELECT *,
               CASE WHEN refunded > 0 AND refunded >= captured THEN 'refunded'
                    WHEN owed < 0 THEN 'overpaid'
                    WHEN refunded > 0 AND owed = 0 THEN 'partly_refunded'
                    WHEN owed = 0 AND captured > 0 THEN 'paid'
                    WHEN owed = 0 THEN 'nothing_due'
                    WHEN owed <= secured THEN 'secured'
                    WHEN owed <= secured + pending THEN 'pending'
                    WHEN captured > refunded THEN 'partly_paid'
                    ELSE 'unpaid' END AS payment,
               CASE WHEN fulfilment IN ('shipped', 'delivered', 'returned', 'canceled') THEN fulfilment
                    WHEN holds > 0 THEN 'on_hold'
                    WHEN fulfilment = 'partly_shipped' THEN fulfilment
                    WHEN owed > secured THEN 'unpaid'
                    WHEN fulfilment = 'waiting' THEN 'backordered'
                    ELSE fulfilment END AS status
          FROM owed
    )
    SELECT w.number AS order, to_jsonb(s) - 'order_id' AS summary,
           jsonb_build_object('status', w.status, 'fulfilment', w.fulfilment, 'payment', w.payment,
                              'total', w.total, 'captured', w.captured, 'refunded', w.refunded, 'secured', w.secured,
                              'owed', w.owed, 'units', w.units, 'holds', w.holds) AS rebuilt
      FROM words w
      LEFT JOIN order_summary s ON s.order_id = w.id
     WHERE (s.status, s.fulfilment, s.payment, s.total_minor, s.captured_minor, s.refunded_minor, s.secured_minor,
            s.units, s.holds, s.customer_id, s.channel_id, s.placed_at)
           IS DISTINCT FROM
           (w.status, w.fulfilment, w.payment, w.total, w.captured, w.refunded, w.secured,
            w.units, w.holds, w.customer_id, w.channel_id, w.placed_at)
"""

# What the buyer was told is what the order comes to, but for what edits changed, and what was canceled and let off
# since.  (That the summary knows what the order comes to is another check.)  What an edit took back is in what it
# changed, and among the cancellations too.
RECEIPT_TELLS_THE_TOTAL = """
    SELECT (SELECT number FROM orders WHERE id = e.order_id) AS order, e.facts ->> 'total' AS told,
           s.total_minor, c.canceled AS canceled_minor, d.let_off AS let_off_minor, x.changed AS edited_minor
      FROM event e
      JOIN order_summary s ON s.order_id = e.order_id
      LEFT JOIN (SELECT order_id, sum(amount_minor)::bigint AS canceled FROM order_adjustment
                  WHERE kind = 'cancellation' AND NOT included GROUP BY order_id) c ON c.order_id = e.order_id
      LEFT JOIN (SELECT order_id, sum((facts ->> 'amount_minor')::bigint)::bigint AS let_off FROM event
                  WHERE kind = 'order.discounted' GROUP BY order_id) d ON d.order_id = e.order_id
      LEFT JOIN (SELECT order_id, sum(replace(facts ->> 'total', '.', '')::bigint
                                      - replace(facts ->> 'total_before', '.', '')::bigint
                                      + replace(facts ->> 'taken_back', '.', '')::bigint)::bigint AS changed
                   FROM event WHERE kind = 'order.edited' GROUP BY order_id) x ON x.order_id = e.order_id
     WHERE e.kind = 'order.placed'
       AND replace(e.facts ->> 'total', '.', '')::bigint
           <> s.total_minor - coalesce(c.canceled, 0) + coalesce(d.let_off, 0) - coalesce(x.changed, 0)
"""

ENTRIES_OF_THE_ORDER = """
    SELECT (SELECT number FROM orders WHERE id = h.order_id) AS order, e.id AS entry, e.event_id AS event,
           v.order_id AS event_order_id
      FROM {entries} e
      JOIN {holders} h ON h.id = e.holder_id
      JOIN event v ON v.id = e.event_id
     WHERE v.order_id IS DISTINCT FROM h.order_id
"""

ORDERS_BEGIN_WITH_PLACED = """
    SELECT o.number AS order, 'no order.placed at the start' AS wrong
      FROM orders o
     WHERE NOT EXISTS (SELECT FROM event e WHERE e.order_id = o.id AND e.place_in_order = 1 AND e.kind = 'order.placed')
     UNION ALL
    SELECT coalesce(o.number, e.order_id::text), 'order.placed again, or without an order: event ' || e.id
      FROM event e LEFT JOIN orders o ON o.id = e.order_id
     WHERE e.kind = 'order.placed' AND (e.place_in_order IS DISTINCT FROM 1 OR o.id IS NULL)
"""

EVENTS_ARE_COUNTED = """
    SELECT coalesce(o.number, 'no such order: ' || e.order_id) AS order, e.events, e.last_place
      FROM (SELECT order_id, count(*) AS events, max(place_in_order) AS last_place, min(place_in_order) AS first_place
              FROM event WHERE order_id IS NOT NULL GROUP BY order_id) e
      LEFT JOIN orders o ON o.id = e.order_id
     WHERE o.id IS NULL OR e.first_place <> 1 OR e.last_place <> e.events
"""

HOLDS_HAVE_EVENTS = """
    SELECT o.number AS order, h.id AS hold, h.reason, h.placed_at, h.lifted_at
      FROM order_hold h
      JOIN orders o ON o.id = h.order_id
     WHERE NOT EXISTS (SELECT FROM event e WHERE e.order_id = h.order_id AND e.kind = 'order.held'
                          AND e.facts ->> 'hold' = h.id::text)
        OR (h.lifted_at IS NOT NULL)
           <> EXISTS (SELECT FROM event e WHERE e.order_id = h.order_id AND e.kind = 'order.hold_lifted'
                         AND e.facts ->> 'hold' = h.id::text)
"""

FEED_CAN_BE_READ = """
    SELECT id AS event, epoch, xact, 'lies ahead of every transaction: readers would wait for ever' AS wrong
      FROM event
     WHERE epoch = (SELECT max(epoch) FROM event)
       AND xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
       AND xact <> coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0)
     UNION ALL
    SELECT id, epoch, xact, 'lies before the start of the feed' FROM event WHERE epoch < 1 OR xact < 1
"""

READERS_STAND_IN_THE_FEED = """
    SELECT p.reader, p.cursor
      FROM reader_position p
     WHERE p.cursor <> ''
       AND NOT EXISTS (SELECT FROM event e
                        WHERE p.cursor ~ '^\\d+\\.\\d+\\.\\d+$'
                          AND (e.epoch, e.xact, e.id) = (split_part(p.cursor, '.', 1)::smallint,
                                                         split_part(p.cursor, '.', 2)::bigint,
                                                         split_part(p.cursor, '.', 3)::bigint))
"""

# A number is its channel's prefix and a whole number; a prefix may have been changed since.
NUMBERS_HAVE_NO_GAPS = """
    SELECT coalesce(n.series, s.name) AS series, s.last, n.orders, n.different, n.lowest, n.highest
      FROM (SELECT series, sum(orders)::bigint AS orders, count(*) AS different, min(number) AS lowest,
                   max(number) AS highest
              FROM (SELECT c.series, n.number, count(*) AS orders
                      FROM orders o
                      JOIN channel c ON c.id = o.channel_id
                     CROSS JOIN LATERAL (SELECT CASE WHEN starts_with(o.number, c.number_prefix)
                                                      AND substr(o.number, 1 + length(c.number_prefix)) ~ '^\\d{1,18}$'
                                                     THEN substr(o.number, 1 + length(c.number_prefix))::bigint
                                                     ELSE substring(o.number FROM '\\d{1,18}$')::bigint END AS number) n
                     GROUP BY c.series, n.number) one
             GROUP BY series) n
      FULL JOIN (SELECT name, last FROM number_series WHERE name IN (SELECT series FROM channel)) s ON s.name = n.series
     WHERE coalesce(s.last, 0) <> coalesce(n.orders, 0)
        OR n.orders <> n.different OR n.lowest <> 1 OR n.highest <> n.orders
"""

# Under the key of a placed order stands the event that has its receipt; other answers may name an order's number.
ANSWERS_NAME_ORDERS = """
    SELECT a.client_id AS client, a.key, a.answer
      FROM (SELECT client_id, key, answer, rtrim(substr(answer, 10), '} ') AS event_id
              FROM remembered_answer WHERE status = 201 AND answer LIKE '{"event":%') a
     WHERE NOT EXISTS (SELECT FROM event e
                        WHERE e.kind = 'order.placed'
                          AND e.id = CASE WHEN ltrim(a.event_id, '0123456789') = '' THEN a.event_id::bigint END)
"""

# Projections have no foreign keys, for each placed order would pay for their checks.
PROJECTIONS_ARE_SOMEONES = """
    SELECT 'line_sheet' AS projection, s.holder_id AS of
      FROM line_sheet s LEFT JOIN order_line l ON l.id = s.holder_id WHERE l.id IS NULL
     UNION ALL
    SELECT 'tender_sheet', s.holder_id FROM tender_sheet s LEFT JOIN tender t ON t.id = s.holder_id WHERE t.id IS NULL
     UNION ALL
    SELECT 'order_summary', s.order_id FROM order_summary s LEFT JOIN orders o ON o.id = s.order_id WHERE o.id IS NULL
"""

CHECKS = (
    Check(
        "projections_are_someones",
        "Every sheet belongs to a line or a tender that exists, and every summary to an order.",
        PROJECTIONS_ARE_SOMEONES,
    ),
    Check(
        "reserved_units_are_someones",
        "Every unit that a shelf keeps is promised to a line there, and the other way round.",
        RESERVED_FOR_SOMEONE,
    ),
    Check(
        "shipped_units_left_the_stock",
        "Every unit that a line has shipped left the stock of that place, and the other way round.",
        SHIPPED_FROM_STOCK,
    ),
    Check(
        "credit_is_on_tenders",
        "Credit that is set aside or spent is authorized or captured on orders, and the other way round.",
        CREDIT_ON_TENDERS,
    ),
    Check(
        "summaries_equal_rebuild",
        "Every order's summary says what its books say: total = captured - refunded + owed, units, holds and status.",
        SUMMARY_EQUALS_REBUILD,
    ),
    Check(
        "receipts_tell_the_total",
        "Every order comes to what its buyer was told, but for what was edited, canceled or let off since.",
        RECEIPT_TELLS_THE_TOTAL,
    ),
    Check(
        "line_entries_belong_to_their_order",
        "Every movement of an order's units is told by an event of that order.",
        ENTRIES_OF_THE_ORDER.format(entries="line_entry", holders="order_line"),
    ),
    Check(
        "tender_entries_belong_to_their_order",
        "Every movement of an order's money is told by an event of that order.",
        ENTRIES_OF_THE_ORDER.format(entries="tender_entry", holders="tender"),
    ),
    Check(
        "orders_begin_with_placed",
        "Every order has one order.placed, and it is its first event.",
        ORDERS_BEGIN_WITH_PLACED,
    ),
    Check(
        "events_of_an_order_are_counted",
        "The events of every order are counted 1, 2, 3 without a gap, and every one names an order that exists.",
        EVENTS_ARE_COUNTED,
    ),
    Check(
        "holds_have_events",
        "Every hold is told by the event that placed it, and by one that lifted it if it is lifted.",
        HOLDS_HAVE_EVENTS,
    ),
    Check("feed_can_be_read", "Every event lies where readers of the feed come by.", FEED_CAN_BE_READ),
    Check(
        "readers_stand_in_the_feed",
        "Every reader of ours stands behind an event that exists.",
        READERS_STAND_IN_THE_FEED,
    ),
    Check(
        "order_numbers_have_no_gaps",
        "The order numbers of every series are 1, 2, 3 to the last one given out.",
        NUMBERS_HAVE_NO_GAPS,
    ),
    Check(
        "remembered_answers_name_orders",
        "Every remembered 201 of a placed order leads to that order.",
        ANSWERS_NAME_ORDERS,
    ),
)
