"""The order in which locks are taken, here and everywhere, so that flows queue and never deadlock:

a reader's place in the log, idempotency keys, orders (by id), stock sheets (by SKU and location), terms of locations,
line sheets, work sheets, tender sheets, and the number series last.  The lock of an order guards all that is its own:
lines, fulfilment orders, shipments, packages, promises.

Should PostgreSQL still have to choose a victim, flows are safe to run again: `again_on_conflict`.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import OperationalError, connection

T = TypeVar("T")

TRIES = 5


def again_on_conflict(work: Callable[[], T]) -> T:
    """Run `work`, a flow with its own transaction, and again where PostgreSQL broke a deadlock by failing it."""
    assert not connection.in_atomic_block
    for tried in range(TRIES):
        try:
            return work()
        except OperationalError as error:
            conflict = isinstance(
                error.__cause__, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure
            )
            if not conflict or tried == TRIES - 1:
                raise
            time.sleep(random.uniform(0.005, 0.02) * 2**tried)
    raise AssertionError("unreachable")
