"""The shop's window and the cart: what is shown is what is there, and what is in the way is said kindly."""

from datetime import timedelta
from html import unescape

import pytest
from builders import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku
from django.test import Client

from orderwright.catalog.models import Category, Price, Product, Sku
from orderwright.inventory.expecting import Expected, expect
from orderwright.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_shop(db):
    a_channel("web")
    a_location("BERLIN", country="DE", city="Berlin")
    drinks = Category.objects.create(code="drinks", name="Drinks")
    tea = Category.objects.create(code="tea", name="Tea", parent=drinks)
    a_shelf("BERLIN", "TEE", 12)
    a_shelf("BERLIN", "CUP", 3)
    a_sku("POT", "54.00")
    Product.objects.filter(code="P-TEE").update(category=tea, name="Assam", description="Strong and malty.")
    Product.objects.filter(code="P-CUP").update(name="Cup Lotte")


def read(answer):
    return " ".join(unescape(answer.content.decode()).split())


def cart_of(client):
    return client.session.get("cart", {})


def test_the_window_shows_categories_and_what_is_new():
    said = read(Client().get("/"))

    assert "Drinks" in said
    assert "1 product" in said
    assert "Assam" in said
    assert "only 3 left" in said
    assert "not on the shelf now" in said


def test_a_category_has_what_is_below_it_and_nothing_else():
    said = read(Client().get("/c/drinks"))

    assert 'href="/c/tea"' in said
    assert 'href="/p/TEE"' in said
    assert 'href="/p/CUP"' not in said


@pytest.mark.parametrize("words", ["assam", "malty strong", "tee", "ASS mal"])
def test_a_search_finds_by_name_description_and_code(words):
    said = read(Client().get("/search", {"q": words}))

    assert 'href="/p/TEE"' in said
    assert 'href="/p/CUP"' not in said


@pytest.mark.parametrize("words", ["100%", "\\", "_", "x\x00y", "'; DROP TABLE sku", "%"])
def test_a_search_takes_whatever_is_typed(words):
    answer = Client().get("/search", {"q": words, "page": "-3", "sort": "'"})

    assert answer.status_code == 200


def test_a_product_says_truly_what_there_is():
    few, many, none = (read(Client().get(f"/p/{code}")) for code in ("CUP", "TEE", "POT"))

    assert "Only 3 left" in few
    assert "Ready to ship" in many
    assert "Sold out" in none
    assert "Add to cart" not in none


def test_a_product_that_comes_again_says_when():
    pot = Sku.objects.get(code="POT")
    on = (clock.now() + timedelta(days=9)).date()
    place = a_location("HAMBURG")
    expect([Expected(pot.pk, place.pk, 5, on)], actor=CLERK)

    said = read(Client().get("/p/POT"))

    assert "Back in stock on" in said
    assert f'datetime="{on.isoformat()}"' in said


def test_a_kit_names_its_parts():
    a_kit("SET", {"TEE": 1, "CUP": 2}, "30.00")

    said = read(Client().get("/p/SET"))

    assert '2 × <a href="/p/CUP">Cup</a>' in said
    assert "Only 1 left" in said


def test_what_is_not_sold_has_no_page():
    Sku.objects.filter(code="TEE").update(active=False)

    assert Client().get("/p/TEE").status_code == 404
    assert Client().get("/p/x%00").status_code == 404
    assert Client().get("/c/none").status_code == 404


def test_the_number_of_statements_does_not_depend_on_the_number_of_products(django_assert_max_num_queries):
    for number in range(15):
        a_shelf("BERLIN", f"WARE-{number}", 2)

    with django_assert_max_num_queries(5):
        assert read(Client().get("/search?q=ware")).count("only 2 left") == 15


def test_things_go_into_the_cart_and_out_again():
    client = Client()

    client.post("/cart/add", {"sku": "TEE", "quantity": "2"})
    answer = client.post("/cart/add", {"sku": "TEE", "quantity": "1", "back": "/p/TEE"})

    assert answer.status_code == 303
    assert answer["Location"] == "/p/TEE"
    assert cart_of(client) == {"TEE": 3}
    assert "€30.00" in read(client.get("/cart"))

    client.post("/cart", {"quantity-TEE": "1"})
    assert cart_of(client) == {"TEE": 1}

    client.post("/cart", {"remove": "TEE", "quantity-TEE": "1"})
    assert cart_of(client) == {}
    assert "Your cart is empty" in read(client.get("/cart"))


def test_no_more_goes_into_the_cart_than_there_is():
    client = Client()

    client.post("/cart/add", {"sku": "CUP", "quantity": "5"})

    assert cart_of(client) == {"CUP": 3}
    assert "There are only 3 of Cup." in read(client.get("/cart"))

    client.post("/cart/add", {"sku": "POT"})
    assert cart_of(client) == {"CUP": 3}


def test_what_may_wait_may_be_ordered_without_stock():
    a_sku("LAMP", "80.00", when_short="backorder")
    client = Client()

    client.post("/cart/add", {"sku": "LAMP", "quantity": "2"})

    assert cart_of(client) == {"LAMP": 2}
    assert "order it, and we send it when it is there" in read(client.get("/cart"))


def test_a_price_that_changed_and_goods_that_went_are_told_kindly_and_once():
    client = Client()
    client.post("/cart/add", {"sku": "CUP", "quantity": "3"})
    client.post("/cart/add", {"sku": "TEE"})
    client.get("/cart")
    Price.objects.filter(sku__code="TEE").update(unit_price_micros=12_500_000)
    session = client.session
    session["cart"] = {"CUP": 4, "TEE": 1, "GONE": 2}
    session.save()

    said = read(client.get("/cart"))

    assert "it was €10.00 and is €12.50" in said
    assert "Only 3 left. Please take fewer." in said
    assert "To the checkout" not in said
    assert "taken out of your cart: GONE" in said
    again = read(client.get("/cart"))
    assert "it was" not in again
    assert "GONE" not in again


@pytest.mark.parametrize("quantity", ["-1", "x", "1.5", "", "9" * 30])
def test_a_quantity_is_a_whole_number(quantity):
    client = Client()

    answer = client.post("/cart/add", {"sku": "TEE", "quantity": quantity})

    assert answer.status_code == 422
    assert cart_of(client) == {}


def test_nobody_is_led_elsewhere():
    answer = Client().post("/cart/add", {"sku": "TEE", "back": "//evil.example/"})

    assert answer["Location"] == "/cart"


def test_pictures_are_kept_by_browsers():
    Product.objects.filter(code="P-TEE").update(picture=b"\x89PNG...")

    answer = Client().get("/pictures/1/P-TEE")

    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content) == b"\x89PNG..."
    assert Client().get("/pictures/1/P-CUP").status_code == 404


@pytest.mark.parametrize("path", ["/", "/search?q=tea", "/cart"])
def test_a_shop_without_its_channel_says_so_kindly(path, settings):
    settings.SHOP_CHANNEL = "not-opened-yet"

    page = Client().get(path)

    assert page.status_code == 503
    assert "sells nothing on these pages yet" in page.content.decode()
