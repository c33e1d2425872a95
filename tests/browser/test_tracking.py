"""The tracking page, in a browser: it moves by itself, and says where a parcel was left."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from faulty import RunningShop
from playwright.sync_api import Page, expect

ADDRESS = {"name": "Ada Albers", "street": "Torstraße 5", "postal_code": "10119", "city": "Berlin", "country": "DE"}


def sent(shop: RunningShop, email: str) -> str:
    """The number of an order that has left."""
    body: dict[str, Any] = {
        "channel": "web",
        "customer": {"email": email, "language": "en"},
        "ship_to": ADDRESS,
        "lines": [{"sku": "SENCH-100", "quantity": 1}],
        "tenders": [{"method": "invoice"}],
    }
    number = str(shop.ask("POST", "/v1/orders", body, key=str(uuid4())).body["number"])
    for verb in ("release", "ship"):
        answer = shop.ask("POST", f"/v1/orders/{number}/{verb}", {}, key=str(uuid4()))
        assert answer.status == 200, answer
    return number


def tell(shop: RunningShop, number: str, stage: str, **more: str) -> None:
    """Say where the parcel of an order is."""
    (shipment,) = shop.ask("GET", f"/v1/orders/{number}/shipments").body["items"]
    said = {"stage": stage, "happened_at": datetime.now(UTC).isoformat(), **more}
    answer = shop.ask("POST", f"/v1/shipments/{shipment['name']}/packages/1/scans", said, key=str(uuid4()))
    assert answer.status == 200, answer


def follow(page: Page, number: str, email: str) -> None:
    page.goto("/track")
    page.get_by_label("Order number").fill(number)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Show my order").click()
    expect(page.locator("html[data-stream=open]")).to_be_attached()


def test_it_moves_by_itself_and_what_is_open_stays_open(
    buyer: Page, shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = sent(shop, "waits@example.org")
    tell(shop, number, "handed_over", place="Hamburg, DE")
    follow(buyer, number, "waits@example.org")
    buyer.get_by_text("Its way so far").click()

    tell(shop, number, "out_for_delivery", place="Berlin, DE", words="In the van.")

    expect(buyer.locator("details.more[open]")).to_contain_text("Berlin, DE", timeout=5000)
    expect(buyer.locator("#tracked .badge").first).to_have_text("Out for delivery")
    axe(buyer)
    fits(buyer)
