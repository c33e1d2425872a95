"""/desk/orders/…: everything about one order on one page: a fixed number of statements, however much there is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwright.catalog.queries import pictured
from orderwright.customers.models import Customer
from orderwright.exceptions import queries as exceptions
from orderwright.exceptions.kinds import Stands
from orderwright.fulfilment import queries as fulfilment
from orderwright.fulfilment.explaining import decisions
from orderwright.fulfilment.reasons import Reason as WhyRejected
from orderwright.inventory import queries as inventory
from orderwright.kernel import clock
from orderwright.notifications import queries as letters
from orderwright.notifications.kinds import KINDS as LETTERS
from orderwright.orders import queries
from orderwright.orders.of_customers import history
from orderwright.orders.queries import OrderSeen
from orderwright.orders.status import Money
from orderwright.payments import queries as payments
from orderwright.payments.linking import pay_url
from orderwright.payments.methods import GIFT_CARD, STORE_CREDIT
from orderwright.payments.queries import AttemptSeen, ReceiptSeen, TenderSeen
from orderwright.payments.reasons import REASONS
from orderwright.promises import queries as promises
from orderwright.promises.models import Reason
from orderwright.promises.queries import Entry
from orderwright.shipping import queries as shipping
from orderwright.shipping.documents import packing_slip
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.queries import PackageShown, ScanShown, ShipmentShown
from orderwright.shipping.stages import Stage
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import is_part, page, part
from orderwright.web.moments import moments, tell
from orderwright.web.sourcing import explain
from orderwright.web.whereabouts import BUCKETS, show
from orderwright.web.whose import called
from orderwright.web.words import word

MOST_LETTERS = 50
MOST_EXCEPTIONS = 20
MOST_LOCATIONS = 500

METHODS: Mapping[str, Promise] = {
    "bank_transfer": _("Bank transfer"),
    "cash_on_delivery": _("Cash on delivery"),
    "invoice": _("Invoice"),
    "recorded": _("Paid elsewhere"),
    "fake": _("Card"),
    GIFT_CARD: _("Gift card"),
    STORE_CREDIT: _("Store credit"),
}
VERBS: Mapping[str, Promise] = {
    "authorize": _("set aside"),
    "capture": _("capture"),
    "void": _("let go"),
    "refund": _("give back"),
}
ANSWERS: Mapping[str, tuple[Promise, str]] = {
    "approved": (_("done"), "good"),
    "declined": (_("declined"), "bad"),
    "action_required": (_("the payer must do something"), "wait"),
}
MONEY: Mapping[str, Promise] = {
    "awaited": _("awaited"),
    "authorizing": _("being set aside"),
    "authorized": _("set aside"),
    "capturing": _("being captured"),
    "captured": _("captured"),
    "voiding": _("being let go"),
    "voided": _("let go"),
    "refunding": _("being given back"),
    "refunded": _("given back"),
}
WAY: tuple[str, ...] = ("prepared", "labelled", "handed_over", "in_transit", "out_for_delivery", "delivered")
ASIDE: Mapping[str, str] = {
    "at_customs": "in_transit",
    "delayed": "in_transit",
    "ready_for_pickup": "out_for_delivery",
    "attempt_failed": "out_for_delivery",
    "returned": "delivered",
    "lost": "delivered",
}
ASTRAY = ("returned", "lost")
HOLDS = (
    ("address_check", _("The address is to be checked")),
    ("fraud_check", _("It may be fraud")),
    ("customer_request", _("The customer asked for it")),
    ("payment_check", _("The payment is to be checked")),
    ("stock_check", _("The stock is to be checked")),
    ("other", _("Another reason")),
)
CANCELLATIONS = (
    ("customer_request", _("The customer asked for it")),
    ("out_of_stock", _("It does not come any more")),
    ("fraud", _("It is fraud")),
    ("ordered_twice", _("It was ordered twice")),
    ("mistake", _("We made a mistake")),
    ("other", _("Another reason")),
)
REFUNDS = (
    ("goodwill", _("Goodwill")),
    ("late", _("It came late")),
    ("damaged", _("It came damaged")),
    ("price", _("The price was wrong")),
    ("customer_request", _("The customer asked for it")),
    ("other", _("Another reason")),
)
# What is on an order beside its lines, where nobody named it otherwise.
ADJUSTMENTS: Mapping[str, Promise] = {
    "cancellation": _("Canceled"),
    "discount": _("Discount"),
    "goodwill": _("Goodwill"),
    "shipping": _("Delivery"),
    "tax": _("Tax"),
}
WORDS: Mapping[tuple[str, str], str | Promise] = {
    **{("method", code): words for code, words in METHODS.items()},
    **{("reason", code): words for code, words in (*REASONS.items(), *HOLDS, *CANCELLATIONS, *REFUNDS)},
    **{("kind", code): kind.name for code, kind in LETTERS.items()},
    ("channel", "email"): _("e-mail"),
}


class Step(NamedTuple):
    """A stage on a package's way: done, now, wrong, or still to come (nothing)."""

    label: str | Promise
    mark: str


