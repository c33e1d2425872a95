"""Reserving: the lock under which units are promised.

What is kept for a demand, and what is let go again, are movements between `available` and `reserved` that the flows
build themselves: only they know the demand.  All of them begin here.
"""

from collections.abc import Collection

from django.db import connection

from orderwright.kernel import sql
from orderwright.kernel.sql import Question

Shelves = dict[tuple[int, int], int]  # (SKU, location): units


def lock_shelves(skus: Collection[int]) -> Shelves:
    """Lock the shelves of `skus` and read them."""
    return sql.ask(shelves_locked(skus))


def shelves_locked(skus: Collection[int]) -> Question[Shelves]:
    """What every active location has available of `skus`, locked until the transaction ends.

    Locked in (SKU, location) order here and everywhere, so reservations queue and never deadlock.  Under READ
    COMMITTED a locked row shows its newest amount.  Where nothing ever was, there is no row to lock, and none to sell.
    """
    assert connection.in_atomic_block
    return Question(
        LOCK_SHELVES,
        [sql.ints(sorted(skus))],
        lambda rows: {(sku, location): available for sku, location, available in rows},
    )


# The rows are sorted first and then locked one by one: the lock stands above the sort in the plan.
LOCK_SHELVES = """
    SELECT s.holder_id, s.place_id, s.available
      FROM stock_sheet s
      JOIN location l ON l.id = s.place_id AND l.active
     WHERE s.holder_id = ANY (%s::bigint[])
     ORDER BY s.holder_id, s.place_id
       FOR NO KEY UPDATE OF s
"""
