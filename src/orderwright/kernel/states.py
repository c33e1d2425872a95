"""States of things that are in one state as a whole: a table of steps and one compare-and-set function."""

from collections.abc import Mapping
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal

S = TypeVar("S", bound=models.TextChoices)


class NotAllowed(Refusal):
    code = "not_allowed"
    sentence = _("{thing} cannot become {to}.")


def advance(thing: models.Model, to: S, *, steps: Mapping[S, frozenset[S]]) -> None:
    """Move `thing` to the state `to`, if its state in the database allows the step.

    One compare-and-set statement: no lock to take, no stale read to trust.
    """
    allowed = [state for state, targets in steps.items() if to in targets]
    moved = type(thing)._default_manager.filter(pk=thing.pk, state__in=allowed).update(state=to)
    if not moved:
        raise NotAllowed(thing=str(thing), to=to.value)
    thing.state = to  # type: ignore[attr-defined]  # every model with states has the field
