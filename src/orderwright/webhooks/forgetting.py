"""Forgetting what was delivered long ago, attempts and all; what waits is never forgotten, unless nobody is there."""

from datetime import timedelta

from django.db import transaction

from orderwright.kernel import clock, sql

KEPT = timedelta(days=30)
PORTION = 5000


def forget_old_deliveries() -> int:
    """Forget deliveries that were settled and are older than thirty days, and those of deleted endpoints.

    They go in portions of a short transaction each; answers how many went.
    """
    forgotten = 0
    while some := _forget():
        forgotten += some
    return forgotten


@transaction.atomic
def _forget() -> int:
    before = clock.now() - KEPT
    ids = [id_ for (id_,) in sql.rows(OLD, {"before": before, "portion": PORTION})]
    if ids:
        sql.run(FORGET, [sql.ints(ids)])
    return len(ids)


OLD = """
    (SELECT id FROM webhook_delivery
      WHERE written_at < %(before)s::timestamptz AND state <> 'waiting'
      LIMIT %(portion)s::bigint)
    UNION
    (SELECT d.id FROM webhook_endpoint w JOIN webhook_delivery d ON d.endpoint_id = w.id
      WHERE w.state = 'deleted' AND coalesce(d.leased_until, '-infinity') < %(before)s::timestamptz
      LIMIT %(portion)s::bigint)
"""

# What is told again since we looked, waits, and stays.
FORGET = """
    WITH forgotten AS (
        DELETE FROM webhook_delivery d
         USING webhook_endpoint w
         WHERE d.id = ANY (%s::bigint[]) AND w.id = d.endpoint_id AND (d.state <> 'waiting' OR w.state = 'deleted')
        RETURNING d.id)
    DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM forgotten)
"""
