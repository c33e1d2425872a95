"""A month of trading in the demo shop: about two hundred orders, each with a fate, played day by day."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.demo import delivering, wares
from orderwright.demo.building import ACTOR, SCARCE
from orderwright.demo.delivering import done
from orderwright.demo.people import people
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.keep_promises import warn_late
from orderwright.flows.mark_received import Received, mark_received
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.flows.place_orders import Placed, Request, place_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.refund_orders import Refund, refund_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.kernel import clock
from orderwright.orders.drafting import AdjustmentDraft, Draft, LineDraft, TenderDraft
from orderwright.orders.moving import Wanted
from orderwright.payments.providers import codes
from orderwright.shipping.stages import Stage

DAYS = 30
PEOPLE = 70

# What becomes of an order: the steps after it was placed, each with the days that pass before it.
TO_THE_DOOR = (("depart", 0.3), ("send_out", 1.2), ("deliver", 0.6))
FATES: dict[str, tuple[tuple[str, float], ...]] = {
    "delivered": (("pay", 0.3), ("release", 0.4), ("ship", 0.9), *TO_THE_DOOR, ("settle", 6.0)),
    "shipped": (("pay", 0.2), ("release", 0.3), ("ship", 0.8)),
    "on_its_way": (("pay", 0.1), ("release", 0.2), ("ship", 0.5), ("depart", 0.3)),
    "partly_shipped": (("pay", 0.2), ("release", 0.3), ("ship_some", 0.8)),
    "in_work": (("pay", 0.2), ("release", 0.4)),
    "packed": (("pay", 0.1), ("release", 0.2), ("pack", 0.5)),
    "ready": (("pay", 0.2),),
    "unpaid": (),
    "on_hold": (("pay", 0.2), ("hold", 0.1)),
    "backordered": (("pay", 0.2),),
    "canceled": (("cancel", 0.6),),
    "partly_canceled": (("cancel_one", 0.5), ("pay", 0.2)),
    "refunded": (("pay", 0.2), ("cancel", 0.7), ("refund", 0.4)),
    "let_off": (("pay", 0.3), ("release", 0.4), ("ship", 0.9), *TO_THE_DOOR, ("let_off", 1.0)),
    "attempted": (("pay", 0.1), ("release", 0.2), ("ship", 0.6), ("depart", 0.3), ("send_out", 1.0), ("attempt", 0.3)),
    "delayed": (("pay", 0.2), ("release", 0.3), ("ship", 0.8), ("depart", 0.3), ("delay", 2.0)),
    "lost": (("pay", 0.2), ("release", 0.3), ("ship", 0.8), ("depart", 0.3), ("lose", 8.0)),
    "returned": (("pay", 0.2), ("release", 0.3), ("ship", 0.8), ("depart", 0.3), ("attempt", 2.0), ("come_back", 3.0)),
}
OPEN_FATES = (
    "shipped", "on_its_way", "partly_shipped", "in_work", "packed", "ready", "unpaid", "on_hold", "canceled",
    "partly_canceled",
)  # fmt: skip
OPEN_WEIGHTS = (3, 4, 3, 4, 2, 6, 4, 2, 1, 1)

# Fates that chance might leave out, and how many days ago.
RARE = (
    ("backordered", 6),
    ("backordered", 4),
    ("backordered", 2),
    ("refunded", 12),
    ("refunded", 5),
    ("let_off", 15),
    ("let_off", 9),
    ("on_hold", 3),
    ("unpaid", 8),
    ("canceled", 7),
    ("attempted", 3),
    ("delayed", 5),
    ("lost", 12),
    ("returned", 9),
)


@dataclass
class Sale:
    """An order that will be placed at a moment, and what becomes of it then."""

    draft: Draft
    fate: str
    at: datetime
    order_id: int = 0


def trade(dice: random.Random) -> int:
    """Play the month, up to now; answers how many orders there are.

    What is promised is promised as the month goes by: some of it is kept, and some is not.
    """
    now = clock.now()
    buyers = list(people(PEOPLE, dice))
    sales = sorted(_sales(now, buyers, dice), key=lambda sale: sale.at)
    agenda: dict[tuple[datetime, str], list[Sale]] = defaultdict(list)
    for sale in sales:
        moment = sale.at
        agenda[_slot(moment, now), "place"].append(sale)
        for step, days in FATES[sale.fate]:
            moment = min(moment + timedelta(days=days), now)
            agenda[_slot(moment, now), step].append(sale)
    order = list(STEPS)
    for moment in sorted({moment for moment, _step in agenda}):
        with clock.at(moment):
            for step in order:
                due = agenda.get((moment, step))
                if due:
                    STEPS[step](due)
                    promise_orders(_ids(due))
            warn_late()
    return len(sales)


def _slot(moment: datetime, now: datetime) -> datetime:
    """The shop works twice a day: what is due in half a day is done together at its end."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return min(midnight + timedelta(hours=12 if moment.hour < 12 else 24), now)


