"""The order-up-to rule of a play, and what suppliers make of it."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from shelves import a_location, a_sku, shelf

from orderwright.inventory.models import Expectation
from orderwright.kernel import actors, clock
from orderwright.replay.reading import Demand
from orderwright.replay.stocking import COVER_DAYS, LARGEST, LEAST, REVIEW_DAYS, SAFETY_DAYS, Stocking, demand_of

pytestmark = pytest.mark.django_db

TODAY = date(2011, 3, 1)


@pytest.fixture
def desk(db: None) -> tuple[Stocking, int, int, int]:
    """A desk that stocks TEE, three quarters of it in the north."""
    tee, north, south = a_sku("TEE"), a_location("NORTH"), a_location("SOUTH")
    desk = Stocking({north: 0.75, south: 0.25}, random.Random(1), actors.system("test"))
    with clock.at(datetime(2011, 2, 1, tzinfo=UTC)):
        desk.open({"TEE": tee}, [Demand("TEE", "Tee", date(2011, 2, 1), 20, 400)], TODAY)
    return desk, tee, north, south


def test_a_new_sku_is_stocked_by_shares(desk: tuple[Stocking, int, int, int]) -> None:
    _desk, tee, north, south = desk

    assert shelf(tee, north) == {"available": 60}
    assert shelf(tee, south) == {"available": 20}


def test_what_is_short_of_the_target_is_ordered_once(desk: tuple[Stocking, int, int, int]) -> None:
    stocking, tee, north, south = desk
    for _day in range(28):
        stocking.learn(Counter({tee: 4}))
    turn = next(
        day
        for day in (TODAY + timedelta(days=n) for n in range(REVIEW_DAYS))
        if (tee - day.toordinal()) % REVIEW_DAYS == 0
    )
    days = COVER_DAYS + SAFETY_DAYS

    with clock.at(datetime(2011, 3, 1, tzinfo=UTC)):
        assert stocking.order(turn + timedelta(days=1)) == 0  # it is not its turn, and nobody waits for it
        assert stocking.order(turn) == 2
        assert stocking.order(turn) == 0

    expected = dict(Expectation.objects.values_list("location_id", "quantity"))
    assert expected == {north: days * 3 - 60, south: max(days - 20, LEAST)}


def test_what_comes_is_received_against_what_was_expected(desk: tuple[Stocking, int, int, int]) -> None:
    stocking, tee, north, _south = desk
    for _day in range(28):
        stocking.learn(Counter({tee: 4}))
    with clock.at(datetime(2011, 3, 1, tzinfo=UTC)):
        for number in range(REVIEW_DAYS):
            stocking.order(TODAY + timedelta(days=number))

    came = set()
    for number in range(60):
        with clock.at(datetime(2011, 3, 1, tzinfo=UTC) + timedelta(days=number)):
            came |= set(stocking.receive(TODAY + timedelta(days=number)))

    assert came == {tee}
    assert not Expectation.objects.filter(closed_at=None).exists()
    assert shelf(tee, north) == {"available": (COVER_DAYS + SAFETY_DAYS) * 3}


def test_nobody_stocks_up_for_a_single_buyer() -> None:
    assert demand_of([(1, 5), (1, 80_995), (2, 7)]) == {1: 5 + LARGEST, 2: 7}
