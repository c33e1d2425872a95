"""History: why is on-hand 47?  Every movement of a SKU, newest first, with the balance that it left behind."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from orderwright.inventory.book import ON_HAND
from orderwright.kernel import sql

NEWEST = 2**63 - 1


class Moved(NamedTuple):
    """A movement, as a person reads it."""

    entry: int
    event: int
    kind: str
    actor: str
    at: datetime | None  # of the event; None where the audit would find that it is missing
    order_id: int | None  # a plain id: inventory does not know orders
    reason: str
    reference: str
    sku: int
    source: str  # bucket, and where it is
    source_place: int
    target: str
    target_place: int
    quantity: int
    change: int  # of what is on hand: zero where a unit only changes its bucket
    on_hand: int  # after it
    paper: int | None  # the transfer or the count that it belongs to


@transaction.atomic
def history(sku: int, *, location: int | None = None, before: int = NEWEST, limit: int = 100) -> list[Moved]:
    """The movements of a SKU, at one location or at all, that are older than entry `before`; newest first.

    Balances are counted back from what is on hand now, so the oldest one begins from nothing: what is on hand is
    the sum of what is told here.  `change` and `on_hand` are those of the location, where one is named.
    """
    parameters: dict[str, Any] = {
        "sku": sku,
        "location": location,
        "before": before,
        "limit": limit,
        "shelf": sql.texts(ON_HAND),
    }
    return [Moved(*row) for row in sql.rows(HISTORY, parameters)]


# What an entry did to what is on hand: of the location, where one is named.
CHANGE = """
    (CASE WHEN e.target = ANY (%(shelf)s::text[]) AND (%(location)s::bigint IS NULL OR e.target_place = %(location)s)
          THEN e.amount ELSE 0 END
   - CASE WHEN e.source = ANY (%(shelf)s::text[]) AND (%(location)s::bigint IS NULL OR e.source_place = %(location)s)
          THEN e.amount ELSE 0 END)
"""

OF_SHELF = """
    e.holder_id = %(sku)s::bigint AND (%(location)s::bigint IS NULL OR %(location)s IN (e.source_place, e.target_place))
"""

# One statement, so that sheets and entries are read in one snapshot.  `older` is the page; from the balance of `now`
# all that is newer than the page is taken back, which costs the first page nothing.  Reasons are facts of the event.
HISTORY = f"""
    WITH older AS (
        SELECT e.*, {CHANGE} AS change
          FROM stock_entry e
         WHERE {OF_SHELF} AND e.id < %(before)s::bigint
         ORDER BY e.id DESC
         LIMIT %(limit)s::bigint
    ), newer AS (
        SELECT coalesce(sum({CHANGE}), 0) AS change FROM stock_entry e WHERE {OF_SHELF} AND e.id >= %(before)s::bigint
    ), now AS (
        SELECT coalesce(sum(available + reserved + damaged + quality_control), 0) AS on_hand
          FROM stock_sheet
         WHERE holder_id = %(sku)s::bigint AND (%(location)s::bigint IS NULL OR place_id = %(location)s)
    )
    SELECT o.id, o.event_id, coalesce(v.kind, ''), coalesce(v.actor, ''), v.at, v.order_id,
           coalesce(v.facts ->> 'reason', ''), coalesce(v.facts ->> 'reference', ''),
           o.holder_id, o.source, o.source_place, o.target, o.target_place, o.amount, o.change::bigint,
           (now.on_hand - newer.change - sum(o.change) OVER (ORDER BY o.id DESC) + o.change)::bigint,
           coalesce(v.facts ->> 'transfer', v.facts ->> 'count')::bigint
      FROM older o
     CROSS JOIN newer
     CROSS JOIN now
      LEFT JOIN event v ON v.id = o.event_id
     ORDER BY o.id DESC
"""
