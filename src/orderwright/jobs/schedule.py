"""What runs when: one table. Times are UTC, in cron's notation (minute, hour, day, month, weekday).

A row's job takes nothing and is called in a thread of the worker. It must be safe to run twice, and to be killed
anywhere: the next run does what is left. Two runs of one row never wait in the queue at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from orderwright.flows.expire_unpaid_orders import expire_all
from orderwright.jobs.housekeeping import forget_old_jobs, retry_stalled_jobs


@dataclass(frozen=True)
class Row:
    """A job of the timetable: its name, when it runs, what it calls, and why."""

    name: str
    cron: str
    call: Callable[[], object]
    why: str


SCHEDULE: tuple[Row, ...] = (
    Row("retry_stalled_jobs", "* * * * *", retry_stalled_jobs, "A worker killed with -9 leaves its jobs half done."),
    Row("expire_unpaid_orders", "* * * * *", expire_all, "Stock is not kept for ever for those who do not pay."),
    Row("forget_old_jobs", "17 3 * * *", forget_old_jobs, "Failed jobs are kept for a month, to be looked at."),
)
