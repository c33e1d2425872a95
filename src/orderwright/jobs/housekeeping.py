"""Keeping the queue and the remembered answers in order."""

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from orderwright.kernel import idempotency, throttling

STALLED_AFTER_SECONDS = 30
KEPT_HOURS = 31 * 24
TRIES_KEPT_SECONDS = 24 * 3600


def retry_stalled_jobs() -> int:
    """Queue again the jobs whose worker is gone without a word; answers how many.

    A worker tells every ten seconds that it lives; one that has not for half a minute is taken for dead.  Where the
    next run of the same job already waits, that one does what is left, and the dead one's makes way for it.
    """
    return async_to_sync(_retry_stalled_jobs)()


async def _retry_stalled_jobs() -> int:
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # of its queueing lock
            await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
    return len(stalled)


def forget_old_answers() -> int:
    """Forget the answers under idempotency keys that were kept long enough; answers how many."""
    forgotten = 0
    while some := idempotency.forget_old(settings.IDEMPOTENCY_KEPT_SECONDS):
        forgotten += some
    return forgotten


def forget_old_jobs() -> None:
    """Remove what ended more than a month ago, failed or not."""
    async_to_sync(app.job_manager.delete_old_jobs)(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def forget_visits() -> None:
    """Forget sessions that are over, and tries that no longer count against anybody."""
    SessionStore.clear_expired()
    throttling.forget_old(TRIES_KEPT_SECONDS)
