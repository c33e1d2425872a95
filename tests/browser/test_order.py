"""One order, in a browser: a line is canceled, a part is given back, and its customer has it sent elsewhere."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from faulty import RunningShop
from playwright.sync_api import Page, expect

SKU = "SENCH-100"
ADDRESS = {"name": "Ada Albers", "street": "Torstraße 5", "postal_code": "10119", "city": "Berlin", "country": "DE"}


def placed(shop: RunningShop, method: str, email: str = "story@example.org") -> str:
    """The number of an order of three."""
    body: dict[str, Any] = {
        "channel": "web",
        "customer": {"email": email, "language": "en"},
        "ship_to": ADDRESS,
        "lines": [{"sku": SKU, "quantity": 3}],
        "tenders": [{"method": method}],
    }
    answer = shop.ask("POST", "/v1/orders", body, key=str(uuid4()))
    assert answer.status in (200, 201), answer
    return str(answer.body["number"])


def test_a_part_of_a_line_is_canceled(
    desk: Callable[..., Page], shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = placed(shop, "invoice")
    page = desk()
    page.goto(f"/desk/orders/{number}")
    axe(page)
    fits(page)

    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Cancel")
    axe(page)
    dialog.get_by_role("spinbutton").fill("1")
    dialog.get_by_role("button", name="Cancel these units").click()

    expect(page.locator(".toast")).to_contain_text("1 unit is canceled.")
    expect(page.locator(".where-words")).to_contain_text("1 canceled")


def test_a_part_is_given_back(desk: Callable[..., Page], shop: RunningShop) -> None:
    number = placed(shop, "recorded")
    page = desk()
    page.goto(f"/desk/orders/{number}")

    page.locator("main").get_by_role("button", name="Refund", exact=True).last.click()
    dialog = page.get_by_role("dialog", name="Give money back")
    dialog.get_by_label("Amount").fill("1.00")
    dialog.get_by_role("button", name="Give back").click()

    expect(page.locator(".toast")).to_contain_text("The money is being given back.")
    assert shop.rows(
        f"SELECT refunded_minor FROM order_summary s JOIN orders o ON o.id = s.order_id WHERE o.number = '{number}'"
    ) == [(100,)]


def test_the_page_moves_by_itself(desk: Callable[..., Page], shop: RunningShop) -> None:
    number = placed(shop, "invoice")
    page = desk()
    page.goto(f"/desk/orders/{number}")
    expect(page.locator("html[data-stream=open]")).to_be_attached()

    shop.ask("POST", f"/v1/orders/{number}/hold", {"reason": "address_check"}, key=str(uuid4()))

    expect(page.locator("#order .note.bad")).to_contain_text("The address is to be checked")


def test_a_customer_has_an_order_sent_elsewhere(
    buyer: Page, shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = placed(shop, "invoice", "mover@example.org")
    buyer.goto("/track")
    buyer.get_by_label("Order number").fill(number)
    buyer.get_by_label("E-mail address").fill("mover@example.org")
    buyer.get_by_role("button", name="Show my order").click()
    expect(buyer.locator("main")).to_contain_text("10119 Berlin")
    axe(buyer)
    fits(buyer)

    buyer.get_by_role("link", name="Change the address").click()
    buyer.get_by_label("Street and number").fill("Domplatz 2")
    buyer.get_by_label("Postal code").fill("50667")
    buyer.get_by_label("City").fill("Köln")
    axe(buyer)
    buyer.get_by_role("button", name="Send it there").click()

    expect(buyer.locator("main")).to_contain_text("50667 Köln")
