"""What is promised of units that have left, were lost, are sent again, or are canceled."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import clock
from orderwright.promises import queries
from orderwright.promises.models import Promise
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", when_short="backorder")
    a_location("BERLIN", time_zone="Pacific/Auckland")
    a_channel()
    a_shelf("BERLIN", "TEE", 3)
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    with clock.at(MONDAY):
        yield


def june(day):
    return date(2026, 6, day)


def after(days):
    return clock.at(MONDAY + timedelta(days=days))


def an_order_placed():
    return an_order().to("DE").with_line("TEE", 1).but(when_short="backorder").placed()


def promise(order):
    return promise_orders([order.id])


def stands(order):
    found = Promise.objects.filter(order_id=order.id, superseded_at=None)
    return list(found.values_list("ship_on", "deliver_on", "reason"))


def shipped(order):
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)


def test_what_left_keeps_the_day_on_which_it_left_there_and_arrives_as_promised():
    order = an_order_placed()
    promise(order)
    assert stands(order) == [(june(2), june(5), "in_stock")]  # it is evening there

    with clock.at(MONDAY + timedelta(hours=4)):  # past midnight
        shipped(order)
        promise(order)
    assert stands(order) == [(june(2), june(5), "in_stock")]

    with after(1):
        early = an_order_placed()
        promise(early)
        assert stands(early) == [(june(3), june(6), "in_stock")]
        shipped(early)
        promise(early)

    assert stands(early) == [(june(2), june(6), "on_its_way")]
    assert early.facts("promise.changed")["later"] is False


def test_what_is_promised_after_it_left_says_when_it_left():
    order = an_order_placed()
    shipped(order)

    with after(2):
        promise(order)

    assert stands(order) == [(june(1), june(4), "on_its_way")]


def test_the_ledger_says_that_it_is_on_its_way_once_it_is():
    order = an_order_placed()
    promise(order)
    assert [entry.reason for entry in queries.of_order(order.id)] == ["in_stock"]

    with clock.at(MONDAY + timedelta(hours=4)):
        shipped(order)
        assert promise(order) == 0

    assert [entry.reason for entry in queries.of_order(order.id)] == ["on_its_way"]


def test_when_a_lost_parcel_arrives_nobody_can_say_before_it_is_sent_again():
    order = an_order_placed()
    promise(order)
    shipped(order)
    with after(3):
        note_scans([Note(f"{order.number}-S1/1", Stage.LOST)], actor=CLERK)
        promise(order)
        assert stands(order) == [(None, None, "lost")]
        words = order.facts("promise.changed")["lines"][0]["words"]
        assert words == "Its parcel was lost, and nothing has been sent again yet."
        assert queries.deliver_on(order.id) is None

    with after(5):
        send_again([SendAgain(order.id)], actor=CLERK)
        promise(order)
        assert stands(order) == [(june(7), june(10), "in_stock")]
        changed = order.facts("promise.changed")
        assert (changed["later"], changed["lines"][0]["was_deliver_on"]) == (True, None)
        shipped(order)
        promise(order)
        assert stands(order) == [(june(6), june(10), "on_its_way")]

    with after(8):
        deliver_orders([Deliver(order.id)], actor=CLERK)
        promise(order)
    assert order.facts("promise.missed")["days_late"] == 4


def test_a_canceled_order_promises_nothing_from_that_moment_on():
    order, other = an_order_placed(), an_order_placed()
    promise(order)
    promise(other)

    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)

    assert stands(order) == []
    assert queries.deliver_on(order.id) is None
    assert queries.deliver_days([order.id, other.id]) == {other.id: june(5)}
    assert len(stands(other)) == 1
