"""Settling: what became of letters is written down, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from orderwright.kernel import actors, clock, sql
from orderwright.kernel.events import Happening, record
from orderwright.notifications.composing import Composed
from orderwright.notifications.gathering import Gathered
from orderwright.orders.locking import lock_orders

ACTOR = actors.system("letters")
TRIED_FOR = timedelta(days=3)
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 4 * 3600
NOTHING = Composed("", "", "", "")


@dataclass(frozen=True)
class Outcome:
    """What became of a letter: it is sent, refused, suppressed, or waits on until `due_at`."""

    letter: Gathered
    state: str
    reason: str = ""
    answer: str = ""
    due_at: datetime | None = None
    composed: Composed = NOTHING


def later(letter: Gathered, reason: str, *, now: datetime, until: datetime | None = None) -> Outcome:
    """Try a letter again, after growing waits; it is given up after three days."""
    if now - letter.written_at >= TRIED_FOR:
        return Outcome(letter, "refused", f"given_up: {reason}")
    wait = min(FIRST_WAIT_SECONDS * 4 ** min(letter.tries - 1, 10), LONGEST_WAIT_SECONDS)
    return Outcome(letter, "waiting", reason, due_at=until or now + timedelta(seconds=wait))


@transaction.atomic
def settle(outcomes: Sequence[Outcome], *, provider: str) -> int:
    """Write these outcomes down, and tell of what was sent or refused; answers how many were settled.

    Who settles late, when another has taken the letter since, may bring that it was sent, and nothing else.  Of a
    customer who was forgotten meanwhile nothing that was rendered is kept.
    """
    if not outcomes:
        return 0
    now = clock.now()
    told = [one for one in outcomes if one.state in ("sent", "refused")]
    locked = lock_orders([one.letter.order_id for one in told if one.letter.order_id is not None])
    settled = {id_ for (id_,) in sql.rows(SETTLE, [now, provider, *_columns(outcomes)])}
    record(
        [
            Happening(f"letter.{one.state}", ACTOR, _facts(one, provider), one.letter.order_id)
            for one in told
            if one.letter.id in settled and (one.letter.order_id is None or one.letter.order_id in locked)
        ]
    )
    return len(settled)


def _columns(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        sql.ints(one.letter.id for one in outcomes),
        sql.ints(one.letter.tries for one in outcomes),
        sql.texts(one.state for one in outcomes),
        sql.texts(one.reason[:500] for one in outcomes),
        sql.texts(one.answer[:500] for one in outcomes),
        sql.texts(one.due_at.isoformat() if one.due_at else None for one in outcomes),
        sql.texts(one.composed.language for one in outcomes),
        sql.texts(one.composed.subject for one in outcomes),
        sql.texts(one.composed.html for one in outcomes),
        sql.texts(one.composed.text for one in outcomes),
        sql.texts(msgspec.json.encode(told).decode() if (told := one.composed.told) else None for one in outcomes),
    ]


def _facts(one: Outcome, provider: str) -> dict[str, object]:
    letter = one.letter
    facts: dict[str, object] = {"letter": letter.id, "kind": letter.kind, "channel": letter.channel}
    if letter.number:
        facts["number"] = letter.number
    if letter.package_name:
        facts["package"] = letter.package_name
    if one.state == "refused":
        facts["reason"] = one.reason.partition(":")[0]
    return facts | {"provider": provider}


SETTLE = """
    UPDATE letter l
       SET state = v.state,
           reason = v.reason,
           answer = v.answer,
           provider = CASE WHEN v.state IN ('sent', 'refused') THEN v.provider ELSE l.provider END,
           due_at = coalesce(v.due_at, l.due_at),
           leased_until = NULL,
           settled_at = CASE WHEN v.state <> 'waiting' THEN v.now END,
           sent_at = CASE WHEN v.state = 'sent' THEN v.now END,
           language = v.language,
           subject = CASE WHEN k.kept THEN v.subject ELSE '' END,
           html = CASE WHEN k.kept THEN v.html ELSE '' END,
           text = CASE WHEN k.kept THEN v.text ELSE '' END,
           told = CASE WHEN v.state = 'sent' THEN v.told::jsonb END
      FROM (SELECT *, %s::timestamptz AS now, %s::text AS provider
              FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
                          %s::text[], %s::text[], %s::text[], %s::text[])
                   AS u(id, tries, state, reason, answer, due_at, language, subject, html, text, told)) v
     CROSS JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM letter m JOIN customer c ON c.id = m.customer_id
                                             WHERE m.id = v.id AND c.forgotten_at IS NOT NULL) AS kept) k
     WHERE l.id = v.id AND l.state = 'waiting' AND (l.tries = v.tries OR v.state = 'sent')
    RETURNING l.id
"""
