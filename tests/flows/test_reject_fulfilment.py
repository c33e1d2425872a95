"""Rejecting work: a location says no, and what it does not do comes from elsewhere, or is waited for."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_kit, a_location, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.flows.fill_backorders import fill_all
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.reject_fulfilment import Reject, SourcedAnew, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment import rejecting
from orderwright.fulfilment.models import FulfilmentOrder, Rejection, Terms
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.orders.models import Line
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_places() -> None:
    a_location("BERLIN", rank=1)
    a_location("LYON", rank=2)
    a_location("OSLO", rank=3)
    a_sku("TEE")


def released(*orders):
    placed = place_all(orders or [an_order().with_line("TEE", 3)])
    release_orders([Release(order.id) for order in placed], actor=CLERK)
    return placed if orders else placed[0]


@pytest.mark.parametrize(
    ("reason", "left_at_berlin"),
    [
        ("short", {"available": 2}),
        ("damaged", {"available": 2, "damaged": 3}),
        ("closed", {"available": 5}),
        ("capacity", {"available": 5}),
    ],
)
def test_what_is_rejected_is_kept_elsewhere_and_handed_over_at_once(reason, left_at_berlin):
    a_shelf("BERLIN", "TEE", 5)
    a_shelf("LYON", "TEE", 4)
    order = released()

    (answer,) = reject_fulfilment([Reject("1-F1", reason, note="the roof leaks")], actor=CLERK)

    assert answer == SourcedAnew(order.id, 3, 3, 0, ["1-F2"])
    assert order.work == {"1-F1": {"rejected": 3}, "1-F2": {"open": 3}}
    assert order.units == {"released": 3}
    assert shelf("BERLIN", "TEE") == left_at_berlin
    assert shelf("LYON", "TEE") == {"available": 1, "reserved": 3}
    first, second = FulfilmentOrder.objects.order_by("id")
    assert (first.state, first.takes_place, second.state, second.location.code) == ("closed", False, "accepted", "LYON")
    assert list(Rejection.objects.values_list("reason", "note", "quantity")) == [(reason, "the roof leaks", 3)]
    assert order.events == ["order.placed", "order.released", "fulfilment.rejected", "order.released"]


def test_the_whole_decision_is_told_with_candidates_and_who_was_left_out():
    for place, units in (("BERLIN", 5), ("LYON", 2), ("OSLO", 4)):
        a_shelf(place, "TEE", units)
    order = released()

    reject_fulfilment([Reject("1-F1", "closed", at=MONDAY)], actor=CLERK)

    units = [{"line": 1, "sku": "TEE", "quantity": 3, "location": "BERLIN"}]
    assert order.facts("fulfilment.rejected") == {
        "number": "1",
        "fulfilment_order": "1-F1",
        "location": "BERLIN",
        "reason": "closed",
        "units": units,
        "sourcing": {
            "strategies": ["fewest_parcels", "nearest", "ranked"],
            "candidates": [
                {
                    "location": "LYON",
                    "has": 2,
                    "of": 3,
                    "scores": {"fewest_parcels": -2, "nearest": 100_000, "ranked": 2},
                },
                {
                    "location": "OSLO",
                    "has": 3,
                    "of": 3,
                    "scores": {"fewest_parcels": -3, "nearest": 100_000, "ranked": 3},
                },
            ],
            "chosen": ["OSLO"],
            "left_out": [{"location": "BERLIN", "why": "It rejected this: closed."}],
            "reason": "Only OSLO has all 3 units.",
        },
        "kept": [{"line": 1, "sku": "TEE", "quantity": 3, "location": "OSLO"}],
        "backordered": [],
        "released": True,
    }


def test_what_nobody_else_has_waits_on_backorder():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("LYON", "TEE", 1)
    order = released()

    (answer,) = reject_fulfilment([Reject("1-F1", "short", [Wanted(1, 2)])], actor=CLERK)

    assert answer == SourcedAnew(order.id, 2, 1, 1, ["1-F2"])
    assert order.work == {"1-F1": {"open": 1, "rejected": 2}, "1-F2": {"open": 1}}
    assert order.units == {"backordered": 1, "released": 2}
    assert shelf("BERLIN", "TEE") == {"reserved": 1}
    assert order.facts("fulfilment.rejected")["backordered"] == [{"line": 1, "sku": "TEE", "quantity": 1}]


def test_nobody_who_said_no_is_asked_again_and_in_the_end_the_units_wait():
    for place in ("BERLIN", "LYON", "OSLO"):
        a_shelf(place, "TEE", 5)
    order = released()

    for position, reason in enumerate(("capacity", "short", "closed"), start=1):
        reject_fulfilment([Reject(f"1-F{position}", reason)], actor=CLERK)

    assert order.units == {"backordered": 3}
    sourcing = order.facts("fulfilment.rejected")["sourcing"]
    assert [one["location"] for one in sourcing["left_out"]] == ["BERLIN", "LYON", "OSLO"]
    assert sourcing["reason"] == "No other location has any of it."


def test_who_is_closed_or_full_is_left_out_for_a_day():
    a_shelf("BERLIN", "TEE", 3)
    order = released()
    line = Line.objects.get(order_id=order.id).pk
    place = FulfilmentOrder.objects.get().location_id

    with clock.at(MONDAY):
        reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK)

        assert rejecting.left_out([line]) == {line: {place: "closed"}}
    with clock.at(MONDAY + timedelta(days=1)):
        assert rejecting.left_out([line]) == {line: {}}


@pytest.mark.parametrize("reason", ["short", "damaged"])
def test_who_is_short_is_left_out_until_something_comes_in(reason):
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 3).but(when_short="backorder").placed()
    release_orders([Release(order.id)], actor=CLERK)
    line = Line.objects.get(order_id=order.id).pk
    place = FulfilmentOrder.objects.get().location_id
    reject_fulfilment([Reject("1-F1", reason, [Wanted(1, 2)])], actor=CLERK)

    assert rejecting.left_out([line]) == {line: {place: reason}}
    assert fill_all() == 0
    assert order.units == {"released": 1, "backordered": 2}

    a_shelf("BERLIN", "TEE", 1)

    assert rejecting.left_out([line]) == {line: {}}
    assert fill_all() == 2
    assert order.units == {"released": 1, "reserved": 2}


def test_found_units_of_an_order_on_hold_are_kept_and_not_handed_over():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("LYON", "TEE", 3)
    order = released()
    hold_orders([PutHold(order.id, "fraud")], actor=CLERK)

    (answer,) = reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK)

    assert answer == SourcedAnew(order.id, 3, 3, 0, [])
    assert order.units == {"reserved": 3}
    assert order.facts("fulfilment.rejected")["released"] is False


def test_a_location_that_is_asked_is_offered_what_another_rejected():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("LYON", "TEE", 3)
    order = released()
    Terms.objects.create(location=Location.objects.get(code="LYON"), accepting="asked")

    reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK)

    assert order.facts("order.released")["fulfilment_orders"][0]["state"] == "offered"


def test_a_kit_is_rejected_part_by_part():
    a_sku("CUP")
    a_shelf("BERLIN", "CUP", 4)
    a_shelf("BERLIN", "TEE", 2)
    a_shelf("LYON", "CUP", 4)
    a_kit("SET", {"CUP": 2, "TEE": 1})
    (order,) = released(an_order().with_line("SET", 2))

    (answer,) = reject_fulfilment([Reject("1-F1", "short", [Wanted(1, 1)])], actor=CLERK)

    assert answer == SourcedAnew(order.id, 3, 2, 1, ["1-F2"])
    assert order.units_of(2) == {"released": 1, "backordered": 1}
    assert order.units_of(3) == {"released": 4}


def test_refusals_change_nothing_and_spoil_no_neighbour():
    a_shelf("BERLIN", "TEE", 9)
    first, second = released(an_order().with_line("TEE", 3), an_order().with_line("TEE", 2))
    reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK)
    before = written()

    answers = reject_fulfilment(
        [
            Reject("9-F1", "closed"),
            Reject("1-F1", "closed"),
            Reject("2-F1", "bored"),
            Reject("2-F1", "short", [Wanted(1, 3)]),
            Reject("2-F1", "short", [Wanted(7, 1)]),
        ],
        actor=CLERK,
    )

    assert [answer.code for answer in answers] == ["not_found", "work_closed", "invalid", "not_that_many", "not_found"]
    assert written() == before
    assert (first.work, second.work) == ({"1-F1": {"rejected": 3}}, {"2-F1": {"open": 2}})


def test_takes_as_many_statements_for_thirty_as_for_one(statements):
    for place in ("BERLIN", "LYON"):
        a_shelf(place, "TEE", 500)
    released(*[an_order().with_line("TEE", 2)] * 31)

    one = statements(lambda: reject_fulfilment([Reject("1-F1", "closed")], actor=CLERK))
    many = statements(lambda: reject_fulfilment([Reject(f"{n}-F1", "closed") for n in range(2, 32)], actor=CLERK))

    assert one == many
