"""Accepting, moving, splitting, merging and holding work."""

from datetime import UTC, date, datetime

import pytest
from builders import CLERK, PlacedOrder, a_location, a_shelf, a_sku, an_order, place_all, shelf, written

from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.hold_fulfilment import LiftWorkHold, PutWorkHold, hold_fulfilment, lift_fulfilment_holds
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.merge_fulfilment import Merge, merge_fulfilment
from orderwright.flows.move_fulfilment import Move, Moved, move_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.split_fulfilment import Split, WasSplit, split_fulfilment
from orderwright.fulfilment.models import FulfilmentHold, FulfilmentOrder, Terms
from orderwright.fulfilment.working import open_work
from orderwright.inventory.models import Location
from orderwright.orders.moving import Wanted

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def two_places() -> None:
    a_location("BERLIN", rank=1)
    a_location("LYON", rank=2)
    for sku in ("TEE", "CUP"):
        a_sku(sku)
        a_shelf("BERLIN", sku, 100)


def asks(location: str, **more: object) -> None:
    Terms.objects.create(location=Location.objects.get(code=location), accepting="asked", **more)


def released(count: int = 1) -> list[PlacedOrder]:
    orders = place_all([an_order().with_line("TEE", 3).with_line("CUP", 2)] * count)
    release_orders([Release(order.id, TUESDAY) for order in orders], actor=CLERK)
    return orders


def states() -> dict[str, str]:
    return dict(FulfilmentOrder.objects.order_by("id").values_list("name", "state"))


def test_a_location_that_is_asked_takes_on_what_it_is_offered():
    asks("BERLIN")
    (order,) = released()
    assert states() == {"1-F1": "offered"}

    (first, again) = accept_fulfilment([Accept("1-F1"), Accept("1-F1")], actor=CLERK)

    assert (first.units, again.code) == (5, "not_offered")
    assert states() == {"1-F1": "accepted"}
    assert order.facts("fulfilment.accepted") == {"number": "1", "fulfilment_order": "1-F1", "location": "BERLIN"}


def test_moved_units_are_reserved_where_they_are_done_now():
    a_shelf("LYON", "TEE", 2)
    asks("LYON")
    (order,) = released()

    (answer,) = move_fulfilment([Move("1-F1", "LYON", [Wanted(1, 2)], TUESDAY)], actor=CLERK)

    assert answer == Moved(order.id, 2, "1-F2")
    assert order.work == {"1-F1": {"open": 3, "moved": 2}, "1-F2": {"open": 2}}
    assert states() == {"1-F1": "accepted", "1-F2": "offered"}
    assert order.units == {"released": 5}
    assert (shelf("BERLIN", "TEE"), shelf("LYON", "TEE")) == ({"available": 99, "reserved": 1}, {"reserved": 2})
    assert order.facts("fulfilment.moved") == {
        "number": "1",
        "fulfilment_order": "1-F1",
        "location": "BERLIN",
        "to": "LYON",
        "units": [{"line": 1, "sku": "TEE", "quantity": 2, "location": "BERLIN"}],
    }
    assert order.events[-2:] == ["fulfilment.moved", "order.released"]


def test_work_goes_only_where_its_stock_is_and_not_while_it_is_held():
    a_shelf("LYON", "TEE", 9)
    (order, held) = released(2)
    hold_orders([PutHold(held.id, "fraud")], actor=CLERK)
    before = written()

    answers = move_fulfilment(
        [
            Move("1-F1", "LYON"),
            Move("1-F1", "BERLIN"),
            Move("1-F1", "ATLANTIS"),
            Move("2-F1", "LYON", [Wanted(1, 1)]),
            Move("3-F1", "LYON"),
        ],
        actor=CLERK,
    )

    codes = ["not_at_location", "already_at_location", "not_found", "on_hold", "not_found"]
    assert [answer.code for answer in answers] == codes
    assert answers[0].facts["short"] == [{"sku": "CUP", "asked": 2, "there": 0}]
    assert written() == before
    assert order.work == {"1-F1": {"open": 5}}


def test_a_part_becomes_a_fulfilment_order_of_its_own_and_goes_back():
    (order,) = released()

    (answer,) = split_fulfilment([Split("1-F1", [Wanted(2, 2)])], actor=CLERK)

    assert answer == WasSplit(order.id, 2, "1-F2")
    assert order.work == {"1-F1": {"open": 3, "moved": 2}, "1-F2": {"open": 2}}
    assert list(FulfilmentOrder.objects.values_list("ship_on", flat=True)) == [date(2026, 3, 3)] * 2
    assert order.facts("fulfilment.split")["into"]["name"] == "1-F2"

    (merged,) = merge_fulfilment([Merge("1-F1", ["1-F2"])], actor=CLERK)

    assert merged.units == 2
    assert order.work == {"1-F1": {"open": 5, "moved": 2}, "1-F2": {"moved": 2}}
    assert states() == {"1-F1": "accepted", "1-F2": "closed"}
    assert order.facts("fulfilment.merged")["merged"] == ["1-F2"]
    assert shelf("BERLIN", "CUP") == {"available": 98, "reserved": 2}


