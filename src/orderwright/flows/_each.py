"""What the flows over orders have in common: each request of a batch is decided by itself, all are written at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from orderwright.inventory.book import STOCK
from orderwright.kernel.books import post
from orderwright.kernel.errors import Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.orders.moving import Chosen, line_movements, stock_movements

R = TypeVar("R")
T = TypeVar("T")


class Done(NamedTuple):
    """It was done: an order, and how many of its units moved."""

    order_id: int
    units: int = 0


class Moving(NamedTuple):
    """Units that are to move on, and what is to be told of it."""

    chosen: Chosen
    happening: Happening


Answer = Done | Refusal


def each(requests: Sequence[R], decide: Callable[[R], T]) -> list[T | Refusal]:
    """Decide on every request; a refusal is an answer, and spoils no neighbour."""
    decided: list[T | Refusal] = []
    for request in requests:
        try:
            decided.append(decide(request))
        except Refusal as refusal:
            decided.append(refusal)
    return decided


def move_on(decided: Sequence[Moving | Refusal], *, target: str, stock_target: str | None = None) -> list[Answer]:
    """Tell of the units that move on and post them: in LINES to `target`, in STOCK from reserved to `stock_target`.

    The orders are locked, which guards the sheets of their lines.
    """
    moving = [one for one in decided if isinstance(one, Moving)]
    chosen = [one.chosen for one in moving]
    events = record([one.happening for one in moving])
    if stock_target is not None:
        post(STOCK, stock_movements(chosen, stock_target, events))
    post(LINES, line_movements(chosen, target, events), locked=True)
    return [Done(one.chosen.order_id, one.chosen.quantity) if isinstance(one, Moving) else one for one in decided]


def changed(answers: Sequence[Answer]) -> list[int]:
    """The orders that were changed."""
    return sorted({answer.order_id for answer in answers if isinstance(answer, Done)})
