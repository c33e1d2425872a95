"""Finding orders: by words, fields and facets; the newest first, both ways."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, a_sku, an_order, place_all

from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.kernel.errors import Refusal
from orderwright.lists import _branches, searching
from orderwright.lists.asking import read
from orderwright.orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    a_shelf("BERLIN", "TEE", 100)
    a_shelf("PARIS", "CAP", 100)
    orders = place_all(
        [
            an_order()
            .with_line("TEE", 3)
            .by("ada@example.com")
            .to("DE", name="Ada", city="Berlin", postal_code="10115"),
            an_order()
            .with_line("CAP")
            .by("grace@example.com")
            .to("FR", name="Grace", city="Paris", postal_code="75001"),
            an_order().with_line("TEE").by("alan@example.com").to("DE", name="Alan", city="Bonn", postal_code="53111"),
        ]
    )
    for order, name, phone in zip(
        orders, ("Ada Lovelace", "Grace Hopper", "Alan Turing"), ("+49301234567", "", ""), strict=True
    ):
        customer = order.row.customer
        customer.name, customer.phone = name, phone
        customer.save()
    tag_orders([PutTags(orders[1].id, ["vip"])], actor=CLERK)
    hold_orders([PutHold(orders[2].id, "fraud")], actor=CLERK)
    return orders


def found(orders, text):
    numbers = {order.number: place for place, order in enumerate(orders)}
    return [numbers[row.number] for row in searching.search(read(text), limit=50).rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [2, 1, 0]),
        ("ada", [0]),
        ("ada lovelace", [0]),
        ("ada hopper", []),
        ('name:"Grace Hopper"', [1]),
        ("grace@", [1]),
        ("email:alan@example.com", [2]),
        ("phone:030-1234567", [0]),
        ("TEE", [2, 0]),
        ("sku:CAP", [1]),
        ("tag:vip", [1]),
        ("country:de", [2, 0]),
        ("country:de country:fr", [2, 1, 0]),
        ("city:berlin", [0]),
        ("postal:53", [2]),
        ("location:PARIS", [1]),
        ("is:held", [2]),
        ("status:ready", [1, 0]),
        ("status:ready status:on_hold", [2, 1, 0]),
        ("amount:>20", [0]),
        ("amount:10", [2, 1]),
        ("amount:10..30", [2, 1, 0]),
        ("channel:web sku:TEE is:open", [2, 0]),
        ("channel:none", []),
        ("100%", []),
        ("tracking:none", []),
    ],
)
def test_words_and_fields_narrow(shop, text, expected):
    assert found(shop, text) == expected


def test_what_thousands_fit_is_found_the_same_way(shop, monkeypatch):
    few = {text: found(shop, text) for text in ("ada", "TEE", "country:de", "grace@", "tag:vip")}

    monkeypatch.setattr(_branches, "FEW", 0)

    assert {text: found(shop, text) for text in few} == few


def test_a_number_is_found_by_its_beginning(shop):
    assert found(shop, f"number:{shop[1].number}") == [1]
    assert found(shop, shop[1].number) == [1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour:red", "unknown_search_field"),
        ("is:nice", "bad_search"),
        ("status:lost", "bad_search"),
        ("amount:much", "bad_search"),
        ("placed:2026-02-31", "bad_search"),
        ("placed:..", "bad_search"),
        ("customer:x", "bad_search"),
    ],
)
def test_what_makes_no_sense_is_answered_specifically(text, code):
    with pytest.raises(Refusal) as refused:
        read(text)

    assert refused.value.code == code


def test_days_and_ages(shop):
    first = Order.objects.get(number=shop[0].number).placed_at
    assert found(shop, f"placed:{first:%Y-%m-%d}..") == [2, 1, 0]
    assert found(shop, f"placed:..{first - timedelta(days=2):%Y-%m-%d}") == []
    assert found(shop, "age:today") == [2, 1, 0]
    assert read("placed:2026-11-01").placed_before == datetime(2026, 11, 2, tzinfo=UTC)


def test_pages_lead_both_ways(shop):
    newest = searching.search(read(""), limit=2)
    older = searching.search(read(""), after=newest.older, limit=2)
    back = searching.search(read(""), before=older.newer, limit=2)

    assert [row.number for row in newest.rows] == [shop[2].number, shop[1].number]
    assert [row.number for row in older.rows] == [shop[0].number]
    assert back.rows == newest.rows
    assert (newest.newer, older.older) == (None, None)


def test_a_walk_that_finds_too_little_says_where_to_look_further(shop, monkeypatch):
    monkeypatch.setattr(searching, "LOOKS", 1)

    first = searching.search(read("amount:>20"), limit=10)
    second = searching.search(read("amount:>20"), after=first.older, limit=10)
    third = searching.search(read("amount:>20"), after=second.older, limit=10)

    assert (first.rows, first.looked_far, second.rows) == ([], True, [])
    assert [row.number for row in third.rows] == [shop[0].number]


def test_counts_are_bounded(shop, monkeypatch):
    _found, counts = searching.search_and_count(read(""), after=None, before=None, limit=10)
    assert (counts.total, counts.more, counts.facets["status"]) == (3, False, {"ready": 2, "on_hold": 1})

    monkeypatch.setattr(searching, "COUNTED", 2)
    _found, counts = searching.search_and_count(read(""), after=None, before=None, limit=10)

    assert (counts.total, counts.more) == (2, True)
    assert searching.tally(read("status:ready"), 1) == (1, True)
    assert searching.tally(read("sku:NONE")) == (0, False)


def test_facets_count_what_is_found_and_offer_what_there_is(shop):
    _found, counts = searching.search_and_count(read("country:fr"), after=None, before=None, limit=10)

    assert counts.facets["country"] == {"FR": 1, "DE": 0}
    assert counts.facets["tag"] == {"vip": 1}
    assert counts.facets["amount"] == {"0": 1}
    assert counts.facets["channel"] == {"web": 1}
    _found, nothing = searching.search_and_count(read("sku:NONE"), after=None, before=None, limit=10)
    assert nothing.total == 0
    assert nothing.facets["country"] == {"FR": 0, "DE": 0}
    assert nothing.facets["tag"] == {"vip": 0}


@pytest.mark.parametrize(
    ("currency", "price", "text", "expected"),
    [
        ("JPY", "3000", "amount:3000", 1),
        ("JPY", "3000", "amount:<100", 0),
        ("JPY", "3000", "amount:2999.50..3000", 1),
        ("KWD", "30.125", "amount:30..31", 1),
        ("KWD", "30.125", "amount:>100", 0),
        ("EUR", "25.00", "amount:25..49.99", 1),
        ("EUR", "49.99", "amount:25..49.99", 1),
        ("EUR", "50.00", "amount:25..49.99", 0),
    ],
)
def test_amounts_are_those_of_the_currency_of_the_order(currency, price, text, expected):
    a_channel("far", currency=currency)
    a_sku("TEE", price=price, currency=currency)
    a_shelf("BERLIN", "TEE", 10)
    an_order().with_line("TEE").on("far").placed()

    assert len(searching.search(read(text), limit=5).rows) == expected


def test_a_range_counts_as_many_as_it_finds(shop):
    _found, counts = searching.search_and_count(read(""), after=None, before=None, limit=10)

    assert counts.facets["amount"] == {"0": 2, "1": 1}
    assert found(shop, "amount:<25") == [2, 1]
    assert found(shop, "amount:25..49.99") == [0]