def _sales(now: datetime, buyers: Sequence[tuple[CustomerDraft, AddressDraft]], dice: random.Random) -> list[Sale]:
    sales = []
    plain = [sku.code for sku in wares.skus() if sku.code not in SCARCE] + list(wares.KITS) * 3
    for days_ago in range(DAYS, -1, -1):
        for number in range(dice.randint(5, 8)):
            at = now - timedelta(days=days_ago, minutes=dice.randint(5, 700))
            sales.append(_sale(at, days_ago, number, plain, buyers, dice))
    for fate, days_ago in RARE:
        basket = [SCARCE[days_ago % len(SCARCE)]] if fate == "backordered" else plain
        sales.append(_sale(now - timedelta(days=days_ago, minutes=30), days_ago, 1, basket, buyers, dice, fate=fate))
    return sales


def _sale(
    at: datetime,
    days_ago: int,
    number: int,
    skus: Sequence[str],
    buyers: Sequence[tuple[CustomerDraft, AddressDraft]],
    dice: random.Random,
    *,
    fate: str = "",
) -> Sale:
    fate = fate or ("delivered" if days_ago > 4 else dice.choices(OPEN_FATES, OPEN_WEIGHTS)[0])
    customer, address = dice.choice(buyers)
    on_market = number % 4 == 3 and fate in ("delivered", "shipped", "ready", "in_work")
    chosen = dice.sample(skus, min(len(skus), dice.choice((1, 2, 2, 3, 4))))
    lines = [LineDraft(code, 9 if fate == "backordered" else dice.choice((1, 1, 2, 3))) for code in chosen]
    if fate in ("partly_shipped", "partly_canceled"):
        lines[0] = LineDraft(chosen[0], 3)
    adjustments = [AdjustmentDraft("shipping", "Parcel", amount="4.90" if not on_market else "3.95")]
    adjustments.append(AdjustmentDraft("tax", "VAT", rate="0.19", included=True))
    if dice.random() < 0.15:
        adjustments.append(AdjustmentDraft("discount", "Welcome 10 %", rate="-0.10"))
    draft = Draft(
        channel="market" if on_market else "web",
        lines=lines,
        customer=customer,
        reference=f"MK-{at:%y%m%d}-{days_ago:02}{number}" if on_market else None,
        ship_to=address,
        bill_to=address,
        adjustments=adjustments,
        tenders=[TenderDraft(_method(fate, on_market, dice), token="tok_demo")],
        when_short="backorder" if fate == "backordered" else "refuse",
        placed_at=at,
        note="Please ring twice." if dice.random() < 0.08 else "",
        tags=["gift"] if any(code.startswith("SET-") for code in chosen) else [],
    )
    return Sale(draft, fate, at)


def _method(fate: str, on_market: bool, dice: random.Random) -> str:
    """Marketplaces pay us later and in sum; what waits for money waits for a transfer; refunds need money that came."""
    if on_market:
        return "recorded"
    if fate in ("unpaid", "refunded", "let_off", "backordered", "partly_canceled"):
        return "bank_transfer"
    if fate == "ready" and "fake" in codes():
        return "fake"
    return dice.choice(("bank_transfer", "invoice", "cash_on_delivery", "bank_transfer"))


