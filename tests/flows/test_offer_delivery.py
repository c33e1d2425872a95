"""Ways of delivery as a buyer sees them: the price, the promised day, and delivery today before its cut-off."""

from datetime import UTC, date, datetime, time

import pytest
from builders import CLERK, a_kit, a_location, a_shelf, a_sku
from carriers import fake_carrier

from orderwright.catalog.models import Sku
from orderwright.flows.offer_delivery import Basket, Offer, offer_delivery
from orderwright.fulfilment.models import Terms
from orderwright.kernel import clock
from orderwright.shipping.options import Way, active_options, create_option, default

__all__ = ["fake_carrier"]
pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)  # 11:00 in Berlin


@pytest.fixture(autouse=True)
def _a_shop():
    Terms.objects.create(
        location=a_location("BERLIN", time_zone="Europe/Berlin"), weekdays=[1, 2, 3, 4, 5], cut_off=time(14)
    )
    a_shelf("BERLIN", "TEE", 5)
    with clock.at(MONDAY):
        yield


def option(code, **more):
    create_option(code, Way(**{"name": code.title(), **more}), actor=CLERK)


def basket(quantity=1, sku="TEE", **more):
    lines = [(Sku.objects.get(code=sku).pk, quantity)]
    return Basket(**{"lines": lines, "worth_minor": 1000 * quantity, "currency": "EUR", "country": "DE", **more})


def june(day):
    return date(2026, 6, day)


def test_each_way_has_its_price_and_its_day_and_they_stand_in_the_shops_order():
    option("express", days_most=1, price_minor=990, currency="EUR", rank=2)
    option("standard", days_most=3, price_minor=490, currency="EUR", free_from_minor=3000, rank=1)
    option("far", countries=["FR"], rank=0)

    assert offer_delivery(basket()) == [
        Offer("standard", "Standard", "delivery", 490, june(4)),
        Offer("express", "Express", "delivery", 990, june(2)),
    ]
    assert [one.price_minor for one in offer_delivery(basket(3))] == [0, 990]


def test_the_nearest_zone_wins():
    option("world", carrier_service="parcel", days_most=9, price_minor=2490, currency="EUR", rank=1)
    option("home", carrier_service="parcel", countries=["DE"], price_minor=490, currency="EUR", rank=2)
    option(
        "near", carrier_service="parcel", countries=["DE", "FR"], days_most=5, price_minor=990, currency="EUR", rank=3
    )

    offered = {
        country: [one.code for one in offer_delivery(basket(country=country))] for country in ("DE", "FR", "US", "")
    }

    assert offered == {"DE": ["home"], "FR": ["near"], "US": ["world"], "": ["world"]}
    assert default("DE", active_options()).code == "home"
    assert default("US", active_options()).code == "world"


def test_what_is_faster_of_another_service_or_of_another_kind_is_not_the_same(fake_carrier):
    option("express", carrier_service="parcel", days_most=1, price_minor=2490, currency="EUR", rank=1)
    option("plain", days_most=9, price_minor=990, currency="EUR", rank=2)
    option("parcel", carrier="fake", carrier_service="parcel", days_most=9, price_minor=2490, currency="EUR", rank=2)
    option("home", countries=["DE"], days_most=3, price_minor=490, currency="EUR", rank=3)
    option("fetch", kind="pickup", countries=["DE"], pickup_at="BERLIN", rank=4)

    assert [one.code for one in offer_delivery(basket())] == ["express", "plain", "parcel", "home", "fetch"]


def test_what_waits_for_stock_has_no_day():
    option("standard")
    a_sku("CUP", when_short="backorder")

    assert offer_delivery(basket(sku="CUP")) == [Offer("standard", "Standard", "delivery", 0, None)]


def test_a_price_in_another_currency_is_no_offer():
    option("standard", price_minor=490, currency="USD")

    assert offer_delivery(basket()) == []


@pytest.mark.parametrize(
    ("hour", "minute", "quantity", "offered"),
    [(11, 59, 1, True), (12, 0, 1, False), (9, 59, 6, False)],  # noon there is 10:00 UTC
)
def test_delivery_today_is_offered_before_its_cut_off_while_all_can_leave_today(hour, minute, quantity, offered):
    option("today", kind="same_day", cut_off=time(12), days_least=0, days_most=0, price_minor=990, currency="EUR")

    with clock.at(datetime(2026, 6, 1, hour - 2, minute, tzinfo=UTC)):
        found = offer_delivery(basket(quantity))

    ends = datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert found == ([Offer("today", "Today", "same_day", 990, june(1), ends)] if offered else [])


def test_delivery_today_is_not_offered_on_a_day_off():
    option("today", kind="same_day", cut_off=time(12), days_least=0, days_most=0)

    with clock.at(datetime(2026, 6, 6, 7, tzinfo=UTC)):
        assert offer_delivery(basket()) == []


def test_goods_that_are_fetched_are_ready_on_the_day_on_which_they_would_leave():
    option("fetch", kind="pickup", pickup_at="BERLIN", days_most=3)

    assert offer_delivery(basket()) == [Offer("fetch", "Fetch", "pickup", 0, june(1), pickup_at="BERLIN")]


def test_what_the_shop_has_not_priced_is_asked_of_the_carrier(fake_carrier):
    option("parcel", carrier="fake", carrier_service="standard", days_most=2)
    option("drone", carrier="fake", carrier_service="drone")
    Sku.objects.filter(code="TEE").update(weight_grams=400)
    a_kit("SET", {"TEE": 2})

    (light,) = offer_delivery(basket())
    (heavy,) = offer_delivery(basket(2, "SET", worth_minor=1))

    assert (light.code, light.deliver_on) == ("parcel", june(3))
    assert 0 < light.price_minor < heavy.price_minor


def test_a_way_whose_price_nobody_knows_is_no_offer(settings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    option("parcel", carrier="fake", carrier_service="standard")

    assert offer_delivery(basket()) == []
