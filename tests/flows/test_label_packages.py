"""Labels: asked for once, believed once, asked for again after a refusal, and void when they are not needed."""

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, place_all
from django.conf import LazySettings
from providers import later

from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Confirm, confirm_shipments
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.label_packages import Label, Number, label_packages, number_packages, void_labels
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.kernel import clock
from orderwright.kernel.money import Money
from orderwright.shipping import asking
from orderwright.shipping import labelling as room
from orderwright.shipping.models import CarrierQuestion, DeliveryOption, Package
from orderwright.shipping.models import Label as LabelRow
from orderwright.shipping.packing import Box
from orderwright.shipping.ports import Labelled, Refused, ScanTold, Unknown, Voided
from orderwright.shipping.settling import Brought
from orderwright.shipping.stages import Stage

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a label"


@pytest.fixture(autouse=True)
def _a_shop(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    DeliveryOption.objects.create(code="STANDARD", name="Standard", carrier="fake", carrier_service="parcel")
    a_shelf("BERLIN", "TEE", 200)
    yield
    assert {finding.check.name: finding.examples for finding in audit(CHECKS) if finding.wrong} == {}


def packed(*boxes):
    order = an_order().with_line("TEE", 2).to("DE", name="Ada", city="Bonn").placed()
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare(f"{order.number}-F1", boxes or (Box(),))], actor=CLERK)
    return order


def questions():
    """What was asked: verb, answer and number, oldest first."""
    return list(CarrierQuestion.objects.order_by("id").values_list("verb", "answer", "tracking_number"))


def answer(said, number=-1):
    """The carrier answers a question, the newest where none is named."""
    ids = [str(id_) for id_ in CarrierQuestion.objects.order_by("id").values_list("id", flat=True)]
    return settle_labels([Brought(ids[number], said)])


def labelled(number="F1"):
    return Labelled(number, PDF, Money(490, "EUR"), f"https://fake.example/{number}")


def test_a_label_is_believed_once():
    order = packed()

    assert answer(labelled()) == [order.id]
    assert answer(labelled()) == []
    assert answer(Refused("account", "No.")) == []

    package = Package.objects.get()
    assert (package.carrier, package.tracking_number, package.stage) == ("fake", "F1", "labelled")
    assert package.tracking_url == "https://fake.example/F1"
    assert bytes(LabelRow.objects.get().document) == PDF
    question = CarrierQuestion.objects.get()
    assert (question.answer, question.price_minor, question.currency) == ("labelled", 490, "EUR")
    assert order.events[2:] == ["shipment.prepared", "package.label_made"]
    assert order.facts("package.label_made") == {
        "package": "1-S1/1",
        "shipment": "1-S1",
        "carrier": "fake",
        "tracking_number": "F1",
        "tracking_url": "https://fake.example/F1",
        "price": "4.90",
        "currency": "EUR",
    }


def test_what_is_no_answer_leaves_the_question_open():
    packed()

    assert answer(Unknown()) == []
    assert answer(Voided()) == []
    assert settle_labels([Brought("00000000-0000-0000-0000-000000000000", labelled())]) == []

    assert questions() == [("label", None, "")]


def test_a_refused_label_is_asked_for_again_with_what_was_corrected():
    order = packed()
    answer(Refused("bad_parcel", "Too heavy for Ada."))
    assert order.facts("package.label_refused")["reason"] == "bad_parcel"
    assert "Ada" not in str(order.facts("package.label_refused"))
    DeliveryOption.objects.create(code="LARGE", name="Large", carrier="fake", carrier_service="large", rank=900)

    (asked,) = label_packages([Label("1-S1/1", room.Measures(weight_grams=900), "LARGE")], actor=CLERK)
    answer(labelled("F2"))

    assert len(asked.questions) == 1
    assert questions() == [("label", "refused", ""), ("label", "labelled", "F2")]
    package = Package.objects.get()
    assert (package.weight_grams, package.shipment.option.code) == (900, "LARGE")
    assert CarrierQuestion.objects.order_by("id").first().message == "Too heavy for Ada."


def test_a_label_is_asked_for_only_where_there_is_none():
    packed()
    by_hand = packed(Box(carrier="Post", tracking_number="RR1"))

    answers = label_packages(
        [Label("1-S1/1"), Label("9-S9/1"), Label("2-S1/1"), Label("1-S1/1", option="X")], actor=CLERK
    )
    assert [one.code for one in answers] == ["label_pending", "not_found", "label_made", "not_found"]
    DeliveryOption.objects.update(carrier="")
    (gone,) = void_labels([f"{by_hand.number}-S1/1"], actor=CLERK)
    assert gone.questions == ()

    (none,) = label_packages([Label(f"{by_hand.number}-S1/1")], actor=CLERK)

    assert none.code == "no_carrier"
    assert by_hand.events[-1] == "package.label_voided"


def test_a_label_that_is_not_needed_is_made_void():
    order = packed()
    answer(labelled())

    (asked,) = void_labels(["1-S1/1"], actor=CLERK)
    assert len(asked.questions) == 1
    assert void_labels(["1-S1/1"], actor=CLERK)[0].code == "label_pending"
    answer(Voided())

    package = Package.objects.get()
    assert (package.tracking_number, package.stage) == (None, "prepared")
    assert not LabelRow.objects.exists()
    assert order.events[-1] == "package.label_voided"
    assert void_labels(["1-S1/1"], actor=CLERK)[0].code == "no_label"
    label_packages([Label("1-S1/1")], actor=CLERK)
    answer(labelled("F2"))
    assert questions() == [("label", "labelled", "F1"), ("void", "voided", "F1"), ("label", "labelled", "F2")]


