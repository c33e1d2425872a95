"""Units come in from outside: on the shelf, in the book, in the log; or nothing of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import CLERK, a_kit, a_location, a_sku, book, entries, happened, shelf

from orderwright.inventory.models import Expectation, StockEntry
from orderwright.inventory.naming import KitHasNoStock
from orderwright.inventory.receiving import Receipt, Units, receive
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


def test_units_stand_on_the_shelf_and_the_log_says_who_brought_them():
    tee, berlin = a_sku("TEE"), a_location("BERLIN")

    (event,) = receive([Receipt([Units(tee, berlin, 5), Units(tee, berlin, 2)], reference="PO-7")], actor=CLERK)

    assert shelf(tee, berlin) == {"available": 7}
    assert entries() == [
        (tee, "supplier", berlin, "available", berlin, 5),
        (tee, "supplier", berlin, "available", berlin, 2),
    ]
    assert set(StockEntry.objects.values_list("event_id", flat=True)) == {event}
    told = Event.objects.get()
    assert (told.kind, told.actor) == ("stock.received", "system:test")
    assert told.facts == {
        "reason": "purchase",
        "reference": "PO-7",
        "lines": [
            {"sku": "TEE", "location": "BERLIN", "quantity": 5},
            {"sku": "TEE", "location": "BERLIN", "quantity": 2},
        ],
    }


def test_each_receipt_has_its_event_and_statements_do_not_grow_with_them():
    location = a_location("BERLIN")
    skus = [a_sku(f"S{number}") for number in range(40)]

    with CaptureQueriesContext(
        connection,
    ) as few:
        receive([Receipt([Units(skus[0], location, 1)])], actor=CLERK)
    with CaptureQueriesContext(connection) as many:
        receive([Receipt([Units(sku, location, 1) for sku in skus]) for _ in range(20)], actor=CLERK)

    assert len(many) == len(few)
    assert happened() == ["stock.received"] * 21
    assert shelf(skus[39], location) == {"available": 20}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"quantity": 0}, Invalid),
        ({"quantity": -3}, Invalid),
        ({"quantity": 1_000_000_001}, Invalid),
        ({"sku": 999_999}, NotFound),
        ({"location": 999_999}, NotFound),
        ({"expectation": 999_999}, NotFound),
    ],
)
def test_one_wrong_line_and_nothing_is_received(change, refusal):
    tee, berlin = a_sku("TEE"), a_location("BERLIN")
    good = Units(tee, berlin, 5)

    with pytest.raises(refusal):
        receive([Receipt([good]), Receipt([good, good._replace(**change)])], actor=CLERK)

    assert book() == ([], [], [])


def test_a_kit_cannot_stand_on_a_shelf():
    a_sku("TEE")
    kit, berlin = a_kit("SET", TEE=2), a_location("BERLIN")

    with pytest.raises(KitHasNoStock) as refused:
        receive([Receipt([Units(kit, berlin, 1)])], actor=CLERK)

    assert refused.value.facts == {"sku": "SET"}
    assert book() == ([], [], [])


@pytest.mark.parametrize("receipt", [{"lines": []}, {"reason": "because"}])
def test_a_receipt_has_lines_and_a_reason_of_the_list(receipt):
    tee, berlin = a_sku("TEE"), a_location("BERLIN")

    with pytest.raises(Invalid):
        receive([Receipt([Units(tee, berlin, 1)])._replace(**receipt)], actor=CLERK)

    assert book() == ([], [], [])
    assert not Expectation.objects.exists()
