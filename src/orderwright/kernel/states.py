"""States of things that are in one state as a whole: a table of steps and one compare-and-set statement."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal

S = TypeVar("S", bound=models.TextChoices)


class NotAllowed(Refusal):
    code = "not_allowed"
    sentence = _("{thing} {id} cannot become {to}.")


def advance(
    table: str,
    ids: Collection[int],
    to: S,
    *,
    steps: Mapping[S, frozenset[S]],
    at: Mapping[str, datetime] | None = None,
) -> None:
    """Move rows of a table to the state `to`, all or none, if their states in the database allow the step.

    One compare-and-set statement: no stale read to trust.  `at` are columns that keep when.  Raises `NotAllowed`.
    """
    if not ids:
        return
    allowed = [state.value for state, targets in steps.items() if to in targets]
    columns = "".join(f", {column} = %s::timestamptz" for column in at or ())
    moved = sql.rows(
        f"UPDATE {table} SET state = %s::text{columns} WHERE id = ANY (%s::bigint[]) AND state = ANY (%s::text[])"
        " RETURNING id",
        [to.value, *(at or {}).values(), sql.ints(sorted(ids)), sql.texts(allowed)],
    )
    if stuck := set(ids) - {id_ for (id_,) in moved}:
        raise NotAllowed(thing=table, id=min(stuck), to=to.value)
