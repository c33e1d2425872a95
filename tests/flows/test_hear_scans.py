"""Hearing of packages: early, late, twice, in any order, or wrong; units go where their package went."""

import itertools
from datetime import timedelta

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, place_all, shelf, written
from django.conf import LazySettings
from providers import later

from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.hear_scans import Heard, hear_all, hear_scans, match_scans
from orderwright.flows.label_packages import Number, number_packages
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock, sql
from orderwright.orders.moving import Wanted
from orderwright.shipping import queries
from orderwright.shipping.hearing import forget_old_scans
from orderwright.shipping.models import Package, Scan
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import ScanTold
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

COUNT = itertools.count(1)


@pytest.fixture(autouse=True)
def _a_shop(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 200)
    yield
    assert {finding.check.name: finding.examples for finding in audit(CHECKS) if finding.wrong} == {}


def on_its_way(*numbers, each=2):
    """An order whose packages, of so many each, have left with these numbers."""
    order = an_order().with_line("TEE", each * len(numbers)).placed()
    release_orders([Release(order.id)], actor=CLERK)
    boxes = tuple(Box([Wanted(1, each)], carrier="fake", tracking_number=number) for number in numbers)
    confirm_shipments([Send(f"{order.number}-F1", boxes)], actor=CLERK)
    return order


def said(stage, number="F1", *, minutes=0, message=None, **more):
    """The carrier says that this happened so many minutes from now."""
    at = clock.now() + timedelta(minutes=minutes)
    return ScanTold(message or f"m{next(COUNT)}", number, Stage(stage), at, **more)


def stage(number="F1"):
    return Package.objects.get(tracking_number=number).stage


def test_a_package_goes_its_way_and_each_new_stage_is_told():
    order = on_its_way("F1")

    for minute, one in enumerate(("handed_over", "in_transit", "out_for_delivery", "attempt_failed", "delivered")):
        hear_scans("fake", [said(one, minutes=minute - 10, place="Hamburg, DE", time_zone="Europe/Berlin")])

    assert stage() == "delivered"
    assert order.units == {"delivered": 2}
    assert order.status == "delivered"
    assert order.events[2:] == [
        "order.shipped",
        "package.handed_over",
        "package.forwarded",
        "package.sent_out",
        "package.attempted",
        "order.delivered",
    ]
    facts = order.facts("package.sent_out")
    assert facts.pop("happened_at").endswith("Z")
    assert facts == {
        "number": "1",
        "package": "1-S1/1",
        "shipment": "1-S1",
        "carrier": "fake",
        "tracking_number": "F1",
        "stage": "out_for_delivery",
        "was": "in_transit",
        "time_zone": "Europe/Berlin",
        "place": "Hamburg, DE",
    }
    delivered = order.facts("order.delivered")
    assert (delivered["packages"], delivered["was"]) == (["1-S1/1"], "attempt_failed")
    assert delivered["units"] == [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}]
    assert Package.objects.get().look_at is None


def test_any_order_and_any_number_of_times_come_to_the_same():
    scans = [
        said("handed_over", minutes=-50, message="a"),
        said("in_transit", minutes=-40, message="b"),
        said("out_for_delivery", minutes=-30, message="c"),
        said("delivered", minutes=-20, message="d"),
    ]
    for turn, order_of_scans in enumerate(itertools.permutations(scans)):
        order = on_its_way(f"T{turn}")
        for one in (*order_of_scans, *reversed(order_of_scans)):
            mine = ScanTold(f"{turn}{one.message_id}", f"T{turn}", one.stage, one.happened_at)
            hear_scans("fake", [mine])

        assert stage(f"T{turn}") == "delivered"
        assert order.units == {"delivered": 2}
        assert order.events.count("order.delivered") == 1


def test_what_was_heard_before_changes_nothing():
    on_its_way("F1")
    one = said("in_transit", minutes=-5)
    assert hear_scans("fake", [one, one]) == Heard(matched=1, waiting=0, again=1)
    before = written()

    assert hear_scans("fake", [one]) == Heard(matched=0, waiting=0, again=1)
    assert hear_scans("fake", []) == Heard(0, 0, 0)

    assert written() == before
    assert Scan.objects.count() == 1


def test_a_late_scan_of_what_happened_before_is_kept_and_is_no_news():
    order = on_its_way("F1")
    hear_scans("fake", [said("out_for_delivery", minutes=-5)])
    before = order.events

    hear_scans("fake", [said("in_transit", minutes=-20), said("labelled", minutes=-1)])

    assert (stage(), order.events) == ("out_for_delivery", before)
    assert Scan.objects.count() == 3


def test_wrong_scans_are_kept_and_not_believed():
    order = on_its_way("F1")

    heard = hear_scans(
        "fake",
        [
            said("delivered", minutes=61),  # ahead of the clock
            said("delivered", minutes=-60 * 25),  # of the package that had this number before
            said("delivered", "F9", minutes=-1),
        ],
    )
    hear_scans("other", [said("delivered", minutes=-1)])

    assert heard == Heard(matched=2, waiting=1, again=0)
    assert (stage(), order.units) == ("labelled", {"shipped": 2})
    assert [scan.believed for scan in queries.scans("1-S1/1")] == [False, False]
    assert [(one.carrier, one.tracking_number) for one in queries.unmatched_scans()] == [
        ("fake", "F9"),
        ("other", "F1"),
    ]


