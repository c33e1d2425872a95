"""Each line is promised a day, with its reason; the day moves with what happens, and is compared with what came."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.catalog.models import Sku
from orderwright.flows._each import Done
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.fill_backorders import fill_all
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.keep_promises import warn_late
from orderwright.flows.prioritize_orders import Prioritize, prioritize_orders
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.reallocate_stock import NothingToReallocate, NotWaiting, Reallocate, reallocate_stock
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import FulfilmentOrder, Terms
from orderwright.inventory.availability import SafetyRow
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.keeping_back import keep_back
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.orders.models import Channel
from orderwright.promises.models import Promise
from orderwright.shipping.models import DeliveryOption

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 6, 5, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", when_short="backorder")
    Terms.objects.create(location=a_location("BERLIN"), weekdays=[1, 2, 3, 4, 5])
    a_channel()
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    with clock.at(MONDAY):
        yield


def tee(quantity=1, **more):
    return an_order().with_line("TEE", quantity).but(when_short="backorder", **more)


def june(day):
    return date(2026, 6, day)


def stands(order):
    """What is promised of an order's lines: when they leave and arrive, and why."""
    found = Promise.objects.filter(order_id=order.id, superseded_at=None).order_by("line__position")
    return list(found.values_list("ship_on", "deliver_on", "reason"))


def coming(quantity, day, reference="PO-1"):
    line = Expected(Sku.objects.get(code="TEE").pk, Location.objects.get(code="BERLIN").pk, quantity, day, reference)
    return expect([line], actor=CLERK)[0]


def promise(*orders):
    return promise_orders([order.id for order in orders])


def test_what_is_kept_leaves_on_the_next_working_day_of_its_location():
    a_shelf("BERLIN", "TEE", 2)
    early = tee().placed()
    promise(early)
    with clock.at(FRIDAY_EVENING):
        late = tee().placed()
        promise(late)

    assert stands(early) == [(june(1), june(4), "in_stock")]
    assert stands(late) == [(june(8), june(11), "in_stock")]
    facts = early.facts("promise.made")
    assert facts["lines"] == [
        {
            "line": 1,
            "sku": "TEE",
            "ship_on": "2026-06-01",
            "deliver_on": "2026-06-04",
            "reason": "in_stock",
            "words": "It is kept at BERLIN.",
            "parts": [{"reason": "in_stock", "quantity": 1, "ship_on": "2026-06-01", "location": "BERLIN"}],
        }
    ]


def test_who_waits_is_promised_what_comes_after_those_before_him_have_had_theirs():
    coming(5, june(9), "PO-1")
    coming(9, june(16), "PO-2")
    first, second = place_all([tee(4), tee(3)])

    promise(first, second)

    assert stands(first) == [(june(10), june(13), "receipt")]
    assert stands(second) == [(june(17), june(20), "receipt")]
    parts = second.facts("promise.made")["lines"][0]["parts"]
    assert [(part["quantity"], part["reference"], part["expected_on"]) for part in parts] == [
        (1, "PO-1", "2026-06-09"),
        (2, "PO-2", "2026-06-16"),
    ]


def test_where_nothing_is_expected_the_lead_time_counts_or_nobody_can_say():
    a_sku("MUG", when_short="backorder", lead_days=14)
    order = tee().with_line("MUG", 1).placed()

    promise(order)

    assert stands(order) == [(None, None, "unknown"), (june(15), june(18), "lead_time")]


def test_a_kit_comes_when_its_last_part_does():
    a_kit("SET", {"TEE": 2, "POT": 1})
    a_shelf("BERLIN", "POT", 1)
    coming(2, june(9))
    order = an_order().with_line("SET", 1).but(when_short="backorder").placed()

    promise(order)

    assert stands(order) == [(june(10), june(13), "receipt")]


def test_again_changes_nothing_and_old_orders_are_promised_nothing():
    a_shelf("BERLIN", "TEE", 2)
    order, old = place_all([tee(), tee(placed_at=MONDAY - timedelta(days=31))])
    assert promise(order, old) == 1
    before = written()

    assert promise(order, old) == 0

    assert written() == before
    assert stands(old) == []


