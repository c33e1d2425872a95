"""Units that wait for stock."""

from collections.abc import Collection

from orderwright.kernel import sql


def lock_waiting(skus: Collection[int]) -> dict[int, int]:
    """How many units of each of these SKUs are on backorder, with the SKUs locked so that none joins meanwhile.

    For SKUs whose backorders are limited.  To be called after the stock sheets are locked.
    """
    ordered = sql.ints(sorted(skus))
    sql.run(LOCK_SKUS, [ordered])
    return dict(sql.rows(WAITING, [ordered]))


LOCK_SKUS = "SELECT id FROM sku WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"

WAITING = """
    SELECT l.sku_id, sum(s.backordered)::bigint
      FROM line_sheet s JOIN order_line l ON l.id = s.holder_id
     WHERE s.backordered > 0 AND l.sku_id = ANY (%s::bigint[])
     GROUP BY l.sku_id
"""
