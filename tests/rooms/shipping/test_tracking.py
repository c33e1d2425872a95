"""Where a package is: a pure function of what was said, in whatever order; the audit's SQL says the same."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_shelf, an_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import sql
from orderwright.shipping.auditing import WHERE_SCANS_SAY
from orderwright.shipping.models import Package, Scan
from orderwright.shipping.stages import Stage
from orderwright.shipping.tracking import ScanSeen, is_believed, next_look, where

PACKED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def scan(id_, stage, hours, *, received=None, own=True):
    at = PACKED + timedelta(hours=hours)
    return ScanSeen(id_, stage, at, at if received is None else PACKED + timedelta(hours=received), own)


def stage(*scans, labelled=True):
    return where(scans, packed_at=PACKED, labelled=labelled).stage


def test_nobody_said_anything():
    assert (stage(), stage(labelled=False)) == ("labelled", "prepared")
    assert stage(scan(1, "labelled", 1), labelled=False) == "prepared"


def test_the_last_to_happen_decides_not_the_last_to_come():
    assert stage(scan(1, "out_for_delivery", 5), scan(2, "in_transit", 4)) == "out_for_delivery"
    assert stage(scan(2, "in_transit", 5), scan(1, "out_for_delivery", 5)) == "out_for_delivery"


def test_facts_stand_and_the_last_fact_decides():
    assert stage(scan(1, "delivered", 5), scan(2, "in_transit", 9)) == "delivered"
    assert stage(scan(1, "delivered", 5), scan(2, "returned", 9)) == "returned"
    assert stage(scan(1, "returned", 5), scan(2, "delivered", 9)) == "delivered"


def test_lost_is_a_guess():
    assert stage(scan(1, "lost", 9), scan(2, "in_transit", 10)) == "lost"
    assert stage(scan(1, "lost", 9), scan(2, "delivered", 5)) == "delivered"


def test_what_cannot_be_is_not_believed():
    assert stage(scan(1, "delivered", 5, own=False)) == "labelled"
    assert [is_believed(scan(1, "lost", hours), PACKED) for hours in (-24, -24.1)] == [True, False]
    assert [is_believed(scan(1, "lost", 9, received=at), PACKED) for at in (8, 7.9)] == [True, False]


def test_the_longer_nothing_happens_the_later_it_is_looked_at():
    def minutes(hours_since, **more):
        now = PACKED + timedelta(hours=hours_since)
        at = next_look(now, stage=more.pop("stage", "in_transit"), stage_at=PACKED, packed_at=PACKED)
        return at and (at - now).total_seconds() / 60

    assert [minutes(hours) for hours in (0, 4, 16, 96, 1000)] == [30, 30, 120, 720, 720]
    assert minutes(1, stage="delivered") is None
    assert minutes(24 * 91) is None
    assert minutes(24 * 5, stage="lost") == 720


scans = st.lists(
    st.builds(
        scan,
        st.just(0),
        st.sampled_from([stage.value for stage in Stage]),
        st.integers(-26, 3),
        received=st.integers(-3, 3),
        own=st.booleans(),
    ),
    max_size=5,
)


@given(scans, st.randoms())
def test_the_order_in_which_scans_come_does_not_matter(said, random):
    numbered = [one._replace(id=place) for place, one in enumerate(said)]
    shuffled = list(numbered)
    random.shuffle(shuffled)

    assert where(shuffled, packed_at=PACKED, labelled=True) == where(numbered, packed_at=PACKED, labelled=True)


@pytest.mark.django_db
def test_the_audit_says_the_same():
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 2).placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send("1-F1", at=PACKED)], actor=CLERK)
    package = Package.objects.get()
    Package.objects.update(carrier="fake", tracking_number="F1", stage="labelled")

    @given(scans)
    @settings(suppress_health_check=list(HealthCheck), deadline=None)
    def same(said):
        Scan.objects.all().delete()
        numbered = [one._replace(id=place) for place, one in enumerate(said, start=1)]
        Scan.objects.bulk_create(
            Scan(
                id=one.id,
                carrier="fake",
                message_id=str(one.id),
                tracking_number="F1" if one.own else "F2",
                package=package,
                stage=one.stage,
                happened_at=one.happened_at,
                received_at=one.received_at,
                told_by="webhook",
            )
            for one in numbered
        )
        Package.objects.update(stage=where(numbered, packed_at=PACKED, labelled=True).stage)

        assert sql.rows(WHERE_SCANS_SAY) == []

    same()
