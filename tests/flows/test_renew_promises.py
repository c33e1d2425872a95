"""Promises that cannot be kept: told a few times, not each day; with overdue receipts, full days and lost parcels."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku, an_order, place_all

from orderwright.catalog.models import Sku
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.keep_promises import warn_late
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import Terms
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.orders.moving import Wanted
from orderwright.promises import queries
from orderwright.promises.models import Promise
from orderwright.shipping.models import DeliveryOption, Package
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop():
    a_sku("TEE", when_short="backorder")
    a_location("BERLIN")
    a_channel()
    DeliveryOption.objects.create(code="std", name="Standard", days_least=1, days_most=3)
    with clock.at(MONDAY):
        yield


def tee(quantity=1, **more):
    return an_order().to("DE").with_line("TEE", quantity).but(when_short="backorder", **more)


def june(day):
    return date(2026, 6, day)


def promise(*orders):
    return promise_orders([order.id for order in orders])


def stands(order):
    found = Promise.objects.filter(order_id=order.id, superseded_at=None).order_by("line__position")
    return list(found.values_list("ship_on", "deliver_on", "reason"))


def days_of_news(order, days, first=1):
    """On which days from the first on the order's promise is told anew, when somebody looks every day."""
    news = []
    for day in range(first, days + 1):
        with clock.at(MONDAY + timedelta(days=day)):
            before = order.events.count("promise.changed")
            warn_late()
            promise(order)
            if order.events.count("promise.changed") > before:
                news.append(day)
    return news


def test_an_order_that_never_leaves_is_told_so_at_growing_intervals():
    a_shelf("BERLIN", "TEE", 1)
    order = tee().placed()
    promise(order)
    release_orders([Release(order.id)], actor=CLERK)

    assert days_of_news(order, 30) == [1, 2, 4, 8, 15, 29]

    assert stands(order)[0][2] == "in_work"


def test_a_late_parcel_is_told_at_growing_intervals():
    a_shelf("BERLIN", "TEE", 1)
    order = tee().placed()
    promise(order)
    release_orders([Release(order.id)], actor=CLERK)
    ship_orders([Ship(order.id)], actor=CLERK)

    assert days_of_news(order, 30) == [4, 8, 13, 20, 30]


def test_an_overdue_receipt_counts_as_tomorrow_and_says_so():
    line = Expected(Sku.objects.get(code="TEE").pk, Location.objects.get(code="BERLIN").pk, 9, date(2026, 6, 3), "PO-1")
    expect([line], actor=CLERK)

    with clock.at(MONDAY + timedelta(days=4)):
        order = tee().placed()
        promise(order)

    assert stands(order) == [(june(7), june(10), "receipt")]
    told = order.facts("promise.made")["lines"][0]
    assert told["words"] == "It was expected at BERLIN on 2026-06-03, and is overdue."
    assert told["parts"][0]["expected_on"] == "2026-06-06"
    assert told["parts"][0]["was_expected_on"] == "2026-06-03"
    assert days_of_news(order, 20, first=5) == [7, 11, 17]


def test_before_it_is_released_a_full_day_of_its_location_is_not_promised():
    a_shelf("BERLIN", "TEE", 2)
    Terms.objects.create(location=Location.objects.get(), weekdays=[1, 2, 3, 4, 5], orders_per_day=1)
    first, second = place_all([tee(), tee()])
    release_orders([Release(first.id)], actor=CLERK)

    promise(second)

    assert stands(second) == [(june(2), june(5), "in_stock")]


