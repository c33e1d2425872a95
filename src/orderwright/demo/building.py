"""Building the demo shop: its catalog, places, stock and channels, as a merchant would set them up."""

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from orderwright.catalog.editing import Edited, Wanted, edit_categories, edit_channels, edit_products, edit_skus
from orderwright.catalog.kits import Recipe, set_parts
from orderwright.catalog.picturing import Picture, set_pictures
from orderwright.catalog.pricing import PriceTag, set_prices
from orderwright.demo import pictures, wares
from orderwright.inventory.availability import SafetyRow
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.keeping_back import keep_back
from orderwright.inventory.locating import Place, create_location
from orderwright.inventory.receiving import Receipt, receive
from orderwright.inventory.units import Units
from orderwright.kernel import actors, clock

ACTOR = actors.system("demo")
POUNDS = Decimal("0.86")
SCARCE = ("GYOKU-250", "POTIR", "DARJE-100")  # few there, and more on the way
DAY = 86_400

LOCATIONS = {
    "hamburg": Place(name="Hamburg", country="DE", city="Hamburg", latitude=53.55, longitude=9.99, rank=10,
                     time_zone="Europe/Berlin"),
    "lyon": Place(name="Lyon", country="FR", city="Lyon", latitude=45.76, longitude=4.84, rank=20,
                  time_zone="Europe/Paris"),
    "leeds": Place(name="Leeds", country="GB", city="Leeds", latitude=53.80, longitude=-1.55, rank=30,
                   time_zone="Europe/London"),
}  # fmt: skip

CHANNELS: dict[str, dict[str, object]] = {
    "web": {
        "name": "Web shop",
        "currency": "EUR",
        "number_prefix": "W-",
        "sourcing": ["fewest_parcels", "nearest", "ranked"],
        "capture_when": "shipment",
        "unpaid_expires_seconds": 30 * 60,
        "transfer_expires_seconds": 14 * DAY,
    },
    "market": {
        "name": "Marketplace",
        "currency": "GBP",
        "number_prefix": "M-",
        "sourcing": ["nearest", "ranked"],
        "capture_when": "placement",
    },
}


def build(dice: random.Random) -> None:
    """Set the shop up, and put its opening stock on the shelves."""
    skus = list(wares.skus())
    _done(edit_categories([Wanted(code, {"name": name}) for code, (name, _) in wares.CATEGORIES.items()], actor=ACTOR))
    parents = [Wanted(code, {"parent": parent}) for code, (_, parent) in wares.CATEGORIES.items() if parent]
    _done(edit_categories(parents, actor=ACTOR))
    _build_products()
    ids = _build_skus(skus)
    _build_kits()
    locations = {code: create_location(code, place, actor=ACTOR).pk for code, place in LOCATIONS.items()}
    channels = {
        edited.code: edited.id
        for edited in _done(edit_channels([Wanted(code, fields) for code, fields in CHANNELS.items()], actor=ACTOR))
    }
    _stock(ids, locations, dice)
    _keep_back(ids, locations, channels["market"])
    _expect(ids, locations)


def _done(edited: Iterable[Edited]) -> Sequence[Edited]:
    """The same, unless something was refused: the demo's own words must be good enough for the shop."""
    found = list(edited)
    for one in found:
        if one.refusal:
            raise one.refusal
    return found


def _build_products() -> None:
    products = [
        Wanted(ware.code, {"name": ware.name, "description": ware.description, "category": ware.category})
        for ware in wares.wares()
    ]
    kits = [Wanted(code, {"name": name, "category": "gifts"}) for code, (name, _, _) in wares.KITS.items()]
    _done(edit_products([*products, *kits], actor=ACTOR))
    drawn = [Picture(ware.code, pictures.draw(ware.shape, ware.color)) for ware in wares.wares()]
    colors = ("#9b4f5c", "#4f7d6b", "#5c5f8a", "#b3823f", "#7a5c4a")
    wrapped = [Picture(code, pictures.draw("gift", color)) for code, color in zip(wares.KITS, colors, strict=True)]
    set_pictures([*drawn, *wrapped], actor=ACTOR)


