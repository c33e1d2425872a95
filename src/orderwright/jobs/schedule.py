"""What runs when: one table. Times are UTC, in cron's notation (minute, hour, day, month, weekday; and second).

A row's job takes nothing and is called in a thread of the worker. It must be safe to run twice, and to be killed
anywhere: the next run does what is left. Two runs of one row never wait in the queue at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from orderwright.exceptions.looking import audit_on
from orderwright.exceptions.sweeping import sweep
from orderwright.flows.ask_carriers import ask_carriers
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.expire_unpaid_orders import expire_all
from orderwright.flows.fill_backorders import fill_all, fill_arrivals
from orderwright.flows.hear_overtaken import hear_overtaken
from orderwright.flows.hear_scans import match_scans
from orderwright.flows.keep_promises import follow as follow_promises
from orderwright.flows.keep_promises import warn_late
from orderwright.flows.schedule_releases import release_due
from orderwright.flows.track_packages import track_packages
from orderwright.flows.warn_expiring import warn_expiring
from orderwright.inventory.watching import watch
from orderwright.jobs.housekeeping import forget_old_answers, forget_old_jobs, forget_visits, retry_stalled_jobs
from orderwright.jobs.letters import send_letters
from orderwright.kernel.locks import again_on_conflict
from orderwright.lists import running
from orderwright.notifications.sending import send_messages
from orderwright.payments.hearing import forget_old_messages
from orderwright.shipping.hearing import forget_old_scans
from orderwright.takings.counting import count as count_takings
from orderwright.webhooks.forgetting import forget_old_deliveries


@dataclass(frozen=True)
class Row:
    """A job of the timetable: its name, when it runs, what it calls, and why."""

    name: str
    cron: str
    call: Callable[[], object]
    why: str
    alone: bool = True  # never while another run of it is under way, or was when its worker was killed


SCHEDULE: tuple[Row, ...] = (
    Row(
        "retry_stalled_jobs",
        "* * * * * */10",
        retry_stalled_jobs,
        "A worker killed with -9 leaves its jobs half done, perhaps this one too.",
        alone=False,
    ),
    Row(
        "expire_unpaid_orders",
        "* * * * *",
        partial(again_on_conflict, expire_all),
        "Stock is not kept for ever for those who do not pay.",
    ),
    Row("ask_providers", "* * * * * */2", ask_providers, "Questions to payment providers wait for nobody."),
    Row("hear_overtaken", "* * * * *", hear_overtaken, "A message may come in the moment that makes it understood."),
    Row("warn_expiring", "13 * * * *", warn_expiring, "What is not captured before an authorization ends is lost."),
    Row("forget_old_messages", "23 3 * * *", forget_old_messages, "Providers repeat a message for days, not months."),
    Row("forget_old_deliveries", "33 3 * * *", forget_old_deliveries, "What webhooks delivered is kept for a month."),
    Row("watch_stock", "* * * * *", watch, "What runs low, runs out or recovers is told once per crossing."),
    Row("ask_carriers", "* * * * * */2", ask_carriers, "A packer waits for the label."),
    Row("track_packages", "* * * * *", track_packages, "Not all carriers tell by themselves where packages are."),
    Row("match_scans", "* * * * *", match_scans, "A scan may come in the moment that its package gets its number."),
    Row("forget_old_scans", "33 3 * * *", forget_old_scans, "Scans of what never was ours are not kept for ever."),
    Row("forget_old_answers", "*/10 * * * *", forget_old_answers, "Answers are remembered for days, not for ever."),
    Row("fill_backorders", "* * * * *", partial(again_on_conflict, fill_all), "What is free goes to those who wait."),
    Row("fill_arrivals", "* * * * * */2", partial(again_on_conflict, fill_arrivals), "What comes in is waited for."),
    Row("keep_promises", "* * * * * */2", partial(again_on_conflict, follow_promises), "Dates move with what happens."),
    Row("warn_late", "*/10 * * * *", partial(again_on_conflict, warn_late), "Who will wait longer is told first."),
    Row("release_due", "* * * * *", release_due, "What is to be released at a chosen moment goes by itself."),
    Row("send_letters", "* * * * * */2", send_letters, "What happened is told to those who wait for it."),
    Row("send_messages", "* * * * * */5", send_messages, "An SMS waits for no mail server."),
    Row("count_takings", "* * * * * */2", count_takings, "The board adds up hours, not orders."),
    Row("audit_on", "*/10 * * * *", audit_on, "Every check of the audit is run some time each day, a few at a time."),
    Row("find_exceptions", "* * * * *", sweep, "What is stuck, late or mismatched is told as soon as it is."),
    Row("go_on_with_runs", "* * * * * */2", running.go_on, "Who acts on many watches it."),
    Row("forget_old_exports", "37 3 * * *", running.forget_old, "Exports name people: they are kept for a week."),
    Row("forget_visits", "27 3 * * *", forget_visits, "Sessions that are over, and tries that count no longer."),
    Row("forget_old_jobs", "17 3 * * *", forget_old_jobs, "Failed jobs are kept for a month, to be looked at."),
)
