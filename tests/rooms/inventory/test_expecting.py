"""What will come, when it should be here, and receiving against it."""

from datetime import date

import pytest
from shelves import CLERK, a_location, a_sku, book, happened, shelf

from orderwright.inventory.expecting import Expected, close, expect
from orderwright.inventory.models import Expectation
from orderwright.inventory.receiving import ExpectationClosed, NotWhatWasExpected, Receipt, Units, receive
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin():
    return a_location("BERLIN")


@pytest.fixture
def expected(tee, berlin):
    (expected,) = expect([Expected(tee, berlin, 10, FRIDAY, "PO-7")], actor=CLERK)
    return expected


def test_what_is_expected_is_not_there_yet(tee, berlin, expected):
    assert shelf(tee, berlin) == {}
    assert Event.objects.get().facts["lines"] == [
        {
            "expectation": expected,
            "sku": "TEE",
            "location": "BERLIN",
            "quantity": 10,
            "expected_on": "2026-11-27",
            "reference": "PO-7",
        }
    ]


def test_it_comes_in_parts_and_is_closed_when_all_came(tee, berlin, expected):
    receive([Receipt([Units(tee, berlin, 4, expected)])], actor=CLERK)
    assert Expectation.objects.values_list("received", "closed_at").get() == (4, None)

    receive([Receipt([Units(tee, berlin, 3, expected), Units(tee, berlin, 5, expected)])], actor=CLERK)

    assert shelf(tee, berlin) == {"available": 12}
    closed = Expectation.objects.get()
    assert closed.received == 12
    assert closed.closed_at is not None


def test_nothing_is_received_against_what_is_closed(tee, berlin, expected):
    close([expected], actor=CLERK)
    before = book()

    with pytest.raises(ExpectationClosed):
        receive([Receipt([Units(tee, berlin, 1, expected)])], actor=CLERK)
    with pytest.raises(ExpectationClosed):
        close([expected], actor=CLERK)

    assert happened() == ["stock.expected", "stock.expectation_closed"]
    assert book() == before


def test_closing_says_how_many_will_not_come(tee, berlin, expected):
    receive([Receipt([Units(tee, berlin, 4, expected)])], actor=CLERK)

    event = close([expected], actor=CLERK)

    assert Event.objects.get(id=event).facts == {"lines": [{"expectation": expected, "sku": "TEE", "missing": 6}]}


def test_another_sku_or_location_is_not_what_was_expected(tee, berlin, expected):
    before = book()

    with pytest.raises(NotWhatWasExpected):
        receive([Receipt([Units(a_sku("MUG"), berlin, 1, expected)])], actor=CLERK)
    with pytest.raises(NotWhatWasExpected):
        receive([Receipt([Units(tee, a_location("PARIS"), 1, expected)])], actor=CLERK)

    assert book() == before


def test_what_is_not_expected_cannot_be_closed(expected):
    with pytest.raises(NotFound):
        close([expected, expected + 1], actor=CLERK)
    with pytest.raises(Invalid):
        close([], actor=CLERK)

    assert Expectation.objects.get().closed_at is None
