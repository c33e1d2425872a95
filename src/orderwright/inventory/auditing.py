"""Auditing: what must always be true of stock, as queries that find where it is not."""

from orderwright.inventory.book import STOCK
from orderwright.kernel.auditing import Check, of_book

CHECKS: tuple[Check, ...] = (
    *of_book(STOCK),
    Check(
        "kits_have_no_stock",
        "Nothing stands on a shelf as a kit: its parts do.",
        """
        SELECT s.code AS sku, t.place_id AS location
          FROM stock_sheet t
          JOIN sku s ON s.id = t.holder_id AND s.is_kit
         WHERE t.available + t.reserved + t.damaged + t.quality_control + t.in_transit > 0
        """,
    ),
    Check(
        "stock_changes_location_only_in_transfers",
        "Units change their location only by being sent.",
        """
        SELECT e.id AS entry, e.holder_id AS sku, e.source, e.source_place, e.target, e.target_place
          FROM stock_entry e
         WHERE e.source_place <> e.target_place AND e.target <> 'in_transit'
        """,
    ),
    Check(
        "stock_in_transit_is_expected",
        "What is in transit to a location is what its open transfers still expect.",
        """
        SELECT coalesce(s.holder_id, e.sku_id) AS sku, coalesce(s.place_id, e.location_id) AS location,
               s.in_transit, e.expected
          FROM (SELECT holder_id, place_id, in_transit FROM stock_sheet WHERE in_transit > 0) s
          FULL JOIN (SELECT sku_id, location_id, sum(quantity - received - lost) AS expected
                       FROM expectation WHERE transfer_id IS NOT NULL
                      GROUP BY sku_id, location_id HAVING sum(quantity - received - lost) > 0) e
            ON e.sku_id = s.holder_id AND e.location_id = s.place_id
         WHERE s.in_transit IS DISTINCT FROM e.expected
        """,
    ),
    Check(
        "transfers_close_when_all_came",
        "A line of a transfer is closed when nothing of it is on its way, and the transfer with its last line.",
        """
        SELECT e.transfer_id AS transfer, e.id AS expectation
          FROM expectation e
          JOIN transfer t ON t.id = e.transfer_id
         WHERE (e.closed_at IS NOT NULL) <> (e.quantity = e.received + e.lost)
            OR (t.closed_at IS NOT NULL AND e.closed_at IS NULL)
            OR (t.closed_at IS NULL
                AND NOT EXISTS (SELECT FROM expectation o WHERE o.transfer_id = t.id AND o.closed_at IS NULL))
        """,
    ),
)
