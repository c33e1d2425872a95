"""The list of orders in a browser: a saved view, and what is done to orders that are selected."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_search_is_saved_as_a_view(desk: Callable[..., Page]) -> None:
    page = desk("owner")
    page.goto("/desk/orders")

    page.get_by_role("searchbox", name="Search orders").fill("is:open")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**q=is*")
    page.goto("/desk/orders?q=is:open&age=today")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name").fill("New and open")
    page.get_by_role("dialog").get_by_role("button", name="Save view").click()

    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name="New and open")
    expect(tab).to_have_attribute("aria-current", "page")


def test_orders_that_are_selected_get_an_answer_each(desk: Callable[..., Page]) -> None:
    page = desk("owner")
    page.goto("/desk/orders")

    boxes = page.get_by_role("checkbox", name="Select order")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_label("What to do").select_option("tag")
    page.get_by_label("Tag or reason").fill("checked")
    page.get_by_role("button", name="Do it").click()

    expect(page.get_by_text("of 2 orders")).to_be_visible()
    expect(page.locator("#run tbody")).to_contain_text("Done", timeout=15_000)
