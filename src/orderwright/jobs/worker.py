"""The worker: takes jobs out of the queue, starts what the timetable says, and sends webhooks beside it."""

import asyncio
from collections.abc import Callable

from procrastinate import App
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.django_connector import DjangoConnector

from orderwright.jobs.schedule import SCHEDULE, Row
from orderwright.webhooks.sending import SenderThread

CONCURRENCY = 3
POLL_SECONDS = 5.0
STOP_PATIENCE_SECONDS = 8.0


def run() -> None:
    """Work until SIGTERM or SIGINT; jobs under way get a few seconds to end, then are left to the retry."""
    sender = SenderThread()
    sender.start()
    try:
        asyncio.run(work(queue))
    finally:
        sender.end()


async def work(app: App, *, wait: bool = True) -> None:
    """Work on the queue of `app`; with `wait` false only until it is empty."""
    schedule_on(app)
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            await working.run_worker_async(
                concurrency=CONCURRENCY,
                wait=wait,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=STOP_PATIENCE_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=wait,
            )


def schedule_on(app: App) -> None:
    """Make a periodic task of each row of the timetable."""
    for row in SCHEDULE:
        name = f"timetable.{row.name}"
        if name not in app.tasks:
            task = app.task(name=name, queue="timetable", queueing_lock=name, lock=name if row.alone else None)(
                _caller(row)
            )
            app.periodic(cron=row.cron)(task)


def _caller(row: Row) -> Callable[[int], object]:
    """procrastinate hands the planned time over; our jobs ask the clock instead."""

    def call(timestamp: int) -> object:
        return row.call()

    return call
