"""/desk/orders/…/edit: looked at before it is done, done once, and told to whoever came second."""

import re
from html import unescape

import pytest
from builders import a_channel, a_shelf, a_sku, an_order

from orderwright.catalog.models import Sku
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.kernel import actors
from orderwright.kernel.models import Event
from orderwright.orders import queries
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import DeliveryOption

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    a_sku("MUG", when_short="backorder")
    a_shelf("BERLIN", "TEE", 10)
    a_shelf("BERLIN", "MUG", 3)
    return an_order().with_line("TEE", 2, "10.00").paid_by("invoice").by("ada@example.org").placed()


def form(order, **more):
    seen = Event.objects.filter(order_id=order.id).count()
    return {"seen": seen, "short": "backorder", "reason": "customer_request", **more}


def total(order):
    return queries.get(order.number).head.total_minor


def test_the_form_shows_the_lines_and_changes_nothing(desk, order):
    page = desk().get(f"/desk/orders/{order.number}/edit")

    assert page.status_code == 200
    assert 'name="line-1"' in page.content.decode()


def test_a_preview_names_the_money_and_the_stock_and_changes_nothing(desk, order):
    words = form(order, **{"line-1": "1", "sku-1": "MUG", "quantity-1": "5", "price-1": "4.50"})
    desk_ = desk()

    whole = desk_.post(f"/desk/orders/{order.number}/edit", words | {"do": "preview"}).content.decode()
    part = desk_.post(f"/desk/orders/{order.number}/edit", words, headers={"HX-Request": "true"}).content.decode()

    for seen in (whole, part):
        assert "€32.50" in seen
        assert "2 waited for" in seen
    assert "<html" not in part
    assert total(order) == 2000


def test_it_is_applied(desk, order):
    answer = desk().post(
        f"/desk/orders/{order.number}/edit", form(order, **{"line-1": "2", "discount": "3,00", "do": "apply"})
    )

    assert (answer.status_code, answer["Location"]) == (303, f"/desk/orders/{order.number}")
    assert total(order) == 1700


def test_whom_a_colleague_was_ahead_of_is_told(desk, order):
    words = form(order, **{"line-1": "1", "do": "apply"})
    cancel_orders([Cancel(order.id, "mistake", [Wanted(1, 1)])], actor=actors.client(7))

    answer = desk().post(f"/desk/orders/{order.number}/edit", words)

    assert answer.status_code == 409
    assert "Nothing was done" in answer.content.decode()
    assert total(order) == 1000


def test_pressing_twice_edits_once(desk, order):
    words = form(order, **{"sku-1": "MUG", "quantity-1": "1", "price-1": "4.50", "discount": "3.00", "do": "apply"})
    desk_ = desk()

    first, again = (desk_.post(f"/desk/orders/{order.number}/edit", words) for _press in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    assert total(order) == 2150


def test_it_goes_elsewhere_only_when_the_address_is_another_one(desk):
    a_shelf("BERLIN", "TEE", 10)
    whole = {"name": "Ada Albers", "street": "Torstr. 5", "postal_code": "10119", "city": "Berlin"}
    order = an_order().with_line("TEE", 2, "10.00").to("DE", **whole).paid_by("invoice").placed()
    same = {f"to-{field}": text for field, text in whole.items()} | {"do": "apply"}

    untouched = desk().post(f"/desk/orders/{order.number}/edit", form(order, **same))
    moved = desk().post(f"/desk/orders/{order.number}/edit", form(order, **same | {"to-street": "Kai 1"}))

    assert (untouched.status_code, moved.status_code) == (422, 303)
    assert queries.get(order.number).ship_to.street == "Kai 1"
    assert 'value="Ada Albers"' in desk().get(f"/desk/orders/{order.number}/edit").content.decode()


def test_bad_input_is_refused_in_words(desk, order):
    desk_ = desk()
    added = {"sku-1": "MUG", "quantity-1": "0"}
    for wrong in ({"line-1": "-1"}, {"discount": "0"}, {"discount": "x"}, added, {"reason": "?"}):
        assert desk_.post(f"/desk/orders/{order.number}/edit", form(order) | wrong | {"do": "apply"}).status_code == 422
    assert total(order) == 2000


def test_who_sees_no_prices_edits_nothing(desk, order):
    assert desk("warehouse").get(f"/desk/orders/{order.number}/edit").status_code == 403


def test_another_order_like_it(desk, order):
    a_channel("web")

    answer = desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "once"})
    again = desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "once"})

    assert desk().post(f"/desk/orders/{order.number}/duplicate", {"key": "a\x00"}).status_code == 422
    copy = queries.get(answer["Location"].rpartition("/")[2])
    assert again["Location"] == answer["Location"]
    assert [(line.sku, line.quantity) for line in copy.lines] == [("TEE", 2)]
    assert copy.head.customer_id == queries.get(order.number).head.customer_id
    assert copy.head.payment == "unpaid"


