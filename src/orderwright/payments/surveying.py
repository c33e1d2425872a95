"""Surveying: how it stands with the payment providers."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from orderwright.kernel import sql


class ProviderSeen(NamedTuple):
    """What a provider has not answered yet, since when, and when it last did."""

    provider: str
    questions_open: int
    oldest_question_at: datetime | None
    last_answer_at: datetime | None


def health(codes: Collection[str]) -> list[ProviderSeen]:
    """How it stands with each of these providers; one statement."""
    return [ProviderSeen(*row) for row in sql.rows(HEALTH, [sql.texts(sorted(codes))])]


# The last answer is looked for among the newest questions: attempts are never deleted.
HEALTH = """
    SELECT c.code,
           (SELECT count(*) FROM payment_attempt WHERE provider = c.code AND ask_again_at IS NOT NULL),
           (SELECT min(asked_at) FROM payment_attempt WHERE provider = c.code AND ask_again_at IS NOT NULL),
           (SELECT max(a.answered_at)
              FROM (SELECT answered_at, provider FROM payment_attempt ORDER BY id DESC LIMIT 1000) a
             WHERE a.provider = c.code)
      FROM unnest(%s::text[]) AS c(code)
     ORDER BY 1
"""
