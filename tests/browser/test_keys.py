"""The desk by keys alone: skip link, shortcuts, the palette, and where the focus is."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

SHOWN = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none";
}"""
TABS = 25


def test_the_first_key_leads_past_the_menu(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.url.endswith("#content")


def test_the_focus_is_seen_wherever_it_goes(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")

    unseen = []
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if not page.evaluate(SHOWN):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))

    assert unseen == []


def test_two_letters_lead_to_a_page(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/design")
    page.goto("/desk/stock")

    page.keyboard.press("g")
    page.keyboard.press("l")

    page.wait_for_url("**/mailbox")


def test_a_question_mark_lists_the_keys(desk: Callable[..., Page], axe: Callable[..., None]) -> None:
    page = desk()
    page.goto("/desk/stock")

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_hidden()


def test_the_palette_opens_by_keys_and_closes(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")

    page.keyboard.press("Control+k")

    expect(page.get_by_role("combobox", name=re.compile("Find anything"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_the_palette_finds_an_order_and_goes_there(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")
    page.keyboard.press("Control+k")

    page.get_by_role("combobox", name="Find anything").fill("W-100")
    expect(page.locator("#palette-found [role=option]").first).to_contain_text("W-100")
    page.keyboard.press("Enter")

    page.wait_for_url("**/desk/orders/W-100")


def test_a_list_is_walked_through_and_its_row_opened(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/orders")
    rows = page.locator("main a[data-row]")
    second = rows.nth(1).inner_text().strip()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")

    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/orders/{second}")


def test_who_is_quicker_than_the_palette_goes_where_he_typed(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-found [role=option]").first).to_be_visible()

    page.keyboard.type("W-101")
    page.keyboard.press("Enter")

    page.wait_for_url("**/desk/orders/W-101")


def test_escape_closes_the_palette_with_words_in_it(desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto("/desk/stock")
    page.keyboard.press("Control+k")
    page.keyboard.type("W-101")

    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()
