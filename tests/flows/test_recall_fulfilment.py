"""Cancel while it moves: locations are asked to give units back, and may answer too late."""

import pytest
from builders import (
    CLERK,
    PlacedOrder,
    a_channel,
    a_kit,
    a_location,
    a_shelf,
    a_sku,
    an_order,
    place_all,
    shelf,
    written,
)

from orderwright.flows.answer_recalls import AnswerRecall, answer_recalls
from orderwright.flows.audit import audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.confirm_shipments import Confirm, Send, confirm_shipments
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.recall_fulfilment import Recall, Recalled, recall
from orderwright.flows.release_orders import Release, TakeBack, release_orders, take_back_orders
from orderwright.fulfilment.models import FulfilmentOrder, Terms
from orderwright.fulfilment.models import Recall as Row
from orderwright.inventory.models import Location
from orderwright.orders.moving import Wanted
from orderwright.shipping.packing import Box

pytestmark = pytest.mark.django_db

WHY = "customer_request"


@pytest.fixture(autouse=True)
def a_place() -> None:
    a_location("BERLIN")
    for sku in ("TEE", "CUP"):
        a_sku(sku, when_short="backorder")
        a_shelf("BERLIN", sku, 100)


@pytest.fixture
def asked() -> None:
    Terms.objects.create(location=Location.objects.get(code="BERLIN"), accepting="asked")


def released(*orders: object) -> PlacedOrder:
    (order,) = place_all(orders or [an_order().with_line("TEE", 3)])
    release_orders([Release(order.id)], actor=CLERK)
    FulfilmentOrder.objects.filter(state="offered").update(state="accepted")
    return order


def answers() -> list[tuple[str | None, str]]:
    return list(Row.objects.order_by("id").values_list("answer", "reason"))


def test_a_location_that_takes_on_everything_gives_back_at_once():
    order = released()

    (answer,) = recall([Recall(order.id, WHY)], actor=CLERK)

    assert answer == Recalled(order.id, 3, [])
    assert (order.units, order.work) == ({"canceled": 3}, {"1-F1": {"recalled": 3}})
    assert shelf("BERLIN", "TEE") == {"available": 100}
    assert (order.status, order.total, order.money) == ("canceled", 0, {"voided": 3000})
    assert answers() == [("accepted", WHY)]
    assert FulfilmentOrder.objects.get().state == "closed"
    assert order.events == [
        "order.placed",
        "order.released",
        "fulfilment.recall_accepted",
        "order.canceled",
        "tender.voided",
    ]


def test_what_no_location_has_is_canceled_at_once_and_of_the_rest_its_location_is_asked(asked):
    order = released(an_order().with_line("TEE", 120).but(when_short="backorder"))
    assert order.units == {"backordered": 20, "released": 100}

    (answer,) = recall([Recall(order.id, WHY, [Wanted(1, 30)])], actor=CLERK)

    assert answer == Recalled(order.id, 20, ["1-F1"])
    assert order.units == {"canceled": 20, "released": 100}
    assert order.facts("fulfilment.recall_asked") == {
        "number": "1",
        "fulfilment_order": "1-F1",
        "location": "BERLIN",
        "reason": WHY,
        "units": [{"line": 1, "sku": "TEE", "quantity": 10, "location": "BERLIN"}],
    }

    (done,) = answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK)

    assert done.units == 10
    assert order.units == {"canceled": 30, "released": 90}
    assert order.work == {"1-F1": {"open": 90, "recalled": 10}}
    assert order.total == 90_000
    assert order.facts("order.partly_canceled")["units"] == [
        {"line": 1, "sku": "TEE", "quantity": 10, "location": "BERLIN"}
    ]


def test_while_it_is_asked_nothing_more_is_packed_and_nobody_else_takes_it(asked):
    order = released()
    recall([Recall(order.id, WHY, [Wanted(1, 1)])], actor=CLERK)
    before = written()

    (again,) = recall([Recall(order.id, WHY)], actor=CLERK)
    (packed,) = prepare_shipments([Prepare("1-F1")], actor=CLERK)
    (taken,) = take_back_orders([TakeBack(order.id)], actor=CLERK)

    assert (again.code, packed.code, taken.code) == ("being_recalled", "being_recalled", "nothing_to_take_back")
    assert written() == before


def test_a_location_that_refuses_goes_on(asked):
    order = released()
    recall([Recall(order.id, WHY)], actor=CLERK)

    (answer,) = answer_recalls([AnswerRecall("1-F1", "refused", "it is on the ramp")], actor=CLERK)

    assert answer.units == 0
    assert list(Row.objects.values_list("answer", "note")) == [("refused", "it is on the ramp")]
    assert (order.units, order.work) == ({"released": 3}, {"1-F1": {"open": 3}})
    assert order.events[-1] == "fulfilment.recall_refused"
    assert confirm_shipments([Send("1-F1")], actor=CLERK)[0].units == 3


