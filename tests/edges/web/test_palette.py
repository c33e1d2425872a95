"""The palette finds whatever somebody has the beginning of, and only what his role sees."""

import re

import pytest
from builders import a_location, a_shelf, a_sku, an_order
from people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    a_sku("GREEN-TEA", price="10.00")
    a_location("BERLIN")
    a_shelf("BERLIN", "GREEN-TEA", 100)
    return an_order().with_line("GREEN-TEA", 2).by("grace@example.com").placed()


def find(words, role="owner"):
    answer = signed_in(role).get("/desk/palette", {"q": words}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    found = answer.content.decode()
    options = re.findall(r'role="option"[^>]*id="([^"]+)"[^>]*href="([^"]+)"', found)
    assert len({id_ for id_, _url in options}) == len(options)
    return [url for _id, url in options]


@pytest.mark.parametrize("words", ["grace@example.com", "grace@"])
def test_an_order_by_the_address_of_its_customer(order, words):
    assert f"/desk/orders/{order.number}" in find(words)


def test_an_order_by_its_number_comes_first(order):
    assert find(order.number)[0] == f"/desk/orders/{order.number}"


def test_a_customer_by_the_beginning_of_the_address(order):
    assert f"/desk/customers/{order.row.customer_id}" in find("grace@ex")


@pytest.mark.parametrize("words", ["green", "GREEN-TEA"])
def test_a_sku_by_its_code(order, words):
    assert "/desk/stock/GREEN-TEA" in find(words)


def test_a_page_and_something_to_do():
    assert find("webhooks") == ["/desk/settings/webhooks"]
    assert find("release") == ["/desk/orders?status=ready"]


def test_nothing_is_said_where_nothing_is_found():
    assert find("hovercraft") == []


def test_without_words_the_newest_orders_and_the_pages(order):
    found = find("")

    assert found[0] == f"/desk/orders/{order.number}"
    assert "/desk/exceptions" in found


def test_somebody_in_the_warehouse_finds_no_customers_and_no_settings(order):
    assert not [url for url in find("grace@ex", "warehouse") if "/customers/" in url]
    assert find("webhooks", "warehouse") == []


def test_somebody_in_the_warehouse_reads_no_name_beside_an_order(order):
    answers = {role: signed_in(role).get("/desk/palette").content.decode() for role in ("owner", "warehouse")}

    assert "grace@example.com" in answers["owner"]
    assert order.number in answers["warehouse"]
    assert "grace@example.com" not in answers["warehouse"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "\x00", "is:late", "number:", "x" * 5000, "a b c d e f g"])
def test_odd_words_are_only_words(order, words):
    find(words)


def test_a_number_of_statements_that_does_not_depend_on_what_is_found(order, django_assert_max_num_queries):
    client = signed_in()
    with django_assert_max_num_queries(20):
        client.get("/desk/palette", {"q": "grace"})
