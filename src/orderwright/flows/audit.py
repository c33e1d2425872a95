"""Auditing: every check of every room, on one snapshot of the live database.

Rooms above the flows, which follow the log, cannot be imported here: their checks are found by the list of rooms that
Django has.

An audit only reads and locks nothing, so it may run while the shop does.  Its checks are dealt out to a few
connections that all see the same snapshot.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, transaction
from django.utils.module_loading import module_has_submodule

from orderwright.flows import _crossing
from orderwright.inventory.auditing import CHECKS as STOCK_CHECKS
from orderwright.kernel import sql
from orderwright.kernel.auditing import Check
from orderwright.orders.auditing import CHECKS as LINES_CHECKS
from orderwright.payments.auditing import CHECKS as TENDERS_CHECKS


def _of_rooms() -> Iterator[Check]:
    """The checks of all rooms that have some."""
    for room in apps.get_app_configs():
        if room.name.startswith("orderwright.") and module_has_submodule(room.module, "auditing"):
            yield from import_module(f"{room.name}.auditing").__dict__.get("CHECKS", ())


BELOW: tuple[Check, ...] = (*STOCK_CHECKS, *LINES_CHECKS, *TENDERS_CHECKS, *_crossing.CHECKS)
CHECKS: tuple[Check, ...] = (*BELOW, *(check for check in _of_rooms() if check not in BELOW))
EXAMPLES = 5


class Finding(NamedTuple):
    """What a check found: how many things are wrong, the first few of them, and how long it took to look."""

    check: Check
    wrong: int
    examples: list[dict[str, Any]]
    seconds: float


def audit(checks: Sequence[Check] = CHECKS, *, connections: int = 2) -> list[Finding]:
    """Run the checks, and answer what each found, in their order.

    Inside a transaction they run there, one after the other, and see what it sees.
    """
    if connection.in_atomic_block:
        sql.run("SET LOCAL jit = off")
        return [_look(check) for check in checks]
    with transaction.atomic():
        snapshot = _take_snapshot()
        waiting: SimpleQueue[int] = SimpleQueue()
        for index in _longest_first(checks):
            waiting.put(index)
        with ThreadPoolExecutor(connections) as pool:
            work = [pool.submit(_look_at_all, checks, waiting, snapshot) for _ in range(connections)]
        found = {index: finding for share in work for index, finding in share.result().items()}
    return [found[index] for index in range(len(checks))]


def _longest_first(checks: Sequence[Check]) -> list[int]:
    """Long statements join many tables: begun first, they leave no connection idle at the end."""
    return sorted(range(len(checks)), key=lambda index: -len(checks[index].statement))


def _take_snapshot() -> str:
    sql.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return str(sql.value("SELECT pg_export_snapshot()"))


def _look_at_all(checks: Sequence[Check], waiting: "SimpleQueue[int]", snapshot: str) -> dict[int, Finding]:
    """One connection's share of the checks; it is this thread's own, and closed at the end."""
    found: dict[int, Finding] = {}
    try:
        with transaction.atomic():
            sql.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            sql.run(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            for setting in ROOM_TO_WORK:
                sql.run(setting)
            while True:
                try:
                    index = waiting.get_nowait()
                except Empty:
                    return found
                found[index] = _look(checks[index])
    finally:
        connection.close()


# Sheets, entries, lines and events lie in the order of their keys, so at a million orders it takes half the time to
# walk along them side by side than to build hash tables of all of them.  Compiling takes longer than it saves, and
# parallel workers would each add up the same sums.
ROOM_TO_WORK = (
    "SET LOCAL enable_hashagg = off",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL random_page_cost = 1.1",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL max_parallel_workers_per_gather = 0",
    "SET LOCAL jit = off",
    "SET LOCAL statement_timeout = 0",
)


def _look(check: Check) -> Finding:
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(check.statement)
        names = [column.name for column in cursor.description or ()]
        examples = [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(EXAMPLES)]
        wrong = cursor.rowcount
    return Finding(check, wrong, examples, time.monotonic() - begun)
