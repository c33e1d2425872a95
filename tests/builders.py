"""What a story needs before it begins: SKUs, places, stock, channels, and orders placed through the flow.

Things are named by their codes: `a_shelf("BERLIN", "TEE", 5)`, `an_order().with_line("TEE", 2).placed()`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec
from django.db.models import Sum

from orderwright.catalog.models import Channel, KitPart, Price, Product, Sku
from orderwright.flows.place_orders import Outcome, Placed, Refused, Request, place_orders
from orderwright.fulfilment.models import WORK_BUCKETS, FulfilmentOrder
from orderwright.inventory.models import Location, StockSheet
from orderwright.inventory.receiving import Receipt, Units, receive
from orderwright.kernel import actors
from orderwright.kernel.models import Event
from orderwright.orders.drafting import AddressDraft, AdjustmentDraft, CustomerDraft, Draft, LineDraft, TenderDraft
from orderwright.orders.models import LINE_BUCKETS, Adjustment, LineSheet, Order, Summary
from orderwright.payments.models import TENDER_BUCKETS, TenderSheet

CLERK = actors.system("test")


def a_sku(code: str, price: str = "10.00", currency: str = "EUR", **policy: object) -> Sku:
    """A SKU with a price; `policy` are further columns of it."""
    product, _ = Product.objects.get_or_create(code=f"P-{code}", defaults={"name": code})
    sku = Sku.objects.create(code=code, product=product, name=code.title(), **policy)
    Price.objects.create(sku=sku, currency=currency, unit_price_micros=int(Decimal(price) * 1_000_000))
    return sku


def a_kit(code: str, parts: dict[str, int], price: str = "10.00") -> Sku:
    """A kit of these parts (code: how many), each of which is made where it is missing."""
    kit = a_sku(code, price, is_kit=True)
    for part, quantity in parts.items():
        known = Sku.objects.filter(code=part).first() or a_sku(part)
        KitPart.objects.create(kit=kit, part=known, quantity=quantity)
    return kit


def a_location(code: str, **more: object) -> Location:
    return Location.objects.create(**{"code": code, "name": code.title(), **more})


def a_channel(code: str = "web", **more: object) -> Channel:
    """The channel with this code, made where it is missing; `web` numbers its orders 1, 2, 3, any other WORD-1 …"""
    prefix = "" if code == "web" else f"{code.upper()}-"
    columns = {"name": code, "currency": "EUR", "series": code, "number_prefix": prefix, **more}
    return Channel.objects.get_or_create(code=code, defaults=columns)[0]


def a_shelf(location: str, sku: str, holding: int) -> None:
    """Units that came in by a receipt; location and SKU are made where they are missing."""
    place = Location.objects.filter(code=location).first() or a_location(location)
    thing = Sku.objects.filter(code=sku).first() or a_sku(sku)
    receive([Receipt([Units(thing.pk, place.pk, holding)], reason="opening")], actor=CLERK)


@dataclass(frozen=True)
class AnOrder:
    """A draft in the making; every method answers a new one."""

    channel: str = "web"
    lines: tuple[LineDraft, ...] = ()
    adjustments: tuple[AdjustmentDraft, ...] = ()
    tenders: tuple[TenderDraft, ...] = (TenderDraft("invoice"),)
    customer: CustomerDraft = field(default_factory=lambda: CustomerDraft(email="ada@example.org"))
    more: dict[str, object] = field(default_factory=dict)

    def with_line(self, sku: str, quantity: int = 1, price: str | None = None) -> "AnOrder":
        return self._but(lines=(*self.lines, LineDraft(sku, quantity, price)))

    def with_adjustment(
        self,
        kind: str,
        amount: str | None = None,
        *,
        rate: str | None = None,
        line: int | None = None,
        included: bool = False,
        label: str = "",
    ) -> "AnOrder":
        draft = AdjustmentDraft(kind, label, amount, rate, line, included)  # type: ignore[arg-type]
        return self._but(adjustments=(*self.adjustments, draft))

    def paid_by(self, *methods: str) -> "AnOrder":
        """`method`, or `method:amount`; an invoice, which is trusted, where this is left out."""
        tenders = []
        for method in methods:
            name, _, amount = method.partition(":")
            tenders.append(TenderDraft(name, amount or None))
        return self._but(tenders=tuple(tenders))

    def by(self, email: str) -> "AnOrder":
        return self._but(customer=CustomerDraft(email=email))

    def on(self, channel: str) -> "AnOrder":
        return self._but(channel=channel)

    def but(self, **more: object) -> "AnOrder":
        """Further fields of the draft: reference, when_short, placed_at, note, tags, ship_to …"""
        return self._but(more={**self.more, **more})

    def placed_at(self, moment: datetime) -> "AnOrder":
        return self.but(placed_at=moment)

    def to(self, country: str, **more: object) -> "AnOrder":
        return self.but(ship_to=AddressDraft(country=country, **more))  # type: ignore[arg-type]

    def draft(self) -> Draft:
        a_channel(self.channel)
        return Draft(
            channel=self.channel,
            lines=list(self.lines),
            customer=self.customer,
            adjustments=list(self.adjustments),
            tenders=list(self.tenders),
            **self.more,  # type: ignore[arg-type]
        )

    def placed(self) -> "PlacedOrder":
        """Place it; the test fails where it is refused."""
        (outcome,) = place(self)
        if isinstance(outcome, Refused):
            raise outcome.refusal
        return PlacedOrder(outcome.order_id, outcome.number, msgspec.json.decode(outcome.receipt))

    def _but(self, **changed: object) -> "AnOrder":
        return AnOrder(**{**self.__dict__, **changed})  # type: ignore[arg-type]


def an_order() -> AnOrder:
    return AnOrder()


def place(*orders: AnOrder) -> list[Outcome]:
    """Hand all of them in as one batch."""
    return place_orders([Request(order.draft(), CLERK) for order in orders])


def place_all(orders: Iterable[AnOrder]) -> list["PlacedOrder"]:
    """Place all of them as one batch; the test fails where one is refused."""
    placed = []
    for outcome in place(*orders):
        assert isinstance(outcome, Placed), outcome
        placed.append(PlacedOrder(outcome.order_id, outcome.number, msgspec.json.decode(outcome.receipt)))
    return placed


@dataclass(frozen=True)
class PlacedOrder:
    """An order that was placed, and what the database says about it now."""

    id: int
    number: str
    receipt: dict[str, object]

    @property
    def row(self) -> Order:
        return Order.objects.get(pk=self.id)

    @property
    def summary(self) -> Summary:
        return Summary.objects.get(pk=self.id)

    @property
    def status(self) -> str:
        return self.summary.status

    @property
    def total(self) -> int:
        """What its summary says that it comes to."""
        return self.summary.total_minor

    @property
    def units(self) -> dict[str, int]:
        """Where its units are; empty buckets are left out."""
        return _units(LineSheet.objects.filter(holder__order_id=self.id))

    def units_of(self, position: int) -> dict[str, int]:
        """Where the units of one line are."""
        return _units(LineSheet.objects.filter(holder__order_id=self.id, holder__position=position))

    @property
    def work(self) -> dict[str, dict[str, int]]:
        """Its fulfilment orders by name, and where their units are; empty buckets are left out."""
        sums = {f"sum_{bucket}": Sum(f"lines__sheets__{bucket}") for bucket in WORK_BUCKETS}
        return {
            row["name"]: {bucket: row[f"sum_{bucket}"] for bucket in WORK_BUCKETS if row[f"sum_{bucket}"]}
            for row in FulfilmentOrder.objects.filter(order_id=self.id).order_by("id").values("name").annotate(**sums)
        }

    @property
    def money(self) -> dict[str, int]:
        """Where its money is, in minor units; empty buckets are left out."""
        sheets = TenderSheet.objects.filter(holder__order_id=self.id)
        sums = sheets.aggregate(**{f"sum_{bucket}": Sum(bucket) for bucket in TENDER_BUCKETS})
        return {bucket: sums[f"sum_{bucket}"] for bucket in TENDER_BUCKETS if sums[f"sum_{bucket}"]}

    @property
    def events(self) -> list[str]:
        return list(Event.objects.filter(order_id=self.id).order_by("place_in_order").values_list("kind", flat=True))

    def facts(self, kind: str) -> dict[str, object]:
        """The facts of its last event of this kind."""
        return Event.objects.filter(order_id=self.id, kind=kind).latest("place_in_order").facts

    @property
    def adjustments(self) -> list[tuple[int | None, str, int]]:
        """Position of the line, kind and amount, in the order in which they were written; without included ones."""
        found = Adjustment.objects.filter(order_id=self.id, included=False).order_by("id")
        return list(found.values_list("line__position", "kind", "amount_minor"))


def shelf(location: str, sku: str) -> dict[str, int]:
    """The buckets of a stock sheet that are not empty."""
    sheet = StockSheet.objects.filter(holder__code=sku, place__code=location).values().first() or {}
    return {
        name: sheet[name]
        for name in ("available", "reserved", "damaged", "quality_control", "in_transit")
        if sheet.get(name)
    }


def events() -> list[str]:
    """The kinds of all events of orders, in order."""
    return list(Event.objects.exclude(order_id=None).order_by("id").values_list("kind", flat=True))


def written() -> Sequence[object]:
    """All that is written of orders and stock: equal before and after a refusal."""
    return [
        list(LineSheet.objects.order_by("holder_id", "place_id").values()),
        list(StockSheet.objects.order_by("holder_id", "place_id").values()),
        list(Adjustment.objects.order_by("id").values()),
        list(Summary.objects.order_by("order_id").values()),
        list(Event.objects.order_by("id").values_list("id", "kind")),
    ]


def _units(sheets: object) -> dict[str, int]:
    sums = sheets.aggregate(**{f"sum_{bucket}": Sum(bucket) for bucket in LINE_BUCKETS})  # type: ignore[attr-defined]
    return {bucket: sums[f"sum_{bucket}"] for bucket in LINE_BUCKETS if sums[f"sum_{bucket}"]}
