"""What is sold is counted once, in its quarter of an hour; what the reader has not read yet is added."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, a_sku, an_order, place_all
from shelves import wait_for_the_log

from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.edit_orders import edit_orders
from orderwright.kernel import clock
from orderwright.orders.drafting import LineDraft
from orderwright.orders.editing import Change, Edit
from orderwright.takings.counting import count
from orderwright.takings.models import Taking
from orderwright.takings.queries import Sold, before, quarter_of, sold

pytestmark = pytest.mark.django_db(transaction=True)  # the log shows what is committed

MONDAY = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)
QUARTER = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
DAY = (QUARTER.replace(hour=0, minute=0), QUARTER.replace(hour=23, minute=59))


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", price="10.00")
    a_location("BERLIN")
    a_shelf("BERLIN", "TEE", 1000)


def place_at(moment, *, many=1, channel="web"):
    with clock.at(moment):
        orders = place_all([an_order().with_line("TEE", 2).on(channel) for _ in range(many)])
    wait_for_the_log()
    return orders


def test_orders_of_a_quarter_are_one_row_a_channel():
    a_channel("market")
    place_at(MONDAY, many=3)
    place_at(MONDAY + timedelta(minutes=9, seconds=59))
    place_at(MONDAY + timedelta(minutes=10))
    place_at(MONDAY, channel="market")

    count()

    rows = [(row.quarter_at, row.channel.code, row.orders, row.sold_minor) for row in Taking.objects.order_by("pk")]
    assert sorted(rows) == [
        (QUARTER, "market", 1, 2000),
        (QUARTER, "web", 4, 8000),
        (QUARTER + timedelta(minutes=15), "web", 1, 2000),
    ]


def test_nothing_is_counted_twice():
    place_at(MONDAY, many=2)
    assert count() == 2

    assert count() == 0

    assert [row.orders for row in sold(*DAY)] == [2]


def test_what_is_canceled_is_taken_back_when_it_is():
    (order,) = place_at(MONDAY)
    with clock.at(MONDAY + timedelta(hours=1)):
        cancel_orders([Cancel(order.id, reason="customer")], actor=CLERK)
    wait_for_the_log()

    count()

    assert sold(*DAY) == [
        Sold(QUARTER, "web", "EUR", 1, 2000, 0),
        Sold(QUARTER + timedelta(hours=1), "web", "EUR", 0, 0, 2000),
    ]


def test_an_edit_sells_more_or_takes_back():
    (order,) = place_at(MONDAY)
    with clock.at(MONDAY + timedelta(hours=1)):
        edit_orders([Edit(order.id, added=[LineDraft("TEE", 1)])], actor=CLERK)
    with clock.at(MONDAY + timedelta(hours=2)):
        edit_orders([Edit(order.id, changes=[Change(1, 0)])], actor=CLERK)
    wait_for_the_log()

    count()

    assert sold(*DAY) == [
        Sold(QUARTER, "web", "EUR", 1, 2000, 0),
        Sold(QUARTER + timedelta(hours=1), "web", "EUR", 0, 1000, 0),
        Sold(QUARTER + timedelta(hours=2), "web", "EUR", 0, 0, 2000),
    ]


def test_what_is_not_read_yet_is_in_the_figures():
    place_at(MONDAY)
    count()
    place_at(MONDAY, many=2)

    unread = sold(*DAY)
    count()

    assert unread == sold(*DAY) == [Sold(QUARTER, "web", "EUR", 3, 6000, 0)]


def test_a_past_day_is_told_to_the_moment():
    place_at(MONDAY - timedelta(hours=2))
    place_at(MONDAY)
    place_at(MONDAY + timedelta(minutes=5))
    count()

    found = before(MONDAY + timedelta(minutes=1), sold(*DAY))

    assert [(row.quarter_at, row.orders) for row in found] == [(QUARTER - timedelta(hours=2), 1), (QUARTER, 1)]


def test_a_quarter_begins_at_its_beginning():
    assert quarter_of(QUARTER) == QUARTER
    assert quarter_of(QUARTER + timedelta(minutes=14, seconds=59)) == QUARTER
    assert quarter_of(QUARTER + timedelta(minutes=15)) == QUARTER + timedelta(minutes=15)
