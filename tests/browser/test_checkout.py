"""Buying, in a browser: by card, with the bank's step, without scripts; the last unit; and pressing twice."""

from collections.abc import Callable
from uuid import uuid4

from faulty import RunningShop
from playwright.sync_api import Page, Route, expect
from windows import PHONE

SKU = "SENCH-100"
THANKS = "Thank you, we have your order"


def lay_in(page: Page, sku: str) -> None:
    """Open the checkout with one of this in the cart."""
    page.goto(f"/p/{sku}")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/*")
    page.goto("/checkout")


def fill(page: Page, email: str = "ada@example.org") -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name", exact=True).fill("Ada Albers")
    page.get_by_label("Street and number").fill("Torstraße 5")
    page.get_by_label("Postal code").fill("10119")
    page.get_by_label("Town").fill("Berlin")


def give_card(page: Page, number: str = "4242 4242 4242 4242") -> None:
    frame = page.frame_locator("iframe.card-frame")
    frame.get_by_label("Card number").fill(number)
    frame.get_by_label("Valid until").fill("12/40")
    frame.get_by_label("Security code").fill("123")


def press(page: Page) -> None:
    page.locator("[data-pay]").click()


def orders_of(shop: RunningShop, email: str) -> list[tuple[str, str, int]]:
    """The orders of a buyer: status, payment, and how many tenders were opened on each."""
    return shop.rows(
        "SELECT s.status, s.payment, (SELECT count(*) FROM tender t WHERE t.order_id = s.order_id)::int"
        " FROM order_summary s JOIN customer c ON c.id = s.customer_id"
        f" WHERE c.email = '{email}' ORDER BY s.order_id"
    )


def test_a_guest_buys_by_card(
    buyer: Page, shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    lay_in(buyer, SKU)
    fill(buyer, "guest@example.org")
    buyer.locator("#option-EXPRESS").check()
    expect(buyer.locator("#summary")).to_contain_text("Express by noon")
    give_card(buyer)
    axe(buyer)
    fits(buyer)

    press(buyer)

    buyer.wait_for_url("**/orders/thanks/**")
    expect(buyer.get_by_role("heading", level=1)).to_have_text(THANKS)
    axe(buyer)
    assert [one[1:] for one in orders_of(shop, "guest@example.org")] == [("secured", 1)]


def test_what_is_wrong_is_said_before_the_card_is_taken_and_the_card_stays(browse: Callable[..., Page]) -> None:
    page = browse(size=PHONE)
    lay_in(page, SKU)
    fill(page, "wrong@example.org")
    page.get_by_label("Postal code").fill("1")
    give_card(page)

    press(page)

    expect(page.locator("#postal_code-words")).to_contain_text("This cannot be right.")
    page.get_by_label("Postal code").fill("10119")
    press(page)
    page.wait_for_url("**/orders/thanks/**")


def test_a_late_answer_does_not_take_back_how_it_is_delivered(buyer: Page) -> None:
    def answer_late(route: Route) -> None:
        if '"deliveries"' in str(route.request.post_data) or "do=deliveries" in str(route.request.post_data):
            buyer.wait_for_timeout(700)
        route.continue_()

    lay_in(buyer, SKU)
    fill(buyer)
    buyer.route("**/checkout", answer_late)
    buyer.get_by_label("Postal code").fill("10115")

    buyer.locator("#option-EXPRESS").check()

    buyer.wait_for_timeout(1500)
    expect(buyer.locator("#option-EXPRESS")).to_be_checked()
    expect(buyer.locator("#summary")).to_contain_text("Express by noon")


def test_the_fields_follow_the_country(buyer: Page) -> None:
    lay_in(buyer, SKU)

    buyer.get_by_label("Country").select_option("US")

    expect(buyer.get_by_label("ZIP code")).to_be_visible()
    expect(buyer.get_by_label("State")).to_be_visible()
    expect(buyer.locator("#deliveries")).not_to_contain_text("Standard parcel")


