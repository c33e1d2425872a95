"""What may be promised: per location, in all, to a channel, of kits; and what will come."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelves import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku, happened

from orderwright.inventory.availability import (
    Availability,
    Incoming,
    SafetyRow,
    Short,
    availability,
    incoming,
    load_safeties,
    sellable,
    short_of,
)
from orderwright.inventory.expecting import Expected, expect
from orderwright.inventory.keeping_back import keep_back
from orderwright.inventory.models import Location, SafetyStock
from orderwright.inventory.naming import KitHasNoStock
from orderwright.inventory.reserving import lock_shelves
from orderwright.inventory.transferring import Arrival, Came, Sending, arrive, send
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def mug():
    return a_sku("MUG")


@pytest.fixture
def berlin():
    return a_location("BERLIN")


@pytest.fixture
def paris():
    return a_location("PARIS")


def test_of_each_location_and_of_all(tee, mug, berlin, paris):
    a_shelf(tee, berlin, 3)
    a_shelf(tee, paris, 4)

    assert availability([tee, mug, 999_999]) == {
        tee: Availability(7, {berlin: 3, paris: 4}),
        mug: Availability(0, {}),
    }


def test_an_inactive_location_promises_nothing(tee, berlin, paris):
    a_shelf(tee, berlin, 3)
    a_shelf(tee, paris, 4)
    Location.objects.filter(pk=paris).update(active=False)

    assert availability([tee]) == {tee: Availability(3, {berlin: 3})}
    assert lock_shelves([tee]) == {(tee, berlin): 3}


def test_a_kit_is_as_available_as_its_scarcest_part(tee, mug, berlin, paris):
    kit = a_kit("SET", TEE=2, MUG=1)
    a_shelf(tee, berlin, 5)
    a_shelf(mug, berlin, 1)
    a_shelf(tee, paris, 2)
    a_shelf(mug, paris, 8)

    assert availability([kit])[kit] == Availability(3, {berlin: 1, paris: 1})


def test_a_kit_whose_parts_stand_at_different_locations_is_in_none_but_there(tee, mug, berlin, paris):
    kit = a_kit("SET", TEE=2, MUG=1)
    a_shelf(tee, berlin, 5)
    a_shelf(mug, paris, 8)

    assert availability([kit])[kit] == Availability(2, {berlin: 0, paris: 0})


def test_a_kit_with_a_part_that_never_was_is_out(tee, mug, berlin):
    kit = a_kit("SET", TEE=1, MUG=1)
    a_shelf(tee, berlin, 5)

    assert availability([kit])[kit] == Availability(0, {berlin: 0})


def test_two_lines_that_share_a_part_are_short_of_it_together(tee, mug, berlin):
    kit = a_kit("SET", TEE=2, MUG=1)
    a_shelf(tee, berlin, 5)
    a_shelf(mug, berlin, 9)

    assert short_of([(kit, 2)]) == []
    assert short_of([(tee, 3)]) == []
    assert short_of([(kit, 2), (tee, 1)]) == []
    assert short_of([(kit, 2), (tee, 2)]) == [Short(tee, wanted=6, there=5)]
    assert short_of([(kit, 1), (kit, 2)]) == [Short(tee, wanted=6, there=5)]


def test_safety_stock_is_kept_back_from_a_channel(tee, berlin, paris):
    web, market = a_channel("web"), a_channel("market")
    kit = a_kit("SET", TEE=2)
    a_shelf(tee, berlin, 10)
    a_shelf(tee, paris, 4)
    keep_back([SafetyRow(tee, berlin, None, 3), SafetyRow(tee, None, market, 9)], actor=CLERK)

    assert availability([tee], channel=web)[tee] == Availability(11, {berlin: 7, paris: 4})
    assert availability([tee], channel=market)[tee] == Availability(5, {berlin: 5, paris: 0})
    assert availability([tee])[tee] == Availability(11, {berlin: 7, paris: 4})
    assert availability([kit], channel=market)[kit] == Availability(2, {berlin: 2, paris: 0})


def test_safety_stock_is_replaced_and_taken_away(tee, berlin):
    web = a_channel("web")
    keep_back([SafetyRow(tee, berlin, web, 3), SafetyRow(tee, None, None, 1)], actor=CLERK)

    event = keep_back([SafetyRow(tee, berlin, web, 5), SafetyRow(tee, None, None, 0)], actor=CLERK)

    assert load_safeties([tee]) == [SafetyRow(tee, berlin, web, 5)]
    assert SafetyStock.objects.count() == 1
    assert Event.objects.get(id=event).facts["lines"] == [
        {"sku": "TEE", "location": "BERLIN", "channel": "web", "quantity": 5},
        {"sku": "TEE", "location": None, "channel": None, "quantity": 0},
    ]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"quantity": -1}, Invalid),
        ({"location": 999_999}, NotFound),
        ({"channel": 999_999}, NotFound),
        ({"sku": 999_999}, NotFound),
    ],
)
def test_safety_stock_that_cannot_be_is_refused(tee, berlin, change, refusal):
    row = SafetyRow(tee, berlin, None, 3)

    with pytest.raises(refusal):
        keep_back([SafetyRow(tee, None, None, 1), row._replace(**change)], actor=CLERK)
    with pytest.raises(Invalid):
        keep_back([row, row._replace(quantity=4)], actor=CLERK)

    assert not SafetyStock.objects.exists()
    assert happened() == []


def test_a_kit_has_no_safety_stock_of_its_own(tee):
    with pytest.raises(KitHasNoStock):
        keep_back([SafetyRow(a_kit("SET", TEE=2), None, None, 1)], actor=CLERK)

    assert not SafetyStock.objects.exists()


def test_what_will_come_is_told_with_its_day(tee, berlin, paris):
    (ordered,) = expect([Expected(tee, berlin, 50, date(2026, 12, 4), "PO-7")], actor=CLERK)
    a_shelf(tee, berlin, 5)
    (transfer,) = send([Sending(berlin, paris, [(tee, 5)], FRIDAY, "T-1")], actor=CLERK)
    arrive([Arrival(transfer, [Came(tee, 1, lost=1)])], actor=CLERK)

    first, second = incoming([tee])

    assert first._replace(expectation=0) == Incoming(0, tee, paris, 3, FRIDAY, "T-1", transfer)
    assert second == Incoming(ordered, tee, berlin, 50, date(2026, 12, 4), "PO-7", None)


def test_one_statement_for_any_number_of_skus(berlin):
    skus = [a_sku(f"S{number}") for number in range(30)]

    with CaptureQueriesContext(connection) as asked:
        availability(skus)

    assert len(asked) == 1


amounts = st.integers(0, 6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shelves=st.lists(amounts, min_size=6, max_size=6),
    rows=st.dictionaries(
        st.tuples(st.integers(0, 1), st.integers(-1, 2), st.integers(-1, 1)), st.integers(0, 12), max_size=6
    ),
)
def test_the_statement_says_what_sellable_does(db, shelves, rows):
    """The two ways to the same figures: one reads any number of SKUs, one looks at locked shelves while placing."""
    with transaction.atomic():
        skus = [a_sku("A"), a_sku("B")]
        locations = [a_location(code) for code in "XYZ"]
        channels = [a_channel("web"), a_channel("market")]
        for place, holding in enumerate(shelves):
            if holding:
                a_shelf(skus[place % 2], locations[place // 2], holding)
        safeties = [
            SafetyRow(
                skus[sku],
                locations[location] if location >= 0 else None,
                channels[channel] if channel >= 0 else None,
                quantity,
            )
            for (sku, location, channel), quantity in rows.items()
        ]
        if safeties:
            keep_back(safeties, actor=CLERK)

        for channel in (None, *channels):
            left = sellable(lock_shelves(skus), load_safeties(skus), channel)
            found = availability(skus, channel=channel)
            assert {(sku, at): units for sku in skus for at, units in found[sku].by_location.items()} == left
            assert [found[sku].total for sku in skus] == [
                sum(units for shelf, units in left.items() if shelf[0] == sku) for sku in skus
            ]
        transaction.set_rollback(True)
