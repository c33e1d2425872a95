"""An order is edited in a browser: once with money that is due then, once with money that goes back."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from faulty import RunningShop
from playwright.sync_api import Page, expect

ADDRESS = {"name": "Ada Albers", "street": "Torstraße 5", "postal_code": "10119", "city": "Berlin", "country": "DE"}
SKU = "SENCH-100"


def placed(shop: RunningShop, method: str) -> str:
    """The number of an order of three at ten each."""
    body: dict[str, Any] = {
        "channel": "web",
        "customer": {"email": "edited@example.org", "language": "en"},
        "ship_to": ADDRESS,
        "lines": [{"sku": SKU, "quantity": 3, "unit_price": "10.00"}],
        "tenders": [{"method": method}],
    }
    answer = shop.ask("POST", "/v1/orders", body, key=str(uuid4()))
    assert answer.status in (200, 201), answer
    return str(answer.body["number"])


def money(shop: RunningShop, number: str) -> tuple[int, int, int]:
    """What an order comes to, what was captured, what was given back."""
    ((total, captured, refunded),) = shop.rows(
        "SELECT total_minor, captured_minor, refunded_minor FROM order_summary s JOIN orders o ON o.id = s.order_id"
        f" WHERE o.number = '{number}'"
    )
    return total, captured, refunded


def test_an_edit_leaves_a_balance_due_and_the_customer_a_link_to_pay_it(
    desk: Callable[..., Page], shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    number = placed(shop, "recorded")
    page = desk()
    page.goto(f"/desk/orders/{number}")
    page.get_by_role("link", name="Edit", exact=True).click()
    axe(page)
    fits(page)

    search = page.get_by_label("Add a product")
    search.press_sequentially(SKU[:7].lower())
    expect(page.locator("#found button").first).to_contain_text("available")
    axe(page)
    search.press("ArrowDown")
    expect(page.locator("#found button").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    search.fill(SKU)
    expect(page.locator("#found button")).to_have_count(1)
    search.press("Enter")
    expect(page.get_by_label(f"Quantity {SKU}")).to_be_focused()
    page.get_by_label("Price each").fill("4.50")
    page.get_by_label("Price each").press("Tab")

    expect(page.locator("#preview")).to_contain_text("€34.50")
    expect(page.locator("#preview")).to_contain_text("€4.50")
    assert money(shop, number) == (3000, 3000, 0)
    axe(page)

    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".toast")).to_contain_text("The order is changed.")
    assert money(shop, number) == (3450, 3000, 0)
    page.get_by_role("button", name="Open the pay link").click()
    expect(page.locator("main")).to_contain_text("€4.50")


def test_a_product_is_added_and_a_line_discounted_without_a_script(
    desk: Callable[..., Page], shop: RunningShop
) -> None:
    number = placed(shop, "recorded")
    page = desk(script=False)
    page.goto(f"/desk/orders/{number}/edit")

    page.get_by_label("Add a product").fill(SKU)
    page.get_by_label("Add a product").press("Enter")
    page.locator("#found button").click()
    page.get_by_label("Price each").fill("5.00")
    page.locator("summary", has_text="Discount").first.click()
    page.get_by_label("Amount or percent").fill("10 %")
    page.get_by_label("What it is for").first.fill("Dented tin")
    page.get_by_label("What it is for").first.press("Enter")

    expect(page.locator("#preview")).to_contain_text("Discount: Dented tin")
    expect(page.locator("#preview")).to_contain_text("€32.00")
    assert money(shop, number)[0] == 3000

    page.get_by_role("button", name="Apply").click()

    expect(page.locator("h1")).to_have_text(number)
    assert money(shop, number)[0] == 3200


def test_an_edit_gives_back_what_is_too_much(desk: Callable[..., Page], shop: RunningShop) -> None:
    number = placed(shop, "recorded")
    page = desk(script=False)
    page.goto(f"/desk/orders/{number}/edit")

    page.get_by_role("spinbutton", name="Quantity").first.fill("2")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("€20.00")
    assert money(shop, number) == (3000, 3000, 0)
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("h1")).to_have_text(number)
    assert money(shop, number) == (2000, 3000, 0)

    page = desk()
    page.goto(f"/desk/orders/{number}")
    page.locator("main").get_by_role("button", name="Refund", exact=True).last.click()
    dialog = page.get_by_role("dialog", name="Give money back")
    expect(dialog).to_contain_text("It is overpaid by €10.00.")
    dialog.get_by_role("button", name="Give back").click()

    expect(page.locator(".toast")).to_contain_text("The money is being given back.")
    assert money(shop, number) == (2000, 3000, 1000)


def test_whom_somebody_was_ahead_of_is_told_and_nothing_is_overwritten(
    desk: Callable[..., Page], shop: RunningShop
) -> None:
    number = placed(shop, "recorded")
    page = desk(script=False)
    page.goto(f"/desk/orders/{number}/edit")
    shop.ask(
        "POST",
        f"/v1/orders/{number}/cancel",
        {"reason": "mistake", "lines": [{"line": 1, "quantity": 1}]},
        key=str(uuid4()),
    )

    page.get_by_role("spinbutton", name="Quantity").first.fill("1")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("main")).to_contain_text("Nothing was done.")
    assert money(shop, number)[0] == 2000