class PackageTold(NamedTuple):
    package: PackageShown
    steps: list[Step]
    scans: list[ScanShown]
    shows_label: bool


class ShipmentTold(NamedTuple):
    shipment: ShipmentShown
    option: str  # its delivery option, by name
    packages: list[PackageTold]


class TenderTold(NamedTuple):
    """A means of payment: where its money is, and what was asked about it."""

    tender: TenderSeen
    name: str | Promise
    money: list[tuple[str | Promise, int]]
    attempts: list[tuple[AttemptSeen, str | Promise, str | Promise, str, str | Promise]]
    receipts: list[ReceiptSeen]


class PromiseTold(NamedTuple):
    """What was promised of a line last, what first, and what came of it."""

    now: Entry
    first: date | None
    changes: int
    why: str | Promise
    tone: str
    words: str | Promise


@require_safe
@allow("orders:read")
def order(request: Visit, number: str) -> HttpResponse:
    """An order whole, or its body alone after something happened to it."""
    words = whole(queries.get(number), request.may)
    return (part if is_part(request) else page)(
        request, "orders/_body.html" if is_part(request) else "orders/order.html", words
    )


def whole(found: OrderSeen, may: frozenset[str]) -> dict[str, Any]:
    """What the page tells: of each thing only what this role may see."""
    id_ = found.head.id
    pictures = {
        sku: f"/pictures/{version}/{quote(product, safe='')}"
        for sku, (product, version) in pictured([line.sku for line in found.lines]).items()
    }
    seen = moments(id_, may, WORDS)
    lines = show(found.lines, pictures)
    ways = dict(DeliveryOption.objects.values_list("code", "name"))
    who = called({note.written_by for note in found.notes})
    return {
        "order": found,
        "head": found.head,
        "currency": found.head.currency,
        "url": f"/desk/orders/{quote(found.head.number, safe='')}",
        "lines": lines,
        "buckets": [(code, words) for code, words in BUCKETS.items() if _is_anywhere(found, code)],
        "cancelable": [line for line in lines if line.cancelable],
        "in_work": any(line.called_back for line in lines),
        "notes": [(note, who.get(note.written_by, "")) for note in reversed(found.notes)],
        "option_name": ways.get(found.wish.delivery_option, found.wish.delivery_option),
        "standing_holds": [hold for hold in found.holds if hold.lifted_at is None],
        "held": [(hold, WORDS.get(("reason", hold.reason), hold.reason)) for hold in found.holds if not hold.lifted_at],
        "promises": _promises(promises.of_order(id_)),
        "story": tell(seen, may, WORDS),
        "seen": seen[-1].place if seen else 0,
        **(_money(found) if "payments:read" in may and "prices:read" in may else {}),
        **(_work(id_) if "fulfilment:read" in may else {}),
        **(_shipments(id_, ways) if "shipments:read" in may else {}),
        **(_customer(found) if "customers:read" in may else {}),
        **(_letters(found.head.number) if "letters:read" in may else {}),
        **(_exceptions(found.head.number) if "exceptions:read" in may else {}),
        "billed_elsewhere": found.bill_to and found.ship_to and found.bill_to[1:] != found.ship_to[1:],
        "hold_reasons": HOLDS,
        "cancel_reasons": CANCELLATIONS,
        "refund_reasons": REFUNDS,
    }