def test_something_must_stay_behind_and_only_what_is_alike_is_merged():
    a_shelf("LYON", "CUP", 2)
    (order, _other) = released(2)
    move_fulfilment([Move("1-F1", "LYON", [Wanted(2, 2)])], actor=CLERK)
    before = order.work

    split = split_fulfilment(
        [Split("1-F1", [Wanted(1, 3)]), Split("1-F1", []), Split("1-F1", [Wanted(1, 0)])], actor=CLERK
    )
    merged = merge_fulfilment(
        [Merge("1-F1", ["1-F2"]), Merge("1-F1", ["2-F1"]), Merge("1-F1", ["1-F1"]), Merge("1-F1", [])], actor=CLERK
    )

    assert [one.code for one in split] == ["nothing_stays", "invalid", "invalid"]
    assert [one.code for one in merged] == ["not_alike", "not_alike", "invalid", "invalid"]
    assert order.work == before


def test_in_one_batch_what_has_grown_is_not_merged_away():
    (order,) = released()
    split_fulfilment([Split("1-F1", [Wanted(1, 1)]), Split("1-F1", [Wanted(2, 1)])], actor=CLERK)

    answers = merge_fulfilment([Merge("1-F2", ["1-F3"]), Merge("1-F1", ["1-F2"]), Merge("1-F3", ["1-F1"])], actor=CLERK)

    assert [getattr(one, "code", "done") for one in answers] == ["done", "nothing_open", "nothing_open"]
    assert order.work == {"1-F1": {"open": 3, "moved": 2}, "1-F2": {"open": 2}, "1-F3": {"moved": 1}}


def test_several_holds_stand_at_once_and_each_is_lifted_by_its_handle():
    (order,) = released()

    answers = hold_fulfilment(
        [
            PutWorkHold("1-F1", "address", note="the door is wrong"),
            PutWorkHold("1-F1", "address"),
            PutWorkHold("1-F1", "address", handle="app-7"),
            PutWorkHold("1-F1", "address", handle="no spaces"),
            PutWorkHold("1-F1", "Not A Word"),
        ],
        actor=CLERK,
    )

    assert [getattr(one, "code", "done") for one in answers] == ["done", "handle_taken", "done", "invalid", "invalid"]
    (work,) = open_work([order.id])[order.id]
    assert work.held == ("address", "address")
    assert split_fulfilment([Split("1-F1", [Wanted(1, 1)])], actor=CLERK)[0].code == "work_held"

    (one, none, rest, gone) = lift_fulfilment_holds(
        [LiftWorkHold("1-F1", "app-7"), LiftWorkHold("1-F1", "app-7"), LiftWorkHold("1-F1"), LiftWorkHold("1-F1")],
        actor=CLERK,
    )

    assert (one.order_id, none.code, rest.order_id, gone.code) == (
        order.id,
        "no_such_work_hold",
        order.id,
        "no_such_work_hold",
    )
    assert open_work([order.id])[order.id][0].held == ()
    assert FulfilmentHold.objects.filter(lifted_at=None).count() == 0
    assert order.facts("fulfilment.hold_lifted") == {
        "number": "1",
        "fulfilment_order": "1-F1",
        "handle": "address",
        "reason": "address",
    }


def test_takes_as_many_statements_for_thirty_as_for_one(statements):
    a_shelf("LYON", "TEE", 500)
    asks("BERLIN")
    released(31)
    rest = range(2, 32)

    def same(one: object, many: object) -> bool:
        return statements(one) == statements(many)  # type: ignore[arg-type]

    assert same(
        lambda: accept_fulfilment([Accept("1-F1")], actor=CLERK),
        lambda: accept_fulfilment([Accept(f"{n}-F1") for n in rest], actor=CLERK),
    )
    assert same(
        lambda: split_fulfilment([Split("1-F1", [Wanted(2, 1)])], actor=CLERK),
        lambda: split_fulfilment([Split(f"{n}-F1", [Wanted(2, 1)]) for n in rest], actor=CLERK),
    )
    assert same(
        lambda: merge_fulfilment([Merge("1-F1", ["1-F2"])], actor=CLERK),
        lambda: merge_fulfilment([Merge(f"{n}-F1", [f"{n}-F2"]) for n in rest], actor=CLERK),
    )
    assert same(
        lambda: hold_fulfilment([PutWorkHold("1-F1", "address")], actor=CLERK),
        lambda: hold_fulfilment([PutWorkHold(f"{n}-F1", "address") for n in rest], actor=CLERK),
    )
    assert same(
        lambda: lift_fulfilment_holds([LiftWorkHold("1-F1")], actor=CLERK),
        lambda: lift_fulfilment_holds([LiftWorkHold(f"{n}-F1") for n in rest], actor=CLERK),
    )
    assert same(
        lambda: move_fulfilment([Move("1-F1", "LYON", [Wanted(1, 1)])], actor=CLERK),
        lambda: move_fulfilment([Move(f"{n}-F1", "LYON", [Wanted(1, 1)]) for n in rest], actor=CLERK),
    )
