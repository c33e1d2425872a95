"""So often, and then not for a while: a guard for what strangers may try, such as passwords and order numbers.

Counted in the database, so that it holds in all processes and after a restart; who tries is kept as a digest only.
"""

import hashlib
import math
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Refusal


class TooOften(Refusal):
    code = "too_often"
    status = 429
    sentence = _("That was tried too often. Try again in {retry_after_seconds} s.")


def count(purpose: str, who: str, *, most: int, seconds: int) -> None:
    """Count one try of `who`; refused from the try after `most` in `seconds` on, until that time is over.

    Call it outside of a transaction that a failure would roll back: the count must stay.
    """
    now = clock.now()
    since = now - timedelta(seconds=seconds)
    tries, began = sql.rows(COUNT, [_digest(purpose, who), now, since, since])[0]
    if tries > most:
        left = (began + timedelta(seconds=seconds) - now).total_seconds()
        raise TooOften(retry_after_seconds=max(1, math.ceil(left)))


def clear(purpose: str, who: str) -> None:
    """Forget the tries of somebody who turned out to be right."""
    sql.run("DELETE FROM throttle WHERE digest = %s", [_digest(purpose, who)])


def forget_old(seconds: int) -> int:
    """Delete what began longer ago than that; answers how many."""
    return sql.run("DELETE FROM throttle WHERE began_at < %s", [clock.now() - timedelta(seconds=seconds)])


def _digest(purpose: str, who: str) -> bytes:
    return hashlib.sha256(f"{purpose}\x00{who}".encode()).digest()


COUNT = """
    INSERT INTO throttle AS t (digest, began_at, tries) VALUES (%s, %s::timestamptz, 1)
    ON CONFLICT (digest) DO UPDATE
       SET tries = CASE WHEN t.began_at <= %s::timestamptz THEN 1 ELSE t.tries + 1 END,
           began_at = CASE WHEN t.began_at <= %s::timestamptz THEN excluded.began_at ELSE t.began_at END
    RETURNING tries, began_at
"""
