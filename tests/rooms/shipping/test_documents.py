"""The packing slip: what is in each package of a shipment, in the customer's language, and no price."""

import re
from datetime import UTC, datetime

import pytest
from builders import CLERK, a_kit, a_location, a_shelf, an_order
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.catalog.models import Sku
from orderwright.customers.models import Customer
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock
from orderwright.kernel.errors import NotFound
from orderwright.orders.models import Order, Wish
from orderwright.orders.moving import Wanted
from orderwright.shipping.documents import packed_for, packing_slip, printed, slip, slips
from orderwright.shipping.packing import Box

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the next day in Berlin
ADA = {"name": "Ada Albers", "street": "Rue Mercière 5\nHinterhof", "postal_code": "69002", "city": "Lyon"}


@pytest.fixture
def sent():
    """A shipment of two packages: mugs and a kit's parts in one, mugs in the other."""
    a_location("BERLIN", city="Berlin", time_zone="Europe/Berlin")
    a_kit("SET", {"TEE": 2, "CAP": 1})
    for sku in ("TEE", "CAP", "MUG"):
        a_shelf("BERLIN", sku, 50)
    with clock.at(LATE):
        order = an_order().with_line("MUG", 5).with_line("SET", 2).to("FR", **ADA).placed_at(LATE).placed()
        release_orders([Release(order.id)], actor=CLERK)
        boxes = (
            Box([Wanted(1, 3), Wanted(2, 2)], weight_grams=2500, carrier="Post", tracking_number="RR1"),
            Box(weight_grams=900),
        )
        (done,) = confirm_shipments([Send(f"{order.number}-F1", boxes)], actor=CLERK)
    return done.shipment


def rows(package):
    return [(row["quantity"], row["sku"], row["name"]) for row in package["rows"]]


def test_it_tells_what_is_in_each_package_and_where_it_goes(sent):
    told = slip(sent)

    assert told["to"] == {
        "label": "Ship to",
        "lines": ["Ada Albers", "Rue Mercière 5", "Hinterhof", "69002 Lyon", "France"],
    }
    assert told["facts"] == [
        ["Order", "1"],
        ["Ordered on", "November 24, 2026"],
        ["Shipment", "1-S1"],
        ["Packed on", "November 24, 2026"],
        ["Shipped from", "Berlin"],
    ]
    first, second = told["packages"]
    assert (first["heading"], first["marks"]) == ("Package 1 of 2", ["2.5 kg", "Post RR1"])
    assert rows(first) == [("3", "MUG", "Mug"), ("", "SET", "Set"), ("4", "TEE", "Tee"), ("2", "CAP", "Cap")]
    assert [row["is_part"] for row in first["rows"]] == [False, False, True, True]
    assert (second["heading"], second["marks"]) == ("Package 2 of 2", ["0.9 kg"])
    assert rows(second) == [("2", "MUG", "Mug")]
    assert told["total"] == "Units in this shipment: 11"
    assert "10.00" not in str(told)
    assert "EUR" not in str(told)


def test_prices_are_on_it_for_who_may_see_them(sent):
    told = slip(sent, with_prices=True)

    assert told["columns"][-1] == "Unit price"
    assert [row["price"] for row in told["packages"][0]["rows"]] == ["€10.00", "€10.00", "", ""]  # of a kit, once
    assert packing_slip(sent, with_prices=True).startswith(b"%PDF-")


@pytest.mark.parametrize("wish", [{"gift_message": "For you"}, {"hide_prices": True}])
def test_who_gets_a_present_is_not_told_what_it_cost(sent, wish):
    Wish.objects.create(order=Order.objects.get(), **wish)

    assert slip(sent, with_prices=True) == slip(sent)
    assert "10.00" not in str(slip(sent, with_prices=True))


def test_it_speaks_the_customers_language(sent):
    Customer.objects.update(language="de-AT")

    told = slip(sent)

    assert (told["title"], told["columns"], told["page"]) == ("Packzettel", ["Menge", "SKU", "Artikel"], "Seite")
    assert told["to"]["lines"][-1] == "Frankreich"
    assert told["facts"][1] == ["Bestellt am", "24. November 2026"]
    assert told["packages"][0]["marks"][0] == "2,5 kg"
    assert told["total"] == "Einheiten in dieser Sendung: 11"


def test_it_is_a_pdf_whatever_things_are_called(sent):
    a_line = '#panic(1) *x* $y$ <b> \\ " 茶 \n' * 40
    Sku.objects.filter(code="MUG").update(code="MUG-" + "X" * 90)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE order_line SET name = %s WHERE position = 1", [a_line])

    made = packing_slip(sent)

    assert made.startswith(b"%PDF-")
    assert len(made) > 3000


def test_what_is_not_there_has_none(sent):
    for name in ("1-S2", "", "1-S1\x00"):
        with pytest.raises(NotFound):
            packing_slip(name)


def test_the_number_of_statements_does_not_depend_on_what_was_packed(sent):
    with CaptureQueriesContext(connection) as asked:
        slip(sent)

    assert len(asked) == 2


def test_many_slips_are_one_document_read_in_two_statements(sent):
    a_shelf("BERLIN", "TEE", 50)
    more = []
    for _ in range(3):
        order = an_order().with_line("TEE", 1).to("DE", **ADA).placed()
        release_orders([Release(order.id)], actor=CLERK)
        (done,) = confirm_shipments([Send(f"{order.number}-F1")], actor=CLERK)
        more.append((order.id, done.shipment))
    names = [sent, *[name for _order, name in more]]

    with CaptureQueriesContext(connection) as asked:
        told = slips(names)

    assert len(asked) == 2
    assert told == {name: slip(name) for name in names}
    assert packed_for([order for order, _name in more]) == {order: [name] for order, name in more}
    assert packed_for([]) == {}
    one, all_of_them = packing_slip(sent), printed([told[name] for name in names])
    assert (_pages(one), _pages(all_of_them)) == (1, 4)


def _pages(document):
    return len(re.findall(rb"/Type */Page[^s]", document))
