"""Parcels that do not come appear in time, are repaired by their flow, and clear."""

from datetime import UTC, datetime, time, timedelta

import pytest
from builders import CLERK, a_shelf, an_order
from django.conf import LazySettings
from exceptional import START, at, begins, put_right, stand, subjects

from orderwright.exceptions.queries import cause
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.promises.models import Promise
from orderwright.shipping.models import CarrierQuestion, Package
from orderwright.shipping.options import Way, create_option
from orderwright.shipping.ports import Labelled, Refused, ScanTold
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db
LABEL = Labelled("PX1", b"%PDF-1.7 a label", Money(490, "EUR"))


@pytest.fixture(autouse=True)
def _a_shop(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    with at():
        a_shelf("BERLIN", "TEE", 10)
        create_option("parcel", Way(name="Parcel", carrier="fake", carrier_service="parcel"), actor=CLERK)


@pytest.fixture
def order():
    """An order that is packed, and for which a label is asked."""
    with at():
        order = an_order().with_line("TEE", 2, "10.00").paid_by("recorded").placed()
        release_orders([Release(order.id)], actor=CLERK)
        prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)
    return order


def labelled(order, reply=LABEL):
    question = CarrierQuestion.objects.filter(verb="label").latest("id")
    settle_labels([Brought(str(question.id), reply)])
    return order


@pytest.fixture
def shipped(order):
    with at():
        labelled(order)
        confirm_shipments([Confirm(f"{order.number}-S1")], actor=CLERK)
    return order


def scanned(stage: Stage, hours: float, number: str = "PX1"):
    with at(hours):
        hear_scans("fake", [ScanTold(f"m-{number}-{stage}", number, stage, clock.now())])


def package_of(order):
    return Package.objects.get(name=f"{order.number}-S1/1")


class TestCarrierUnknown:
    def test_it_appears_is_asked_again_and_clears_with_the_answer(self, order):
        question = CarrierQuestion.objects.get()

        one = begins("carrier_unknown", START)

        assert (one.subject, one.order) == (str(question.id), order.number)
        assert cause(one) == (
            f"fake was asked about package {order.number}-S1/1 (label), and nobody knows what it answered."
        )
        CarrierQuestion.objects.update(ask_again_at=START + timedelta(days=9))
        with at(2):
            repaired = put_right(one)
            assert (repaired.outcome, repaired.cleared) == ({"asking": 1}, False)
            assert CarrierQuestion.objects.get().ask_again_at == START + timedelta(hours=2)
            labelled(order)
            assert subjects("carrier_unknown") == []


class TestLabelRefused:
    @pytest.fixture
    def one(self, order):
        with at(1):
            assert subjects("label_refused") == []
            labelled(order, Refused("bad_address", "No such street"))
        return begins("label_refused", START + timedelta(hours=1))

    def test_it_appears_is_asked_for_again_and_clears(self, order, one):
        assert (one.subject, one.order) == (f"{order.number}-S1/1", order.number)
        assert cause(one) == f"fake makes no label for package {order.number}-S1/1: bad_address."

        with at(2):
            repaired = put_right(one, "ask_again")

        assert (repaired.outcome, repaired.cleared) == ({"asking": 1}, True)
        assert CarrierQuestion.objects.filter(ask_again_at__isnull=False).count() == 1

    def test_it_can_be_unpacked_instead(self, order, one):
        with at(2):
            repaired = put_right(one, "unpack")

        assert repaired.outcome == {"shipment": f"{order.number}-S1", "unpacked": 2}
        assert repaired.cleared


class TestNotHandedOver:
    def test_it_appears_is_shipped_and_clears(self, order):
        with at():
            labelled(order)

        one = begins("not_handed_over", START)

        assert (one.subject, one.order) == (f"{order.number}-S1", order.number)
        assert cause(one) == f"Shipment {order.number}-S1 (1 packages) is packed at BERLIN and has not left."
        with at(30):
            repaired = put_right(one, "ship")
        assert (repaired.outcome, repaired.cleared) == ({"shipped": 2}, True)
        assert order.units == {"shipped": 2}

    def test_it_can_be_unpacked_instead(self, order):
        one = begins("not_handed_over", START)

        with at(30):
            assert put_right(one, "unpack").cleared

        assert order.units == {"released": 2}