def _build_skus(skus: Sequence[wares.DemoSku]) -> dict[str, int]:
    edited = edit_skus([_sku(sku) for sku in skus], actor=ACTOR)
    tags = [PriceTag(sku.code, "EUR", sku.variant.price) for sku in skus]
    tags += [PriceTag(sku.code, "GBP", _pounds(sku.variant.price)) for sku in skus]
    _done(set_prices(tags, actor=ACTOR))
    return {one.code: one.id for one in _done(edited) if one.id}


def _sku(sku: wares.DemoSku) -> Wanted:
    length, width, height = sku.variant.size_mm
    return Wanted(
        sku.code,
        {
            "product": sku.ware.code,
            "name": f"{sku.ware.name}, {sku.variant.name}" if sku.variant.name else sku.ware.name,
            "gtin": sku.gtin,
            "weight_grams": sku.variant.weight_grams,
            "length_mm": length,
            "width_mm": width,
            "height_mm": height,
            "customs_code": sku.ware.customs_code,
            "origin_country": sku.ware.origin,
            "tax_class": "standard" if sku.ware.category in ("cups", "pots") else "reduced",
            "when_short": "backorder" if sku.code in SCARCE else "deny",
            "backorder_limit": 40 if sku.code in SCARCE else None,
            "low_stock_at": 10,
        },
    )


def _build_kits() -> None:
    made = [Wanted(code, {"product": code, "name": name, "is_kit": True}) for code, (name, _, _) in wares.KITS.items()]
    _done(edit_skus(made, actor=ACTOR))
    _done(set_parts([Recipe(code, parts) for code, (_, _, parts) in wares.KITS.items()], actor=ACTOR))
    tags = [PriceTag(code, "EUR", price) for code, (_, price, _) in wares.KITS.items()]
    tags += [PriceTag(code, "GBP", _pounds(price)) for code, (_, price, _) in wares.KITS.items()]
    _done(set_prices(tags, actor=ACTOR))


def _pounds(euros: str) -> str:
    """About the same in pounds, to the next five pence."""
    return str((Decimal(euros) * POUNDS * 20).quantize(Decimal(1), ROUND_HALF_UP) / 20)


def _stock(ids: dict[str, int], locations: dict[str, int], dice: random.Random) -> None:
    """One opening receipt a location: most SKUs in all three, the scarce ones only in Hamburg."""
    receipts = []
    for number, (place, location) in enumerate(locations.items(), start=1):
        units = []
        for code, sku in ids.items():
            if code in SCARCE:
                quantity = dice.randint(4, 6) if place == "hamburg" else 0
            else:
                quantity = dice.randint(4, 12) * 10 + dice.randint(12, 30)
            if quantity:
                units.append(Units(sku, location, quantity))
        receipts.append(Receipt(units, reason="opening", reference=f"OPENING-{number}"))
    receive(receipts, actor=ACTOR)


def _keep_back(ids: dict[str, int], locations: dict[str, int], market: int | None) -> None:
    """Two units of every cup stay for the Hamburg counter, and the marketplace never gets the last ten of a tea."""
    cups = [
        SafetyRow(sku, locations["hamburg"], None, 2)
        for code, sku in ids.items()
        if code.startswith(("CUPLO", "ESPRE"))
    ]
    teas = [SafetyRow(sku, None, market, 10) for code, sku in ids.items() if code.startswith(("SENCH", "WHITE"))]
    keep_back([*cups, *teas], actor=ACTOR)


def _expect(ids: dict[str, int], locations: dict[str, int]) -> None:
    day = (clock.now() + timedelta(days=9 + 40)).date()
    expect(
        [
            Expected(ids[code], locations["hamburg"], 60, day, f"PO-{number}")
            for number, code in enumerate(SCARCE, 2101)
        ],
        actor=ACTOR,
    )