def test_a_declined_card_and_then_the_banks_step(
    browse: Callable[..., Page], shop: RunningShop, axe: Callable[..., None]
) -> None:
    page = browse(dark=True)
    lay_in(page, SKU)
    fill(page, "step@example.org")
    give_card(page, "4000000000009995")
    press(page)
    page.wait_for_url("**/pay/**")
    expect(page.get_by_role("alert").first).to_contain_text("There is not enough money on the account.")
    axe(page)

    give_card(page, "4000000000003238")
    press(page)
    page.wait_for_url("**/confirm/**")
    page.get_by_role("button", name="Yes").click()

    page.wait_for_url("**/orders/thanks/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert [one[1:] for one in orders_of(shop, "step@example.org")] == [("secured", 2)]


def test_a_browser_without_scripts_buys_on_the_providers_page(browse: Callable[..., Page], shop: RunningShop) -> None:
    page = browse(script=False)
    lay_in(page, SKU)
    fill(page, "plain@example.org")
    press(page)
    page.get_by_label("Card number").fill("4242424242424242")
    page.get_by_label("Valid until").fill("12/40")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Pay", exact=True).click()

    page.wait_for_url("**/orders/thanks/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert [one[1:] for one in orders_of(shop, "plain@example.org")] == [("secured", 1)]


def test_a_gift_card_pays_a_part_and_goods_that_are_fetched_need_no_address(buyer: Page, shop: RunningShop) -> None:
    issued = shop.ask("POST", "/v1/gift-cards", {"amount": "5.00", "currency": "EUR"}, key=uuid4().hex)
    assert issued.status == 201
    lay_in(buyer, SKU)
    buyer.get_by_label("E-mail address").fill("gift@example.org")
    buyer.get_by_label("Name", exact=True).fill("Ada Albers")
    buyer.locator("#option-FETCH").check()
    expect(buyer.get_by_label("Street and number")).to_be_hidden()
    buyer.get_by_text("I have a gift card").click()
    buyer.get_by_label("Its code").fill("WRONG")
    buyer.get_by_label("Its code").blur()
    expect(buyer.locator("#gift_card-words")).to_contain_text("There is no gift card with this code.")

    buyer.get_by_label("Its code").fill(issued.body["code"])
    buyer.get_by_label("Its code").blur()
    expect(buyer.locator("#summary")).to_contain_text("To pay now")
    expect(buyer.locator("#gift_card-words")).to_have_text("")
    give_card(buyer)
    press(buyer)

    buyer.wait_for_url("**/orders/thanks/**")
    assert [one[1:] for one in orders_of(shop, "gift@example.org")] == [("secured", 2)]


def test_pressing_twice_and_going_back_make_one_order(buyer: Page, shop: RunningShop) -> None:
    lay_in(buyer, SKU)
    fill(buyer, "twice@example.org")
    buyer.get_by_label("Cash on delivery").check()
    with buyer.expect_navigation(url="**/orders/thanks/**"):
        buyer.evaluate(
            "() => { const said = new FormData(document.getElementById('checkout')); said.set('do', 'pay');"
            " fetch('/checkout', { method: 'POST', body: said });"
            " document.querySelector('[data-pay]').click(); }"
        )

    buyer.go_back()

    expect(buyer.get_by_role("heading", level=1)).to_have_text("Your cart is empty")
    assert [one[1:] for one in orders_of(shop, "twice@example.org")] == [("secured", 1)]


def test_two_browsers_race_for_the_last_unit_and_the_second_is_told_kindly(
    browse: Callable[..., Page], shop: RunningShop
) -> None:
    sku = f"LAST-{uuid4().hex[:8]}"
    for path, body in (
        ("/v1/products", {"code": sku, "name": "The last cup"}),
        ("/v1/skus", {"code": sku, "product": sku, "name": "The last cup"}),
        ("/v1/stock/receive", {"lines": [{"sku": sku, "location": "hamburg", "quantity": 1}]}),
    ):
        assert shop.ask("POST", path, body, key=uuid4().hex).status in (200, 201)
    assert shop.ask("PUT", f"/v1/skus/{sku}/prices/EUR", {"unit_price": "19.00"}).status == 200
    first, second = browse(), browse()
    for page, email in ((first, "first@example.org"), (second, "second@example.org")):
        lay_in(page, sku)
        fill(page, email)
        page.get_by_label("Cash on delivery").check()

    press(first)
    first.wait_for_url("**/orders/thanks/**")
    press(second)

    expect(second.get_by_role("alert")).to_contain_text("The last cup is sold out: somebody was a moment faster.")
    expect(second.get_by_label("E-mail address")).to_have_value("second@example.org")
    assert len(orders_of(shop, "first@example.org")) == 1
    assert orders_of(shop, "second@example.org") == []


def test_a_german_on_a_telephone_gives_his_card_in_german(
    browse: Callable[..., Page], shop: RunningShop, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    page = browse(size=PHONE, language="de-DE")
    page.goto(f"/p/{SKU}")
    page.get_by_role("button", name="In den Warenkorb").click()
    page.goto("/checkout")
    for label, text in (("E-Mail-Adresse", "deutsch@example.org"), ("Straße und Hausnummer", "Torstraße 5")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Name", exact=True).fill("Ada Albers")
    page.get_by_label("Postleitzahl").fill("10119")
    page.get_by_label("Ort", exact=True).fill("Berlin")
    frame = page.frame_locator("iframe.card-frame")
    frame.get_by_label("Kartennummer").fill("4242 4242 4242 4241")
    press(page)
    expect(frame.get_by_role("alert")).to_have_text("Das ist keine Kartennummer.")
    axe(page)
    fits(page)

    frame.get_by_label("Kartennummer").fill("4242 4242 4242 4242")
    frame.get_by_label("Gültig bis").fill("12/40")
    frame.get_by_label("Prüfziffer").fill("123")
    press(page)

    page.wait_for_url("**/orders/thanks/**")
    assert [one[1:] for one in orders_of(shop, "deutsch@example.org")] == [("secured", 1)]


def test_who_comes_back_and_changes_his_mind_has_not_pressed_pay(buyer: Page, shop: RunningShop) -> None:
    lay_in(buyer, SKU)
    fill(buyer, "back@example.org")
    buyer.get_by_label("Bank transfer").check()
    press(buyer)
    buyer.wait_for_url("**/orders/thanks/**")
    buyer.go_back()
    expect(buyer.get_by_role("heading", level=1)).to_be_visible()
    buyer.goto("/checkout")
    lay_in(buyer, SKU)
    fill(buyer, "back@example.org")

    buyer.get_by_label("Country").select_option("FR")
    expect(buyer.locator("#deliveries")).to_contain_text("Parcel within Europe")

    expect(buyer.locator("#deliveries")).not_to_contain_text("International parcel")
    assert len(orders_of(shop, "back@example.org")) == 1
