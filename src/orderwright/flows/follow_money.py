"""Following money: what is to be asked of providers because of where the money of orders is, and their units.

Nothing here was asked for by a person.  Where a provider has declined the like before, that is left to people.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.catalog.models import CaptureWhen
from orderwright.flows.summarize import look
from orderwright.kernel.actors import Actor
from orderwright.orders import worth
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.status import Money, is_secure
from orderwright.orders.units import units_of
from orderwright.payments import capturing, questions, refunding, voiding
from orderwright.payments.methods import MANUAL
from orderwright.payments.queries import TenderSeen, declined_last, tenders_of
from orderwright.payments.questions import Share

SURPLUS = "overpaid"


class Next(NamedTuple):
    """What is to be asked about the money of an order."""

    let_go: voiding.Chosen
    capture: list[Share]
    refund: list[Share]


@transaction.atomic
def follow_money(order_ids: Collection[int], *, actor: Actor) -> None:
    """Let go of money that is not needed, capture what is due, give back what a provider took too much.

    A channel captures as soon as all that is owed is secure, or what has been shipped.  The callers summarize.
    """
    locked = lock_orders(order_ids)
    _figures, money = look(locked)
    tenders = tenders_of(locked)
    declined = declined_last([tender.id for tender in tenders])
    shipped = _worth_shipped([order for order in locked.values() if order.capture_when == CaptureWhen.SHIPMENT])
    by_order: dict[int, list[TenderSeen]] = {order_id: [] for order_id in locked}
    for tender in tenders:
        by_order[tender.order_id].append(tender)
    next_ = [
        decide(order, money[order.id], by_order[order.id], declined, shipped.get(order.id))
        for order in locked.values()
        if by_order[order.id]
    ]
    voiding.void([one.let_go for one in next_], actor=actor)
    questions.write("capture", [share for one in next_ for share in one.capture], actor=actor)
    refunding.refund([share for one in next_ for share in one.refund], actor=actor)


def decide(
    order: Locked,
    money: Money,
    tenders: Sequence[TenderSeen],
    declined: Mapping[int, frozenset[str]],
    worth_shipped: int | None,
) -> Next:
    """What follows for one order; `worth_shipped` is None where the channel captures at placement.  Pure."""

    def willing(verb: str) -> list[TenderSeen]:
        return [tender for tender in tenders if verb not in declined.get(tender.id, ())]

    let_go = voiding.choose_surplus(willing("void"), _held(tenders) - money.owed)
    taking = sum(tender.balances["capturing"] for tender in tenders)
    if worth_shipped is None:
        due = money.owed if is_secure(money) else 0
    else:
        due = min(worth_shipped - money.captured + money.refunded, money.owed)
    able = willing("capture")
    capture = capturing.choose(able, max(0, min(due - taking, capturing.authorized(able))))
    able = [tender for tender in willing("refund") if tender.method not in MANUAL]
    back = -money.owed - sum(tender.balances["refunding"] for tender in tenders)
    refund = refunding.choose(able, max(0, min(back, refunding.captured(able))), SURPLUS)
    return Next(let_go, capture, refund)


def _held(tenders: Sequence[TenderSeen]) -> int:
    """Money that is to come without anybody else being asked whether it will."""
    return sum(tender.balances[bucket] for tender in tenders for bucket in ("awaited", "authorized", "capturing"))


def _worth_shipped(orders: Sequence[Locked]) -> dict[int, int]:
    if not orders:
        return {}
    ids = [order.id for order in orders]
    units, adjustments = units_of(ids), worth.adjustments_of(ids)
    return {order_id: worth.handed_over(units[order_id], adjustments[order_id]) for order_id in ids}
