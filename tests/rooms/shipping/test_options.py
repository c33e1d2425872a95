"""Delivery options: which is the default for where a parcel goes."""

from datetime import time

import pytest
from builders import CLERK, a_location
from django.conf import LazySettings

from orderwright.kernel.errors import Invalid, NotFound, Stale
from orderwright.kernel.models import Event
from orderwright.shipping.models import DeliveryOption
from orderwright.shipping.options import (
    OptionTaken,
    Way,
    active_options,
    create_option,
    default,
    edit_option,
    option,
)

pytestmark = pytest.mark.django_db


def chosen(country):
    found = default(country, active_options())
    return found.code if found else None


def test_pickup_and_delivery_today_are_chosen_by_buyers_and_never_the_default():
    a_location("BERLIN")
    create_option("FETCH", Way(name="Pickup", kind="pickup", pickup_at="BERLIN", rank=1), actor=CLERK)
    create_option("TODAY", Way(name="Today", kind="same_day", cut_off=time(12), days_least=0, rank=2), actor=CLERK)
    assert chosen("DE") is None

    create_option("STD", Way(name="Standard", rank=3), actor=CLERK)

    assert chosen("DE") == "STD"


def test_the_lowest_rank_that_goes_there_is_the_default():
    create_option("NEAR", Way(name="Near", carrier_service="parcel", countries=["DE", "AT", "DE"], rank=1), actor=CLERK)
    create_option("OLD", Way(name="Old", rank=0, active=False), actor=CLERK)
    assert (chosen("DE"), chosen("FR"), chosen("")) == ("NEAR", None, None)

    create_option("FAR", Way(name="Far", carrier_service="parcel", rank=1), actor=CLERK)
    assert (chosen("AT"), chosen("FR"), chosen("")) == ("NEAR", "FAR", "FAR")
    edit_option("FAR", {"rank": 0}, seen=1, actor=CLERK)
    assert chosen("AT") == "NEAR"  # it is the same, from nearer
    edit_option("FAR", {"days_most": 1}, seen=2, actor=CLERK)

    assert chosen("AT") == "FAR"
    assert option("NEAR").countries == ["AT", "DE"]


def test_an_edit_that_changes_nothing_is_none():
    create_option("NEAR", Way(name="Near"), actor=CLERK)

    assert edit_option("NEAR", {"name": "Near"}, seen=None, actor=CLERK).version == 1

    assert list(Event.objects.values_list("kind", flat=True)) == ["option.created"]


def test_what_cannot_be_is_refused_and_nothing_happens(settings: LazySettings):
    settings.CARRIERS = "fake=http://127.0.0.1:9=secret"
    create_option("NEAR", Way(name="Near", carrier="fake"), actor=CLERK)
    before = list(DeliveryOption.objects.values()), Event.objects.count()

    for refusal, work in (
        (OptionTaken, lambda: create_option("NEAR", Way(name="Near"), actor=CLERK)),
        (Invalid, lambda: create_option("X", Way(name=" "), actor=CLERK)),
        (Invalid, lambda: create_option("X", Way(name="X", carrier="dhl"), actor=CLERK)),
        (Invalid, lambda: create_option("X", Way(name="X", days_least=4), actor=CLERK)),
        (Stale, lambda: edit_option("NEAR", {"name": "X"}, seen=7, actor=CLERK)),
        (NotFound, lambda: edit_option("X", {}, seen=None, actor=CLERK)),
        (NotFound, lambda: option("X\x00")),
    ):
        with pytest.raises(refusal):
            work()

    assert (list(DeliveryOption.objects.values()), Event.objects.count()) == before
