"""Units leave one location and arrive at another, in part, or are lost; on the way they are on nobody's shelf."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import CLERK, a_location, a_shelf, a_sku, book, entries, happened, shelf

from orderwright.inventory.models import Expectation, Transfer
from orderwright.inventory.receiving import NotWhatWasExpected, Receipt, Units, receive
from orderwright.inventory.transferring import Arrival, Came, NotOnTheWay, Sending, arrive, send
from orderwright.inventory.units import NotEnoughStock
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def berlin(tee):
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    return berlin


@pytest.fixture
def paris():
    return a_location("PARIS")


@pytest.fixture
def transfer(tee, berlin, paris):
    (transfer,) = send([Sending(berlin, paris, [(tee, 6)], FRIDAY, "T-1")], actor=CLERK)
    return transfer


def test_what_is_sent_is_on_its_way_to_the_target(tee, berlin, paris, transfer):
    assert shelf(tee, berlin) == {"available": 4}
    assert shelf(tee, paris) == {"in_transit": 6}
    assert entries()[-1] == (tee, "available", berlin, "in_transit", paris, 6)
    expected = Expectation.objects.get()
    assert (expected.location_id, expected.quantity, expected.expected_on) == (paris, 6, FRIDAY)
    assert Event.objects.latest("id").facts == {
        "transfer": transfer,
        "source": "BERLIN",
        "target": "PARIS",
        "reference": "T-1",
        "expected_on": "2026-11-27",
        "lines": [{"sku": "TEE", "quantity": 6}],
    }


def test_it_arrives_in_parts_and_what_is_missing_is_lost(tee, paris, transfer):
    arrive([Arrival(transfer, [Came(tee, 4)])], actor=CLERK)

    assert shelf(tee, paris) == {"available": 4, "in_transit": 2}
    assert Transfer.objects.get().closed_at is None

    (event,) = arrive([Arrival(transfer, [Came(tee, 1, lost=1)], reference="CLAIM-3")], actor=CLERK)

    assert shelf(tee, paris) == {"available": 5}
    assert Transfer.objects.get().closed_at is not None
    assert Expectation.objects.values_list("received", "lost").get() == (5, 1)
    assert Event.objects.get(id=event).facts["lines"] == [{"sku": "TEE", "arrived": 1, "lost": 1}]
    assert entries()[-1] == (tee, "in_transit", paris, "lost", paris, 1)


@pytest.mark.parametrize("came", [(7, 0), (0, 7), (3, 4)])
def test_more_than_is_on_the_way_does_not_arrive(tee, transfer, came):
    before = book()

    with pytest.raises(NotOnTheWay) as refused:
        arrive([Arrival(transfer, [Came(tee, *came)])], actor=CLERK)

    assert refused.value.facts == {"sku": "TEE", "transfer": transfer, "there": 6, "asked": 7}
    assert book() == before


def test_what_is_not_in_the_transfer_does_not_arrive(transfer):
    mug = a_sku("MUG")
    before = book()

    with pytest.raises(NotOnTheWay):
        arrive([Arrival(transfer, [Came(mug, 1)])], actor=CLERK)

    assert book() == before


def test_an_unknown_transfer_is_refused(tee, transfer):
    with pytest.raises(NotFound):
        arrive([Arrival(transfer, [Came(tee, 1)]), Arrival(transfer + 1, [Came(tee, 1)])], actor=CLERK)

    assert happened() == ["stock.received", "stock.sent"]


def test_what_is_not_there_is_not_sent_and_spoils_the_batch(tee, berlin, paris):
    before = book()

    with pytest.raises(NotEnoughStock):
        send([Sending(berlin, paris, [(tee, 6)], FRIDAY), Sending(berlin, paris, [(tee, 5)], FRIDAY)], actor=CLERK)

    assert book() == before
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("lines", [[], [(0, 0)], [(0, 1), (0, 1)]])
def test_a_sending_that_makes_no_sense_is_refused(tee, berlin, paris, lines):
    with pytest.raises(Invalid):
        send([Sending(berlin, paris, [(tee, quantity) for _, quantity in lines], FRIDAY)], actor=CLERK)
    with pytest.raises(Invalid):
        send([Sending(berlin, berlin, [(tee, 1)], FRIDAY)], actor=CLERK)

    assert not Transfer.objects.exists()


def test_a_transfer_is_not_received_like_a_delivery(tee, paris, transfer):
    line = Units(tee, paris, 6, Expectation.objects.get().id)
    before = book()

    with pytest.raises(NotWhatWasExpected):
        receive([Receipt([line])], actor=CLERK)

    assert book() == before


def test_statements_do_not_grow_with_transfers_and_lines(berlin, paris):
    skus = [a_sku(f"S{number}") for number in range(20)]
    receive([Receipt([Units(sku, berlin, 100) for sku in skus])], actor=CLERK)

    with CaptureQueriesContext(connection) as few:
        (one,) = send([Sending(berlin, paris, [(skus[0], 1)], FRIDAY)], actor=CLERK)
        arrive([Arrival(one, [Came(skus[0], 1)])], actor=CLERK)
    with CaptureQueriesContext(connection) as many:
        sent = send([Sending(berlin, paris, [(sku, 1) for sku in skus], FRIDAY) for _ in range(10)], actor=CLERK)
        arrive([Arrival(id_, [Came(sku, 1) for sku in skus]) for id_ in sent], actor=CLERK)

    assert len(many) == len(few)
    assert shelf(skus[7], paris) == {"available": 10}
