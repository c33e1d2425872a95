"""Is it up, is it well, how much does it do: /healthz, /readyz and /metrics (Prometheus' text format 0.0.4)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from orderwright.kernel import feed, sql
from orderwright.webhooks.queries import waiting_and_failing

T = TypeVar("T")

ANSWERED: Counter[int] = Counter()  # requests by the status of their answer
THREADS = ThreadPoolExecutor(max_workers=3, thread_name_prefix="front")


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Do something with the database in a thread, outside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, _with_connection, work, *arguments)


def _with_connection(work: Callable[..., T], *arguments: Any) -> T:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


def alive() -> bytes:
    """The process answers."""
    return b'{"status":"up"}'


def ready() -> tuple[int, bytes]:
    """Whether requests can be served: the database answers and its tables are those of this version."""
    try:
        waiting = _migrations_waiting()
        lag = feed.lag_seconds() if not waiting else 0.0
    except DatabaseError:
        return 503, msgspec.json.encode({"status": "no_database"})
    if waiting:
        return 503, msgspec.json.encode({"status": "migrations_waiting", "migrations": waiting})
    return 200, msgspec.json.encode({"status": "ready", "feed_lag_seconds": round(lag, 3)})


def metrics(batches: int, placed: int, streams: int, waiting: int) -> bytes:
    """What Prometheus reads: this process's counts, and the database's where it can be asked."""
    lines: list[str] = []
    _write(lines, "http_requests_total", "counter", "Requests by status.", _by_status())
    _write(lines, "counter_batches_total", "counter", "Batches placed at the counter.", {"": batches})
    _write(lines, "counter_orders_total", "counter", "Orders placed or refused at the counter.", {"": placed})
    _write(lines, "streams", "gauge", "Open streams of the feed.", {"": streams})
    _write(lines, "waiting_requests", "gauge", "Requests in, or waiting for, Django's threads.", {"": waiting})
    try:
        numbers, lag, queue = feed_and_queue()
        deliveries, failing = waiting_and_failing()
        up = 1
    except DatabaseError:
        up = 0
    _write(lines, "database_up", "gauge", "1 while the database answers.", {"": up})
    if up:
        _write(lines, "orders_total", "counter", "Orders ever numbered.", {"": numbers})
        _write(lines, "feed_lag_seconds", "gauge", "Age of the oldest event that cannot be read yet.", {"": lag})
        _write(lines, "queue_jobs", "gauge", "Jobs that wait for the worker.", {"": queue})
        _write(lines, "webhook_deliveries", "gauge", "Events that webhooks are still to tell.", {"": deliveries})
        _write(lines, "webhooks_failing", "gauge", "Webhooks that are paused, or fail.", {"": failing})
    return "".join(lines).encode()


def feed_and_queue() -> tuple[int, float, int]:
    """Orders ever numbered, the feed's lag in seconds, and jobs waiting."""
    numbers = sql.value("SELECT coalesce(sum(last), 0)::bigint FROM number_series")
    waiting = sql.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
    return int(numbers), feed.lag_seconds(), int(waiting)


def _by_status() -> dict[str, int]:
    return {f'{{status="{status}"}}': count for status, count in sorted(ANSWERED.items())}


def _write(lines: list[str], name: str, kind: str, meaning: str, values: Mapping[str, float]) -> None:
    lines.append(f"# HELP orderwright_{name} {meaning}\n# TYPE orderwright_{name} {kind}\n")
    lines.extend(f"orderwright_{name}{labels} {value}\n" for labels, value in values.items())


def _migrations_waiting() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
