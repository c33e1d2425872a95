"""Scheduled releases: at the moment that was chosen, and not before."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_shelf, a_sku, an_order, place_all

from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.schedule_releases import Schedule, release_due, schedule_releases, unschedule_releases
from orderwright.fulfilment.models import ScheduledRelease
from orderwright.kernel import clock

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def tea() -> None:
    a_sku("TEE", when_short="backorder")
    a_shelf("BERLIN", "TEE", 100)


def test_an_order_is_released_when_its_moment_has_come_and_not_before():
    order = an_order().with_line("TEE", 2).placed()
    with clock.at(NOON):
        schedule_releases([Schedule(order.id, NOON + HOUR)], actor=CLERK)

        (early,) = release_orders([Release(order.id)], actor=CLERK)

        assert (early.code, early.facts["release_at"]) == ("release_scheduled", "2026-03-02T13:00:00+00:00")
        assert release_due() == 0
    with clock.at(NOON + HOUR):
        assert release_due() == 1
    assert order.units == {"released": 2}
    assert order.events == ["order.placed", "order.release_scheduled", "order.released"]
    assert not ScheduledRelease.objects.exists()


def test_another_moment_may_be_chosen_or_none():
    first, second = place_all([an_order().with_line("TEE")] * 2)
    schedule_releases([Schedule(first.id, NOON), Schedule(second.id, NOON)], actor=CLERK)
    schedule_releases([Schedule(first.id, NOON + HOUR)], actor=CLERK)

    answers = unschedule_releases([second.id, second.id], actor=CLERK)

    assert [getattr(answer, "code", "done") for answer in answers] == ["done", "not_scheduled"]
    assert list(ScheduledRelease.objects.values_list("order_id", "release_at")) == [(first.id, NOON + HOUR)]
    with clock.at(NOON):
        assert release_due() == 0
        assert release_orders([Release(second.id)], actor=CLERK)[0].units == 1


def test_what_is_refused_is_told_once_and_tried_later_and_later():
    order = an_order().with_line("TEE").placed()
    hold_orders([PutHold(order.id, "fraud")], actor=CLERK)
    schedule_releases([Schedule(order.id, NOON)], actor=CLERK)

    for later in (0 * HOUR, MINUTE, 2 * HOUR, 2 * HOUR + MINUTE):
        with clock.at(NOON + later):
            assert release_due() == 0

    row = ScheduledRelease.objects.get()
    assert (row.refusals, row.refused, row.try_at) == (2, "on_hold", NOON + 4 * HOUR)
    assert order.events.count("order.release_postponed") == 1
    assert order.facts("order.release_postponed") == {"number": "1", "refused": "on_hold"}


def test_an_order_that_becomes_ready_is_released_without_waiting():
    order = an_order().with_line("TEE").placed()
    hold_orders([PutHold(order.id, "fraud")], actor=CLERK)
    schedule_releases([Schedule(order.id, NOON)], actor=CLERK)
    with clock.at(NOON):
        release_due()
    lift_holds([LiftHold(order.id)], actor=CLERK)

    with clock.at(NOON + MINUTE):
        assert release_due() == 1


def test_what_has_nothing_to_come_is_not_scheduled_and_is_dropped():
    gone, canceled = place_all([an_order().with_line("TEE")] * 2)
    release_orders([Release(gone.id)], actor=CLERK)
    ScheduledRelease.objects.create(order_id=gone.id, release_at=NOON, try_at=NOON, scheduled_by="test")

    (refused, naive) = schedule_releases(
        [Schedule(gone.id, NOON), Schedule(canceled.id, NOON.replace(tzinfo=None))], actor=CLERK
    )

    assert (refused.code, naive.code) == ("nothing_to_release", "invalid")
    with clock.at(NOON):
        assert release_due() == 0
    assert not ScheduledRelease.objects.exists()
    assert "order.release_postponed" not in gone.events


def test_takes_as_many_statements_for_thirty_as_for_one(statements):
    orders = [order.id for order in place_all([an_order().with_line("TEE")] * 31)]

    def schedule(ids: list[int]) -> object:
        return schedule_releases([Schedule(id_, NOON) for id_ in ids], actor=CLERK)

    one, many = statements(lambda: schedule(orders[:1])), statements(lambda: schedule(orders[1:]))
    assert one == many
    with clock.at(NOON):
        assert statements(lambda: release_due(limit=1, batches=1)) == statements(lambda: release_due(batches=1))