def test_a_void_that_is_refused_leaves_the_label():
    order = packed()
    answer(labelled())
    void_labels(["1-S1/1"], actor=CLERK)

    answer(Refused("already_used", "It is on its way."))

    assert Package.objects.get().tracking_number == "F1"
    assert LabelRow.objects.exists()
    assert order.events[-1] == "package.void_refused"


def test_what_left_keeps_its_label():
    packed()
    answer(labelled())
    confirm_shipments([Confirm("1-S1")], actor=CLERK)

    assert void_labels(["1-S1/1"], actor=CLERK)[0].code == "not_prepared"
    assert discard_shipments(["1-S1"], actor=CLERK)[0].code == "not_prepared"

    assert questions() == [("label", "labelled", "F1")]


def test_unpacking_makes_the_label_void():
    packed()
    answer(labelled())

    discard_shipments(["1-S1"], actor=CLERK)
    answer(Voided())

    assert questions() == [("label", "labelled", "F1"), ("void", "voided", "F1")]
    assert Package.objects.get().tracking_number is None


def test_unpacking_before_anybody_was_asked_asks_nobody():
    packed()

    discard_shipments(["1-S1"], actor=CLERK)

    assert questions() == [("label", "withdrawn", "")]


@pytest.mark.django_db(transaction=True)
def test_a_label_that_comes_after_its_package_was_unpacked_is_made_void_at_once():
    packed()
    assert len(asking.take("fake", 10)) == 1  # the carrier is being asked just now
    discard_shipments(["1-S1"], actor=CLERK)
    assert questions() == [("label", None, "")]

    answer(labelled())
    assert questions() == [("label", "labelled", "F1"), ("void", None, "F1")]
    assert not LabelRow.objects.exists()
    answer(Voided())

    assert questions() == [("label", "labelled", "F1"), ("void", "voided", "F1")]


def test_two_packages_never_get_one_number():
    packed(Box(carrier="fake", tracking_number="F1"))
    order = packed()

    answer(labelled("F1"))

    assert order.facts("package.label_refused")["reason"] == "other"
    assert Package.objects.filter(tracking_number="F1").count() == 1


def test_a_number_that_is_given_by_hand_takes_the_question_back():
    order = packed()

    answers = number_packages(
        [
            Number("1-S1/1", "Post", "RR1", "https://post.example/RR1"),
            Number("9-S9/1", "Post", "RR2"),
            Number("1-S1/1", " ", "RR3"),
            Number("1-S1/1", "Post", " "),
        ],
        actor=CLERK,
    )

    assert [getattr(one, "code", "done") for one in answers] == ["done", "not_found", "invalid", "invalid"]
    assert questions() == [("label", "withdrawn", "")]
    package = Package.objects.get()
    assert (package.carrier, package.tracking_number, package.stage) == ("Post", "RR1", "labelled")
    assert order.events[-1] == "package.label_made"


@pytest.mark.django_db(transaction=True)
def test_a_number_is_not_given_while_the_carrier_is_asked_nor_over_its_label():
    packed()
    asking.take("fake", 10)

    (pending,) = number_packages([Number("1-S1/1", "Post", "RR1")], actor=CLERK)
    answer(labelled())
    (made,) = number_packages([Number("1-S1/1", "Post", "RR1")], actor=CLERK)

    assert (pending.code, made.code) == ("label_pending", "label_made")


def test_scans_that_came_before_the_answer_find_their_package():
    order = packed()
    hear_scans("fake", [ScanTold("m1", "F1", Stage.HANDED_OVER, clock.now())])

    answer(labelled())

    assert order.events[-3:] == ["package.label_made", "order.shipped", "package.handed_over"]


@pytest.mark.django_db(transaction=True)
def test_a_question_is_leased_with_all_that_a_label_says_and_its_waits_grow():
    packed(Box(weight_grams=700, length_mm=300, width_mm=200, height_mm=100))

    (due,) = asking.take("fake", 10)
    assert asking.take("fake", 10) == []

    assert (due.verb, due.tries) == ("label", 0)
    one = due.consignment
    assert (one.receiver.name, one.receiver.city, one.receiver.country) == ("Ada", "Bonn", "DE")
    assert one.receiver.email == "ada@example.org"
    assert (one.parcel.weight_grams, one.parcel.height_mm) == (700, 100)
    assert (one.service, one.reference, one.worth) == ("parcel", "1-S1/1", Money(2000, "EUR"))
    with later(seconds=31):
        (again,) = asking.take("fake", 10)
    assert (again.id, again.tries) == (due.id, 1)
    with later(seconds=85):
        assert asking.take("fake", 10) == []


def test_takes_as_many_statements_for_thirty_answers_as_for_one(statements):
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    prepare_shipments([Prepare(f"{order.number}-F1") for order in orders], actor=CLERK)
    ids = [str(id_) for id_ in CarrierQuestion.objects.order_by("id").values_list("id", flat=True)]
    brought = [Brought(id_, labelled(f"F{place}")) for place, id_ in enumerate(ids)]

    one = statements(lambda: settle_labels(brought[:1]))
    many = statements(lambda: settle_labels(brought[1:]))
    assert one == many

    names = list(Package.objects.order_by("id").values_list("name", flat=True))
    one = statements(lambda: void_labels(names[:1], actor=CLERK))
    many = statements(lambda: void_labels(names[1:], actor=CLERK))
    assert one == many
