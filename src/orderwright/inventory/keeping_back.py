"""Keeping back: how many units of a SKU are not sold, at a location or of all, to a channel or to anyone."""

from collections.abc import Sequence

from django.db import transaction

from orderwright.inventory.availability import SafetyRow
from orderwright.inventory.naming import name_channels, name_skus_and_locations
from orderwright.inventory.units import check_count, check_once, check_quantity
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.events import Happening, record


@transaction.atomic
def keep_back(rows: Sequence[SafetyRow], *, actor: Actor) -> int:
    """Write these rows of safety stock, in place of those that were there; 0 takes one away.  Answers the event."""
    check_count(rows)
    check_once((row[:3] for row in rows), field="lines")
    for row in rows:
        check_quantity(row.quantity, least=0)
    skus = {row.sku for row in rows}
    locations = {row.location for row in rows if row.location is not None}
    names = name_skus_and_locations(skus, locations)
    channels = name_channels({row.channel for row in rows if row.channel is not None})
    ordered = sorted(rows, key=lambda row: (row.sku, row.location or 0, row.channel or 0))
    sql.run(
        WRITE,
        [
            sql.ints(row.sku for row in ordered),
            sql.ints(row.location for row in ordered),
            sql.ints(row.channel for row in ordered),
            sql.ints(row.quantity for row in ordered),
        ],
    )
    sql.run(CLEAR, [sql.ints(sorted(skus))])
    lines = [
        {
            "sku": names.skus[row.sku],
            "location": names.locations[row.location] if row.location is not None else None,
            "channel": channels[row.channel] if row.channel is not None else None,
            "quantity": row.quantity,
        }
        for row in rows
    ]
    return record([Happening("stock.safety_set", actor, {"lines": lines})])[0]


WRITE = """
    INSERT INTO safety_stock (sku_id, location_id, channel_id, quantity)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        ON CONFLICT (sku_id, location_id, channel_id) DO UPDATE SET quantity = excluded.quantity
"""

CLEAR = "DELETE FROM safety_stock WHERE sku_id = ANY (%s::bigint[]) AND quantity = 0"
