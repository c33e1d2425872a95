"""Canceling: which units may still be canceled, and what their worth takes off the order.

Canceled units take back what they are worth (`orders.worth`).  Shipping and fees are taken back only when all of the
order is canceled: it then comes to exactly zero.  Before that it never comes to less, whatever discounts are left.
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import round_half_away
from orderwright.kernel.numbering import take_ids
from orderwright.orders import worth
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.moving import Chosen, NotThatMany, Wanted, choose
from orderwright.orders.units import LineUnits, OrderUnits
from orderwright.orders.worth import HANDED_OVER, Written

CANCELABLE = ("backordered", "open", "reserved")  # what is promised least goes first


class AlreadyWithWarehouse(Refusal):
    code = "already_with_warehouse"
    sentence = _("{quantity} of {sku} are with their location already. Recall them: it is asked to give them back.")


class AlreadyShipped(Refusal):
    code = "already_shipped"
    sentence = _("{quantity} of {sku} have been shipped already. They can come back as a return.")


class PartOfKit(Refusal):
    code = "part_of_kit"
    sentence = _("Line {line} is a part of the kit in line {kit}, which is canceled as a whole.")


class AlreadyCanceled(Refusal):
    code = "already_canceled"
    sentence = _("Order {number} is canceled already.")


def choose_units(order: OrderUnits, wanted: Sequence[Wanted] | None, *, number: str) -> Chosen:
    """Cancel, in memory, the units that are wanted, or the whole order.

    What the warehouse has, or the customer, cannot be canceled: of a line that may leave enough others, of a whole
    order never.
    """
    if wanted is None:
        for line in order.leaves():
            if line.count(*HANDED_OVER, "released"):
                raise too_late(line, line.quantity)
        if not order.count(*CANCELABLE):
            raise AlreadyCanceled(number=number)
    refuse_parts(order, wanted or ())
    return choose(order, wanted, sources=CANCELABLE, target="canceled", refuse=too_late)


def refuse_parts(order: OrderUnits, wanted: Sequence[Wanted]) -> None:
    """A kit without one of its parts would be worth as much as before, and never leave."""
    kits = {line.id: line.position for line in order.lines if line.is_kit}
    for one in wanted:
        line = order.at(one.position)
        if line is not None and line.parent_id is not None:
            raise PartOfKit(line=line.position, kit=kits[line.parent_id])


def is_whole(order: OrderUnits) -> bool:
    """Is nothing left of the order?"""
    return all(line.count("canceled") == line.quantity for line in order.leaves())


def take_back(order: OrderUnits, standing: Sequence[Written], *, goes_on: bool = False) -> list[Written]:
    """The adjustments that bring the order down to what its canceled units leave of it; `standing` are those it has.

    `goes_on`: there are other lines to come, so its shipping and fees stay, whatever is canceled of these.
    """
    before: dict[tuple[int | None, str, bool], int] = {}
    for one in standing:
        if one.kind == AdjustmentKind.CANCELLATION:
            key = (one.line_id, one.label, one.included)
            before[key] = before.get(key, 0) + one.amount_minor
    back = []
    for line, worths in zip(worth.priced_lines(order), worth.gross(order, standing), strict=True):
        canceled = worth.whole_units(order, line, "canceled")
        for (label, included), gross in worths.items():
            amount = -round_half_away(gross * canceled, line.quantity) - before.get((line.id, label, included), 0)
            if amount:
                back.append(Written(order.order_id, line.id, "cancellation", label, amount, included))
    comes_to = worth.total(order, [*standing, *back])
    so_far = before.get((None, "", False), 0)
    rest = so_far - comes_to if is_whole(order) and not goes_on else max(0, so_far - comes_to)
    if rest != so_far:
        back.append(Written(order.order_id, None, "cancellation", "", rest - so_far, False))
    return back


def write(adjustments: Sequence[Written]) -> None:
    """Write adjustments down."""
    if not adjustments:
        return
    orders, lines, kinds, labels, amounts, included = zip(*adjustments, strict=True)
    sql.run(
        WRITE,
        [
            sql.ints(take_ids("order_adjustment_id_seq", len(adjustments))),
            sql.ints(orders),
            sql.ints(lines),
            sql.texts(kinds),
            sql.texts(labels),
            sql.ints(amounts),
            sql.booleans(included),
        ],
    )


WRITE = """
    INSERT INTO order_adjustment (id, order_id, line_id, kind, label, amount_minor, included)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::boolean[])
"""


def too_late(line: LineUnits, asked: int) -> Refusal:
    """Why so many units of a line cannot be canceled: a location has them, or the customer, or they never were."""
    if released := line.count("released"):
        return AlreadyWithWarehouse(quantity=released, sku=line.sku)
    return gone(line, asked)


def gone(line: LineUnits, asked: int) -> Refusal:
    """Why so many units of a line cannot even be called back."""
    if handed_over := line.count(*HANDED_OVER):
        return AlreadyShipped(quantity=handed_over, sku=line.sku)
    there = line.count(*CANCELABLE, "released")
    return NotThatMany(asked=asked, sku=line.sku, there=there, bucket="left to cancel")
