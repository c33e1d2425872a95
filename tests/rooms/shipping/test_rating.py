"""Rates: asked of the carrier over HTTP; known ones stand in for a carrier that is away or slow, and it is said."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, a_kit, a_location, a_shelf, an_order
from carriers import Fake
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.catalog.models import Sku
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.release_orders import Release, release_orders
from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.money import Money
from orderwright.orders.moving import Wanted
from orderwright.shipping.models import DeliveryOption, LearnedRate
from orderwright.shipping.options import Way, create_option
from orderwright.shipping.packing import TARE_GRAMS, Box
from orderwright.shipping.ports import Parcel, Quote
from orderwright.shipping.rates import Lane, known, learn, step
from orderwright.shipping.rating import (
    CACHE,
    CARRIER,
    NOWHERE,
    cheapest,
    fastest,
    of_fulfilment_order,
    of_order,
    rate,
    to_address,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ECONOMY, EXPRESS = "economy", "express"


@pytest.fixture(autouse=True)
def _a_shop(fake_carrier: Fake) -> None:
    a_location("HAMBURG", country="DE", city="Hamburg", rank=1)
    a_location("LYON", country="FR", city="Lyon", rank=2)
    for rank, product in enumerate((ECONOMY, EXPRESS)):
        way = Way(name=product, carrier="fake", carrier_service=product, days_least=3, days_most=9, rank=rank)
        create_option(product.upper(), way, actor=CLERK)
    create_option("VAN", Way(name="Van", countries=["DE"], days_least=0, days_most=1, rank=9), actor=CLERK)


def to(country: str, *grams: int, location: str | None = None):
    return to_address(country, "10115", [Parcel(weight) for weight in grams], location=location)


def told(rated):
    return [(one.option.code, one.price and one.price.minor, one.days_most, one.source) for one in rated]


def test_all_options_that_go_there_are_asked_for(fake_carrier: Fake) -> None:
    home, abroad = rate(to("DE", 1200)), rate(to("FR", 1200))

    assert told(home) == [("ECONOMY", 670, 5, CARRIER), ("EXPRESS", 1470, 1, CARRIER), ("VAN", None, 1, NOWHERE)]
    assert told(abroad) == [("ECONOMY", 1206, 6, CARRIER), ("EXPRESS", 2646, 2, CARRIER)]
    assert [one.price.currency for one in abroad if one.price] == ["EUR", "EUR"]
    assert fake_carrier.asked() == ["POST /rates", "POST /rates"]
    assert told(rate(to("FR", 1200, location="LYON")))[0] == ("ECONOMY", 670, 5, CARRIER)


def test_the_cheapest_and_the_fastest_are_marked() -> None:
    rated = rate(to("DE", 400))

    assert [one and one.option.code for one in (cheapest(rated), fastest(rated))] == ["ECONOMY", "VAN"]
    assert (cheapest([]), fastest([])) == (None, None)
    assert cheapest([rated[2]]) is None


def test_parcels_are_summed_and_equal_ones_asked_for_once(fake_carrier: Fake) -> None:
    rated = rate(to("DE", 400, 1200, 400))

    assert told(rated)[0] == ("ECONOMY", 390 + 670 + 390, 5, CARRIER)
    assert len(fake_carrier.asked()) == 2


@pytest.mark.parametrize("words", ["error", "lost", "timeout", "slow=1"])
def test_what_was_named_last_stands_in_for_a_carrier_that_is_away_or_slow(fake_carrier: Fake, words: str) -> None:
    with clock.at(NOON):
        rate(to("DE", 1200))
    fake_carrier.server.behave("rate", words)

    began = time.monotonic()
    same, lighter, heavier = (rate(to("DE", grams), within_seconds=0.3) for grams in (1400, 900, 1600))
    took = time.monotonic() - began

    assert told(same) == [("ECONOMY", 670, 5, CACHE), ("EXPRESS", 1470, 1, CACHE), ("VAN", None, 1, NOWHERE)]
    assert [one.learned_at for one in same] == [NOON, NOON, None]
    assert told(lighter)[0] == ("ECONOMY", 670, 5, CACHE)
    assert told(heavier)[0] == ("ECONOMY", None, 9, NOWHERE)
    assert took < 2.5


def test_a_carrier_that_did_not_answer_rests_so_that_not_every_buyer_waits(
    fake_carrier: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_carrier.server.behave("rate", "slow=1")
    rate(to("DE", 1200), within_seconds=0.1)
    fake_carrier.server.behave("rate", "")

    began = time.monotonic()
    resting = rate(to("DE", 1200), within_seconds=5)
    took = time.monotonic() - began
    monkeypatch.setattr(time, "monotonic", lambda: began + 11)
    awake = rate(to("DE", 1200))

    assert told(resting)[0] == ("ECONOMY", None, 9, NOWHERE)
    assert took < 1
    assert told(awake)[0] == ("ECONOMY", 670, 5, CARRIER)
    assert fake_carrier.asked() == ["POST /rates"] * 2


def test_what_a_carrier_refuses_is_said_and_nothing_stands_in(fake_carrier: Fake) -> None:
    rate(to("DE", 1200))
    fake_carrier.server.behave("rate", "refuse=account")

    refused = rate(to("DE", 1200))

    assert told(refused) == [("ECONOMY", None, 9, CARRIER), ("EXPRESS", None, 9, CARRIER), ("VAN", None, 1, NOWHERE)]
    assert [one.refused and one.refused.reason for one in refused] == ["account", "account", None]
    assert cheapest(refused) is None
    assert fastest(refused) is refused[2]
    fake_carrier.server.behave("rate", "")
    assert [one.refused and one.refused.reason for one in rate(to("AQ", 1200))] == ["not_served"] * 2


def test_a_product_that_the_carrier_does_not_have_is_refused() -> None:
    DeliveryOption.objects.filter(code="EXPRESS").update(carrier_service="rocket")

    economy, rocket, _van = rate(to("DE", 1200))

    assert (economy.refused, rocket.price) == (None, None)
    assert rocket.refused is not None
    assert rocket.refused.reason == "not_served"


def test_an_option_of_a_carrier_without_an_account_has_no_price(settings) -> None:
    settings.CARRIERS = ""

    assert told(rate(to("DE", 1200)))[0] == ("ECONOMY", None, 9, NOWHERE)


def test_an_order_is_weighed_and_leaves_from_where_it_stands() -> None:
    a_kit("SET", {"TEE": 2, "CAP": 1})
    for sku, grams in (("TEE", 200), ("CAP", 100), ("MUG", 350)):
        a_shelf("LYON", sku, 10)
        Sku.objects.filter(code=sku).update(weight_grams=grams)
    order = an_order().with_line("SET", 2).with_line("MUG", 1).to("FR", postal_code="69001").placed()

    sending = of_order(order.number)

    assert sending.parcels == (Parcel(2 * (2 * 200 + 100) + 350 + TARE_GRAMS),)
    assert (sending.location, sending.sender.country, sending.receiver.postal_code) == ("LYON", "FR", "69001")
    assert of_order(order.number, [Parcel(90)]).parcels == (Parcel(90),)
    Sku.objects.filter(code="MUG").update(weight_grams=None)
    with pytest.raises(Invalid):
        of_order(order.number)


def test_a_fulfilment_order_is_weighed_by_what_is_open_or_packed() -> None:
    a_shelf("LYON", "TEE", 10)
    Sku.objects.update(weight_grams=200)
    order = an_order().with_line("TEE", 5).to("FR", postal_code="69001").placed()
    release_orders([Release(order.id)], actor=CLERK)
    confirm_shipments([Send(f"{order.number}-F1", (Box([Wanted(1, 2)]),))], actor=CLERK)
    prepare_shipments([Prepare(f"{order.number}-F1", (Box([Wanted(1, 1)]),))], actor=CLERK)

    sending = of_fulfilment_order(f"{order.number}-F1")

    assert (sending.parcels, sending.location) == ((Parcel(3 * 200 + TARE_GRAMS),), "LYON")
    assert sending.receiver.postal_code == "69001"
    assert of_fulfilment_order(f"{order.number}-F1", [Parcel(90)]).parcels == (Parcel(90),)
    with pytest.raises(NotFound):
        of_fulfilment_order("9-F1")


def test_what_cannot_be_sent_is_refused() -> None:
    a_shelf("LYON", "TEE", 10)
    nowhere = an_order().with_line("TEE").placed()

    for number in ("9", "1\x00"):
        with pytest.raises(NotFound):
            of_order(number)
    with pytest.raises(Invalid):
        of_order(nowhere.number, [Parcel(100)])
    for location in ("MARS", "\x00"):
        with pytest.raises(NotFound):
            to("DE", 100, location=location)


def test_the_number_of_statements_does_not_depend_on_what_is_sent(fake_carrier: Fake) -> None:
    def statements(*grams: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            rate(to("DE", *grams))
        return len(asked)

    assert statements(400) == statements(*range(500, 10_500, 500)) == 3
    fake_carrier.server.behave("rate", "error")
    assert statements(400) == statements(*range(500, 10_500, 500)) == 3


def test_a_price_that_did_not_change_is_written_once_an_hour() -> None:
    lane, quote = Lane("fake", "DE", "FR", 500), Quote(ECONOMY, "Economy", Money(702, "EUR"), 3, 6)

    def learned_at(later: timedelta, said: Quote) -> datetime:
        with clock.at(NOON + later):
            learn({lane: [said]})
        return LearnedRate.objects.get().learned_at

    assert learned_at(timedelta(), quote) == NOON
    assert learned_at(timedelta(minutes=59), quote) == NOON
    assert learned_at(timedelta(minutes=61), quote) == NOON + timedelta(minutes=61)
    dearer = Quote(ECONOMY, "Economy", Money(800, "EUR"), 3, 6)
    assert learned_at(timedelta(minutes=62), dearer) == NOON + timedelta(minutes=62)
    assert known([lane])[lane][ECONOMY].quote.price == Money(800, "EUR")


def test_of_the_prices_in_a_step_the_highest_of_a_day_is_kept() -> None:
    lane = Lane("fake", "DE", "FR", 500)

    def kept(later: timedelta, minor: int) -> int:
        with clock.at(NOON + later):
            learn({lane: [Quote(ECONOMY, "Economy", Money(minor, "EUR"), 3, 6)]})
        return LearnedRate.objects.get().price_minor

    assert kept(timedelta(), 702) == 702
    assert kept(timedelta(hours=1), 800) == 800
    assert kept(timedelta(hours=24), 702) == 800
    assert kept(timedelta(hours=26), 702) == 702


def test_weights_are_kept_in_steps() -> None:
    assert [step(grams) for grams in (1, 500, 501, 10_000, 10_001, 2**31 - 1)] == [
        500, 500, 1000, 10_000, 11_000, 2**31 - 1,
    ]  # fmt: skip
