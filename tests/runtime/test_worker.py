"""The worker: the queue is emptied, the timetable kept, and what a dead worker left is done again."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
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


def test_worker_runs_what_was_deferred_and_forgets_what_went_well() -> None:
    schedule_on(app)
    app.tasks["timetable.forget_old_jobs"].defer(timestamp=0)

    asyncio.run(work(app, wait=False))

    assert list(ProcrastinateJob.objects.values_list("task_name", "status")) == []


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


def test_job_of_a_worker_that_lives_is_left_to_it() -> None:
    sql.run(STALL, [15])

    assert retry_stalled_jobs() == 0

    assert ProcrastinateJob.objects.get().status == "doing"


def test_jobs_that_ended_long_ago_are_forgotten() -> None:
    sql.run("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('a', 'a', 'failed')")
    sql.run("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('a', 'b', 'failed')")
    sql.run(
        "UPDATE procrastinate_events e SET at = %s FROM procrastinate_jobs j WHERE j.id = e.job_id AND j.task_name = 'a'",
        [timezone.now() - timedelta(days=32)],
    )
    sql.run("INSERT INTO procrastinate_events (job_id, type, at) SELECT id, 'failed', at FROM (SELECT j.id, max(e.at) AS at FROM procrastinate_jobs j LEFT JOIN procrastinate_events e ON e.job_id = j.id GROUP BY j.id) x WHERE at IS NOT NULL")

    forget_old_jobs()

    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == ["b"]
