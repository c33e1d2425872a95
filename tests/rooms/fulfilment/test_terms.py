"""On what terms locations work: on which day what they are given can leave."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from builders import CLERK, a_location, a_shelf, an_order, place_all
from hypothesis import given
from hypothesis import strategies as st

from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment.agreeing import Agreement, set_terms, terms_of
from orderwright.fulfilment.models import FulfilmentOrder
from orderwright.fulfilment.sourcing.places import places
from orderwright.fulfilment.terms import Conditions, Diary
from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Invalid, NotFound, Stale
from orderwright.kernel.models import Event

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKING_WEEK = (1, 2, 3, 4, 5)

terms = st.builds(
    Conditions,
    code=st.just("X"),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"]),
    orders_per_day=st.none() | st.integers(1, 3),
    cut_off=st.times(),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    closed_on=st.sets(st.dates(date(2026, 3, 1), date(2026, 4, 1)), max_size=10),
    handling_days=st.integers(0, 5),
)
moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 1), timezones=st.just(UTC))


@given(terms, moments, st.integers(1, 12))
def test_work_leaves_on_working_days_never_before_it_came_and_never_more_than_can(conditions, at, count):
    diary = Diary(conditions)

    days = [diary.book(at) for _order in range(count)]

    assert days == sorted(days)
    assert days[0] >= conditions.today(at)
    assert all(conditions.works_on(day) for day in days)
    if conditions.orders_per_day is not None:
        assert max(diary.taken.values()) <= conditions.orders_per_day
    else:
        assert set(days) == {conditions.ship_on(at)}


class Asked(tuple[int, ...]):
    """Weekdays that count how often they are looked at."""

    times = 0

    def __contains__(self, day: object) -> bool:
        Asked.times += 1
        return super().__contains__(day)


def test_days_that_are_full_are_looked_through_once():
    diary = Diary(Conditions("X", orders_per_day=1, weekdays=Asked(WORKING_WEEK)))
    Asked.times = 0

    days = {diary.book(datetime(2026, 3, 2, 9, tzinfo=UTC)) for _order in range(500)}

    assert len(days) == 500
    assert Asked.times < 2000  # each day, and for each order the first


@pytest.mark.parametrize(
    ("at", "more", "day"),
    [
        ((2026, 3, 2, 13, 59), {}, date(2026, 3, 2)),
        ((2026, 3, 2, 14, 0), {}, date(2026, 3, 3)),
        ((2026, 3, 6, 15, 0), {"weekdays": WORKING_WEEK}, date(2026, 3, 9)),
        ((2026, 3, 7, 9, 0), {"weekdays": WORKING_WEEK}, date(2026, 3, 9)),
        ((2026, 3, 7, 9, 0), {"weekdays": WORKING_WEEK, "closed_on": [date(2026, 3, 9)]}, date(2026, 3, 10)),
        ((2026, 3, 5, 9, 0), {"weekdays": WORKING_WEEK, "handling_days": 2}, date(2026, 3, 9)),
        ((2026, 3, 2, 23, 30), {"time_zone": "Europe/Berlin"}, date(2026, 3, 3)),
        ((2026, 3, 2, 12, 59), {"time_zone": "Europe/Berlin"}, date(2026, 3, 2)),
        ((2026, 3, 2, 13, 0), {"time_zone": "Europe/Berlin"}, date(2026, 3, 3)),
    ],
)
def test_cut_off_weekend_holiday_handling_and_time_zone(at, more, day):
    assert Conditions("X", **more).ship_on(datetime(*at, tzinfo=UTC)) == day


@pytest.mark.django_db
def test_a_day_takes_so_many_and_what_is_given_back_frees_its_place():
    a_shelf("BERLIN", "TEE", 100)
    set_terms("BERLIN", Agreement(orders_per_day=2), seen=0, actor=CLERK)
    with clock.at(MONDAY):
        orders = place_all([an_order().with_line("TEE")] * 5)
        release_orders([Release(order.id) for order in orders[:3]], actor=CLERK)
        assert sql.ask(places())[0].days_to_leave == 1
        reject_fulfilment([Reject("1-F1", "capacity")], actor=CLERK)
        release_orders([Release(order.id) for order in orders[3:]], actor=CLERK)

    days = dict(FulfilmentOrder.objects.values_list("name", "ship_on"))
    first, second = date(2026, 3, 2), date(2026, 3, 3)
    assert days == {"1-F1": first, "2-F1": first, "3-F1": second, "4-F1": first, "5-F1": second}


@pytest.mark.django_db
def test_terms_are_set_as_a_whole_by_who_has_seen_them():
    a_location("BERLIN")
    assert terms_of("BERLIN") == (Agreement(), 0)
    wanted = Agreement(accepting="asked", weekdays=[5, 1, 1], closed_on=[date(2026, 12, 25)], cut_off=time(11, 30))

    agreed, version = set_terms("BERLIN", wanted, seen=0, actor=CLERK)
    again = set_terms("BERLIN", wanted, seen=1, actor=CLERK)

    assert (agreed.weekdays, version, again) == ((1, 5), 1, (agreed, 1))
    assert terms_of("BERLIN") == (agreed, 1)
    assert Event.objects.get(kind="terms.set").facts == {
        "location": "BERLIN",
        "version": 1,
        "accepting": "asked",
        "orders_per_day": None,
        "cut_off": "11:30:00",
        "weekdays": [1, 5],
        "closed_on": ["2026-12-25"],
        "handling_days": 0,
    }
    with pytest.raises(Stale):
        set_terms("BERLIN", Agreement(), seen=0, actor=CLERK)
    with pytest.raises(NotFound):
        set_terms("ATLANTIS", Agreement(), seen=None, actor=CLERK)
    assert terms_of("BERLIN") == (agreed, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"accepting": "never"},
        {"orders_per_day": 0},
        {"weekdays": []},
        {"weekdays": [0]},
        {"handling_days": -1},
        {"cut_off": time(1, tzinfo=UTC)},
        {"closed_on": [date(2026, 1, 1) + timedelta(days=n) for n in range(1001)]},
    ],
)
@pytest.mark.django_db
def test_terms_that_cannot_be_are_refused(more):
    a_location("BERLIN")

    with pytest.raises(Invalid):
        set_terms("BERLIN", Agreement(**more), seen=None, actor=CLERK)

    assert terms_of("BERLIN") == (Agreement(), 0)
