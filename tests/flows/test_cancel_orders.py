"""Canceling: what nobody packs yet goes back to the shelf, and its worth comes off the order."""

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel.errors import Refusal
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db


def cancel(order, *lines, reason="customer_request"):
    """Cancel (position, quantity) pairs, or all of it; answers what the flow answers."""
    wanted = [Wanted(*line) for line in lines] or None
    return cancel_orders([Cancel(order.id, reason, wanted)], actor=CLERK)[0]


def test_a_whole_order_goes_back_to_the_shelf_and_comes_to_nothing():
    a_shelf("BERLIN", "TEE", 5)
    a_shelf("BERLIN", "MUG", 5)
    order = (
        an_order()
        .with_line("TEE", 2, "19.99")
        .with_line("MUG", 1, "7.50")
        .with_adjustment("discount", "-4.75")
        .with_adjustment("shipping", "4.90")
        .placed()
    )
    assert order.total == 4748 - 475 + 490

    answer = cancel(order)

    assert (answer.order_id, answer.units) == (order.id, 3)
    assert order.units == {"canceled": 3}
    assert shelf("BERLIN", "TEE") == {"available": 5}
    assert shelf("BERLIN", "MUG") == {"available": 5}
    assert order.adjustments == [
        (None, "discount", -475),
        (None, "shipping", 490),
        (1, "cancellation", -3598),
        (2, "cancellation", -675),
        (None, "cancellation", -490),
    ]
    assert (order.total, order.status, order.summary.units) == (0, "canceled", 0)
    assert order.events == ["order.placed", "order.canceled", "tender.voided"]
    assert order.facts("order.canceled") == {
        "number": order.number,
        "reason": "customer_request",
        "units": [
            {"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"},
            {"line": 2, "sku": "MUG", "quantity": 1, "location": "BERLIN"},
        ],
        "taken_back": "47.63",
        "total": "0.00",
        "currency": "EUR",
    }


def test_some_units_take_back_their_worth_and_the_last_one_takes_the_rest():
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 3, "3.33").with_adjustment("fee", "0.01", line=1).placed()
    assert order.total == 1000

    cancel(order, (1, 1))
    assert order.total == 667
    cancel(order, (1, 1))
    assert order.total == 333
    assert order.status == "ready"
    cancel(order, (1, 1))

    assert (order.total, order.status) == (0, "canceled")
    assert [amount for _, _, amount in order.adjustments] == [1, -333, -334, -333]
    assert [kind for kind in order.events if kind.startswith("order")] == [
        "order.placed",
        "order.partly_canceled",
        "order.partly_canceled",
        "order.canceled",
    ]


def test_shipping_stays_until_nothing_is_left():
    a_shelf("BERLIN", "TEE", 2)
    order = an_order().with_line("TEE", 2, "10").with_adjustment("shipping", "5").placed()

    cancel(order, (1, 1))
    assert order.total == 1500
    cancel(order)

    assert order.total == 0


def test_units_that_wait_are_canceled_before_those_that_are_kept():
    a_sku("TEE", when_short="backorder")
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 5).but(when_short="backorder").placed()
    assert order.units == {"reserved": 3, "backordered": 2}

    cancel(order, (1, 3))

    assert order.units == {"reserved": 2, "canceled": 3}
    assert shelf("BERLIN", "TEE") == {"available": 1, "reserved": 2}


def test_a_kit_is_canceled_part_by_part():
    a_shelf("BERLIN", "CUP", 8)
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"CUP": 4, "POT": 1}, "30.00")
    order = an_order().with_line("SET", 2).placed()

    cancel(order, (1, 1))

    assert order.units == {"reserved": 5, "canceled": 5}
    assert shelf("BERLIN", "CUP") == {"available": 4, "reserved": 4}
    assert shelf("BERLIN", "POT") == {"available": 1, "reserved": 1}
    assert order.total == 3000


def test_a_part_is_not_taken_out_of_its_kit():
    a_shelf("BERLIN", "CUP", 8)
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"CUP": 4, "POT": 1}, "30.00")
    order = an_order().with_line("SET", 2).placed()
    before = written()

    refusal = cancel(order, (1, 1), (2, 1))

    assert (refusal.code, refusal.facts) == ("part_of_kit", {"line": 2, "kit": 1})
    assert written() == before


def test_an_included_tax_is_taken_back_without_changing_the_total_twice():
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 3, "11.90").with_adjustment("tax", rate="0.19", included=True).placed()

    cancel(order, (1, 2))

    assert order.total == 1190
    included = order.row.adjustments.filter(included=True).order_by("id")
    assert list(included.values_list("kind", "label", "amount_minor")) == [
        ("tax", "tax", 570),
        ("cancellation", "tax", -380),
    ]


def test_what_is_being_packed_or_gone_is_refused_and_nothing_happens():
    a_shelf("BERLIN", "TEE", 4)
    packed, gone = place_all([an_order().with_line("TEE", 2), an_order().with_line("TEE", 2)])
    release_orders([Release(packed.id), Release(gone.id)], actor=CLERK)
    ship_orders([Ship(gone.id)], actor=CLERK)
    before = written()

    answers = [cancel(packed), cancel(packed, (1, 1)), cancel(gone), cancel(gone, (1, 2))]

    assert [(answer.code, answer.facts) for answer in answers] == [
        ("already_with_warehouse", {"quantity": 2, "sku": "TEE"}),
        ("already_with_warehouse", {"quantity": 2, "sku": "TEE"}),
        ("already_shipped", {"quantity": 2, "sku": "TEE"}),
        ("already_shipped", {"quantity": 2, "sku": "TEE"}),
    ]
    assert written() == before


