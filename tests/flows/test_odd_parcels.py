"""Odd parcels: moments before all calendars, numbers for what was unpacked, refusals that spoil no neighbour."""

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from builders import CLERK, a_shelf, an_order, written
from django.conf import LazySettings

from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.label_packages import Number, number_packages, void_labels
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
