"""Holding: reasons not to go on yet.  An order may have several at once; each is lifted by itself."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal


class NothingToHold(Refusal):
    code = "nothing_to_hold"
    sentence = _("Order {number} is {status} already: there is nothing left to hold.")


class NoSuchHold(Refusal):
    code = "no_such_hold"
    sentence = _("Order {number} has no such hold.")


class OnHold(Refusal):
    code = "on_hold"
    sentence = _("Order {number} is on hold: {reasons}.")


class NewHold(NamedTuple):
    order_id: int
    reason: str
    note: str


class Standing(NamedTuple):
    """A hold that is not lifted."""

    id: int
    order_id: int
    reason: str
    note: str
    placed_by: str
    placed_at: datetime


def place(holds: Sequence[NewHold], *, actor: Actor) -> list[int]:
    """Put holds on orders; answers their ids."""
    if not holds:
        return []
    orders, reasons, notes = zip(*holds, strict=True)
    parameters = [actor, clock.now(), sql.ints(orders), sql.texts(reasons), sql.texts(notes)]
    return [row[0] for row in sql.rows(PLACE, parameters)]


def standing(order_ids: Collection[int]) -> dict[int, list[Standing]]:
    """The holds that stand on these orders, oldest first."""
    found: dict[int, list[Standing]] = {order_id: [] for order_id in order_ids}
    for row in sql.rows(STANDING, [sql.ints(sorted(found))]):
        found[row[1]].append(Standing(*row))
    return found


def lift(hold_ids: Collection[int], *, actor: Actor) -> None:
    """Lift these holds."""
    if hold_ids:
        sql.run(LIFT, [actor, clock.now(), sql.ints(sorted(hold_ids))])


def refuse_held(number: str, holds: Sequence[Standing]) -> None:
    """Raise `OnHold` where any hold stands."""
    if holds:
        raise OnHold(number=number, reasons=", ".join(sorted({hold.reason for hold in holds})))


PLACE = """
    INSERT INTO order_hold (order_id, reason, note, placed_by, placed_at)
    SELECT order_id, reason, note, %s::text, %s::timestamptz
      FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS h(order_id, reason, note, ordinal)
     ORDER BY ordinal
    RETURNING id
"""

STANDING = """
    SELECT id, order_id, reason, note, placed_by, placed_at
      FROM order_hold
     WHERE order_id = ANY (%s::bigint[]) AND lifted_at IS NULL
     ORDER BY order_id, id
"""

LIFT = "UPDATE order_hold SET lifted_by = %s, lifted_at = %s WHERE id = ANY (%s::bigint[]) AND lifted_at IS NULL"
