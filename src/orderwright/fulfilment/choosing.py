"""Choosing: which open units of fulfilment orders are meant, and the same units in their order's lines.

Pure, over work and lines that were read under the order's lock.
"""

from collections.abc import Sequence

from orderwright.fulfilment.working import Share, Work, put_back, take
from orderwright.kernel.errors import Invalid, Refusal
from orderwright.orders.moving import Chosen, NotThatMany, Wanted, leaves
from orderwright.orders.units import OrderUnits


def choose_open(
    order: OrderUnits, works: Sequence[Work], wanted: Sequence[Wanted] | None, *, target: str
) -> list[Share]:
    """Move open units in memory to the bucket `target` of the WORK book; the oldest fulfilment orders first.

    None wants all that is open, which may be nothing.  Where there are too few, nothing has moved.
    """
    if wanted is None:
        return [
            share
            for work in works
            for line in work.lines
            for share in take([work], line.line_id, line.open, "open", target)
        ]
    if not wanted:
        raise Invalid(field="lines", problem="there are none")
    shares: list[Share] = []
    try:
        for one in wanted:
            there = [work for work in works if one.location in (None, work.location)]
            for line, quantity in leaves(order, one):
                some = take(there, line.id, quantity, "open", target)
                shares.extend(some)
                if (found := sum(share.quantity for share in some)) < quantity:
                    raise NotThatMany(asked=quantity, sku=line.sku, there=found, bucket="open")
    except Refusal:
        put_back(shares, target)
        raise
    return shares


def move_lines(order: OrderUnits, shares: Sequence[Share], target: str) -> Chosen:
    """Move the same units in the order's lines, in memory: from released to the bucket `target` of the LINES book."""
    lines = {line.id: line for line in order.lines}
    return Chosen(
        order.order_id,
        [
            units
            for share in shares
            for units in lines[share.line.line_id].take(share.quantity, ("released",), target, share.work.location_id)
        ],
    )
