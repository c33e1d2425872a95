"""Releasing: what is reserved and paid for goes to the warehouse."""

from datetime import UTC, datetime

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.release_orders import Release, TakeBack, release_orders, take_back_orders
from orderwright.kernel.errors import NotFound
from orderwright.kernel.models import Event
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db


def test_reserved_units_go_to_the_warehouse_and_stay_reserved_on_the_shelf():
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 2).placed()

    (answer,) = release_orders([Release(order.id, datetime(2026, 1, 2, tzinfo=UTC))], actor=CLERK)

    assert (answer.order_id, answer.units) == (order.id, 2)
    assert order.units == {"released": 2}
    assert shelf("BERLIN", "TEE") == {"available": 3, "reserved": 2}
    assert order.status == "in_work"
    assert order.facts("order.released") == {
        "number": order.number,
        "units": [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}],
        "fulfilment_orders": [
            {"name": f"{order.number}-F1", "location": "BERLIN", "ship_on": "2026-01-02", "state": "accepted"}
        ],
    }
    assert order.work == {f"{order.number}-F1": {"open": 2}}
    assert Event.objects.get(kind="order.released").at == datetime(2026, 1, 2, tzinfo=UTC)


def test_what_waits_for_stock_stays_behind():
    a_sku("TEE", when_short="backorder")
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 5).but(when_short="backorder").placed()

    release_orders([Release(order.id)], actor=CLERK)

    assert order.units == {"released": 3, "backordered": 2}
    assert order.status == "in_work"


def test_of_a_kit_only_whole_ones_are_released():
    a_sku("CUP", when_short="backorder")
    a_shelf("BERLIN", "CUP", 6)
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"CUP": 4, "POT": 1})
    order = an_order().with_line("SET", 2).but(when_short="backorder").placed()

    release_orders([Release(order.id)], actor=CLERK)

    assert order.units_of(2) == {"released": 4, "reserved": 2, "backordered": 2}
    assert order.units_of(3) == {"released": 1, "reserved": 1}


def test_held_unpaid_and_empty_orders_are_refused_and_nothing_happens():
    a_shelf("BERLIN", "TEE", 3)
    held, unpaid, released = place_all(
        [
            an_order().with_line("TEE"),
            an_order().with_line("TEE", 1, "12.50").paid_by("bank_transfer"),
            an_order().with_line("TEE"),
        ]
    )
    hold_orders([PutHold(held.id, "fraud"), PutHold(held.id, "address")], actor=CLERK)
    release_orders([Release(released.id)], actor=CLERK)
    before = written()

    answers = release_orders([Release(held.id), Release(unpaid.id), Release(released.id)], actor=CLERK)

    assert [(answer.code, answer.facts) for answer in answers] == [
        ("on_hold", {"number": held.number, "reasons": "address, fraud"}),
        ("not_paid_for", {"number": unpaid.number, "missing": "12.50", "currency": "EUR"}),
        ("nothing_to_release", {"number": released.number}),
    ]
    assert written() == before


def test_an_order_that_is_not_there_refuses_the_batch():
    a_shelf("BERLIN", "TEE", 1)
    order = an_order().with_line("TEE").placed()
    before = written()

    with pytest.raises(NotFound):
        release_orders([Release(order.id), Release(order.id + 1000)], actor=CLERK)

    assert written() == before


def test_released_units_can_be_taken_back():
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 3).placed()
    release_orders([Release(order.id)], actor=CLERK)

    (some,) = take_back_orders([TakeBack(order.id, [Wanted(1, 1)])], actor=CLERK)
    assert order.units == {"reserved": 1, "released": 2}
    (rest, none) = take_back_orders([TakeBack(order.id), TakeBack(order.id)], actor=CLERK)

    assert (some.units, rest.units, none.code) == (1, 2, "nothing_to_take_back")
    assert order.units == {"reserved": 3}
    assert order.status == "ready"
    assert order.events == ["order.placed", "order.released", "order.taken_back", "order.taken_back"]


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 500)
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2).with_line("TEE", 3)] * 31)

    one = statements(lambda: release_orders([Release(orders[0].id)], actor=CLERK))
    many = statements(lambda: release_orders([Release(order.id) for order in orders[1:]], actor=CLERK))
    assert one == many

    one = statements(lambda: take_back_orders([TakeBack(orders[0].id)], actor=CLERK))
    many = statements(lambda: take_back_orders([TakeBack(order.id) for order in orders[1:]], actor=CLERK))
    assert one == many