def test_takes_as_many_statements_for_thirty_orders_as_for_one(statements):
    coming(500, june(9))
    orders = place_all([tee(2)] * 31)

    one = statements(lambda: promise(orders[0]))
    many = statements(lambda: promise(*orders[1:]))

    assert one == many


def test_what_came_is_compared_with_what_was_promised_first():
    a_shelf("BERLIN", "TEE", 2)
    kept, missed = place_all([tee(), tee()])
    promise(kept, missed)
    release_orders([Release(kept.id), Release(missed.id)], actor=CLERK)
    ship_orders([Ship(kept.id), Ship(missed.id)], actor=CLERK)
    with clock.at(MONDAY + timedelta(days=3)):
        deliver_orders([Deliver(kept.id)], actor=CLERK)
        promise(kept)
    with clock.at(MONDAY + timedelta(days=8)):
        assert warn_late() == 1
        assert missed.facts("promise.changed")["later"] is True
        assert missed.facts("promise.changed")["why"] == "carrier"
        assert warn_late() == 0
        deliver_orders([Deliver(missed.id)], actor=CLERK)
        promise(missed)

    assert kept.facts("promise.kept") == {
        "number": kept.number, "promised": "2026-06-04", "came": "2026-06-04", "days_late": 0
    }  # fmt: skip
    assert missed.facts("promise.missed")["days_late"] == 5
    history = Promise.objects.filter(order_id=missed.id).order_by("id")
    assert list(history.values_list("came_on", "days_late")) == [(june(9), 5), (june(9), -3)]
    assert promise(kept, missed) == 0


def test_who_cannot_be_served_in_time_is_told_before_asking():
    a_shelf("BERLIN", "TEE", 1)
    order = tee().placed()
    promise(order)
    assert warn_late() == 0

    with clock.at(MONDAY + timedelta(days=1)):
        assert warn_late() == 1
        assert warn_late() == 0

    assert stands(order) == [(june(2), june(5), "in_stock")]
    facts = order.facts("promise.changed")
    assert (facts["later"], facts["why"]) == (True, "late")
    assert facts["lines"][0]["was_deliver_on"] == "2026-06-04"


def test_what_stands_on_the_shelf_counts_whatever_else_of_its_order_waits_or_has_left():
    a_sku("MUG", when_short="backorder")
    a_shelf("BERLIN", "TEE", 3)
    waits, left, held = place_all([tee().with_line("MUG", 1), tee().with_line("MUG", 1), tee()])
    release_orders([Release(left.id)], actor=CLERK)
    ship_orders([Ship(left.id)], actor=CLERK)
    a_shelf("BERLIN", "MUG", 1)
    prioritize_orders([Prioritize(left.id, 5)], actor=CLERK)
    fill_all()
    hold_orders([PutHold(held.id, "address", "?")], actor=CLERK)
    promise(waits, left, held)
    assert (waits.status, left.status) == ("backordered", "partly_shipped")

    with clock.at(MONDAY + timedelta(days=1)):
        assert warn_late() == 2
        assert warn_late() == 0

    assert [order.facts("promise.changed")["lines"][0]["line"] for order in (waits, left)] == [1, 2]
    assert "promise.changed" not in held.events


def test_the_reason_is_told_of_the_part_that_leaves_last():
    Terms.objects.update(handling_days=3)
    a_shelf("BERLIN", "TEE", 2)
    a_shelf("LYON", "TEE", 1)
    order = tee(3).placed()

    promise(order)

    line = order.facts("promise.made")["lines"][0]
    assert (line["ship_on"], line["words"]) == ("2026-06-04", "It is kept at BERLIN.")


def test_stock_that_is_kept_back_is_promised_to_nobody_and_what_comes_in_makes_up_for_it_first():
    keep_back([SafetyRow(Sku.objects.get().pk, None, Channel.objects.get().pk, 5)], actor=CLERK)
    a_shelf("BERLIN", "TEE", 3)
    order = tee(2).placed()
    promise(order)
    assert (order.units, stands(order)) == ({"backordered": 2}, [(None, None, "unknown")])

    coming(3, june(9), "PO-1")
    coming(9, june(16), "PO-2")
    promise(order)

    parts = order.facts("promise.changed")["lines"][0]["parts"]
    assert [(part["quantity"], part["reference"], part["ship_on"]) for part in parts] == [
        (1, "PO-1", "2026-06-10"),
        (1, "PO-2", "2026-06-17"),
    ]


