"""Packing and unpacking: units of a fulfilment order go into packages, each in one, and nothing leaves yet."""

import pytest
from builders import CLERK, a_channel, a_kit, a_shelf, an_order, place_all, shelf, written
from django.conf import LazySettings

from orderwright.catalog.models import Sku
from orderwright.flows.discard_shipments import discard_shipments
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment.models import FulfilmentHold, FulfilmentOrder, Recall, WorkSheet
from orderwright.kernel import clock
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import CarrierQuestion, DeliveryOption, Package, PackageContent, Shipment
from orderwright.shipping.packing import TARE_GRAMS, Box

pytestmark = pytest.mark.django_db


def released(order):
    placed = order.placed()
    release_orders([Release(placed.id)], actor=CLERK)
    return placed


def work(order):
    """Open and packed units of the order's fulfilment lines."""
    found = WorkSheet.objects.filter(holder__fulfilment_order__order_id=order.id).order_by("holder_id")
    return list(found.values_list("open", "packed"))


def packed():
    """All that shipping has written down: equal before and after a refusal."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Shipment, Package, PackageContent, CarrierQuestion, WorkSheet)
    ]


def test_all_that_is_open_goes_into_one_package():
    a_shelf("BERLIN", "TEE", 5)
    a_shelf("BERLIN", "MUG", 5)
    Sku.objects.filter(code="TEE").update(weight_grams=200)
    Sku.objects.filter(code="MUG").update(weight_grams=350)
    order = released(an_order().with_line("TEE", 2).with_line("MUG"))

    (done,) = prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)

    assert (done.order_id, done.units, done.shipment) == (order.id, 3, f"{order.number}-S1")
    package = Package.objects.get()
    assert (package.name, package.weight_grams) == (f"{order.number}-S1/1", 2 * 200 + 350 + TARE_GRAMS)
    assert (package.stage, package.carrier, package.tracking_number) == ("prepared", "", None)
    assert list(PackageContent.objects.order_by("line__position").values_list("quantity", flat=True)) == [2, 1]
    assert work(order) == [(0, 2), (0, 1)]
    assert order.units == {"released": 3}
    assert shelf("BERLIN", "TEE") == {"available": 3, "reserved": 2}
    assert order.events == ["order.placed", "order.released", "shipment.prepared"]
    assert order.facts("shipment.prepared") == {
        "number": order.number,
        "shipment": f"{order.number}-S1",
        "fulfilment_order": f"{order.number}-F1",
        "location": "BERLIN",
        "option": None,
        "units": [
            {"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"},
            {"line": 2, "sku": "MUG", "quantity": 1, "location": "BERLIN"},
        ],
        "packages": [f"{order.number}-S1/1"],
    }


def test_units_are_dealt_to_packages_and_the_last_gets_the_rest():
    a_shelf("BERLIN", "TEE", 9)
    order = released(an_order().with_line("TEE", 7))
    boxes = (Box(weight_grams=900), Box([Wanted(1, 2)], 300, 100, 200, 50), Box([Wanted(1, 1)]))

    prepare_shipments([Prepare(f"{order.number}-F1", boxes)], actor=CLERK)

    found = PackageContent.objects.order_by("package_id").values_list("quantity", "package__weight_grams")
    assert list(found) == [(2, 300), (1, None), (4, 900)]  # nobody knows what a TEE weighs
    assert Package.objects.filter(length_mm=100, width_mm=200, height_mm=50).count() == 1


def test_the_rest_may_be_packed_later():
    a_shelf("BERLIN", "TEE", 9)
    order = released(an_order().with_line("TEE", 7))

    answers = prepare_shipments(
        [Prepare("1-F1", (Box([Wanted(1, 2)]),)), Prepare("1-F1", (Box([Wanted(1, 3)]),)), Prepare("1-F1")],
        actor=CLERK,
    )

    assert [(answer.shipment, answer.units) for answer in answers] == [("1-S1", 2), ("1-S2", 3), ("1-S3", 2)]
    assert work(order) == [(0, 7)]


def test_a_kit_is_packed_as_kits_or_by_its_parts():
    a_shelf("BERLIN", "CUP", 8)
    a_shelf("BERLIN", "POT", 2)
    a_kit("SET", {"CUP": 4, "POT": 1})
    order = released(an_order().with_line("SET", 2))

    prepare_shipments([Prepare("1-F1", (Box([Wanted(1, 1)]), Box([Wanted(2, 4)]), Box([Wanted(3, 1)])))], actor=CLERK)

    found = PackageContent.objects.order_by("package_id", "line__position")
    assert list(found.values_list("package__name", "line__position", "quantity")) == [
        ("1-S1/1", 2, 4),
        ("1-S1/1", 3, 1),
        ("1-S1/2", 2, 4),
        ("1-S1/3", 3, 1),
    ]
    assert work(order) == [(0, 8), (0, 2)]


def test_the_default_option_is_the_first_that_goes_there_and_its_carrier_is_asked_for_labels(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    DeliveryOption.objects.create(code="FAR", name="Far", carrier="fake", rank=20)
    DeliveryOption.objects.create(code="NEAR", name="Near", countries=["DE"], rank=10)
    DeliveryOption.objects.create(code="OLD", name="Old", rank=1, active=False)
    a_shelf("BERLIN", "TEE", 9)
    near, far = released(an_order().with_line("TEE").to("DE")), released(an_order().with_line("TEE").to("FR"))
    chosen = released(an_order().with_line("TEE").to("DE"))

    prepare_shipments(
        [Prepare(f"{near.number}-F1"), Prepare(f"{far.number}-F1"), Prepare(f"{chosen.number}-F1", option="FAR")],
        actor=CLERK,
    )

    assert list(Shipment.objects.order_by("id").values_list("option__code", flat=True)) == ["NEAR", "FAR", "FAR"]
    questions = CarrierQuestion.objects.order_by("id").values_list("package__name", "carrier", "verb", "tries")
    assert list(questions) == [
        (f"{far.number}-S1/1", "fake", "label", 0),
        (f"{chosen.number}-S1/1", "fake", "label", 0),
    ]


def test_what_may_not_go_on_is_not_packed_and_spoils_no_neighbour(card):
    a_shelf("BERLIN", "TEE", 20)
    good = released(an_order().with_line("TEE", 2))
    held, kept, offered, recalled = (released(an_order().with_line("TEE")) for _ in range(4))
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    works = {work.order_id: work for work in FulfilmentOrder.objects.all()}
    FulfilmentHold.objects.create(
        fulfilment_order=works[kept.id], handle="a", reason="gift", placed_by=CLERK, placed_at=clock.now()
    )
    FulfilmentOrder.objects.filter(order_id=offered.id).update(state="offered")
    Recall.objects.create(
        fulfilment_order=works[recalled.id], reason="customer", lines=[], asked_by=CLERK, asked_at=clock.now()
    )
    before = written(), packed()

    answers = prepare_shipments(
        [
            Prepare(works[held.id].name),
            Prepare(works[kept.id].name),
            Prepare(works[offered.id].name),
            Prepare(works[recalled.id].name),
            Prepare("99-F9"),
            Prepare(works[good.id].name, (Box([Wanted(1, 3)]),)),
            Prepare(works[good.id].name, (Box([Wanted(1, 2)]), Box())),
            Prepare(works[good.id].name, (Box([Wanted(2, 1)]),)),
            Prepare(works[good.id].name, (Box([]),)),
            Prepare(works[good.id].name, ()),
            Prepare(works[good.id].name, (Box(tracking_number="1Z"),)),
            Prepare(works[good.id].name, option="NONE"),
        ],
        actor=CLERK,
    )

    assert [answer.code for answer in answers] == [
        "on_hold",
        "work_held",
        "not_accepted",
        "being_recalled",
        "not_found",
        "not_that_many_open",
        "nothing_to_pack",
        "not_found",
        "invalid",
        "invalid",
        "invalid",
        "not_found",
    ]
    assert (written(), packed()) == before
    (done,) = prepare_shipments([Prepare(works[good.id].name)], actor=CLERK)
    assert done.units == 2


def test_money_that_was_let_go_since_stops_it(card):
    a_shelf("BERLIN", "TEE", 5)
    order = card.authorized(an_order().with_line("TEE"))
    release_orders([Release(order.id)], actor=CLERK)
    card.lost(order)

    (answer,) = prepare_shipments([Prepare(f"{order.number}-F1")], actor=CLERK)

    assert answer.code == "not_paid_for"
    assert work(order) == [(1, 0)]


def test_a_number_is_one_packages_alone():
    a_shelf("BERLIN", "TEE", 5)
    one, two = (released(an_order().with_line("TEE")) for _ in range(2))
    box = Box(carrier="Post", tracking_number="RR1")

    answers = prepare_shipments([Prepare(f"{one.number}-F1", (box,)), Prepare(f"{two.number}-F1", (box,))], actor=CLERK)
    (again,) = prepare_shipments([Prepare(f"{two.number}-F1", (box,))], actor=CLERK)

    assert (answers[1].code, again.code) == ("number_taken", "number_taken")
    assert Package.objects.get().stage == "labelled"


def test_what_was_packed_is_unpacked_again():
    a_shelf("BERLIN", "TEE", 5)
    order = released(an_order().with_line("TEE", 3))
    prepare_shipments(
        [Prepare("1-F1", (Box([Wanted(1, 2)], carrier="Post", tracking_number="RR1"), Box([Wanted(1, 1)])))],
        actor=CLERK,
    )

    answers = discard_shipments(["1-S1", "1-S1", "1-S7"], actor=CLERK)

    assert (answers[0].order_id, answers[0].units) == (order.id, 3)
    assert [answer.code for answer in answers[1:]] == ["not_prepared", "not_found"]
    assert work(order) == [(3, 0)]
    assert Shipment.objects.get().state == "discarded"
    assert Package.objects.filter(tracking_number=None, stage="prepared").count() == 2  # RR1 may be used again
    assert order.events[-1] == "shipment.discarded"
    (again,) = prepare_shipments([Prepare("1-F1")], actor=CLERK)
    assert (again.shipment, again.units) == ("1-S2", 3)


def test_takes_as_many_statements_for_thirty_as_for_one(statements, settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    DeliveryOption.objects.create(code="FAR", name="Far", carrier="fake")
    a_shelf("BERLIN", "TEE", 500)
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2).with_line("TEE", 3)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    boxes = (Box([Wanted(1, 1)]), Box())
    wanted = [Prepare(f"{order.number}-F1", boxes) for order in orders]

    one = statements(lambda: prepare_shipments(wanted[:1], actor=CLERK))
    many = statements(lambda: prepare_shipments(wanted[1:], actor=CLERK))
    assert one == many

    one = statements(lambda: discard_shipments([f"{orders[0].number}-S1"], actor=CLERK))
    many = statements(lambda: discard_shipments([f"{order.number}-S1" for order in orders[1:]], actor=CLERK))
    assert one == many
