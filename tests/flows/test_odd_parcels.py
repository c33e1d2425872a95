"""Odd parcels: moments before all calendars, numbers for what was unpacked, refusals that spoil no neighbour."""

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from builders import CLERK, a_shelf, an_order, written
from django.conf import LazySettings
from exceptional import stand

from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.label_packages import Number, number_packages, void_labels
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.kernel import clock
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import Package, Shipment
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import ScanTold, Voided
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

COUNT = itertools.count(1)


@pytest.fixture(autouse=True)
def _a_shop(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 200)
    yield
    assert {finding.check.name: finding.examples for finding in audit(CHECKS) if finding.wrong} == {}


def released(units=2):
    order = an_order().with_line("TEE", units).placed()
    release_orders([Release(order.id)], actor=CLERK)
    return order


def on_its_way(number):
    order = released()
    confirm_shipments([Send(f"{order.number}-F1", (Box(carrier="fake", tracking_number=number),))], actor=CLERK)
    return order


def said(stage, number, at):
    return ScanTold(f"m{next(COUNT)}", number, Stage(stage), at)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),  # what .NET says where nobody said anything
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1))),
        datetime(2020, 1, 1),
    ],
)
def test_a_scan_of_a_moment_that_cannot_be_is_kept_and_stops_no_other(moment):
    order = on_its_way("F1")

    hear_scans("fake", [said("lost", "F1", moment)])
    hear_scans("fake", [said("delivered", "F1", clock.now())])

    assert Package.objects.values_list("stage", "settled").get() == ("delivered", "delivered")
    assert order.units == {"delivered": 2}


def test_what_was_unpacked_gets_no_number():
    order = released()
    prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
    discard_shipments([f"{order.number}-S1"], actor=CLERK)
    before = written()

    (refusal,) = number_packages([Number(f"{order.number}-S1/1", "Post", "X1")], actor=CLERK)

    assert refusal.code == "not_prepared"
    assert written() == before


def test_the_number_of_a_package_that_was_refused_is_free_for_its_neighbour():
    one, other = released(), released()
    box = Box([Wanted(1, 5)], carrier="Post", tracking_number="X1")

    refusal, done = prepare_shipments(
        [Prepare(f"{one.number}-F1", (box,)), Prepare(f"{other.number}-F1", (box._replace(wanted=None),))], actor=CLERK
    )

    assert refusal.code == "not_that_many_open"
    assert done.units == 2


@pytest.mark.parametrize("wrong", [{"note": "\x00"}, {"note": "x" * 6000}])
def test_an_answer_that_is_refused_unpacks_nothing(wrong):
    order = released()
    prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
    recall([Recall(order.id, "customer_request")], actor=CLERK)
    before = written()

    (refusal,) = answer_recalls([AnswerRecall(f"{order.number}-F1", "accepted", **wrong)], actor=CLERK)

    assert refusal.code == "invalid"
    assert Shipment.objects.get().state == "prepared"
    assert written() == before


def test_the_first_of_two_answers_counts():
    order = released()
    prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
    recall([Recall(order.id, "customer_request")], actor=CLERK)
    name = f"{order.number}-F1"

    _done, refusal = answer_recalls([AnswerRecall(name, "refused"), AnswerRecall(name, "accepted")], actor=CLERK)

    assert refusal.code == "not_recalled"
    assert Shipment.objects.get().state == "prepared"


def test_a_number_that_was_given_by_hand_is_made_void_by_its_carrier():
    order = released()
    prepare_shipments([Prepare(f"{order.number}-F1", (Box(carrier="fake", tracking_number="H1"),))], actor=CLERK)
    (asked,) = void_labels([f"{order.number}-S1/1"], actor=CLERK)

    settle_labels([Brought(*asked.questions, Voided())])

    assert Package.objects.values_list("tracking_number", "stage").get() == (None, "prepared")


def prepared(*numbers, each=1):
    """A released order whose packages, of so many each, are packed with these numbers and still here."""
    order = released(each * len(numbers))
    boxes = tuple(Box([Wanted(1, each)], carrier="fake", tracking_number=number) for number in numbers)
    prepare_shipments([Prepare(f"{order.number}-F1", boxes)], actor=CLERK)
    return order


def test_what_its_carrier_has_leaves_though_nobody_confirmed_it():
    order = prepared("F1", "F2")
    at = clock.now()

    hear_scans("fake", [said("in_transit", "F2", at + timedelta(minutes=2)), said("handed_over", "F2", at)])

    assert order.units == {"shipped": 2}
    shipment = Shipment.objects.get()
    assert (shipment.state, shipment.shipped_at) == ("shipped", at)
    assert order.events[-2:] == ["order.shipped", "package.forwarded"]
    assert [one["tracking_number"] for one in order.facts("order.shipped")["packages"]] == ["F1", "F2"]
    assert Package.objects.filter(look_at__isnull=False).count() == 2


def test_what_its_carrier_delivered_was_shipped_before():
    order = prepared("F1")

    hear_scans("fake", [said("delivered", "F1", clock.now())])

    assert order.units == {"delivered": 1}
    assert order.events[-2:] == ["order.shipped", "order.delivered"]


@pytest.mark.parametrize("stage", ["prepared", "labelled"])
def test_a_label_alone_takes_nothing_away(stage):
    order = prepared("F1")

    hear_scans("fake", [said(stage, "F1", clock.now())])

    assert Shipment.objects.get().state == "prepared"
    assert order.units == {"released": 1}


def test_a_scan_of_long_before_it_was_packed_takes_nothing_away():
    order = prepared("F1")

    hear_scans("fake", [said("handed_over", "F1", clock.now() - timedelta(days=2))])

    assert order.units == {"released": 1}


def test_neither_a_hold_nor_a_recall_holds_back_what_has_left():
    order = prepared("F1")
    recall([Recall(order.id, "customer_request")], actor=CLERK)
    hold_orders([PutHold(order.id, "fraud")], actor=CLERK)

    hear_scans("fake", [said("handed_over", "F1", clock.now())])
    (refusal,) = answer_recalls([AnswerRecall(f"{order.number}-F1", "accepted")], actor=CLERK)

    assert order.units == {"shipped": 1}
    assert "fulfilment.recall_missed" in order.events
    assert refusal.code == "work_closed"


def test_scans_that_waited_for_the_number_take_it_away():
    order = released()
    prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
    hear_scans("fake", [said("handed_over", "F1", clock.now())])

    number_packages([Number(f"{order.number}-S1/1", "fake", "F1")], actor=CLERK)

    assert order.units == {"shipped": 2}


def test_what_was_unpacked_and_moves_all_the_same_is_canceled_but_moving_until_it_is_back():
    order = prepared("F1")
    discard_shipments([f"{order.number}-S1"], actor=CLERK)

    hear_scans("fake", [said("handed_over", "F1", clock.now())])

    (moving,) = stand("canceled_but_moving")
    assert (moving.subject, moving.facts["answer"]) == (f"{order.number}-S1/1", "unpacked")
    assert order.units == {"released": 1}
    (done,) = note_scans([Note(f"{order.number}-S1/1", Stage.RETURNED)], actor=CLERK)
    assert done.order_id == order.id
    assert stand("canceled_but_moving") == []
    assert order.units == {"released": 1}


def test_the_number_of_statements_does_not_depend_on_how_many_leave(statements):
    def heard(count):
        numbers = [f"N{next(COUNT)}" for _ in range(count)]
        for number in numbers:
            prepared(number)
        scans = [said("handed_over", number, clock.now()) for number in numbers]
        return statements(lambda: hear_scans("fake", scans))

    assert heard(1) == heard(5)
