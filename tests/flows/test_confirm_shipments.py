"""Shipments leave: units, stock, work and money move together, in one event a shipment."""

import pytest
from builders import CLERK, a_channel, a_shelf, an_order, place_all, shelf, written
from django.conf import LazySettings

from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import FulfilmentOrder, Recall, WorkSheet
from orderwright.kernel import clock
from orderwright.orders.moving import Wanted
from orderwright.shipping import asking
from orderwright.shipping.models import Package, Shipment
from orderwright.shipping.packing import Box

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean():
    yield
    checks = [check for check in CHECKS if check.name != "open_questions_hold_their_money"]  # `card` has answered
    assert {finding.check.name: finding.examples for finding in audit(checks) if finding.wrong} == {}


def released(order):
    placed = order.placed()
    release_orders([Release(placed.id)], actor=CLERK)
    return placed


def test_what_was_prepared_leaves_and_its_fulfilment_order_closes_with_the_last_unit():
    a_shelf("BERLIN", "TEE", 9)
    order = released(an_order().with_line("TEE", 5))
    prepare_shipments([Prepare("1-F1", (Box([Wanted(1, 2)], carrier="Post", tracking_number="RR1"),))], actor=CLERK)
    prepare_shipments([Prepare("1-F1")], actor=CLERK)

    (done,) = confirm_shipments([Confirm("1-S1")], actor=CLERK)

    assert (done.order_id, done.units, done.shipment) == (order.id, 2, "1-S1")
    assert order.units == {"released": 3, "shipped": 2}
    assert shelf("BERLIN", "TEE") == {"available": 4, "reserved": 3}
    assert order.status == "partly_shipped"
    assert FulfilmentOrder.objects.get().state == "accepted"
    units = [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}]
    assert order.facts("order.shipped") == {
        "number": "1",
        "shipment": "1-S1",
        "fulfilment_order": "1-F1",
        "location": "BERLIN",
        "option": None,
        "units": units,
        "packages": [
            {"package": "1-S1/1", "carrier": "Post", "tracking_number": "RR1", "tracking_url": "", "units": units}
        ],
    }

    confirm_shipments([Confirm("1-S2")], actor=CLERK)

    assert order.status == "shipped"
    assert FulfilmentOrder.objects.get().state == "closed"
    assert list(WorkSheet.objects.values_list("open", "packed", "shipped")) == [(0, 0, 5)]
    assert order.events.count("order.shipped") == 2


def test_what_is_open_leaves_at_once_in_packages_with_numbers():
    a_shelf("BERLIN", "TEE", 9)
    order = released(an_order().with_line("TEE", 5))
    boxes = (Box([Wanted(1, 2)], carrier="Post", tracking_number="RR1"), Box(carrier="Post", tracking_number="RR2"))

    (done,) = confirm_shipments([Send("1-F1", boxes)], actor=CLERK)

    assert done.units == 5
    assert order.units == {"shipped": 5}
    shipment = Shipment.objects.get()
    assert (shipment.state, shipment.prepared_at) == ("shipped", shipment.shipped_at)
    assert list(Package.objects.order_by("id").values_list("tracking_number", "stage", "look_at")) == [
        ("RR1", "labelled", None),  # nobody can be asked about a carrier without an account
        ("RR2", "labelled", None),
    ]


def test_its_carrier_is_asked_where_it_is_from_then_on(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 9)
    released(an_order().with_line("TEE", 5))
    boxes = (Box([Wanted(1, 2)], carrier="fake", tracking_number="F1"),)
    prepare_shipments([Prepare("1-F1", boxes)], actor=CLERK)
    assert Package.objects.get().look_at is None

    confirm_shipments([Confirm("1-S1"), Send("1-F1", (Box(carrier="fake", tracking_number="F2"),))], actor=CLERK)

    assert Package.objects.filter(look_at__gt=clock.now()).count() == 2


def test_what_may_not_leave_stays_and_spoils_no_neighbour(card):
    a_shelf("BERLIN", "TEE", 20)
    held, offered, voiding, gone, good = (released(an_order().with_line("TEE")) for _ in range(5))
    unpaid = card.authorized(an_order().with_line("TEE"))
    release_orders([Release(unpaid.id)], actor=CLERK)
    orders = (held, voiding, gone, good, unpaid)
    prepare_shipments([Prepare(f"{order.number}-F1") for order in orders], actor=CLERK)
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    card.lost(unpaid)
    FulfilmentOrder.objects.filter(order_id=offered.id).update(state="offered")
    asking.write([asking.Wanted(Package.objects.get(shipment__order_id=voiding.id).id, "fake", "void", "F1")])
    confirm_shipments([Confirm(f"{gone.number}-S1")], actor=CLERK)
    before = written()

    answers = confirm_shipments(
        [
            Confirm(f"{held.number}-S1"),
            Confirm(f"{unpaid.number}-S1"),
            Confirm(f"{voiding.number}-S1"),
            Confirm(f"{gone.number}-S1"),
            Confirm("99-S9"),
            Send(f"{offered.number}-F1"),
            Send(f"{gone.number}-F1"),
            Send(f"{good.number}-F1"),
            Send("99-F9"),
        ],
        actor=CLERK,
    )

    assert [answer.code for answer in answers] == [
        "on_hold",
        "not_paid_for",
        "label_pending",
        "not_prepared",
        "not_found",
        "not_accepted",
        "work_closed",
        "nothing_to_pack",
        "not_found",
    ]
    assert written() == before
    one, two = confirm_shipments([Confirm(f"{good.number}-S1"), Confirm(f"{good.number}-S1")], actor=CLERK)
    assert (one.units, two.code) == (1, "not_prepared")


