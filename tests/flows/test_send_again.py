"""What was lost or came back leaves again, for the same lines; or it is given up, and the money goes back."""

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, an_order, place_all, shelf, written
from django.conf import LazySettings

from orderwright.catalog.models import Sku
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.give_up_packages import GiveUp, give_up_packages
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import Package
from orderwright.shipping.packing import Box
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean(settings: LazySettings):
    yield
    checks = [check for check in CHECKS if check.name != "open_questions_hold_their_money"]  # `card` has answered
    assert {finding.check.name: finding.examples for finding in audit(checks) if finding.wrong} == {}


def gone(order, *parts):
    """The order has left, in a package for each of these quantities of its first line."""
    placed = order.placed() if hasattr(order, "placed") else order
    release_orders([Release(placed.id)], actor=CLERK)
    boxes = tuple(Box([Wanted(1, part)]) for part in parts)
    confirm_shipments([Send(f"{placed.number}-F1", boxes)], actor=CLERK)
    return placed


def note(package, stage):
    (done,) = note_scans([Note(package, Stage(stage))], actor=CLERK)
    assert not isinstance(done, Exception), done


def test_what_was_lost_is_kept_again_and_leaves_once_more():
    a_shelf("BERLIN", "TEE", 5)
    order = gone(an_order().with_line("TEE", 3), 1, 2)
    note("1-S1/2", "lost")

    (done,) = send_again([SendAgain(order.id)], actor=CLERK)

    assert done.units == 2
    assert order.units == {"shipped": 1, "reserved": 2}
    assert shelf("BERLIN", "TEE") == {"reserved": 2}
    assert order.status == "partly_shipped"
    facts = order.facts("order.sent_again")
    assert (facts["packages"], facts["units"]) == (
        ["1-S1/2"],
        [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}],
    )
    assert facts["sourcing"]["chosen"] == ["BERLIN"]
    assert send_again([SendAgain(order.id)], actor=CLERK)[0].code == "nothing_to_send_again"

    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)

    assert order.units == {"shipped": 3}
    assert list(Package.objects.order_by("id").values_list("name", "settled")) == [
        ("1-S1/1", ""),
        ("1-S1/2", "sent_again"),
        ("1-S2/1", ""),
    ]


def test_what_is_short_is_waited_for():
    a_shelf("BERLIN", "TEE", 4)
    order = gone(an_order().with_line("TEE", 3), 3)
    note("1-S1/1", "returned")

    (done,) = send_again([SendAgain(order.id, ["1-S1/1"])], actor=CLERK)

    assert done.units == 3
    assert order.units == {"reserved": 1, "backordered": 2}
    assert shelf("BERLIN", "TEE") == {"reserved": 1, "quality_control": 3}
    assert order.facts("order.sent_again")["units"] == [
        {"line": 1, "sku": "TEE", "quantity": 1, "location": "BERLIN"},
        {"line": 1, "sku": "TEE", "quantity": 2},
    ]


def test_one_that_is_found_after_it_was_sent_again_is_told_and_moves_nothing():
    a_shelf("BERLIN", "TEE", 6)
    order = gone(an_order().with_line("TEE", 2), 2)
    note("1-S1/1", "lost")
    send_again([SendAgain(order.id)], actor=CLERK)

    (answer,) = note_scans([Note("1-S1/1", Stage.DELIVERED)], actor=CLERK)

    assert answer.code == "cannot_follow"
    assert order.units == {"reserved": 2}


def test_what_is_given_up_is_canceled_and_its_money_goes_back(card):
    a_channel()
    a_shelf("BERLIN", "TEE", 5)
    order = gone(card.captured(an_order().with_line("TEE", 3, "10.00")), 1, 2)
    note("1-S1/2", "lost")

    (done,) = give_up_packages([GiveUp(order.id)], actor=CLERK)

    assert done.units == 2
    assert order.units == {"shipped": 1, "canceled": 2}
    assert order.total == 1000
    assert order.money == {"captured": 1000, "refunding": 2000}
    assert card.questions() == [("refund", 2000)]
    facts = order.facts("order.partly_canceled")
    assert (facts["reason"], facts["packages"], facts["taken_back"]) == ("lost", ["1-S1/2"], "20.00")
    assert Package.objects.get(name="1-S1/2").settled == "given_up"


def test_an_order_of_which_all_is_given_up_is_canceled():
    a_shelf("BERLIN", "TEE", 5)
    order = gone(an_order().with_line("TEE", 2).with_adjustment("shipping", "4.90"), 1, 1)
    note("1-S1/1", "lost")
    note("1-S1/2", "lost")

    one, two, none = give_up_packages(
        [GiveUp(order.id, ["1-S1/2"]), GiveUp(order.id, reason="damaged"), GiveUp(order.id)], actor=CLERK
    )

    assert (one.units, two.units, none.code) == (1, 1, "nothing_to_send_again")
    assert (order.status, order.total) == ("canceled", 0)
    assert order.events[-3:] == ["order.partly_canceled", "order.canceled", "tender.voided"]


def test_a_part_of_a_kit_is_sent_again_by_itself():
    a_shelf("BERLIN", "CUP", 8)
    a_shelf("BERLIN", "POT", 8)
    a_kit("SET", {"CUP": 4, "POT": 1})
    order = an_order().with_line("SET", 1).placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send("1-F1", (Box([Wanted(2, 4)]), Box()))], actor=CLERK)
    note("1-S1/1", "lost")

    send_again([SendAgain(order.id)], actor=CLERK)
    release_orders([Release(order.id)], actor=CLERK)

    assert (order.units_of(2), order.units_of(3)) == ({"released": 4}, {"shipped": 1})


def test_what_is_neither_lost_nor_back_is_refused_and_nothing_happens():
    a_shelf("BERLIN", "TEE", 5)
    order = gone(an_order().with_line("TEE", 2), 2)
    before = written()

    answers = send_again(
        [SendAgain(order.id), SendAgain(order.id, ["1-S1/1"]), SendAgain(order.id, ["x"])], actor=CLERK
    )
    answers += give_up_packages([GiveUp(order.id), GiveUp(order.id, reason="No such Reason!")], actor=CLERK)

    assert [one.code for one in answers] == [
        "nothing_to_send_again",
        "cannot_follow",
        "not_found",
        "nothing_to_send_again",
        "invalid",
    ]
    assert written() == before
    note("1-S1/1", "returned")
    (back,) = give_up_packages([GiveUp(order.id, ["1-S1/1"])], actor=CLERK)
    assert back.code == "cannot_follow"
    assert order.units == {"returned": 2}


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 500)
    Sku.objects.update(when_short="backorder")
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2)] * 62)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    ship_orders([Ship(order.id) for order in orders], actor=CLERK)
    note_scans([Note(f"{order.number}-S1/1", Stage.LOST) for order in orders], actor=CLERK)

    one = statements(lambda: send_again([SendAgain(orders[0].id)], actor=CLERK))
    many = statements(lambda: send_again([SendAgain(order.id) for order in orders[1:31]], actor=CLERK))
    assert one == many

    one = statements(lambda: give_up_packages([GiveUp(orders[31].id)], actor=CLERK))
    many = statements(lambda: give_up_packages([GiveUp(order.id) for order in orders[32:]], actor=CLERK))
    assert one == many