class TestOutcomes:
    def shipped(self, order):
        release_orders([Release(order.id)], actor=CLERK)
        ship_orders([Ship(order.id)], actor=CLERK)

    def delivered(self, order, day):
        with clock.at(MONDAY + timedelta(days=day)):
            deliver_orders([Deliver(order.id)], actor=CLERK)
            promise(order)

    def test_figures_tell_how_many_lines_came_by_the_day_promised_first(self):
        a_shelf("BERLIN", "TEE", 9)
        orders = place_all([tee(), tee(), tee()])
        promise(*orders)
        for order, day in zip(orders, (1, 3, 8), strict=True):
            self.shipped(order)
            self.delivered(order, day)

        (lane,) = queries.accuracy(june(1), june(30))
        assert tuple(lane) == ("BERLIN", "std", "DE", 3, 2, 1.0)
        (lane,) = queries.accuracy(june(5), june(30))
        assert tuple(lane) == ("BERLIN", "std", "DE", 1, 0, 5.0)
        assert queries.accuracy(june(10), june(30)) == []

    def test_an_order_is_judged_when_its_last_unit_came(self):
        a_shelf("BERLIN", "TEE", 2)
        order = tee(2).placed()
        promise(order)
        release_orders([Release(order.id)], actor=CLERK)
        ship_orders([Ship(order.id, [Wanted(1, 1)])], actor=CLERK)
        self.delivered(order, 2)
        assert {"promise.kept", "promise.missed"}.isdisjoint(order.events)

        with clock.at(MONDAY + timedelta(days=3)):
            ship_orders([Ship(order.id)], actor=CLERK)
        self.delivered(order, 5)

        assert order.facts("promise.missed") == {
            "number": order.number, "promised": "2026-06-04", "came": "2026-06-06", "days_late": 2
        }  # fmt: skip
        assert queries.accuracy(june(1), june(30))[0][3:] == (1, 0, 2.0)

    def test_a_kit_is_there_when_its_last_part_is(self):
        a_kit("SET", {"TEE": 2, "POT": 1})
        a_shelf("BERLIN", "TEE", 2)
        a_shelf("MUNICH", "POT", 1)
        order = an_order().to("DE").with_line("SET", 1).placed()
        promise(order)
        self.shipped(order)
        tees, pots = sorted(Package.objects.values_list("name", flat=True))
        with clock.at(MONDAY + timedelta(days=2)):
            deliver_orders([Deliver(order.id, [tees])], actor=CLERK)
            promise(order)
        assert {"promise.kept", "promise.missed"}.isdisjoint(order.events)

        with clock.at(MONDAY + timedelta(days=4)):
            deliver_orders([Deliver(order.id, [pots])], actor=CLERK)
            promise(order)

        assert order.facts("promise.missed")["days_late"] == 1
        assert queries.accuracy(june(1), june(30))[0][3:] == (1, 0, 1.0)

    def test_a_parcel_that_was_lost_is_judged_when_its_second_one_came(self):
        a_shelf("BERLIN", "TEE", 2)
        order = tee().placed()
        promise(order)
        self.shipped(order)
        note_scans([Note(f"{order.number}-S1/1", Stage.LOST)], actor=CLERK)
        promise(order)
        assert {"promise.kept", "promise.missed"}.isdisjoint(order.events)

        with clock.at(MONDAY + timedelta(days=5)):
            send_again([SendAgain(order.id)], actor=CLERK)
            promise(order)
            assert stands(order) == [(june(6), june(9), "in_stock")]
            self.shipped(order)
        self.delivered(order, 8)

        assert order.facts("promise.missed") == {
            "number": order.number, "promised": "2026-06-04", "came": "2026-06-09", "days_late": 5
        }  # fmt: skip

    def test_a_canceled_line_is_not_judged(self):
        a_sku("MUG", when_short="backorder")
        a_shelf("BERLIN", "TEE", 1)
        order = tee().with_line("MUG", 1).placed()
        promise(order)
        cancel_orders([Cancel(order.id, "customer", [Wanted(2, 1)])], actor=CLERK)
        promise(order)
        self.shipped(order)
        self.delivered(order, 2)

        assert order.facts("promise.kept") == {
            "number": order.number, "promised": "2026-06-04", "came": "2026-06-03", "days_late": -1
        }  # fmt: skip
        assert [late for (late,) in Promise.objects.order_by("line__position").values_list("days_late")] == [-1, None]
