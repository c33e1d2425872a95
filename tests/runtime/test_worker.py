"""The worker: the queue is emptied, the timetable kept, and what a dead worker left is done again."""

import asyncio
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from orderwright.jobs.housekeeping import forget_old_answers, forget_old_jobs, retry_stalled_jobs
from orderwright.jobs.schedule import SCHEDULE
from orderwright.jobs.worker import schedule_on, work
from orderwright.kernel import sql

pytestmark = pytest.mark.django_db(transaction=True)

STALL = """
    WITH worker AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)
    SELECT 'timetable', 'timetable.forget_old_jobs', 'doing', id FROM worker
"""

STALL_WITH_NEXT = """
    WITH worker AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '61 seconds') RETURNING id
    ), next AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock)
        SELECT 'timetable', name, 'todo', name, name FROM unnest(%s::text[]) AS n(name)
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock, worker_id)
    SELECT 'timetable', name, 'doing', name, name, worker.id FROM worker, unnest(%s::text[]) AS n(name)
"""

FAILED = """
    WITH job AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('any', %s, 'failed') RETURNING id
    )
    INSERT INTO procrastinate_events (job_id, type, at) SELECT id, 'failed', now() - make_interval(days => %s) FROM job
"""

ANSWERED = """
    INSERT INTO remembered_answer (client_id, key, fingerprint, status, answer, answered_at)
    VALUES (1, %s, '', 201, '{}', now() - make_interval(secs => %s))
"""


def a_failed_job(name: str, days_ago: int) -> None:
    sql.run(FAILED, [name, days_ago])


@pytest.fixture(autouse=True)
def _empty_queue() -> Iterator[None]:
    """The queue's tables are not emptied with the shop's."""
    sql.run("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    yield
    sql.run("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def test_worker_runs_what_was_deferred_and_forgets_what_went_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # the worker's threads end with it here
    a_failed_job("of the month before last", days_ago=32)
    schedule_on(app)
    app.tasks["timetable.forget_old_jobs"].defer(timestamp=0)

    asyncio.run(work(app, wait=False))

    left = ProcrastinateJob.objects.values_list("task_name", flat=True)
    assert {"of the month before last", "timetable.forget_old_jobs"}.isdisjoint(left)


def test_every_row_of_the_timetable_is_planned_once_however_often_it_is_read() -> None:
    schedule_on(app)
    schedule_on(app)

    planned = [task.task.name for task in app.periodic_registry.periodic_tasks.values()]
    assert sorted(name for name in planned if name.startswith("timetable.")) == sorted(
        f"timetable.{row.name}" for row in SCHEDULE
    )


def test_job_of_a_worker_that_died_is_queued_again() -> None:
    sql.run(STALL, [61])

    assert retry_stalled_jobs() == 1

    assert ProcrastinateJob.objects.get().status == "todo"
    assert retry_stalled_jobs() == 0


def test_jobs_whose_next_run_waits_make_way_for_it() -> None:
    waiting = ["timetable.ask_carriers", "timetable.send_letters"]
    sql.run(STALL_WITH_NEXT, [sql.texts(waiting), sql.texts([*waiting, "timetable.watch_stock"])])

    assert retry_stalled_jobs() == 3

    left = ProcrastinateJob.objects.order_by("task_name").values_list("task_name", "status")
    assert list(left) == [(name, "todo") for name in [*waiting, "timetable.watch_stock"]]
    assert retry_stalled_jobs() == 0


def test_job_of_a_worker_that_lives_is_left_to_it() -> None:
    sql.run(STALL, [15])

    assert retry_stalled_jobs() == 0

    assert ProcrastinateJob.objects.get().status == "doing"


def test_jobs_that_ended_long_ago_are_forgotten() -> None:
    a_failed_job("of the month before last", days_ago=32)
    a_failed_job("of last week", days_ago=7)

    forget_old_jobs()

    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == ["of last week"]


def test_remembered_answers_are_forgotten_after_their_time() -> None:
    kept = settings.IDEMPOTENCY_KEPT_SECONDS
    for key, age in (("old", kept + 1), ("young", kept - 60)):
        sql.run(ANSWERED, [key, age])

    assert forget_old_answers() == 1

    assert sql.value("SELECT key FROM remembered_answer") == "young"