@pytest.mark.parametrize(
    ("lines", "reason", "code"),
    [
        ([(2, 1)], "other", "not_found"),
        ([(1, 3)], "other", "not_that_many"),
        ([(1, 1), (1, 2)], "other", "not_that_many"),
        ([(1, 0)], "other", "invalid"),
        ([(1, 1, "PARIS")], "other", "not_that_many"),
        ([(1, 1)], "Because!", "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_happens(lines, reason, code):
    a_shelf("BERLIN", "TEE", 2)
    order = an_order().with_line("TEE", 2).placed()
    before = written()

    answer = cancel(order, *lines, reason=reason)

    assert isinstance(answer, Refusal)
    assert answer.code == code
    assert written() == before


def test_one_that_is_refused_spoils_no_neighbour():
    a_shelf("BERLIN", "TEE", 3)
    first, second, third = place_all([an_order().with_line("TEE") for _ in range(3)])
    cancel(second)

    answers = cancel_orders([Cancel(order.id, "other") for order in (first, second, third)], actor=CLERK)

    assert [getattr(answer, "code", "done") for answer in answers] == ["done", "already_canceled", "done"]
    assert shelf("BERLIN", "TEE") == {"available": 3}


def test_one_order_twice_in_a_batch_is_seen_twice():
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 3, "1.00").placed()

    some = Cancel(order.id, "other", [Wanted(1, 2)])
    first, second = cancel_orders([some, some], actor=CLERK)

    assert first.units == 2
    assert second.code == "not_that_many"
    assert order.units == {"reserved": 1, "canceled": 2}
    assert order.total == 100


def test_what_was_awaited_is_waited_for_no_longer():
    a_shelf("BERLIN", "TEE", 3)
    order = an_order().with_line("TEE", 3, "10").paid_by("bank_transfer:12.00", "invoice").placed()
    assert order.status == "unpaid"

    cancel(order, (1, 2))

    assert order.money == {"awaited": 1000, "voided": 2000}
    assert (order.total, order.status) == (1000, "ready")
    cancel(order)
    assert order.money == {"voided": 3000}
    assert order.summary.payment == "nothing_due"


def test_an_order_is_confirmed_when_what_is_left_of_it_is_paid():
    a_shelf("BERLIN", "TEE", 4)
    order = an_order().with_line("TEE", 4, "10").paid_by("bank_transfer:20.00", "recorded:20.00").placed()
    unpaid = an_order().with_line("TEE", 2, "10").paid_by("bank_transfer").but(when_short="take_what_there_is")
    assert order.status == "unpaid"

    cancel(order, (1, 2))

    assert order.status == "ready"
    assert order.events == ["order.placed", "order.partly_canceled", "order.confirmed", "tender.voided"]
    dropped = unpaid.placed()
    cancel(dropped)
    assert dropped.events == ["order.placed", "order.canceled", "tender.voided"]


def test_an_authorization_is_let_go_when_none_of_it_is_needed(card):
    a_channel(capture_when="shipment")
    a_shelf("BERLIN", "TEE", 3)
    order = card.authorized(an_order().with_line("TEE", 3, "10"))

    cancel(order, (1, 2))
    assert order.money == {"authorized": 3000}
    assert (order.total, order.summary.payment) == (1000, "secured")
    cancel(order)

    assert order.money == {"voiding": 3000}
    assert card.questions() == [("void", 3000)]
    assert (order.total, order.summary.payment) == (0, "nothing_due")
    assert order.events[-2:] == ["order.canceled", "tender.void_asked"]


def test_captured_money_goes_back_as_far_as_it_is_too_much(card):
    a_shelf("BERLIN", "TEE", 3)
    order = card.captured(an_order().with_line("TEE", 3, "10"))

    cancel(order, (1, 1))

    assert order.money == {"captured": 2000, "refunding": 1000}
    assert card.questions() == [("refund", 1000)]
    cancel(order)
    assert order.money == {"refunding": 3000}
    assert card.questions() == [("refund", 1000), ("refund", 2000)]


def test_money_taken_by_hand_stays_overpaid_until_someone_gives_it_back():
    a_shelf("BERLIN", "TEE", 1)
    order = an_order().with_line("TEE", 1, "10").paid_by("recorded").placed()

    cancel(order)

    assert order.money == {"captured": 1000}
    assert (order.status, order.summary.payment) == ("canceled", "overpaid")


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 500)
    a_shelf("PARIS", "MUG", 500)
    a_channel()
    an = an_order().with_line("TEE", 2).with_line("MUG", 3).with_adjustment("discount", "-1.00")
    orders = place_all([an] * 31)

    one = statements(lambda: cancel_orders([Cancel(orders[0].id, "other")], actor=CLERK))
    many = statements(lambda: cancel_orders([Cancel(order.id, "other") for order in orders[1:]], actor=CLERK))

    assert one == many