def _is_anywhere(found: OrderSeen, bucket: str) -> bool:
    return any(where.bucket == bucket for line in found.lines for where in line.where)


def _promises(found: Sequence[Entry]) -> list[PromiseTold]:
    """What stands of what was promised, line by line."""
    by_line: dict[int, list[Entry]] = {}
    for entry in found:
        by_line.setdefault(entry.line, []).append(entry)
    return [_promise(entries) for entries in by_line.values()]


def _promise(entries: Sequence[Entry]) -> PromiseTold:
    now, first = entries[-1], next((one.deliver_on for one in entries if one.deliver_on), None)
    why = Reason(now.reason).label
    if now.came_on is not None:
        late = now.came_on > first if first else False
        tone, words = ("bad", _("late")) if late else ("good", _("kept"))
    elif now.deliver_on is None:
        tone, words = "wait", _("no day yet")
    elif now.deliver_on < clock.now().date():
        tone, words = "bad", _("overdue")
    elif first is not None and now.deliver_on > first:
        tone, words = "wait", _("later than promised first")
    else:
        tone, words = "busy", _("as promised")
    return PromiseTold(now, first if first != now.deliver_on else None, len(entries) - 1, why, tone, words)


def _money(found: OrderSeen) -> dict[str, Any]:
    """The money card; three statements."""
    head = found.head
    tenders = payments.tenders_of([head.id])
    ids = [tender.id for tender in tenders]
    attempts, receipts = payments.attempts_of(ids), payments.receipts_of(ids)
    money = Money(head.total_minor, head.captured_minor, head.refunded_minor, head.secured_minor)
    told = [_tender(tender, attempts, receipts) for tender in tenders]
    return {
        "money": money,
        "adjustments": [(one, ADJUSTMENTS.get(one.label or one.kind, one.label)) for one in found.adjustments],
        "goods": sum(line.total_minor for line in found.lines),
        "pay_url": pay_url(head.id) if money.owed > 0 else "",
        "kept": head.captured_minor - head.refunded_minor,
        "overpaid": max(0, -money.owed),
        "tenders": told,
        "capturable": _with(tenders, "authorized"),
        "refundable": _with(tenders, "captured"),
        "voidable": _with(tenders, "authorized", "awaited"),
        "awaited": _with(tenders, "awaited"),
    }


def _with(tenders: Sequence[TenderSeen], *buckets: str) -> list[tuple[int, str | Promise, int]]:
    """The tenders that have money in these buckets, and how much."""
    sums = [(one, sum(one.balances[bucket] for bucket in buckets)) for one in tenders]
    return [(one.id, METHODS.get(one.method, one.method), amount) for one, amount in sums if amount]


def _tender(tender: TenderSeen, attempts: Sequence[AttemptSeen], receipts: Sequence[ReceiptSeen]) -> TenderTold:
    return TenderTold(
        tender,
        METHODS.get(tender.method, tender.method.replace("_", " ").capitalize()),
        [(MONEY.get(bucket, bucket), amount) for bucket, amount in tender.balances.items() if amount],
        [
            (one, VERBS.get(one.verb, one.verb), *_answer(one), REASONS.get(one.reason, one.message))
            for one in attempts
            if one.tender_id == tender.id
        ],
        [one for one in receipts if one.tender_id == tender.id],
    )


def _answer(attempt: AttemptSeen) -> tuple[str | Promise, str]:
    if attempt.answer is None:
        return _("not answered yet"), "wait"
    return ANSWERS.get(attempt.answer, (attempt.answer.replace("_", " "), "calm"))


