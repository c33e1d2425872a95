"""Stock in a browser: a level is set by two people at once, and the second is told."""

import re
from collections.abc import Callable

from faulty import RunningShop
from playwright.sync_api import Page, expect

SKU = "CANDY"
ON_HAND = "SELECT sum(available + reserved + damaged + quality_control) FROM stock_sheet t JOIN sku s ON s.id = holder_id JOIN location l ON l.id = place_id WHERE s.code = 'CANDY' AND l.code = 'leeds'"  # fmt: skip  # noqa: E501


def set_leeds(page: Page, units: int) -> None:
    dialog = page.get_by_role("dialog", name="How many stand at leeds?")
    dialog.get_by_label("On hand").fill(str(units))
    dialog.get_by_role("button", name="Set").click()


def test_the_second_of_two_who_set_a_level_is_told(desk: Callable[..., Page], shop: RunningShop) -> None:
    ((before,),) = shop.rows(ON_HAND)
    first, second = desk("owner"), desk("warehouse")
    for page in (first, second):
        page.goto(f"/desk/stock/{SKU}")
        page.get_by_role("button", name="Set leeds").click()

    set_leeds(first, int(before) + 2)
    expect(first.locator("#toasts")).to_contain_text(f"On hand is {int(before) + 2} now.")
    set_leeds(second, int(before) + 5)

    told = f"{SKU} at leeds: on_hand is {int(before) + 2} by now, not {int(before)}. Nothing was set."
    expect(second.locator("#toasts")).to_contain_text(told)
    assert shop.rows(ON_HAND) == [(before + 2,)]
    expect(second.locator(".story li").first).to_contain_text(re.compile(r"2 more at leeds.*the book was wrong"))


def test_the_list_is_searched_while_one_types(desk: Callable[..., Page]) -> None:
    page = desk("warehouse")
    page.goto("/desk/stock")

    page.get_by_placeholder("Code, name or barcode").press_sequentially("candy")

    expect(page.locator("#shelves tr.whole")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=candy"))
    page.locator("#shelves a[data-row]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SKU)
