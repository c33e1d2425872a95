"""Shipping and delivering: units leave their locations and reach the customer."""

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, an_order, place_all, shelf, written

from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.inventory.models import StockEntry
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db


def released(order):
    placed = order.placed()
    release_orders([Release(placed.id)], actor=CLERK)
    return placed


def test_a_whole_order_leaves_and_arrives():
    a_shelf("BERLIN", "TEE", 5)
    order = released(an_order().with_line("TEE", 2))

    (shipped,) = ship_orders([Ship(order.id)], actor=CLERK)

    assert shipped.units == 2
    assert order.units == {"shipped": 2}
    assert shelf("BERLIN", "TEE") == {"available": 3}
    assert order.status == "shipped"
    assert order.facts("order.shipped") == {
        "number": order.number,
        "shipment": f"{order.number}-S1",
        "fulfilment_order": f"{order.number}-F1",
        "location": "BERLIN",
        "option": None,
        "units": [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}],
        "packages": [
            {
                "package": f"{order.number}-S1/1",
                "carrier": "",
                "tracking_number": None,
                "tracking_url": "",
                "units": [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}],
            }
        ],
    }
    assert StockEntry.objects.filter(source="reserved", target="customer", amount=2).count() == 1

    (arrived,) = deliver_orders([Deliver(order.id)], actor=CLERK)

    assert arrived.units == 2
    assert order.units == {"delivered": 2}
    assert order.status == "delivered"
    assert order.events == ["order.placed", "order.released", "order.shipped", "order.delivered"]


def test_parts_leave_from_the_places_that_are_named():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("PARIS", "TEE", 3)
    a_shelf("PARIS", "MUG", 1)
    order = released(an_order().with_line("TEE", 5).with_line("MUG", 1))
    there = {place: shelf(place, "TEE")["reserved"] for place in ("BERLIN", "PARIS")}
    assert sum(there.values()) == 5

    (answer,) = ship_orders([Ship(order.id, [Wanted(1, 2, "PARIS"), Wanted(2, 1)])], actor=CLERK)

    assert answer.units == 3
    assert order.units == {"released": 3, "shipped": 3}
    assert shelf("BERLIN", "TEE").get("reserved", 0) == there["BERLIN"]
    assert shelf("PARIS", "TEE").get("reserved", 0) == there["PARIS"] - 2
    assert order.status == "partly_shipped"
    deliver_orders([Deliver(order.id)], actor=CLERK)
    assert order.units == {"released": 3, "delivered": 3}
    assert order.status == "partly_shipped"


def test_a_kit_leaves_as_kits_or_by_its_parts():
    a_shelf("BERLIN", "CUP", 8)
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"CUP": 4, "POT": 1})
    order = released(an_order().with_line("SET", 2))

    ship_orders([Ship(order.id, [Wanted(1, 1)])], actor=CLERK)
    assert (order.units_of(2), order.units_of(3)) == ({"released": 4, "shipped": 4}, {"released": 1, "shipped": 1})
    ship_orders([Ship(order.id, [Wanted(3, 1)])], actor=CLERK)

    assert (order.units_of(2), order.units_of(3)) == ({"released": 4, "shipped": 4}, {"shipped": 2})


def test_what_is_not_released_or_held_does_not_leave_and_nothing_happens():
    a_shelf("BERLIN", "TEE", 5)
    (reserved,) = place_all([an_order().with_line("TEE", 2)])
    held, some = released(an_order().with_line("TEE")), released(an_order().with_line("TEE", 2))
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    before = written()

    answers = ship_orders(
        [
            Ship(reserved.id),
            Ship(held.id),
            Ship(some.id, [Wanted(1, 3)]),
            Ship(some.id, [Wanted(1, 1, "PARIS")]),
            Ship(some.id, [Wanted(7, 1)]),
            Ship(some.id, []),
        ],
        actor=CLERK,
    )
    answers += deliver_orders([Deliver(some.id), Deliver(some.id, ["9-S1/1"])], actor=CLERK)

    assert [answer.code for answer in answers] == [
        "nothing_to_ship",
        "on_hold",
        "not_that_many",
        "not_that_many",
        "not_found",
        "invalid",
        "nothing_to_deliver",
        "not_found",
    ]
    assert written() == before


def test_what_leaves_is_captured_where_the_channel_says_so(card):
    a_channel(capture_when="shipment")
    a_shelf("BERLIN", "TEE", 3)
    order = card.authorized(an_order().with_line("TEE", 3, "3.33").with_adjustment("shipping", "5.00"))
    release_orders([Release(order.id)], actor=CLERK)

    ship_orders([Ship(order.id, [Wanted(1, 1)])], actor=CLERK)
    assert order.money == {"authorized": 666, "capturing": 833}
    ship_orders([Ship(order.id, [Wanted(1, 2)])], actor=CLERK)

    assert order.money == {"capturing": 1499}
    assert card.questions() == [("capture", 833), ("capture", 666)]
    assert order.events[-1] == "tender.capture_asked"


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 500)
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2).with_line("TEE", 3)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)

    one = statements(lambda: ship_orders([Ship(orders[0].id)], actor=CLERK))
    many = statements(lambda: ship_orders([Ship(order.id) for order in orders[1:]], actor=CLERK))
    assert one == many

    one = statements(lambda: deliver_orders([Deliver(orders[0].id)], actor=CLERK))
    many = statements(lambda: deliver_orders([Deliver(order.id) for order in orders[1:]], actor=CLERK))
    assert one == many
