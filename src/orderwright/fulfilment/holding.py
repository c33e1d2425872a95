"""Holding: reasons not to go on with a fulfilment order yet.  There may be several; each has a handle of its own."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.fulfilment.refusals import BeingRecalled, WorkHeld
from orderwright.fulfilment.working import Work
from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid

HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class NewHold(NamedTuple):
    fulfilment_order_id: int
    handle: str
    reason: str
    note: str


class Standing(NamedTuple):
    """A hold that is not lifted."""

    id: int
    handle: str
    reason: str


def check_handle(handle: str) -> str:
    """A handle as it is kept: what the author of a hold calls it."""
    if not HANDLE.fullmatch(handle):
        raise Invalid(field="handle", problem="a handle is 1 to 64 letters, digits, dots, colons, dashes, underscores")
    return handle


def refuse_held(work: Work) -> None:
    """Raise `WorkHeld` where any hold stands."""
    if work.held:
        raise WorkHeld(fulfilment_order=work.name, reasons=", ".join(sorted(set(work.held))))


def refuse_recalled(work: Work) -> None:
    """Raise `BeingRecalled` while the location is asked to give some of it back."""
    if work.recall is not None:
        raise BeingRecalled(fulfilment_order=work.name)


def standing(fulfilment_order_ids: Collection[int]) -> dict[int, list[Standing]]:
    """The holds that stand on these fulfilment orders, oldest first."""
    found: dict[int, list[Standing]] = {id_: [] for id_ in fulfilment_order_ids}
    for row in sql.rows(STANDING, [sql.ints(sorted(found))]):
        found[row[0]].append(Standing(*row[1:]))
    return found


def place(holds: Sequence[NewHold], *, actor: Actor) -> None:
    """Put holds on fulfilment orders whose orders are locked."""
    if not holds:
        return
    orders, handles, reasons, notes = zip(*holds, strict=True)
    parameters = [actor, clock.now(), sql.ints(orders), sql.texts(handles), sql.texts(reasons), sql.texts(notes)]
    sql.run(PLACE, parameters)


def lift(hold_ids: Collection[int], *, actor: Actor) -> None:
    """Lift these holds."""
    if hold_ids:
        sql.run(LIFT, [actor, clock.now(), sql.ints(sorted(hold_ids))])


STANDING = """
    SELECT fulfilment_order_id, id, handle, reason
      FROM fulfilment_hold
     WHERE fulfilment_order_id = ANY (%s::bigint[]) AND lifted_at IS NULL
     ORDER BY fulfilment_order_id, id
"""

PLACE = """
    INSERT INTO fulfilment_hold (placed_by, placed_at, fulfilment_order_id, handle, reason, note)
    SELECT %s::text, %s::timestamptz, fulfilment_order_id, handle, reason, note
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
           AS h(fulfilment_order_id, handle, reason, note, ordinal)
     ORDER BY ordinal
"""

LIFT = """
    UPDATE fulfilment_hold SET lifted_by = %s::text, lifted_at = %s::timestamptz
     WHERE id = ANY (%s::bigint[]) AND lifted_at IS NULL
"""
