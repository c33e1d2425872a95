"""Settling: what attempts came to, many at once: delivered, tried again later, or given up; and how endpoints do.

A delivery is tried for three days with growing waits.  One that fails while its endpoint takes others is given up then,
and can be sent again; an endpoint that takes nothing for so long is paused instead, and all of its deliveries wait.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from orderwright.kernel import actors, clock, sql
from orderwright.kernel.events import Happening, record
from orderwright.webhooks import lining_up
from orderwright.webhooks.asking import Answer
from orderwright.webhooks.taking import BREAKS_AT

ACTOR = actors.system("webhooks")
FIRST_WAIT_SECONDS = 5
GROWS_BY = 4
LONGEST_WAIT_SECONDS = 8 * 3600
JITTER = 0.2
TRIED_FOR = timedelta(days=3)
PAUSED_AFTER = timedelta(days=3)
FIRST_REST_SECONDS = 2
LONGEST_REST_SECONDS = 300
GONE = 410


@dataclass
class Doing:
    """How an endpoint does, while answers of it are settled."""

    id: int
    state: str
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    problem: str | None = None
    paused_by: str = ""
    recovered: bool = False

    def learn(self, answer: Answer, now: datetime) -> None:
        """Take in one answer."""
        self.last_attempt_at = now
        if answer.outcome == "delivered":
            self.recovered |= self.failures >= BREAKS_AT
            self.last_success_at, self.failing_since, self.rests_until = now, None, None
            self.failures, self.problem = 0, ""
            return
        self.failing_since = self.failing_since or answer.at
        self.problem = f"HTTP {answer.status}" if answer.status is not None else answer.text or answer.outcome
        if answer.status is not None and answer.status < 500 and answer.status != 429:
            self.failures = 0  # it is there, and refuses
        else:
            self.failures += 1
        if self.failures >= BREAKS_AT:
            self.rests_until = _later(self.rests_until, now + timedelta(seconds=_rest(self.failures)))
        if answer.wait_until is not None:
            self.rests_until = _later(self.rests_until, answer.wait_until)
        if answer.status == GONE:
            self.paused_by = "gone"
        elif now - self.failing_since >= PAUSED_AFTER:
            self.paused_by = "failures"


@transaction.atomic
def settle(answers: Sequence[Answer]) -> None:
    """Write down what came of these attempts; the next in each line gets its turn."""
    if not answers:
        return
    now = clock.now()
    endpoints = {answer.leased.endpoint_id for answer in answers}
    lining_up.lock(endpoints)
    doing = {row[0]: Doing(*row) for row in sql.rows(DOING, [sql.ints(sorted(endpoints))])}
    for answer in sorted(answers, key=lambda answer: answer.at):
        doing[answer.leased.endpoint_id].learn(answer, now)
    _write_deliveries(answers, doing, now)
    _write_attempts(answers)
    _write_endpoints(list(doing.values()))
    lining_up.call_next(
        [(leased.endpoint_id, leased.order_id) for leased, *_ in answers if leased.order_id is not None], now
    )
    _hurry([one.id for one in doing.values() if one.recovered], now)
    _pause([one for one in doing.values() if one.paused_by and one.state == "active"], now)


def next_try(failures: int, first_failed_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many failures; None where it was tried for long enough."""
    last = first_failed_at + TRIED_FOR
    if now >= last:
        return None
    wait = min(FIRST_WAIT_SECONDS * GROWS_BY ** min(failures - 1, 10), LONGEST_WAIT_SECONDS)
    return min(now + timedelta(seconds=wait * random.uniform(1 - JITTER, 1 + JITTER)), last)


def _write_deliveries(answers: Sequence[Answer], doing: dict[int, Doing], now: datetime) -> None:
    states, dues, firsts = [], [], []
    for answer in answers:
        leased, endpoint = answer.leased, doing[answer.leased.endpoint_id]
        first = leased.first_failed_at or answer.at
        due = next_try(leased.failures + 1, first, now)
        if due is None and (endpoint.paused_by or endpoint.state == "paused"):
            due = now  # nothing is given up for an endpoint that takes nothing
        if due is not None and answer.wait_until is not None:
            due = max(due, answer.wait_until)
        states.append("delivered" if answer.outcome == "delivered" else "failed" if due is None else "waiting")
        dues.append(due.isoformat() if due is not None and states[-1] == "waiting" else None)
        firsts.append(first.isoformat())
    sql.run(
        WRITE_DELIVERIES,
        [
            now,
            sql.ints(answer.leased.id for answer in answers),
            sql.ints(answer.leased.number for answer in answers),
            sql.texts(states),
            sql.texts(dues),
            sql.texts(firsts),
        ],
    )