def test_a_location_that_said_no_to_the_order_is_reckoned_with_from_when_it_is_asked_again():
    a_shelf("BERLIN", "TEE", 2)
    order = tee(2).placed()
    promise(order)
    release_orders([Release(order.id)], actor=CLERK)
    (name,) = FulfilmentOrder.objects.values_list("name", flat=True)
    with clock.at(MONDAY + timedelta(hours=1)):
        reject_fulfilment([Reject(name, "closed")], actor=CLERK)
        promise(order)
        assert fill_all() == 0
    assert (order.units, stands(order)) == ({"backordered": 2}, [(june(2), june(5), "in_stock")])

    with clock.at(MONDAY + timedelta(days=1, hours=2)):
        fill_all()
        promise(order)

    assert (order.units, stands(order)) == ({"reserved": 2}, [(june(2), june(5), "in_stock")])


def test_what_is_canceled_is_promised_no_longer():
    a_shelf("BERLIN", "TEE", 1)
    order = tee().placed()
    promise(order)
    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)

    assert promise(order) == 0

    assert stands(order) == []
    assert "promise.changed" not in order.events


def test_the_queue_is_served_by_priority_first_then_by_promise():
    coming(1, june(9), "PO-1")
    coming(1, june(16), "PO-2")
    coming(1, june(23), "PO-3")
    first, second, third = place_all([tee(), tee(), tee()])
    promise(first, second, third)
    prioritize_orders([Prioritize(third.id, 5)], actor=CLERK)

    promise(first, second, third)

    assert [stands(order)[0][0] for order in (first, second, third)] == [june(17), june(24), june(10)]
    assert third.facts("order.prioritized") == {"number": third.number, "priority": 5, "was": 0}
    a_shelf("BERLIN", "TEE", 2)
    assert fill_all() == 2
    assert [order.units for order in (first, second, third)] == [{"reserved": 1}, {"backordered": 1}, {"reserved": 1}]


def test_what_one_order_keeps_is_given_to_another_that_waits():
    a_shelf("BERLIN", "TEE", 3)
    coming(9, june(9))
    giver, taker = place_all([tee(3), tee(2)])
    promise(giver, taker)

    answers = reallocate_stock([Reallocate(giver.id, taker.id, "TEE", 2)], actor=CLERK)
    promise(giver, taker)

    assert answers == [Done(giver.id, 2)]
    assert (giver.units, taker.units) == ({"reserved": 1, "backordered": 2}, {"reserved": 2})
    assert (giver.status, taker.status) == ("backordered", "ready")
    assert shelf("BERLIN", "TEE") == {"reserved": 3}
    assert (stands(giver)[0][0], stands(taker)[0][0]) == (june(10), june(1))
    assert giver.facts("promise.changed")["later"] is True
    assert taker.facts("promise.changed")["later"] is False
    assert giver.facts("order.reallocated")["units"] == [
        {"sku": "TEE", "quantity": 2, "location": "BERLIN", "from_line": 1, "to_line": 1}
    ]


def test_giving_takes_as_many_statements_for_ten_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 22)
    givers, takers = place_all([tee(2)] * 11), place_all([tee(1)] * 11)
    asked = [Reallocate(giver.id, taker.id, "TEE", 1) for giver, taker in zip(givers, takers, strict=True)]

    one = statements(lambda: reallocate_stock(asked[:1], actor=CLERK))
    many = statements(lambda: reallocate_stock(asked[1:], actor=CLERK))

    assert one == many


def test_what_is_not_kept_or_not_waited_for_is_not_given_away():
    a_shelf("BERLIN", "TEE", 3)
    giver, taker = place_all([tee(2), tee(2)])
    before = written()

    too_many, unwanted = reallocate_stock(
        [Reallocate(giver.id, taker.id, "TEE", 3), Reallocate(giver.id, taker.id, "TEE", 2)], actor=CLERK
    )

    assert isinstance(too_many, NothingToReallocate)
    assert isinstance(unwanted, NotWaiting)
    assert written() == before
