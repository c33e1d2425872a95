"""Prices per currency, to the millionth."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import a_sku

from orderwright.catalog.models import Price
from orderwright.catalog.pricing import PriceTag, set_prices
from orderwright.kernel import actors, money
from orderwright.kernel.errors import Invalid, NotFound
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def prices() -> dict[tuple[str, str], int]:
    return {(price.sku.code, price.currency): price.unit_price_micros for price in Price.objects.all()}


def outcomes(*tags: PriceTag) -> list[str]:
    return [edited.outcome.value for edited in set_prices(tags, actor=CLERK)]


@pytest.mark.django_db
def test_a_price_is_set_changed_and_taken_away():
    a_sku("MUG")

    said = [
        outcomes(PriceTag("MUG", "EUR", "2.55"), PriceTag("MUG", "jpy", "300")),
        outcomes(PriceTag("MUG", "EUR", "0.000001")),
        outcomes(PriceTag("MUG", "EUR", "0.000001")),
        outcomes(PriceTag("MUG", "JPY", None)),
    ]

    assert said == [["created", "created"], ["changed"], ["unchanged"], ["changed"]]
    assert prices() == {("MUG", "EUR"): 1}
    assert list(Event.objects.order_by("id").values_list("facts", flat=True)) == [
        {"sku": "MUG", "currency": "EUR", "before": None, "after": "2.55"},
        {"sku": "MUG", "currency": "JPY", "before": None, "after": "300.00"},
        {"sku": "MUG", "currency": "EUR", "before": "2.55", "after": "0.000001"},
        {"sku": "MUG", "currency": "JPY", "before": "300.00", "after": None},
    ]


@pytest.mark.django_db
def test_a_price_that_cannot_be_is_refused_by_itself():
    a_sku("MUG")

    edited = set_prices(
        [
            PriceTag("MUG", "EUR", "-1"),
            PriceTag("MUG", "XXQ", "1"),
            PriceTag("MUG", "EUR", "1.0000001"),
            PriceTag("MUG", "EUR", "NaN"),
            PriceTag("CUP", "EUR", "1"),
            PriceTag("MUG", "EUR", "1000000001"),
            PriceTag("MUG", "EUR", "0"),
        ],
        actor=CLERK,
    )

    assert [type(one.refusal) for one in edited] == [
        Invalid,
        money.UnknownCurrency,
        money.NotAnAmount,
        money.NotAnAmount,
        NotFound,
        money.NotAnAmount,
        type(None),
    ]
    assert prices() == {("MUG", "EUR"): 0}
    assert Event.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 200])
def test_statements_do_not_grow_with_the_batch(count):
    for i in range(count):
        a_sku(f"S{i}")

    with CaptureQueriesContext(connection) as queries:
        set_prices([PriceTag(f"S{i}", "EUR", str(i)) for i in range(count)], actor=CLERK)

    assert len(queries) == 7
    assert Price.objects.count() == count
