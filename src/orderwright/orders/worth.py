"""What units of an order are worth: the part of its money that goes when they are canceled, and comes when they ship.

The gross worth of a line is its total, its own adjustments, and its exact share of the order's discounts and taxes.
Shipping and fees of the order belong to no line.  Of a line of q units with the gross worth g, any c units counted
from the first are worth round(g x c / q): so it does not matter in how many steps they are counted, and all are
worth exactly g.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import sql
from orderwright.kernel.money import round_half_away, split
from orderwright.orders.models import AdjustmentKind
from orderwright.orders.units import LineUnits, OrderUnits

SHARED = frozenset({AdjustmentKind.DISCOUNT, AdjustmentKind.TAX})
HANDED_OVER = ("shipped", "delivered", "returned", "lost")

Worth = dict[tuple[str, bool], int]  # to pay: ("", False); a tax inside that: (its label, True)


class Written(NamedTuple):
    """An adjustment as it stands on an order; `line_id` is None where it is the whole order's."""

    order_id: int
    line_id: int | None
    kind: str
    label: str
    amount_minor: int
    included: bool


def adjustments_of(order_ids: Collection[int]) -> dict[int, list[Written]]:
    """All adjustments of these orders, in the order in which they were written."""
    found: dict[int, list[Written]] = {order_id: [] for order_id in order_ids}
    for row in sql.rows(ADJUSTMENTS_OF, [sql.ints(sorted(found))]):
        found[row[0]].append(Written(*row))
    return found


ADJUSTMENTS_OF = """
    SELECT order_id, line_id, kind, label, amount_minor, included
      FROM order_adjustment
     WHERE order_id = ANY (%s::bigint[])
     ORDER BY order_id, id
"""


def priced_lines(order: OrderUnits) -> list[LineUnits]:
    """The lines that were sold: plain ones and kits, without the parts of kits."""
    return [line for line in order.lines if line.parent_id is None]


def whole_units(order: OrderUnits, line: LineUnits, *buckets: str) -> int:
    """How many of a line are in these buckets; of a kit's line, how many whole kits."""
    return min(part.count(*buckets) * line.quantity // part.quantity for part in order.parts_of(line))


def total(order: OrderUnits, adjustments: Sequence[Written]) -> int:
    """What the order comes to."""
    lines = sum(line.total_minor for line in order.lines)
    return lines + sum(one.amount_minor for one in adjustments if not one.included)


def gross(order: OrderUnits, adjustments: Sequence[Written]) -> list[Worth]:
    """The gross worth of each priced line, as it was sold: cancellations are left out."""
    lines = priced_lines(order)
    worths: list[Worth] = [{("", False): line.total_minor} for line in lines]
    index = {line.id: i for i, line in enumerate(lines)}

    def add(i: int, adjustment: Written, amount: int) -> None:
        key = (adjustment.label if adjustment.included else "", adjustment.included)
        worths[i][key] = worths[i].get(key, 0) + amount

    sold = [one for one in adjustments if one.kind != AdjustmentKind.CANCELLATION]
    for one in sold:
        if one.line_id is not None:
            add(index[one.line_id], one, one.amount_minor)
    # What an edit added bears its own discounts and taxes, and no share of those that were there before.
    weights = [0 if line.is_added else max(0, worth["", False]) for line, worth in zip(lines, worths, strict=True)]
    if not any(weights):
        weights = [int(not line.is_added) for line in lines]
    for one in sold:
        if one.line_id is None and one.kind in SHARED:
            for i, share in enumerate(split(one.amount_minor, weights)):
                add(i, one, share)
    return worths


def handed_over(order: OrderUnits, adjustments: Sequence[Written]) -> int:
    """What is to be paid for all that has been shipped so far.

    The first shipment brings the order's shipping and fees with it, the last one all that is left of its total.
    """
    shipped = order.count(*HANDED_OVER)
    if not shipped:
        return 0
    comes_to = total(order, adjustments)
    if shipped + order.count("canceled") == sum(line.quantity for line in order.leaves()):
        return comes_to
    to_come = 0
    for line, worths in zip(priced_lines(order), gross(order, adjustments), strict=True):
        worth = worths["", False]
        counted = whole_units(order, line, "canceled") + whole_units(order, line, *HANDED_OVER)
        to_come += worth - round_half_away(worth * counted, line.quantity)
    return comes_to - to_come