def _write_attempts(answers: Sequence[Answer]) -> None:
    sql.run(
        WRITE_ATTEMPTS,
        [
            sql.ints(answer.leased.id for answer in answers),
            sql.ints(answer.leased.number for answer in answers),
            sql.texts(answer.at.isoformat() for answer in answers),
            sql.texts(f"{answer.seconds:.6f}" for answer in answers),
            sql.texts(answer.url for answer in answers),
            sql.texts(answer.outcome for answer in answers),
            sql.ints(answer.status for answer in answers),
            sql.texts(msgspec.json.encode(answer.headers).decode() for answer in answers),
            sql.texts(answer.text for answer in answers),
        ],
    )


def _write_endpoints(doing: Sequence[Doing]) -> None:
    sql.run(
        WRITE_ENDPOINTS,
        [
            sql.ints(one.id for one in doing),
            sql.ints(one.failures for one in doing),
            *(
                sql.texts(moment.isoformat() if moment is not None else None for moment in moments)
                for moments in zip(
                    *((one.failing_since, one.rests_until, one.last_attempt_at, one.last_success_at) for one in doing),
                    strict=True,
                )
            ),
            sql.texts(one.problem[:200] if one.problem is not None else None for one in doing),
        ],
    )


def _hurry(endpoints: Collection[int], now: datetime) -> None:
    """An endpoint is back: what was to wait for long since it was away is tried again now."""
    if endpoints:
        sql.run(HURRY, [now, sql.ints(sorted(endpoints)), now])


def _pause(doing: Sequence[Doing], now: datetime) -> None:
    if not doing:
        return
    columns = [sql.ints(one.id for one in doing), sql.texts(one.paused_by for one in doing)]
    waiting = dict(sql.rows(PAUSE, [now, *columns]))
    record(
        [
            Happening(
                "webhook.paused",
                ACTOR,
                {
                    "webhook": one.id,
                    "by": one.paused_by,
                    "failing_since": one.failing_since,
                    "waiting": waiting[one.id],
                },
            )
            for one in doing
        ]
    )


def _rest(failures: int) -> float:
    return float(min(FIRST_REST_SECONDS * 2 ** min(failures - BREAKS_AT, 10), LONGEST_REST_SECONDS))


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


DOING = """
    SELECT id, state, failures, failing_since, rests_until FROM webhook_endpoint WHERE id = ANY (%s::bigint[])
"""

# Who settles late, when another has taken the delivery since, may bring that it was delivered, and nothing else.
# What something earlier of its order waits before has lost its turn meanwhile: that was replayed.
WRITE_DELIVERIES = """
    UPDATE webhook_delivery d
       SET state = a.state,
           settled_at = CASE WHEN a.state <> 'waiting' THEN a.now END,
           leased_until = NULL,
           failures = d.failures + CASE WHEN a.state = 'delivered' THEN 0 ELSE 1 END,
           first_failed_at = CASE WHEN a.state = 'delivered' THEN d.first_failed_at ELSE a.first_failed_at END,
           due_at = CASE WHEN d.order_id IS NULL
                           OR NOT EXISTS (SELECT FROM webhook_delivery e
                                           WHERE e.endpoint_id = d.endpoint_id AND e.order_id = d.order_id
                                             AND e.state = 'waiting' AND e.place_in_order < d.place_in_order)
                         THEN a.due_at END
      FROM (SELECT *, %s::timestamptz AS now
              FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[])
                   AS u(id, number, state, due_at, first_failed_at)) a
     WHERE d.id = a.id AND d.state = 'waiting' AND (d.tries = a.number OR a.state = 'delivered')
"""

WRITE_ATTEMPTS = """
    INSERT INTO webhook_attempt (delivery_id, number, at, seconds, url, outcome, status, headers, answer)
    SELECT delivery_id, number, at, seconds, url, outcome, status, headers::jsonb, answer
      FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::float8[], %s::text[], %s::text[], %s::int[],
                  %s::text[], %s::text[])
           AS a(delivery_id, number, at, seconds, url, outcome, status, headers, answer)
    ON CONFLICT DO NOTHING
"""

WRITE_ENDPOINTS = """
    UPDATE webhook_endpoint w
       SET failures = a.failures, failing_since = a.failing_since, rests_until = a.rests_until,
           last_attempt_at = a.last_attempt_at, last_success_at = coalesce(a.last_success_at, w.last_success_at),
           last_problem = coalesce(a.problem, w.last_problem)
      FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
                  %s::text[])
           AS a(id, failures, failing_since, rests_until, last_attempt_at, last_success_at, problem)
     WHERE w.id = a.id
"""

HURRY = """
    UPDATE webhook_delivery
       SET due_at = %s::timestamptz
     WHERE endpoint_id = ANY (%s::bigint[]) AND state = 'waiting' AND due_at > %s::timestamptz
"""

PAUSE = """
    UPDATE webhook_endpoint w
       SET state = 'paused', paused_at = %s::timestamptz, paused_by = a.paused_by, version = w.version + 1
      FROM unnest(%s::bigint[], %s::text[]) AS a(id, paused_by)
     WHERE w.id = a.id
    RETURNING w.id, (SELECT count(*) FROM webhook_delivery d WHERE d.endpoint_id = w.id AND d.state = 'waiting')
"""
