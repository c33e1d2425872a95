"""Claiming: who may take an order over, and the addresses that go with it."""

from collections.abc import Collection, Sequence

from django.db import connection

from orderwright.kernel import sql


def standing(customer_ids: Collection[int]) -> set[int]:
    """Those of these customers who are not forgotten, and will not be before the transaction ends."""
    assert connection.in_atomic_block
    return {row[0] for row in sql.rows(STANDING, [sql.ints(sorted(set(customer_ids)))])}


STANDING = """
    SELECT id FROM customer WHERE id = ANY (%s::bigint[]) AND forgotten_at IS NULL ORDER BY id FOR KEY SHARE
"""


def give_addresses(rows: Sequence[tuple[int, int]]) -> None:
    """Have addresses belong to these customers (address, customer): they are forgotten with them from now on."""
    if rows:
        addresses, customers = zip(*rows, strict=True)
        sql.run(GIVE, [sql.ints(addresses), sql.ints(customers)])


GIVE = """
    UPDATE address a SET customer_id = w.customer
      FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, customer)
     WHERE a.id = w.id
"""