def _work(order_id: int) -> dict[str, Any]:
    """Fulfilment orders, and why they are where they are; four statements."""
    works = fulfilment.of_order(order_id)
    places = [(place.code, place.name or place.code) for place in inventory.locations(limit=MOST_LOCATIONS)]
    return {
        "works": works,
        "today": clock.now().date(),
        "open_works": [work for work in works if work.closed_at is None],
        "decisions": explain(decisions(order_id), dict(places)),
        "locations": [(code, f"{code} · {name}") for code, name in places],
        "reject_reasons": WhyRejected.choices,
    }


def _shipments(order_id: int, ways: Mapping[str, str]) -> dict[str, Any]:
    """Shipments with their parcels, as stages; four statements."""
    scans = shipping.scans_of_order(order_id)
    return {"shipments": [shipment_told(one, scans, ways) for one in shipping.of_orders([order_id])[order_id]]}


def shipment_told(
    shipment: ShipmentShown, scans: Mapping[str, Sequence[ScanShown]], ways: Mapping[str, str]
) -> ShipmentTold:
    """A shipment with its parcels, each with its way; `ways` are the names of delivery options, by code."""
    return ShipmentTold(
        shipment,
        ways.get(shipment.option or "", shipment.option or ""),
        [
            PackageTold(
                package,
                steps(package.stage, [scan.stage for scan in scans.get(package.name, ()) if scan.believed]),
                [scan for scan in reversed(scans.get(package.name, ())) if scan.believed],
                package.has_label and package.label == "labelled",
            )
            for package in shipment.packages
        ],
    )


def steps(stage: str, seen: Iterable[str] = ()) -> list[Step]:
    """A package's way from packing to the door, and how far it is; what went wrong stands where it ends.  Pure.

    `seen` are the stages that were told of it: what is lost, or came back, was not everywhere.
    """
    at = WAY.index(ASIDE.get(stage, stage))
    been = [WAY.index(ASIDE.get(one, one)) for one in seen if one not in ASTRAY]
    reached = max(been, default=WAY.index("labelled")) if stage in ASTRAY else at
    found = []
    for place, name in enumerate(WAY):
        here = place == at
        label = word("package", stage if here else name).label
        if not here:
            found.append(Step(label, "done" if place < at and place <= reached else ""))
        elif word("package", stage).tone == "bad":
            found.append(Step(label, "wrong"))
        else:
            found.append(Step(label, "done" if stage == Stage.DELIVERED else "now"))
    return found


def _customer(found: OrderSeen) -> dict[str, Any]:
    """Who ordered, and what they bought before; two statements."""
    id_ = found.head.customer_id
    return {"customer": Customer.objects.get(pk=id_), "history": history(id_, but=found.head.id)}


def _letters(number: str) -> dict[str, Any]:
    found = letters.letters(letters.Filters(order=number), before=None, limit=MOST_LETTERS)
    return {"letters": [(one, LETTERS[one.kind].name if one.kind in LETTERS else one.kind) for one in found]}


def _exceptions(number: str) -> dict[str, Any]:
    found: list[Stands] = exceptions.listed(exceptions.Filters(order=number), limit=MOST_EXCEPTIONS)
    return {"exceptions": [(one, exceptions.cause(one)) for one in found]}


@require_safe
@allow("shipments:read")
def slip(request: Visit, number: str, shipment: str) -> HttpResponse:
    """The packing slip, to be laid into the box."""
    return _paper(packing_slip(shipment, with_prices="prices:read" in request.may), f"{shipment}.pdf")


@require_safe
@allow("shipments:read")
def label(request: Visit, number: str, shipment: str, package: int) -> HttpResponse:
    """The label of a package, to be printed."""
    return _paper(shipping.label(shipping.package_name(shipment, package)), f"{shipment}-{package}.pdf")


def _paper(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
    answer["Cache-Control"] = "no-store"
    return answer


PATHS = [
    path("desk/orders/<str:number>", order),
    path("desk/orders/<str:number>/shipments/<str:shipment>/packing-slip", slip),
    path("desk/orders/<str:number>/shipments/<str:shipment>/packages/<int:package>/label", label),
]