def test_a_recall_comes_too_late_when_all_of_it_has_left():
    a_shelf("BERLIN", "TEE", 5)
    order = released(an_order().with_line("TEE", 2))
    work = FulfilmentOrder.objects.get()
    Recall.objects.create(
        fulfilment_order=work,
        reason="customer",
        lines=[[work.lines.get().id, 1]],
        asked_by=CLERK,
        asked_at=clock.now(),
    )

    ship_orders([Ship(order.id)], actor=CLERK)

    assert Recall.objects.get().answer == "too_late"
    assert order.events[-2:] == ["order.shipped", "fulfilment.recall_missed"]


def test_each_shipment_is_captured_for_itself(card):
    a_channel(capture_when="shipment")
    a_shelf("BERLIN", "TEE", 3)
    order = card.authorized(an_order().with_line("TEE", 3, "3.33").with_adjustment("shipping", "5.00"))
    release_orders([Release(order.id)], actor=CLERK)
    prepare_shipments([Prepare("1-F1", (Box([Wanted(1, 1)]),)), Prepare("1-F1")], actor=CLERK)

    confirm_shipments([Confirm("1-S1")], actor=CLERK)
    assert order.money == {"authorized": 666, "capturing": 833}
    confirm_shipments([Confirm("1-S2")], actor=CLERK)

    assert order.money == {"capturing": 1499}
    assert card.questions() == [("capture", 833), ("capture", 666)]


def test_shipping_an_order_takes_what_was_prepared_as_it_was_packed_and_the_rest_in_a_box():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("PARIS", "MUG", 3)
    order = released(an_order().with_line("TEE", 3).with_line("MUG", 1))
    berlin = FulfilmentOrder.objects.get(location__code="BERLIN").name
    prepare_shipments([Prepare(berlin, (Box([Wanted(1, 1)]), Box([Wanted(1, 1)])))], actor=CLERK)

    (done,) = ship_orders([Ship(order.id)], actor=CLERK)

    assert done.units == 4
    names = Package.objects.order_by("id").values_list("name", "contents__quantity", "shipment__location__code")
    assert list(names) == [
        ("1-S1/1", 1, "BERLIN"),
        ("1-S1/2", 1, "BERLIN"),
        ("1-S2/1", 1, "BERLIN"),
        ("1-S3/1", 1, "PARIS"),
    ]
    assert order.events[-3:] == ["order.shipped"] * 3
    assert order.status == "shipped"


def test_packages_arrive_one_by_one_or_all():
    a_shelf("BERLIN", "TEE", 6)
    order = released(an_order().with_line("TEE", 6))
    confirm_shipments([Send("1-F1", (Box([Wanted(1, 1)]), Box([Wanted(1, 2)]), Box()))], actor=CLERK)

    (one,) = deliver_orders([Deliver(order.id, ["1-S1/2"])], actor=CLERK)
    assert one.units == 2
    assert order.units == {"shipped": 4, "delivered": 2}
    assert order.facts("order.delivered")["packages"] == ["1-S1/2"]
    rest, none = deliver_orders([Deliver(order.id), Deliver(order.id)], actor=CLERK)

    assert (rest.units, none.code) == (4, "nothing_to_deliver")
    assert order.status == "delivered"
    assert order.events.count("order.delivered") == 3


def test_takes_as_many_statements_for_thirty_as_for_one(statements):
    a_shelf("BERLIN", "TEE", 500)
    a_channel()
    orders = place_all([an_order().with_line("TEE", 2).with_line("TEE", 3)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)
    sends = [
        Send(f"{order.number}-F1", (Box([Wanted(1, 1)], carrier="Post", tracking_number=f"RR{order.number}"),))
        for order in orders
    ]
    prepare_shipments([Prepare(f"{order.number}-F1", (Box([Wanted(1, 1)]),)) for order in orders], actor=CLERK)

    one = statements(lambda: confirm_shipments([Confirm(f"{orders[0].number}-S1")], actor=CLERK))
    many = statements(lambda: confirm_shipments([Confirm(f"{order.number}-S1") for order in orders[1:]], actor=CLERK))
    assert one == many

    one = statements(lambda: confirm_shipments(sends[:1], actor=CLERK))
    many = statements(lambda: confirm_shipments(sends[1:], actor=CLERK))
    assert one == many
