"""Signing in and out, as people do it."""

from collections.abc import Callable

from faulty import RunningShop
from playwright.sync_api import Page, expect
from windows import PHONE, password

WRONG = "This e-mail address and this password do not belong together."


def fill(page: Page, email: str, secret: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(secret)
    page.keyboard.press("Enter")


def test_who_signs_in_comes_to_where_they_wanted_to_go_and_signs_out(buyer: Page, shop: RunningShop) -> None:
    buyer.goto("/desk/stock")
    assert buyer.url.endswith("/sign-in?next=%2Fdesk%2Fstock")

    fill(buyer, "owner@demo.example", password(shop))

    buyer.wait_for_url("**/desk/stock")
    expect(buyer.get_by_role("heading", level=1)).to_be_visible()

    buyer.locator("details.person summary").click()
    buyer.get_by_role("button", name="Sign out").click()
    buyer.wait_for_url("**/sign-in")
    buyer.goto("/desk/stock")
    assert "/sign-in?next=" in buyer.url


def test_a_wrong_password_is_said_and_the_address_stays(
    buyer: Page, shop: RunningShop, axe: Callable[..., None]
) -> None:
    buyer.goto("/sign-in")

    fill(buyer, "Nobody@Demo.example", "not the password at all")

    expect(buyer.get_by_role("alert")).to_have_text(WRONG)
    expect(buyer.get_by_label("E-mail address")).to_have_value("nobody@demo.example")
    expect(buyer.get_by_label("Password")).to_have_value("")
    axe(buyer)
    assert [cookie["name"] for cookie in buyer.context.cookies() if cookie["name"] == "sessionid"] == []


def test_it_works_without_script_on_a_phone(browse: Callable[..., Page], shop: RunningShop) -> None:
    page = browse(size=PHONE, script=False)
    page.goto("/sign-in?next=/desk/stock")

    fill(page, "warehouse@demo.example", password(shop))

    page.wait_for_url("**/desk/stock")


def test_nobody_is_led_to_another_site(buyer: Page, shop: RunningShop) -> None:
    buyer.goto("/sign-in?next=https://elsewhere.example/")

    fill(buyer, "owner@demo.example", password(shop))

    buyer.wait_for_url(f"{shop.address}/desk")