class TestParcelSilent:
    def test_it_appears_a_week_after_the_last_scan_and_clears_with_the_next(self, shipped):
        scanned(Stage.IN_TRANSIT, 5)

        one = begins("parcel_silent", START + timedelta(hours=5))

        assert (one.subject, one.order) == (f"{shipped.number}-S1/1", shipped.number)
        assert cause(one) == (
            f"Nothing has been heard of package {shipped.number}-S1/1 (fake PX1) since it was in_transit."
        )
        with at(24 * 8):
            assert put_right(one, "look").outcome == {"asking": 1}
            assert package_of(shipped).look_at <= clock.now()
        scanned(Stage.OUT_FOR_DELIVERY, 24 * 8)
        with at(24 * 8 + 1):
            assert subjects("parcel_silent") == []

    def test_it_is_taken_for_lost_and_sent_again(self, shipped):
        one = begins("parcel_silent", START)
        with at(24 * 8):
            assert put_right(one, "lost").cleared
            (lost,) = stand("parcel_lost")
            repaired = put_right(lost, "send_again")

        assert cause(lost) == f"Package {shipped.number}-S1/1 (fake PX1) is lost, and nothing is decided."
        assert (repaired.outcome, repaired.cleared) == ({"sent_again": 2}, True)
        assert shipped.units == {"reserved": 2}

    def test_it_is_noted_that_it_arrived(self, shipped):
        one = begins("parcel_silent", START)
        with at(24 * 8):
            assert put_right(one, "delivered").cleared

        assert shipped.units == {"delivered": 2}

    def test_of_a_package_without_a_number_nobody_expects_to_hear(self):
        with at():
            order = an_order().with_line("TEE", 1).placed()
            release_orders([Release(order.id)], actor=CLERK)
            ship_orders([Ship(order.id)], actor=CLERK)

        with at(24 * 100):
            assert subjects("parcel_silent") == []


class TestParcelWaits:
    def test_it_appears_after_three_days_and_clears_when_it_comes_back(self, shipped):
        scanned(Stage.ATTEMPT_FAILED, 20)

        one = begins("parcel_waits", START + timedelta(hours=20))

        assert cause(one) == (
            f"Package {shipped.number}-S1/1 (fake PX1) could not be given to the customer: attempt_failed."
        )
        with at(24 * 5):
            assert put_right(one, "returned").cleared
        assert shipped.units == {"returned": 2}


class TestParcelLost:
    def test_it_appears_at_once_and_is_given_up(self, shipped):
        scanned(Stage.LOST, 50)

        one = begins("parcel_lost", START + timedelta(hours=50))

        assert (one.subject, one.order) == (f"{shipped.number}-S1/1", shipped.number)
        with at(51):
            repaired = put_right(one, "give_up")
        assert (repaired.outcome, repaired.cleared) == ({"canceled": 2}, True)
        assert shipped.status == "canceled"
        assert shipped.summary.payment == "overpaid"

    def test_it_clears_when_it_is_found(self, shipped):
        scanned(Stage.LOST, 50)
        with at(51):
            assert len(subjects("parcel_lost")) == 1
        scanned(Stage.DELIVERED, 52)

        with at(53):
            assert subjects("parcel_lost") == []


class TestParcelReturned:
    @pytest.fixture
    def one(self, shipped):
        scanned(Stage.RETURNED, 50)
        return begins("parcel_returned", START + timedelta(hours=50))

    def test_it_appears_is_sent_again_and_clears(self, shipped, one):
        assert cause(one) == f"Package {shipped.number}-S1/1 (fake PX1) came back, and nothing is decided."

        with at(100):
            repaired = put_right(one, "send_again")

        assert (repaired.outcome, repaired.cleared) == ({"sent_again": 2}, True)

    def test_it_is_paid_back(self, shipped, one):
        with at(100):
            repaired = put_right(one, "refund", amount="20.00")

        assert (repaired.outcome, repaired.cleared) == ({"asked_for": "20.00", "currency": "EUR"}, True)
        assert shipped.money == {"refunded": 2000}


class TestLateToArrive:
    def test_it_appears_a_day_after_the_promised_day_and_clears_when_it_arrives(self, shipped):
        with at(1):
            promise_orders([shipped.id])
            promised = Promise.objects.get(superseded_at=None)
        day_after = datetime.combine(promised.deliver_on + timedelta(days=1), time(), UTC)

        one = begins("late_to_arrive", day_after)

        assert (one.subject, one.order) == (shipped.number, shipped.number)
        assert cause(one) == (
            f"Order {shipped.number} was promised for {promised.deliver_on}; 1 lines of it have not arrived: "
            "it is shipped."
        )
        with clock.at(day_after + timedelta(days=2)):
            assert put_right(one).outcome == {"asking": 1}
            note_scans([Note(f"{shipped.number}-S1/1", Stage.DELIVERED)], actor=CLERK)
            promise_orders([shipped.id])
            assert subjects("late_to_arrive") == []


class TestScanUnmatched:
    def test_it_appears_once_a_number_is_matched_and_clears(self, order):
        with at():
            labelled(order, Refused("bad_address", "No such street"))
        scanned(Stage.IN_TRANSIT, 3, "XX77")
        scanned(Stage.OUT_FOR_DELIVERY, 3.5, "XX77")

        one = begins("scan_unmatched", START + timedelta(hours=3))

        assert (one.subject, one.order) == ("fake XX77", None)
        assert cause(one) == "fake speaks of XX77 (out_for_delivery), which no package here has."
        with at(5):
            repaired = put_right(one, "match", package=f"{order.number}-S1/1")
        assert (repaired.outcome, repaired.cleared) == ({"package": f"{order.number}-S1/1"}, True)
        assert package_of(order).tracking_number == "XX77"
        assert package_of(order).stage == "out_for_delivery"