def _place(sales: Sequence[Sale]) -> None:
    outcomes = place_orders([Request(sale.draft, ACTOR) for sale in sales])
    for sale, outcome in zip(sales, outcomes, strict=True):
        if not isinstance(outcome, Placed):
            raise outcome.refusal
        sale.order_id = outcome.order_id
    gifts = [PutTags(sale.order_id, ["first-order"]) for sale in sales if sale.fate == "let_off"]
    if gifts:
        done(tag_orders(gifts, actor=ACTOR))


def _pay(sales: Sequence[Sale]) -> None:
    by_transfer = [sale for sale in sales if sale.draft.tenders[0].method == "bank_transfer"]
    done(mark_received([Received(sale.order_id, reference="statement") for sale in by_transfer], actor=ACTOR))


def _release(sales: Sequence[Sale]) -> None:
    done(release_orders([Release(sale.order_id) for sale in sales], actor=ACTOR))


def _pack(sales: Sequence[Sale]) -> None:
    delivering.answer(_ids(sales))
    delivering.pack(_ids(sales))


def _ship(sales: Sequence[Sale]) -> None:
    delivering.answer(_ids(sales))
    delivering.ship(_ids(sales))


def _ship_some(sales: Sequence[Sale]) -> None:
    delivering.answer(_ids(sales))
    delivering.ship_some(_ids(sales))


def _ids(sales: Sequence[Sale]) -> list[int]:
    return [sale.order_id for sale in sales]


def _told(stage: Stage, place: str = "", words: str = "") -> Callable[[Sequence[Sale]], None]:
    """A step: the courier says where the parcels are."""

    def step(sales: Sequence[Sale]) -> None:
        delivering.tell(_ids(sales), stage, place, words)

    return step


def _hold(sales: Sequence[Sale]) -> None:
    done(
        hold_orders([PutHold(sale.order_id, "address", "The house number is missing.") for sale in sales], actor=ACTOR)
    )
    done(note_orders([WriteNote(sale.order_id, "Asked by mail for the house number.") for sale in sales], actor=ACTOR))


def _cancel(sales: Sequence[Sale]) -> None:
    done(cancel_orders([Cancel(sale.order_id, "customer_request") for sale in sales], actor=ACTOR))


def _cancel_one(sales: Sequence[Sale]) -> None:
    done(
        cancel_orders([Cancel(sale.order_id, "customer_request", lines=[Wanted(1, 1)]) for sale in sales], actor=ACTOR)
    )


def _settle(sales: Sequence[Sale]) -> None:
    """Invoices are paid, and drivers bring the cash."""
    later = [sale for sale in sales if sale.draft.tenders[0].method in ("invoice", "cash_on_delivery")]
    done(mark_received([Received(sale.order_id) for sale in later], actor=ACTOR))


def _refund(sales: Sequence[Sale]) -> None:
    done(refund_orders([Refund(sale.order_id, "canceled") for sale in sales], actor=ACTOR))


def _let_off(sales: Sequence[Sale]) -> None:
    refunds = [Refund(sale.order_id, "chipped_cup", amount_minor=350, goodwill=True) for sale in sales]
    done(refund_orders(refunds, actor=ACTOR))


STEPS: dict[str, Callable[[Sequence[Sale]], None]] = {
    "place": _place,
    "pay": _pay,
    "hold": _hold,
    "cancel": _cancel,
    "cancel_one": _cancel_one,
    "release": _release,
    "pack": _pack,
    "ship": _ship,
    "ship_some": _ship_some,
    "depart": _told(Stage.IN_TRANSIT, "Kassel, DE"),
    "send_out": _told(Stage.OUT_FOR_DELIVERY),
    "deliver": _told(Stage.DELIVERED),
    "attempt": _told(Stage.ATTEMPT_FAILED, words="Nobody was at home."),
    "delay": _told(Stage.DELAYED, "Kassel, DE", "Snow on the road."),
    "lose": _told(Stage.LOST, words="It did not leave the depot."),
    "come_back": _told(Stage.RETURNED, words="The addressee is unknown there."),
    "settle": _settle,
    "refund": _refund,
    "let_off": _let_off,
}
