"""Why is on-hand 47?  The answer goes back to the first entry, and adds up."""

from datetime import date

import pytest
from shelves import CLERK, a_location, a_shelf, a_sku

from orderwright.inventory.adjusting import Adjustment, Change, adjust
from orderwright.inventory.book import STOCK
from orderwright.inventory.history import Moved, history
from orderwright.inventory.transferring import Arrival, Came, Sending, arrive, send
from orderwright.kernel.books import Movement, post
from orderwright.kernel.events import Happening, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin():
    return a_location("BERLIN")


@pytest.fixture
def paris():
    return a_location("PARIS")


@pytest.fixture
def a_year(tee, berlin, paris):
    """Ends with 47 in Berlin and 9 in Paris."""
    a_shelf(tee, berlin, 60)
    a_shelf(a_sku("MUG"), berlin, 1)
    adjust([Adjustment([Change(tee, berlin, -1)], "stolen", "POLICE-9")], actor=CLERK)
    (transfer,) = send([Sending(berlin, paris, [(tee, 10)], date(2026, 11, 27), "T-1")], actor=CLERK)
    (event,) = record([Happening("test.sold", CLERK, {})])
    post(STOCK, [Movement(tee, berlin, "available", berlin, "reserved", 2, event)])
    arrive([Arrival(transfer, [Came(tee, 9, lost=1)])], actor=CLERK)
    post(STOCK, [Movement(tee, berlin, "reserved", berlin, "customer", 2, event)])


def told(moved: list[Moved]) -> list[tuple[str, str, str, int, int]]:
    return [(each.kind, each.reason, each.target, each.change, each.on_hand) for each in moved]


def test_at_a_location_each_balance_follows_from_the_one_before(a_year, tee, berlin, paris):
    assert told(history(tee, location=berlin)) == [
        ("test.sold", "", "customer", -2, 47),
        ("test.sold", "", "reserved", 0, 49),
        ("stock.sent", "", "in_transit", -10, 49),
        ("stock.adjusted", "stolen", "lost", -1, 59),
        ("stock.received", "opening", "available", 60, 60),
    ]
    assert told(history(tee, location=paris)) == [
        ("stock.arrived", "", "lost", 0, 9),
        ("stock.arrived", "", "available", 9, 9),
        ("stock.sent", "", "in_transit", 0, 0),
    ]


def test_of_all_locations_together(a_year, tee):
    assert [(each.change, each.on_hand) for each in history(tee)] == [
        (-2, 56),  # sold
        (0, 58),  # lost on the way: it left the shelf when it was sent
        (9, 58),  # arrived in Paris
        (0, 49),  # reserved
        (-10, 49),  # sent
        (-1, 59),  # stolen
        (60, 60),  # received
    ]


def test_it_says_who_why_and_by_which_paper(a_year, tee, berlin):
    stolen = history(tee, location=berlin)[3]

    assert (stolen.actor, stolen.reason, stolen.reference) == ("system:test", "stolen", "POLICE-9")
    assert (stolen.source, stolen.source_place, stolen.quantity) == ("available", berlin, 1)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_join_without_a_seam(a_year, tee, berlin, limit):
    whole, pages = history(tee, location=berlin), []

    before = {}
    while page := history(tee, location=berlin, limit=limit, **before):
        pages += page
        before = {"before": page[-1].entry}

    assert pages == whole


def test_what_never_moved_has_no_history(a_year, paris):
    assert history(a_sku("CUP"), location=paris) == []