def test_a_scan_before_its_number_is_known_waits_for_it():
    order = an_order().with_line("TEE", 2).placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send("1-F1")], actor=CLERK)
    assert hear_scans("fake", [said("in_transit"), said("delivered")]) == Heard(0, 2, 0)

    number_packages([Number("1-S1/1", "fake", "F1")], actor=CLERK)

    assert order.units == {"delivered": 2}
    assert order.events[-2:] == ["package.label_made", "order.delivered"]


@pytest.mark.django_db(transaction=True)
def test_a_scan_that_came_in_the_same_moment_as_its_number_is_found():
    order = an_order().with_line("TEE", 2).placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send("1-F1")], actor=CLERK)
    hear_scans("fake", [said("delivered")])
    sql.run("UPDATE package SET carrier = 'fake', tracking_number = 'F1', stage = 'labelled'")  # by who saw no scan

    assert match_scans() == 1
    assert match_scans() == 0

    assert order.units == {"delivered": 2}


def test_a_package_that_comes_back_is_looked_at_where_it_left():
    order = on_its_way("F1", "F2")

    hear_scans("fake", [said("returned", "F2")])

    assert order.units == {"shipped": 2, "returned": 2}
    assert shelf("BERLIN", "TEE") == {"available": 196, "quality_control": 2}
    assert order.facts("package.returned")["package"] == "1-S1/2"


def test_what_was_lost_is_found_and_what_was_delivered_comes_back():
    order = on_its_way("F1", "F2")
    note_scans([Note("1-S1/1", Stage.LOST)], actor=CLERK)
    assert order.units == {"shipped": 2, "lost": 2}

    hear_scans("fake", [said("delivered", minutes=-30), said("delivered", "F2", minutes=-30)])
    assert order.units == {"delivered": 4}
    hear_scans("fake", [said("returned", "F2"), said("lost"), said("in_transit")])

    assert order.units == {"delivered": 2, "returned": 2}
    assert (stage("F1"), stage("F2")) == ("delivered", "returned")


def test_what_the_book_cannot_follow_is_told_and_not_done():
    order = on_its_way("F1")
    hear_scans("fake", [said("returned", minutes=-30)])

    hear_scans("fake", [said("delivered", minutes=-10)])

    assert order.units == {"returned": 2}
    assert (stage(), Package.objects.get().settled) == ("delivered", "returned")
    assert order.events[-1] == "package.contradicted"
    assert order.facts("package.contradicted")["settled"] == "returned"


def test_a_package_that_arrives_before_anybody_says_that_it_left():
    order = an_order().with_line("TEE", 2).placed()
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare("1-F1", (Box(carrier="fake", tracking_number="F1"),))], actor=CLERK)

    hear_scans("fake", [said("delivered")])
    (refusal,) = confirm_shipments([Confirm("1-S1")], actor=CLERK)

    assert order.units == {"delivered": 2}
    assert order.events[-2:] == ["order.shipped", "order.delivered"]
    assert refusal.code == "not_prepared"


def test_somebody_here_says_what_they_know_and_nonsense_is_refused():
    order = on_its_way("F1", "F2")
    packed = an_order().with_line("TEE").placed()
    release_orders([Release(packed.id)], actor=CLERK)
    prepare_shipments([Prepare(f"{packed.number}-F1")], actor=CLERK)
    deliver_orders([Deliver(order.id, ["1-S1/2"])], actor=CLERK)
    before = written()

    answers = note_scans(
        [
            Note("9-S9/1", Stage.DELIVERED),
            Note("2-S1/1", Stage.DELIVERED),
            Note("1-S1/1", Stage.LABELLED),
            Note("1-S1/1", Stage.DELIVERED, clock.now() + timedelta(days=1)),
            Note("1-S1/1", Stage.DELIVERED, clock.now() - timedelta(days=9)),
            Note("1-S1/1", Stage.DELIVERED, time_zone="Middle/Earth"),
            Note("1-S1/2", Stage.LOST),
        ],
        actor=CLERK,
    )

    assert [answer.code for answer in answers] == [
        "not_found",
        "not_shipped",
        "invalid",
        "invalid",
        "invalid",
        "invalid",
        "cannot_follow",
    ]
    assert written() == before
    note_scans([Note("1-S1/1", Stage.ATTEMPT_FAILED, place="Bonn, DE", time_zone="Europe/Berlin")], actor=CLERK)
    assert order.facts("package.attempted")["place"] == "Bonn, DE"


def test_scans_of_what_never_was_ours_are_forgotten_after_a_while_and_others_are_not():
    on_its_way("F1")
    hear_scans("fake", [said("in_transit"), said("in_transit", "F9")])

    with later(days=89):
        assert forget_old_scans() == 0
    with later(days=91):
        assert forget_old_scans() == 1

    assert Scan.objects.get().tracking_number == "F1"


def test_takes_as_many_statements_for_thirty_scans_as_for_one(statements):
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    boxes = {order.id: (Box(carrier="fake", tracking_number=f"N{order.number}"),) for order in orders}
    confirm_shipments([Send(f"{order.number}-F1", boxes[order.id]) for order in orders], actor=CLERK)

    for one in ("in_transit", "returned"):
        scans = [said(one, f"N{order.number}") for order in orders]
        single = statements(lambda scans=scans: hear_scans("fake", scans[:1]))
        many = statements(lambda scans=scans: hear_scans("fake", scans[1:]))
        assert single == many


@pytest.mark.django_db(transaction=True)
def test_a_long_message_is_heard_a_hundred_at_a_time():
    on_its_way("F1")

    heard = hear_all("fake", [said("in_transit", minutes=-n) for n in range(250)], told_by="webhook")

    assert heard == Heard(matched=250, waiting=0, again=0)
