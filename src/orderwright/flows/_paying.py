"""Money follows the goods: what orders no longer need is let go or given back, what has left is taken.

Providers are only written questions here, in the transaction of the flow; they are asked when it is committed.
"""

from collections.abc import Mapping

from orderwright.kernel.actors import Actor
from orderwright.payments import capturing, questions, refunding, voiding
from orderwright.payments.methods import MANUAL
from orderwright.payments.queries import TenderSeen, tenders_of
from orderwright.payments.questions import Share


def give_back(totals: Mapping[int, int], *, why: str, actor: Actor) -> None:
    """Let go of, or refund, what these locked orders have beyond their totals (minor units by order).

    Money that was taken by hand can only be given back by hand: such an order stays overpaid until someone says so.
    """
    let_go: list[voiding.Chosen] = []
    refunds: list[Share] = []
    for order_id, tenders in _by_order(totals).items():
        kept = _sum(tenders, "captured")
        needed = max(0, totals[order_id] - kept - _sum(tenders, "capturing"))
        surplus = _sum(tenders, "authorized", "awaited", "authorizing") - needed
        if surplus > 0:
            let_go.append(voiding.choose_surplus(tenders, surplus))
        through_providers = [tender for tender in tenders if tender.method not in MANUAL]
        overpaid = min(kept - totals[order_id], _sum(through_providers, "captured"))
        if overpaid > 0:
            refunds += refunding.choose(through_providers, overpaid, why)
    voiding.void(let_go, actor=actor)
    refunding.refund(refunds, actor=actor)


def take(due: Mapping[int, int], *, actor: Actor) -> None:
    """Capture what these locked orders have to have paid by now, as far as it is authorized and not taken yet."""
    shares: list[Share] = []
    for order_id, tenders in _by_order(due).items():
        missing = due[order_id] - _sum(tenders, "captured", "capturing")
        amount = min(missing, capturing.authorized(tenders))
        if amount > 0:
            shares += capturing.choose(tenders, amount)
    questions.write("capture", shares, actor=actor)


def _by_order(orders: Mapping[int, int]) -> dict[int, list[TenderSeen]]:
    found: dict[int, list[TenderSeen]] = {}
    for tender in tenders_of(orders) if orders else ():
        found.setdefault(tender.order_id, []).append(tender)
    return found


def _sum(tenders: list[TenderSeen], *buckets: str) -> int:
    return sum(tender.balances[bucket] for tender in tenders for bucket in buckets)
