"""Hearing a provider: what it tells us by itself is kept once, and settles the questions that it answers."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows.settle_payments import settle_payments
from orderwright.kernel.actors import system
from orderwright.payments import hearing
from orderwright.payments.ports import Told


class Heard(NamedTuple):
    """What became of messages: news that answers a question, news that waits for one, and what was heard before."""

    matched: int
    waiting: int
    again: int


@transaction.atomic
def hear_provider(provider: str, told: Sequence[Told]) -> Heard:
    """Keep these messages of `provider`, whose signature was checked, and believe what they say of our questions."""
    fresh = hearing.keep(provider, told)
    matched = hearing.match(provider, fresh)
    if matched:
        settle_payments([one.brought for one in matched], actor=system(f"provider_{provider}"))
        hearing.mark(provider, matched)
    return Heard(len(matched), len(fresh) - len(matched), len(told) - len(fresh))
