"""A buyer's orders, in a browser: the tracking page moves by itself; an order is moved to an account."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from faulty import RunningShop
from playwright.sync_api import Page, expect
from windows import PHONE

PATIENCE_SECONDS = 30
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


def test_it_says_where_a_parcel_was_left(
    browse: Callable[..., Page], shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = sent(shop, "away@example.org")
    page = browse(size=PHONE, dark=True)
    follow(page, number, "away@example.org")

    tell(shop, number, "delivered", place="Berlin, DE", left_where="in the garage")

    expect(page.locator("#tracked .note.good")).to_contain_text("Left: in the garage.", timeout=5000)
    axe(page)
    fits(page)


def link_in_letter(shop: RunningShop, kind: str, to: str, path: str) -> str:
    """The link in the newest letter of a kind to an address, as soon as it was sent."""
    asked = (
        "SELECT l.text FROM letter l JOIN customer c ON c.id = l.customer_id"
        f" WHERE l.kind = '{kind}' AND l.state = 'sent' AND c.email = '{to}' ORDER BY l.id DESC LIMIT 1"
    )
    until = time.monotonic() + PATIENCE_SECONDS
    while not (rows := shop.rows(asked)):
        assert time.monotonic() < until, "the letter was not sent"
        time.sleep(0.2)
    found = re.search(rf"{path}/[\w:-]+", rows[0][0])
    assert found is not None
    return found[0]


def test_an_order_of_another_address_is_moved_to_an_account(
    browse: Callable[..., Page], shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = sent(shop, "guest.of@example.org")
    page = browse(size=PHONE)
    page.goto("/account")
    page.get_by_label("E-mail address").fill("account.of@example.org")
    page.get_by_role("button", name="Send me a link").click()
    page.goto(link_in_letter(shop, "sign_in_link", "account.of@example.org", "/account/in"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your orders")

    page.get_by_text("An order is missing?").click()
    axe(page)
    fits(page)
    page.get_by_label("Order number").fill(number)
    page.get_by_label("E-mail address of that order").fill("guest.of@example.org")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator(".toast")).to_contain_text("If there is such an order")

    reader = browse()
    reader.goto(link_in_letter(shop, "claim_link", "guest.of@example.org", "/account/claim"))
    expect(reader.locator("main")).to_contain_text("account.of@example.org")
    axe(reader)
    reader.get_by_role("button", name="Yes, move it there").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("The order has moved")
    axe(reader)

    page.goto("/account")
    expect(page.get_by_role("link", name=number)).to_be_visible()
