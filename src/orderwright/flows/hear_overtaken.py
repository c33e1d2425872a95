"""Hearing what was overtaken: messages of providers that wait although what they speak of is known by now."""

from django.db import transaction

from orderwright.flows.settle_payments import settle_payments
from orderwright.kernel.actors import system
from orderwright.kernel.locks import again_on_conflict
from orderwright.payments import hearing


def hear_overtaken(limit: int = 500) -> int:
    """Match messages that wait to questions that became known since; answers how many."""
    return again_on_conflict(lambda: _hear(limit))


@transaction.atomic
def _hear(limit: int) -> int:
    heard = 0
    for provider, told in sorted(hearing.overtaken(limit).items()):
        matched = hearing.match(provider, told)
        settle_payments([one.brought for one in matched], actor=system(f"provider_{provider}"))
        hearing.mark(provider, matched)
        heard += len(matched)
    return heard
