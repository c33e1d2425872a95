"""Units that locations give back, to be canceled: what asking and answering have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.flows._canceling import Desk, settle, strike
from orderwright.flows._each import Moving
from orderwright.flows._working import share_facts
from orderwright.fulfilment.book import WORK
from orderwright.fulfilment.choosing import move_lines
from orderwright.fulfilment.working import Share, Work, close_done, work_movements
from orderwright.inventory.book import STOCK
from orderwright.kernel.actors import Actor
from orderwright.kernel.books import post
from orderwright.kernel.events import Happening, record
from orderwright.orders.book import LINES
from orderwright.orders.moving import Chosen, line_movements, stock_movements
from orderwright.orders.units import Units


class Back(NamedTuple):
    """Units that a location gives back: in LINES they are reserved again for a moment."""

    work: Work
    shares: list[Share]
    chosen: Chosen
    at: datetime


class Struck(NamedTuple):
    """What is canceled of an order: units that locations give back, and others that none had."""

    order_id: int
    backs: list[Back]
    moving: Moving | None  # None where nothing is canceled yet

    @property
    def units(self) -> int:
        return self.moving.chosen.quantity if self.moving else 0


def cancel_back(
    desk: Desk,
    order_id: int,
    given_back: Sequence[tuple[Work, list[Share]]],
    others: Sequence[Units],
    reason: str,
    *,
    actor: Actor,
    at: datetime,
) -> Struck:
    """Cancel units that were given back, in memory, together with `others` that are in `canceled` already."""
    order = desk.units[order_id]
    lines = {line.id: line for line in order.lines}
    backs = [Back(work, shares, move_lines(order, shares, "reserved"), at) for work, shares in given_back]
    canceled = [
        units
        for back in backs
        for share in back.shares
        for units in lines[share.line.line_id].take(share.quantity, ("reserved",), "canceled", back.work.location_id)
    ]
    chosen = Chosen(order_id, [*others, *canceled])
    return Struck(order_id, backs, strike(desk, chosen, reason, actor=actor, at=at) if chosen.units else None)


def write(desk: Desk, struck: Sequence[Struck], works: Sequence[Work], *, actor: Actor, answered_by: Actor) -> None:
    """Tell of it, post it, and let the money follow."""
    backs = [back for one in struck for back in one.backs]
    moving = [one.moving for one in struck if one.moving]
    given_back = record([_happening(back, desk, answered_by) for back in backs])
    canceled = record([one.happening for one in moving])
    chosen = [one.chosen for one in moving]
    post(STOCK, stock_movements(chosen, "available", canceled))
    post(LINES, line_movements([back.chosen for back in backs], "reserved", given_back), locked=True)
    post(LINES, line_movements(chosen, "canceled", canceled), locked=True)
    post(WORK, work_movements([back.shares for back in backs], "recalled", given_back), locked=True)
    close_done(works)
    settle(desk, sorted({one.order_id for one in struck if one.moving}), actor=actor)


def _happening(back: Back, desk: Desk, actor: Actor) -> Happening:
    facts = {
        "number": desk.orders[back.work.order_id].number,
        "fulfilment_order": back.work.name,
        "location": back.work.location,
        "units": share_facts(back.shares),
    }
    return Happening("fulfilment.recall_accepted", actor, facts, back.work.order_id, back.at)
