"""Repairing: the flow that a kind names is called for one exception; whether that was enough, the query says."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.exceptions import queries
from orderwright.exceptions.caring import Cleared
from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Asked, Choice, Kind
from orderwright.exceptions.sweeping import sweep_kind
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal


class NoSuchChoice(Refusal):
    code = "no_such_choice"
    status = 422
    sentence = _("An exception of the kind {kind} can be repaired in these ways: {choices}.")


class Repaired(NamedTuple):
    """What was done, what came of it, and whether the exception has cleared by that."""

    exception: int
    kind: str
    choice: str
    flow: str
    outcome: Mapping[str, object]
    cleared: bool


@transaction.atomic
def repair(exception_id: int, asked: Asked, *, actor: Actor) -> Repaired:
    """Have an exception repaired as somebody chose.  Refused where it has cleared, and where the flow refuses.

    Nobody outside is asked here: what has to be, is written down for the worker, and clears a moment later.
    """
    stands = queries.one(exception_id)
    kind = KINDS[stands.kind]
    if stands.cleared_at is not None:
        raise Cleared(exception=exception_id)
    choice = _chosen(kind, asked)
    outcome = choice.run(stands, asked, actor)
    sweep_kind(kind, only=stands.subject)
    cleared = queries.one(exception_id).cleared_at is not None
    return Repaired(exception_id, kind.code, choice.code, choice.flow, outcome, cleared)


def _chosen(kind: Kind, asked: Asked) -> Choice:
    """What is not chosen is the only choice, where there is one."""
    if not asked.choice and len(kind.choices) == 1:
        return kind.choices[0]
    choice = kind.choice(asked.choice)
    if choice is None:
        raise NoSuchChoice(kind=kind.code, choices=", ".join(one.code for one in kind.choices))
    return choice
