"""Looking at the books: the audit, a few checks at a time, all day round."""

import time
from collections.abc import Mapping

import msgspec
from django.db import connection, transaction

from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.summarize import summarize
from orderwright.kernel import clock, sql
from orderwright.kernel.errors import NotFound
from orderwright.orders.locking import ids_of, lock_orders

BY_NAME = {check.name: check for check in CHECKS}
SUMMARIES = "summaries_equal_rebuild"


def audit_on(for_seconds: float = 10.0) -> int:
    """Run the checks that were not run for the longest, until so many seconds are over; answers how many."""
    assert not connection.in_atomic_block
    until = time.monotonic() + for_seconds
    done = 0
    for (name,) in sql.rows(NEXT, [sql.texts(BY_NAME)]):
        _look(name)
        done += 1
        if time.monotonic() > until:
            break
    return done


def look_again(name: str) -> Mapping[str, object]:
    """Run a check again.  Where summaries are wrong, which follow from the books, they are made anew before."""
    if name not in BY_NAME:
        raise NotFound(thing="check", name=name)
    if name != SUMMARIES:
        return {"wrong": _look(name)}
    put_right = _summarize_anew()
    return {"put_right": put_right, "wrong": _look(name)}


def _summarize_anew() -> int:
    """Make the summaries anew that differ from the books; answers how many."""
    wrong = [number for (number,) in sql.rows(WRONG_SUMMARIES.format(check=BY_NAME[SUMMARIES].statement))]
    ids = sorted(ids_of(wrong).values())
    lock_orders(ids)
    return summarize(ids)


@transaction.atomic
def _look(name: str) -> int:
    (finding,) = audit([BY_NAME[name]])
    examples = msgspec.json.encode(finding.examples, enc_hook=str).decode()
    sql.run(NOTE, [name, clock.now(), finding.wrong, examples])
    return finding.wrong


WRONG_SUMMARIES = 'SELECT w."order" FROM ({check}) w LIMIT 1000'

NEXT = """
    SELECT c.name
      FROM unnest(%s::text[]) AS c(name)
      LEFT JOIN audit_look l ON l.check_name = c.name
     ORDER BY l.looked_at NULLS FIRST, c.name
"""

NOTE = """
    INSERT INTO audit_look AS l (check_name, looked_at, wrong, examples, wrong_since)
    SELECT name, looked_at, wrong, examples::jsonb, CASE WHEN wrong > 0 THEN looked_at END
      FROM (SELECT %s::text, %s::timestamptz, %s::int, %s::text) AS n(name, looked_at, wrong, examples)
        ON CONFLICT (check_name) DO UPDATE
       SET looked_at = excluded.looked_at, wrong = excluded.wrong, examples = excluded.examples,
           wrong_since = CASE WHEN excluded.wrong > 0 THEN coalesce(l.wrong_since, excluded.wrong_since) END
"""
