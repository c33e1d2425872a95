"""A level is set if it is still what was seen; else nothing is, and the present figure is told."""

import pytest
from shelves import CLERK, a_location, a_shelf, a_sku, book, happened, shelf

from orderwright.inventory.adjusting import Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.setting import Figure, Setting, StockChanged, set_levels
from orderwright.inventory.units import NotEnoughStock
from orderwright.kernel.books import Movement, post
from orderwright.kernel.errors import Invalid
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin(tee):
    """Holds 10: 3 reserved, 2 damaged, 5 available."""
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    (event,) = adjust([Adjustment([Change(tee, berlin, -2)], "damaged")], actor=CLERK)
    post(STOCK, [Movement(tee, berlin, "available", berlin, "reserved", 3, event)])
    return berlin


def set_to(tee, berlin, quantity, expecting, level):
    return set_levels([Setting([Figure(tee, berlin, quantity, expecting, level)], reference="ERP-1")], actor=CLERK)


@pytest.mark.parametrize(
    ("quantity", "expecting", "level", "available"),
    [(12, 10, "on_hand", 7), (5, 10, "on_hand", 0), (8, None, "on_hand", 3), (0, 5, "available", 0)],
)
def test_only_what_is_available_moves(tee, berlin, quantity, expecting, level, available):
    (event,) = set_to(tee, berlin, quantity, expecting, level)

    assert shelf(tee, berlin).get("available", 0) == available
    assert (shelf(tee, berlin)["reserved"], shelf(tee, berlin)["damaged"]) == (3, 2)
    line = {"sku": "TEE", "location": "BERLIN", "level": level, "was": {"on_hand": 10, "available": 5}[level]}
    assert Event.objects.get(id=event).facts["lines"] == [{**line, "is": quantity}]


def test_a_stale_figure_is_refused_with_the_present_one(tee, berlin):
    before = book()

    with pytest.raises(StockChanged) as refused:
        set_to(tee, berlin, 12, 9, "on_hand")

    changed = {"sku": "TEE", "location": "BERLIN", "level": "on_hand", "expecting": 9, "present": 10}
    assert refused.value.facts == {**changed, "changed": [changed]}
    assert (refused.value.code, refused.value.status) == ("stock_changed", 409)
    assert book() == before


def test_one_stale_figure_and_no_other_is_set(tee, berlin):
    mug = a_sku("MUG")
    before = book()

    with pytest.raises(StockChanged):
        set_levels([Setting([Figure(mug, berlin, 4, 0), Figure(tee, berlin, 12, 9)])], actor=CLERK)

    assert book() == before


def test_units_that_are_reserved_or_damaged_stay_on_hand(tee, berlin):
    before = book()

    with pytest.raises(NotEnoughStock) as refused:
        set_to(tee, berlin, 4, 10, "on_hand")

    assert (refused.value.facts["asked"], refused.value.facts["there"]) == (6, 5)
    assert book() == before


def test_a_figure_that_is_so_already_makes_no_event(tee, berlin):
    before = happened()

    assert set_to(tee, berlin, 10, 10, "on_hand") == [None]

    assert happened() == before


@pytest.mark.parametrize("lines", [[(-1, 10)], [(1_000_000_001, 10)], [(5, 10), (5, 10)], []])
def test_figures_that_cannot_be_are_refused(tee, berlin, lines):
    before = book()

    with pytest.raises(Invalid):
        set_levels([Setting([Figure(tee, berlin, *line) for line in lines])], actor=CLERK)

    assert book() == before
