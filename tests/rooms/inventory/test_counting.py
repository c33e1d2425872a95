"""Shelves are counted while the shop goes on; what moved meanwhile is counted again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import CLERK, a_location, a_shelf, a_sku, book, entries, happened, shelf

from orderwright.inventory.adjusting import Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.counting import CountClosed, Counted, CountedBefore, Outcome, close, post_figures, start
from orderwright.inventory.models import StockCount
from orderwright.kernel.books import Movement, post
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def mug():
    return a_sku("MUG")


@pytest.fixture
def berlin(tee, mug):
    """Holds 10 of TEE and no MUG."""
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    return berlin


def reserve(sku, location, quantity):
    post(STOCK, [Movement(sku, location, "available", location, "reserved", quantity, Event.objects.latest("id").id)])


def test_the_difference_moves_and_the_count_is_closed(tee, mug, berlin):
    count = start(berlin, [tee, mug], reference="AISLE-3", actor=CLERK)

    outcomes = post_figures(count, {tee: 8, mug: 1}, actor=CLERK)

    assert outcomes == [Counted(tee, 8, 10, Outcome.POSTED), Counted(mug, 1, 0, Outcome.POSTED)]
    assert (shelf(tee, berlin), shelf(mug, berlin)) == ({"available": 8}, {"available": 1})
    assert entries()[-2:] == [
        (tee, "available", berlin, "lost", berlin, 2),
        (mug, "lost", berlin, "available", berlin, 1),
    ]
    assert StockCount.objects.get().closed_at is not None
    assert Event.objects.latest("id").facts == {
        "count": count,
        "location": "BERLIN",
        "reason": "count",
        "lines": [
            {"sku": "TEE", "counted": 8, "expected": 10, "outcome": "posted"},
            {"sku": "MUG", "counted": 1, "expected": 0, "outcome": "posted"},
        ],
    }


def test_a_count_that_agrees_moves_nothing_and_is_told(tee, berlin):
    count = start(berlin, [tee], actor=CLERK)
    before = entries()

    post_figures(count, {tee: 10}, actor=CLERK)

    assert entries() == before
    assert happened()[-1] == "stock.counted"


def test_what_moved_meanwhile_is_counted_again_though_the_balance_is_the_same(tee, mug, berlin):
    count = start(berlin, [tee, mug], actor=CLERK)
    adjust([Adjustment([Change(tee, berlin, -2)], "lost"), Adjustment([Change(tee, berlin, 2)], "found")], actor=CLERK)

    outcomes = post_figures(count, {tee: 9, mug: 0}, actor=CLERK)

    assert [each.outcome for each in outcomes] == [Outcome.COUNT_AGAIN, Outcome.POSTED]
    assert shelf(tee, berlin) == {"available": 10}
    assert StockCount.objects.get().closed_at is None

    assert post_figures(count, {tee: 9}, actor=CLERK) == [Counted(tee, 9, 10, Outcome.POSTED)]
    assert shelf(tee, berlin) == {"available": 9}
    assert StockCount.objects.get().closed_at is not None


def test_a_reservation_and_another_location_are_no_movements(tee, berlin):
    count = start(berlin, [tee], actor=CLERK)
    reserve(tee, berlin, 4)
    a_shelf(tee, a_location("PARIS"), 5)

    outcomes = post_figures(count, {tee: 9}, actor=CLERK)

    assert outcomes == [Counted(tee, 9, 10, Outcome.POSTED)]
    assert shelf(tee, berlin) == {"available": 5, "reserved": 4}


def test_fewer_than_are_reserved_cannot_be_posted(tee, berlin):
    reserve(tee, berlin, 4)
    count = start(berlin, [tee], actor=CLERK)
    before = entries()

    assert post_figures(count, {tee: 3}, actor=CLERK) == [Counted(tee, 3, 10, Outcome.BELOW_RESERVED)]

    assert entries() == before
    assert shelf(tee, berlin) == {"available": 6, "reserved": 4}
    assert StockCount.objects.get().closed_at is None


def test_what_was_counted_is_not_counted_twice(tee, mug, berlin):
    count = start(berlin, [tee, mug], actor=CLERK)
    post_figures(count, {tee: 9}, actor=CLERK)
    before = book()

    with pytest.raises(CountedBefore):
        post_figures(count, {tee: 8}, actor=CLERK)

    assert book() == before


def test_a_closed_or_unknown_count_takes_no_figures(tee, berlin):
    count = start(berlin, [tee], actor=CLERK)
    close(count, actor=CLERK)
    before = book()

    with pytest.raises(CountClosed):
        post_figures(count, {tee: 8}, actor=CLERK)
    with pytest.raises(CountClosed):
        close(count, actor=CLERK)
    with pytest.raises(NotFound):
        post_figures(count + 1, {tee: 8}, actor=CLERK)

    assert book() == before


def test_only_what_is_on_the_list_is_counted(tee, mug, berlin):
    count = start(berlin, [tee], actor=CLERK)
    before = book()

    with pytest.raises(NotFound):
        post_figures(count, {tee: 8, mug: 1}, actor=CLERK)
    with pytest.raises(Invalid):
        post_figures(count, {tee: -1}, actor=CLERK)
    with pytest.raises(Invalid):
        start(berlin, [], actor=CLERK)

    assert book() == before


def test_statements_do_not_grow_with_skus(berlin):
    skus = [a_sku(f"S{number}") for number in range(30)]

    with CaptureQueriesContext(connection) as few:
        post_figures(start(berlin, skus[:1], actor=CLERK), {skus[0]: 1}, actor=CLERK)
    with CaptureQueriesContext(connection) as many:
        post_figures(start(berlin, skus, actor=CLERK), dict.fromkeys(skus, 2), actor=CLERK)

    assert len(many) == len(few)
