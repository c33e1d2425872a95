"""A small shop made through the flows: three SKUs, one a kit, two locations, two channels that share a series."""

from collections.abc import Sequence

from shelves import a_kit, a_location, a_shelf, a_sku

from orderwright.catalog.models import Channel, Price, Sku
from orderwright.flows.place_orders import Outcome, Placed, Request, place_orders
from orderwright.kernel import actors
from orderwright.orders.drafting import AddressDraft, AdjustmentDraft, CustomerDraft, Draft, LineDraft, TenderDraft

SHOPPER = actors.system("test")
PRICES = {"TEA": 4_990_000, "CUP": 12_345_678, "SET": 25_000_000}


def open_shop(*, tea: int = 20, cups: int = 20) -> None:
    """Tea may not be sold when there is none, cups may wait; a set is one tea and two cups."""
    skus = {"TEA": a_sku("TEA"), "CUP": a_sku("CUP", when_short="backorder")}
    a_kit("SET", TEA=1, CUP=2)
    for code, price in PRICES.items():
        Price.objects.create(sku=Sku.objects.get(code=code), currency="EUR", unit_price_micros=price)
    north = a_location("north", latitude=53.55, longitude=10.0)
    south = a_location("south", latitude=48.14, longitude=11.58)
    for code, units in (("TEA", tea), ("CUP", cups)):
        for location, part in ((north, units - units // 2), (south, units // 2)):
            if part:
                a_shelf(skus[code], location, holding=part)
    Channel.objects.create(code="web", name="Web", currency="EUR", series="shop", number_prefix="W-")
    Channel.objects.create(
        code="stall", name="Stall", currency="EUR", series="shop", number_prefix="S", capture_when="shipment"
    )


def a_draft(
    lines: dict[str, int],
    *,
    channel: str = "web",
    when_short: str = "refuse",
    tenders: Sequence[TenderDraft] = (),
    adjustments: Sequence[AdjustmentDraft] = (),
    email: str = "ada@example.org",
    **more: object,
) -> Draft:
    return Draft(
        channel=channel,
        lines=[LineDraft(sku, quantity) for sku, quantity in lines.items()],
        customer=CustomerDraft(email=email, name="Ada"),
        ship_to=AddressDraft(name="Ada", street="Kai 1", postal_code="20457", city="Hamburg", country="DE"),
        when_short=when_short,  # type: ignore[arg-type]
        tenders=list(tenders),
        adjustments=list(adjustments),
        **more,  # type: ignore[arg-type]
    )


def place(*drafts: Draft) -> list[Outcome]:
    return place_orders([Request(draft, SHOPPER) for draft in drafts])


def placed(draft: Draft) -> int:
    """The id of the order that this draft becomes."""
    (outcome,) = place(draft)
    assert isinstance(outcome, Placed), outcome
    return outcome.order_id
