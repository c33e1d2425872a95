"""Keeping promises: dates move with what happens, and who will be late is told before asking."""

from collections.abc import Sequence

from orderwright.flows.promise_orders import promise_orders
from orderwright.kernel import clock, sql
from orderwright.kernel.feed import Told
from orderwright.kernel.readers import read_on
from orderwright.promises.queueing import who_waits

READER = "promises"

# What changes the dates of an order by itself, and what changes those of all who wait for the same SKUs.
OF_ORDERS = (
    "order.placed", "order.edited", "order.backorder_filled", "order.released", "order.taken_back", "order.shipped",
    "order.delivered",
    "order.sent_again", "order.release_scheduled", "order.release_unscheduled", "fulfilment.rejected",
    "fulfilment.moved", "package.lost", "package.returned", "package.delayed",
)  # fmt: skip
OF_QUEUES = (
    "order.canceled", "order.partly_canceled", "order.edited", "order.prioritized", "order.reallocated",
    "fulfilment.rejected", "fulfilment.recall_accepted",
)  # fmt: skip
OF_SUPPLY = ("stock.expected", "stock.expectation_closed", "stock.expectation_moved", "stock.received", "stock.arrived")
FOR_OTHERS = frozenset({*OF_QUEUES, *OF_SUPPLY})
KINDS = tuple(sorted({*OF_ORDERS, *OF_QUEUES, *OF_SUPPLY}))

WHY = {
    "stock.expectation_moved": "expectation_moved",
    "stock.expectation_closed": "receipt_late",
    "stock.received": "receipt",
    "stock.expected": "receipt",
    "fulfilment.rejected": "rejected",
    "fulfilment.moved": "moved",
    "order.released": "capacity",
    "order.reallocated": "reallocated",
    "order.prioritized": "prioritized",
    "package.delayed": "package_delayed",
}


def follow(portions: int = 20) -> int:
    """Promise what follows from the log, to its end or for so many portions; answers how many events were read."""
    return read_on(READER, promise, kinds=KINDS, portions=portions)


def promise(told: Sequence[Told]) -> int:
    """Promise anew what these events change; answers how many promises are new."""
    own = {one.order_id for one in told if one.order_id is not None}
    why = {one.order_id: WHY[one.kind] for one in told if one.kind in WHY and one.order_id is not None}
    behind = _behind(told)
    return promise_orders(own | behind.keys(), why=behind | why)


def _behind(told: Sequence[Told]) -> dict[int, str]:
    """The orders that wait for the same SKUs as what these events speak of, each with why its days may move.

    A statement for each of the few words for it; what happened last and has a word counts.
    """
    found: dict[int, str] = {}
    whys = [*dict.fromkeys(WHY.get(one.kind, "") for one in reversed(told) if one.kind in FOR_OTHERS)][::-1]
    for why in sorted(whys, key=bool):
        some = [one for one in told if one.kind in FOR_OTHERS and WHY.get(one.kind, "") == why]
        moved = {one.order_id for one in some if one.kind in OF_QUEUES and one.order_id is not None}
        codes = {line["sku"] for one in some if one.kind in OF_SUPPLY for line in one.facts.get("lines", ())}
        if codes or moved:
            found |= dict.fromkeys(who_waits(codes, moved), why)
    return found


def warn_late(limit: int = 200, rounds: int = 10) -> int:
    """Promise anew what cannot be kept any more, with why, before the customer asks; answers how many orders.

    What stands on a shelf and nobody has released, for its order is held or not paid, is the customer's to wait for:
    it gets its new day when it goes on.  Where the order may go on it counts, whatever else of it waits or has left.
    """
    warned, behind = 0, 0
    for _round in range(rounds):
        found = sql.rows(LATE, {"now": clock.now(), "behind": behind, "limit": limit})
        promise_orders([order_id for order_id, _why in found], why=dict(found))
        warned += len(found)
        if len(found) < limit:
            break
        behind = found[-1][0]
    return warned


# By the clock of the location it was to leave from.  Days are compared a day apart first, so that the index helps.
LATE = """
    SELECT p.order_id,
           CASE WHEN bool_or(s.backordered + s.open > 0) THEN 'receipt_late'
                WHEN bool_or(s.reserved + s.released > 0) THEN 'late' ELSE 'carrier' END
      FROM promise p
      JOIN order_line l ON l.order_id = p.order_id AND (l.id = p.line_id OR l.parent_id = p.line_id)
      JOIN line_sheet s ON s.holder_id = l.id
      JOIN order_summary y ON y.order_id = p.order_id
      LEFT JOIN location c ON c.id = p.location_id
     WHERE p.superseded_at IS NULL AND p.came_on IS NULL AND p.order_id > %(behind)s::bigint
       AND p.ship_on < (%(now)s::timestamptz AT TIME ZONE 'UTC')::date + 1
       AND (s.open + s.backordered + s.released > 0
            AND p.ship_on < (%(now)s::timestamptz AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date
            OR s.reserved > 0 AND y.holds = 0
            AND y.total_minor - y.captured_minor + y.refunded_minor <= y.secured_minor
            AND p.ship_on < (%(now)s::timestamptz AT TIME ZONE coalesce(c.time_zone, 'UTC'))::date
            OR s.shipped > 0 AND p.deliver_on < (%(now)s::timestamptz AT TIME ZONE 'UTC')::date)
     GROUP BY p.order_id
     ORDER BY p.order_id
     LIMIT %(limit)s::bigint
"""
