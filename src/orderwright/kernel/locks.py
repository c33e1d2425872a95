"""The order in which locks are taken, here and everywhere, so that flows queue and never deadlock:

a reader's place in the log, idempotency keys, orders (by id), stock sheets (by SKU and location), terms of locations,
line sheets, work sheets, tender sheets, and the number series last.  The lock of an order guards all that is its own:
lines, fulfilment orders, shipments, packages, promises.

Should PostgreSQL still have to choose a victim, flows are safe to run again: `again_on_conflict`.  So they are where
two wrote down what only one may: the second sees what the first wrote when it runs again, and refuses it in words.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import IntegrityError, OperationalError, connection

T = TypeVar("T")

TRIES = 5
CONFLICTS = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
)


def again_on_conflict(work: Callable[[], T]) -> T:
    """Run `work`, a flow with its own transaction, and again where it lost to another that ran at the same time."""
    assert not connection.in_atomic_block
    for tried in range(TRIES):
        try:
            return work()
        except (OperationalError, IntegrityError) as error:
            if not isinstance(error.__cause__, CONFLICTS) or tried == TRIES - 1:
                raise
            time.sleep(random.uniform(0.005, 0.02) * 2**tried)
    raise AssertionError("unreachable")
