"""Why units come from there, in words of a clerk: no codes, in English and in German."""

from html import unescape

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order
from django.utils import translation

from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment.explaining import decisions
from orderwright.web.sourcing import explain

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {"BERLIN": "Berlin", "LYON": "Lyon"}


@pytest.fixture
def order():
    a_location("BERLIN", country="DE", latitude=52.5, longitude=13.4)
    a_location("LYON", country="FR", latitude=45.76, longitude=4.84, rank=1)
    a_sku("TEE", when_short="backorder")
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("LYON", "TEE", 5)
    a_channel("web", sourcing=["fewest_parcels", "nearest", "ranked"])
    return an_order().with_line("TEE", 3).to("DE", city="Berlin", latitude=52.5, longitude=13.4).placed()


def told(order):
    return explain(decisions(order.id), NAMES)


def test_a_choice_is_told_with_what_spoke_for_each_location(order):
    (placed,) = told(order)

    assert str(placed.occasion) == "When the order came in"
    assert placed.sentences == ["2 locations have all of it, and Berlin comes first among them."]
    assert [str(one) for one in placed.looked_at] == [
        "as few parcels as possible",
        "the shortest way to the customer",
        "your own order of the locations",
    ]
    assert [(one.location, one.has, one.of, one.says, one.chosen) for one in placed.candidates] == [
        ("Berlin", 3, 3, ["0 km away", "place 2 in your order"], True),
        ("Lyon", 3, 3, ["973 km away", "place 1 in your order"], False),
    ]


def test_a_rejection_and_a_move_say_where_it_was(order):
    release_orders([Release(order.id)], actor=CLERK)
    reject_fulfilment([Reject(f"{order.number}-F1", "damaged", None, "wet")], actor=CLERK)
    a_shelf("BERLIN", "TEE", 9)
    move_fulfilment([Move(f"{order.number}-F2", "BERLIN")], actor=CLERK)

    moved, rejected, _placed = told(order)

    assert rejected.sentences == [
        "Berlin does not do 3 × TEE: The units are damaged.",
        "Only Lyon has all of it.",
    ]
    assert rejected.left_out == [("Berlin", "The units are damaged")]
    assert moved.sentences == ["3 × TEE were at Lyon.", "Somebody chose Berlin."]


def test_what_is_short_and_what_takes_two_places_is_told(order):
    a_shelf("BERLIN", "TEE", 2)
    berliner = an_order().to("DE", latitude=52.5, longitude=13.4).but(when_short="backorder")

    both, some, none = (berliner.with_line("TEE", units).placed() for units in (6, 3, 2))

    assert told(both)[0].sentences == ["No location has all of it. Berlin and Lyon together come first."]
    assert told(some)[0].sentences == ["Lyon has some of it; 2 of 3 units are nowhere to be had."]
    assert told(none)[0].sentences == ["No location has any of it."]


def test_the_page_says_it_in_german_without_codes(desk, order):
    client = desk()
    client.cookies["language"] = "de"

    said = unescape(client.get(f"/desk/orders/{order.number}").content.decode())

    assert "2 Standorte haben alles davon, und Berlin steht unter ihnen vorn." in said
    assert "fewest" not in said
    with translation.override("de"):
        assert told(order)[0].candidates[1].says == ["973 km entfernt", "Platz 1 in Ihrer Reihenfolge"]
