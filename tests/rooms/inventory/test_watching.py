"""Each crossing of a SKU's low mark, or of zero, is told once, whatever moved the units."""

import pytest
from django.db import transaction
from shelves import CLERK, a_location, a_shelf, a_sku, wait_for_the_log

from orderwright.catalog.models import Sku
from orderwright.inventory import watching
from orderwright.inventory.adjusting import Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.locating import edit_location
from orderwright.inventory.models import Level, ToldLevel
from orderwright.inventory.watching import level_of, watch_once
from orderwright.kernel.books import Movement, post
from orderwright.kernel.events import Happening, record
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db(transaction=True)  # the log shows what is committed


def watch():
    wait_for_the_log()
    watching.watch()


@pytest.fixture
def tee():
    return a_sku("TEE", low_stock_at=3)


@pytest.fixture
def berlin(tee):
    """Holds 10."""
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    watch()
    return berlin


@transaction.atomic
def sell(sku, location, quantity):
    """As a flow does: an event of its own, and movements."""
    (event,) = record([Happening("test.sold", CLERK, {})])
    post(STOCK, [Movement(sku, location, "available", location, "reserved", quantity, event)])


def told():
    """Every crossing: kind, what was available, level before and after."""
    kinds = ("stock.low", "stock.out", "stock.recovered")
    found = Event.objects.filter(kind__in=kinds).order_by("id").values_list("kind", "facts")
    return [(kind, facts["available"], facts["was"], facts["is"]) for kind, facts in found]


LOW = ("stock.low", 3, "fine", "low")
OUT = ("stock.out", 0, "low", "out")


def test_low_then_out_then_recovered_each_once(tee, berlin):
    for quantity, so_far in [(6, []), (1, [LOW]), (1, [LOW]), (2, [LOW, OUT])]:
        sell(tee, berlin, quantity)
        watch()
        watch()
        assert told() == so_far

    for holding in (2, 2):
        a_shelf(tee, berlin, holding)
        watch()

    assert told()[2:] == [("stock.recovered", 2, "out", "low"), ("stock.recovered", 4, "low", "fine")]
    assert ToldLevel.objects.get().level == Level.FINE


def test_it_looks_at_all_active_locations(tee, berlin):
    a_shelf(tee, a_location("PARIS"), 5)
    sell(tee, berlin, 10)
    watch()
    assert told() == []

    edit_location("PARIS", {"active": False}, seen=None, actor=CLERK)
    watch()

    assert told() == [("stock.out", 0, "fine", "out")]


def test_a_raised_low_mark_is_a_crossing_too(tee, berlin):
    with transaction.atomic():
        Sku.objects.filter(pk=tee).update(low_stock_at=20)
        record([Happening("sku.changed", CLERK, {"sku": "TEE"})])

    watch()

    assert told() == [("stock.low", 10, "fine", "low")]


def test_without_a_low_mark_only_zero_is_a_crossing(berlin):
    mug = a_sku("MUG")
    a_shelf(mug, berlin, 2)
    adjust([Adjustment([Change(mug, berlin, -1)], "lost")], actor=CLERK)
    watch()
    assert told() == []

    adjust([Adjustment([Change(mug, berlin, -1)], "lost")], actor=CLERK)
    watch()

    assert told() == [("stock.out", 0, "fine", "out")]


def test_a_dip_that_is_over_is_not_told(tee, berlin):
    sell(tee, berlin, 10)
    a_shelf(tee, berlin, 10)

    watch()

    assert told() == []


def test_it_reads_in_portions_and_stops_at_the_end(tee, berlin):
    for _ in range(10):
        sell(tee, berlin, 1)

    portions = []
    for _ in range(4):
        wait_for_the_log()
        portions.append(watch_once(4))

    assert portions == [4, 4, 3, 0]
    assert told() == [("stock.out", 0, "fine", "out")]


def test_what_was_told_is_forgotten_with_the_transaction(tee, berlin):
    sell(tee, berlin, 10)

    wait_for_the_log()
    with transaction.atomic():
        assert watch_once() == 1
        transaction.set_rollback(True)

    assert told() == []
    watch()
    assert told() == [("stock.out", 0, "fine", "out")]


@pytest.mark.parametrize(
    ("available", "low_stock_at", "level"),
    [
        (0, None, Level.OUT),
        (1, None, Level.FINE),
        (0, 0, Level.OUT),
        (1, 0, Level.FINE),
        (5, 5, Level.LOW),
        (6, 5, Level.FINE),
    ],
)
def test_the_levels(available, low_stock_at, level):
    assert level_of(available, low_stock_at) is level