def shown(answer):
    """What a page or a part says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def edit_of(order):
    return f"/desk/orders/{order.number}/edit"


def test_a_discount_on_a_line_is_an_amount_or_percent_with_its_reason(desk, order):
    client = desk()
    percent = {"line-1": "1", "off-1": "12,5 %", "why-1": "Dented tin"}

    seen = shown(client.post(edit_of(order), form(order, **percent)))
    client.post(edit_of(order), form(order, **percent, do="apply"))

    assert "Discount: Dented tin −€1.25" in seen
    assert "€8.75" in seen
    assert total(order) == 875
    assert [(one.kind, one.label) for one in queries.get(order.number).adjustments if one.kind == "discount"] == [
        ("discount", "Dented tin")
    ]

    client.post(edit_of(order), form(order, **{"off-1": "0.75", "do": "apply"}))

    assert total(order) == 800
    for wrong in ("0 %", "101%", "-5 %", "ten"):
        assert client.post(edit_of(order), form(order, **{"off-1": wrong, "do": "apply"})).status_code == 422
    assert total(order) == 800


def test_products_are_found_by_a_part_of_a_sku_or_name_with_price_and_stock(desk, order):
    client = desk()
    Sku.objects.filter(code="MUG").update(name="Big cup")

    by_code = shown(client.get(f"{edit_of(order)}/skus", {"q": "ug"}, headers={"HX-Request": "true"}))
    by_name = shown(client.get(f"{edit_of(order)}/skus", {"q": "cup big"}, headers={"HX-Request": "true"}))
    nothing = shown(client.get(f"{edit_of(order)}/skus", {"q": "100%_"}, headers={"HX-Request": "true"}))

    assert "Big cup MUG" in by_code
    assert "3 available" in by_code
    assert by_name == by_code
    assert nothing == "Nothing is found for “100%_”."
    assert desk("warehouse").get(f"{edit_of(order)}/skus", {"q": "ug"}).status_code == 403


def test_without_a_script_a_product_is_found_chosen_and_left_out_again(desk, order):
    client = desk()

    found = client.post(edit_of(order), form(order, q="MU", do="find")).content.decode()
    chosen = client.post(edit_of(order), form(order, q="MU", add="MUG")).content.decode()
    dropped = client.post(edit_of(order), form(order, **{"sku-1": "MUG", "quantity-1": "2", "drop": "1"}))

    assert 'name="add" value="MUG"' in found
    assert 'name="sku-1" value="MUG"' in chosen
    assert 'name="quantity-1"' in chosen
    assert 'name="sku-1"' not in dropped.content.decode()
    assert total(order) == 2000


def test_by_htmx_the_form_comes_back_with_what_was_added_and_what_it_comes_to(desk, order):
    typed = form(order, **{"sku-1": "MUG", "quantity-1": "2", "price-1": "4.50"})

    part = desk().post(f"{edit_of(order)}?add=TEE", typed, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert re.findall(r'name="sku-\d" value="(\w+)"', part) == ["MUG", "TEE"]
    assert "€29.00" in part or "What it comes to" in part


@pytest.fixture
def ways(order):
    for code, days, price in (("std", 3, 490), ("fast", 1, 990)):
        DeliveryOption.objects.create(
            code=code, name=code.title(), days_least=1, days_most=days, price_minor=price, currency="EUR", rank=days
        )
    promise_orders([order.id])


def test_another_delivery_option_is_quoted_and_its_price_taken_or_not(desk, order, ways):
    client = desk()
    shipping = {"shipping": "4.90", "do": "apply"}
    client.post(edit_of(order), form(order, **shipping))

    seen = shown(client.post(edit_of(order), form(order, option="fast")))
    kept = shown(client.post(edit_of(order), form(order, option="fast", charge="kept")))
    client.post(edit_of(order), form(order, option="fast", charge="kept", do="apply"))

    assert "Fast : €9.90" in seen.replace("Fast: ", "Fast : ")
    assert "€29.90" in seen
    assert "Arrives by" in seen
    assert "not taken: another price is chosen" in kept
    assert total(order) == 2490
    assert queries.get(order.number).wish.delivery_option == "fast"

    shown_price = {"option": "std", "quoted": "std", "quoted-minor": "450", "do": "apply"}
    client.post(edit_of(order), form(order, **shown_price))

    assert total(order) == 2450


def test_it_is_billed_to_another_address(desk, order):
    client = desk()
    address = {"bill-name": "Ada SARL", "bill-street": "Rue 1", "bill-postal_code": "75001", "bill-city": "Paris"}

    refused = shown(client.post(edit_of(order), form(order, **address)))
    client.post(edit_of(order), form(order, **address, **{"bill-country": "FR", "do": "apply"}))

    assert "Look at: bill_to/country" in refused
    found = queries.get(order.number)
    assert (found.bill_to.city, found.bill_to.country) == ("Paris", "FR")
    assert found.ship_to is None or found.ship_to.city != "Paris"