def test_what_is_packed_is_asked_for_and_unpacked_when_it_is_given_back():
    order = released()
    prepare_shipments([Prepare("1-F1")], actor=CLERK)

    assert recall([Recall(order.id, WHY)], actor=CLERK) == [Recalled(order.id, 0, ["1-F1"])]
    answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK)

    assert (order.units, order.work) == ({"canceled": 3}, {"1-F1": {"recalled": 3}})
    assert order.events[2:] == [
        "shipment.prepared",
        "fulfilment.recall_asked",
        "shipment.discarded",
        "fulfilment.recall_accepted",
        "order.canceled",
        "tender.voided",
    ]


def test_a_shipment_that_leaves_meanwhile_has_left_and_the_recall_came_too_late():
    order = released()
    prepare_shipments([Prepare("1-F1")], actor=CLERK)
    recall([Recall(order.id, WHY)], actor=CLERK)

    confirm_shipments([Confirm("1-S1")], actor=CLERK)

    assert answers() == [("too_late", WHY)]
    assert (order.units, order.work) == ({"shipped": 3}, {"1-F1": {"shipped": 3}})
    assert "fulfilment.recall_missed" in order.events
    (late,) = answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK)
    assert late.code == "work_closed"
    assert order.units == {"shipped": 3}


def test_what_is_left_of_it_is_given_back_when_a_part_has_left(asked):
    order = released()
    prepare_shipments([Prepare("1-F1", [Box([Wanted(1, 2)])])], actor=CLERK)
    recall([Recall(order.id, WHY)], actor=CLERK)
    confirm_shipments([Confirm("1-S1")], actor=CLERK)

    (answer,) = answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK)

    assert answer.units == 1
    assert order.units == {"shipped": 2, "canceled": 1}
    assert order.work == {"1-F1": {"shipped": 2, "recalled": 1}}
    assert (answers(), order.total) == ([("accepted", WHY)], 2000)


def test_kits_are_called_back_as_a_whole():
    a_kit("SET", {"CUP": 2, "TEE": 1})
    order = released(an_order().with_line("SET", 3))

    (part, whole) = recall([Recall(order.id, WHY, [Wanted(2, 1)]), Recall(order.id, WHY, [Wanted(1, 1)])], actor=CLERK)

    assert (part.code, whole) == ("part_of_kit", Recalled(order.id, 3, []))
    assert order.units == {"released": 6, "canceled": 3}
    assert order.total == 2000


def test_refusals_change_nothing():
    order = released()
    confirm_shipments([Send("1-F1", [Box([Wanted(1, 2)])])], actor=CLERK)
    before = written()

    refused = recall(
        [
            Recall(order.id, WHY, [Wanted(1, 2)]),
            Recall(order.id, "Not A Word"),
            Recall(order.id, WHY, [Wanted(9, 1)]),
        ],
        actor=CLERK,
    )
    unanswered = answer_recalls(
        [AnswerRecall("1-F1", "accepted"), AnswerRecall("7-F1", "accepted"), AnswerRecall("1-F1", "maybe")], actor=CLERK
    )

    assert [one.code for one in refused] == ["already_shipped", "invalid", "not_found"]
    assert [one.code for one in unanswered] == ["not_recalled", "not_found", "invalid"]
    assert written() == before


def test_a_canceled_order_and_one_that_left_have_nothing_to_call_back():
    left, gone = released(), released()
    confirm_shipments([Send("1-F1")], actor=CLERK)
    recall([Recall(gone.id, WHY)], actor=CLERK)

    answers = recall([Recall(left.id, WHY), Recall(gone.id, WHY)], actor=CLERK)

    assert [one.code for one in answers] == ["already_shipped", "already_canceled"]


def test_canceling_names_the_recall():
    order = released()

    (refusal,) = cancel_orders([Cancel(order.id, WHY)], actor=CLERK)

    assert str(refusal) == "3 of TEE are with their location already. Recall them: it is asked to give them back."


def test_the_books_are_right_after_all_of_it(asked):
    order = released(an_order().with_line("TEE", 3).with_line("CUP", 2))
    recall([Recall(order.id, WHY, [Wanted(1, 2)])], actor=CLERK)
    answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK)
    confirm_shipments([Send("1-F1")], actor=CLERK)

    assert order.units == {"canceled": 2, "shipped": 3}
    assert [finding for finding in audit() if finding.wrong] == []


def test_takes_as_many_statements_for_thirty_as_for_one(statements, asked):
    a_channel()
    orders = place_all([an_order().with_line("TEE", 3)] * 31)
    release_orders([Release(order.id) for order in orders], actor=CLERK)

    one = statements(lambda: recall([Recall(orders[0].id, WHY)], actor=CLERK))
    many = statements(lambda: recall([Recall(order.id, WHY) for order in orders[1:]], actor=CLERK))
    assert one == many

    one = statements(lambda: answer_recalls([AnswerRecall("1-F1", "accepted")], actor=CLERK))
    rest = [AnswerRecall(f"{n}-F1", "accepted") for n in range(2, 32)]
    many = statements(lambda: answer_recalls(rest, actor=CLERK))
    assert one == many
