"""A buyer looks around, finds something, fills a cart, thinks better of it, and asks for a link to an account."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from windows import PHONE


def test_a_visitor_browses_and_fills_a_cart(browse: Callable[..., Page]) -> None:
    page = browse()
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Tableware")).click()
    page.get_by_role("link", name="Cups").first.click()
    page.get_by_role("link", name="Cup Lotte", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cup Lotte")

    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()

    expect(page.get_by_role("status")).to_contain_text("is in your cart")
    page.get_by_role("link", name=re.compile("^Cart")).click()
    quantity = page.get_by_role("spinbutton")
    expect(quantity).to_have_value("2")
    quantity.fill("3")
    page.get_by_role("button", name="Update the cart").click()
    expect(page.get_by_text("3 pieces")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Take .* out$")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your cart is empty")


def test_a_search_on_a_telephone_without_scripts_leads_to_the_checkout(browse: Callable[..., Page]) -> None:
    page = browse(size=PHONE, script=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("honey acacia")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Acacia Honey", exact=True).click()
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/cart")

    page.get_by_role("button", name="To the checkout").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")


def test_a_buyer_asks_for_a_link(browse: Callable[..., Page]) -> None:
    page = browse()
    page.goto("/account")

    page.get_by_label("E-mail address").fill("somebody.new@example.org")
    page.get_by_role("button", name="Send me a link").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
