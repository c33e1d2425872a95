"""A promise that was not kept, and of which nothing new is known, is renewed for longer each time."""

from datetime import date, timedelta

import pytest

from orderwright.promises.dating import Dated
from orderwright.promises.ledger import Stands
from orderwright.promises.models import Reason
from orderwright.promises.renewing import renew

MONDAY = date(2026, 6, 1)


def every_day(day):
    return day


def on_weekdays(day):
    return day if day.isoweekday() < 6 else on_weekdays(day + timedelta(days=1))


def promised(reason=Reason.IN_STOCK, ship=MONDAY, deliver=None, renewed=0):
    return Stands(1, 1, 1, ship, deliver, reason, None, None, 7, renewed)


def dated(reason=Reason.IN_STOCK, ship=MONDAY, deliver=None, overdue=False):
    return Dated(ship, deliver, reason, 7, [], overdue)


@pytest.mark.parametrize(("renewed", "later"), [(0, 0), (1, 1), (2, 3), (3, 6), (4, 13), (5, 29), (6, 29), (99, 29)])
def test_each_time_it_stands_longer(renewed, later):
    today = MONDAY + timedelta(days=20)
    before = promised(renewed=renewed)

    found = renew(dated(ship=today, deliver=today + timedelta(days=2)), before, today, every_day)

    assert found.ship_on == today + timedelta(days=later)
    assert found.deliver_on == today + timedelta(days=later + 2)
    assert found.renewed == renewed + 1


def test_while_it_stands_it_does_not_move():
    tomorrow = MONDAY + timedelta(days=1)

    found = renew(dated(ship=MONDAY), promised(ship=tomorrow, renewed=2), MONDAY, every_day)

    assert (found.ship_on, found.renewed) == (tomorrow, 2)


def test_what_is_known_to_come_counts_as_it_is():
    known = dated(Reason.RECEIPT, ship=MONDAY + timedelta(days=9))

    found = renew(known, promised(Reason.RECEIPT, renewed=3), MONDAY + timedelta(days=1), every_day)

    assert (found.ship_on, found.renewed) == (MONDAY + timedelta(days=9), 0)


def test_another_reason_begins_anew():
    today = MONDAY + timedelta(days=1)

    found = renew(dated(Reason.IN_WORK, ship=today, overdue=True), promised(renewed=4), today, every_day)

    assert (found.ship_on, found.renewed) == (today, 1)


def test_it_leaves_on_a_working_day():
    friday = MONDAY + timedelta(days=4)

    found = renew(dated(ship=friday), promised(renewed=1), friday, on_weekdays)

    assert found.ship_on == MONDAY + timedelta(days=7)


def test_what_has_to_be_ordered_is_not_promised_a_day_later_each_day():
    before = promised(Reason.LEAD_TIME, ship=MONDAY + timedelta(days=14))

    found = renew(dated(Reason.LEAD_TIME, ship=MONDAY + timedelta(days=17)), before, MONDAY, every_day)

    assert found.ship_on == MONDAY + timedelta(days=14)


def test_of_what_is_on_its_way_only_the_arrival_moves():
    today = MONDAY + timedelta(days=9)
    before = promised(Reason.ON_ITS_WAY, MONDAY, MONDAY + timedelta(days=3), renewed=1)

    found = renew(dated(Reason.ON_ITS_WAY, MONDAY, today + timedelta(days=3)), before, today, on_weekdays)

    assert (found.ship_on, found.deliver_on) == (MONDAY, today + timedelta(days=4))
