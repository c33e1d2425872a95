"""The book is put right for a reason; what cannot be leaves everything as it was."""

import pytest
from shelves import CLERK, a_location, a_shelf, a_sku, book, entries, shelf

from orderwright.inventory.adjusting import REASONS, Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.units import NotEnoughStock
from orderwright.kernel.errors import Invalid
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin(tee):
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    return berlin


@pytest.mark.parametrize(
    ("reason", "quantity", "leaves"),
    [
        ("correction", 3, {"available": 13}),
        ("correction", -3, {"available": 7}),
        ("found", 1, {"available": 11}),
        ("lost", -10, {}),
        ("stolen", -1, {"available": 9}),
        ("expired", -2, {"available": 8}),
        ("given_away", -1, {"available": 9}),
        ("damaged", -4, {"available": 6, "damaged": 4}),
    ],
)
def test_each_reason_moves_units_between_its_buckets(tee, berlin, reason, quantity, leaves):
    adjust([Adjustment([Change(tee, berlin, quantity)], reason)], actor=CLERK)

    assert shelf(tee, berlin) == leaves


def test_damaged_units_are_mended_or_thrown_away():
    tee, berlin = a_sku("TEE"), a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    adjust([Adjustment([Change(tee, berlin, -4)], "damaged")], actor=CLERK)

    adjust(
        [Adjustment([Change(tee, berlin, 1)], "mended"), Adjustment([Change(tee, berlin, -2)], "written_off")],
        actor=CLERK,
    )

    assert shelf(tee, berlin) == {"available": 7, "damaged": 1}
    assert entries()[-2:] == [
        (tee, "damaged", berlin, "available", berlin, 1),
        (tee, "damaged", berlin, "lost", berlin, 2),
    ]


def test_one_event_tells_all_changes_the_reason_and_the_paper(tee, berlin):
    mug = a_sku("MUG")

    (event,) = adjust(
        [Adjustment([Change(tee, berlin, -2), Change(mug, berlin, 5)], "correction", "SHEET-12")], actor=CLERK
    )

    told = Event.objects.get(id=event)
    assert told.kind == "stock.adjusted"
    assert told.facts == {
        "reason": "correction",
        "reference": "SHEET-12",
        "lines": [
            {"sku": "TEE", "location": "BERLIN", "quantity": -2},
            {"sku": "MUG", "location": "BERLIN", "quantity": 5},
        ],
    }


def test_too_little_is_refused_with_every_shelf_that_is_short(tee, berlin):
    mug = a_sku("MUG")
    before = book()

    with pytest.raises(NotEnoughStock) as refused:
        adjust(
            [
                Adjustment([Change(tee, berlin, -6)], "lost"),
                Adjustment([Change(tee, berlin, -5), Change(mug, berlin, -1)], "stolen"),
            ],
            actor=CLERK,
        )

    short = [
        {"sku": "TEE", "location": "BERLIN", "bucket": "available", "asked": 11, "there": 10},
        {"sku": "MUG", "location": "BERLIN", "bucket": "available", "asked": 1, "there": 0},
    ]
    assert refused.value.facts == {**short[0], "short": short}
    assert str(refused.value) == "10 of TEE are available at BERLIN; 11 are asked for."
    assert book() == before


@pytest.mark.parametrize(
    ("reason", "quantity"),
    [("found", -1), ("lost", 1), ("damaged", 1), ("mended", -1), ("written_off", 1), ("correction", 0), ("mood", 1)],
)
def test_a_reason_that_does_not_fit_is_refused(tee, berlin, reason, quantity):
    before = book()

    with pytest.raises(Invalid):
        adjust([Adjustment([Change(tee, berlin, quantity)], reason)], actor=CLERK)

    assert book() == before


def test_every_reason_moves_along_a_step_of_the_book():
    steps = {step for reason in REASONS.values() for step in (reason.more, reason.less) if step}

    assert steps <= STOCK.steps.keys()
