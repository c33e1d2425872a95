"""SKUs, locations and what stands on their shelves, for any test that needs stock."""

import time

from orderwright.catalog.models import Channel, KitPart, Product, Sku
from orderwright.inventory.models import Location, StockEntry, StockSheet
from orderwright.inventory.receiving import Receipt, Units, receive
from orderwright.kernel import actors, feed
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def a_sku(code: str, **policy: object) -> int:
    product, _ = Product.objects.get_or_create(code=f"P-{code}", defaults={"name": code})
    return Sku.objects.create(code=code, product=product, name=code, **policy).pk


def a_kit(code: str, **parts: int) -> int:
    """A kit of the parts (by code) in these quantities."""
    kit = a_sku(code, is_kit=True)
    for part, quantity in parts.items():
        KitPart.objects.create(kit_id=kit, part=Sku.objects.get(code=part), quantity=quantity)
    return kit


def a_location(code: str, **more: object) -> int:
    return Location.objects.create(code=code, name=code.title(), **more).pk


def a_channel(code: str) -> int:
    return Channel.objects.create(code=code, name=code, currency="EUR", series=code).pk


def a_shelf(sku: int, location: int, holding: int) -> None:
    """Units that came in by a receipt."""
    receive([Receipt([Units(sku, location, holding)], reason="opening")], actor=CLERK)


def shelf(sku: int, location: int) -> dict[str, int]:
    """The buckets of a stock sheet that are not empty."""
    sheet = StockSheet.objects.filter(holder_id=sku, place_id=location).first()
    buckets = ("available", "reserved", "damaged", "quality_control", "in_transit")
    return {bucket: getattr(sheet, bucket) for bucket in buckets if getattr(sheet, bucket)} if sheet else {}


def happened() -> list[str]:
    """The kinds of all events, in order."""
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def entries() -> list[tuple[int, str, int, str, int, int]]:
    """All movements of the book, in order: SKU, from bucket and place, to bucket and place, units."""
    found = StockEntry.objects.order_by("id")
    return list(found.values_list("holder_id", "source", "source_place", "target", "target_place", "amount"))


def wait_for_the_log(patience_seconds: float = 60) -> None:
    """Until all that happened can be read: tests that run beside, on the same server, hold the feed back a moment."""
    end = time.monotonic() + patience_seconds
    while feed.lag_seconds():
        assert time.monotonic() < end, "the feed is held back"
        time.sleep(0.01)


def book() -> tuple[object, ...]:
    """All that is written of stock and events: equal before and after a refusal."""
    return list(StockSheet.objects.order_by("holder_id", "place_id").values()), entries(), happened()
