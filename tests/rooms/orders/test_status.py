"""Status is a sentence: words computed from where units and money are."""

import pytest

from orderwright.orders.status import Money, fulfilment, is_secure, overall, payment


@pytest.mark.parametrize(
    ("units", "word"),
    [
        ({}, "canceled"),
        ({"canceled": 2, "reserved": 0}, "canceled"),
        ({"open": 1}, "waiting"),
        ({"backordered": 1, "reserved": 2}, "waiting"),
        ({"reserved": 2, "canceled": 1}, "ready"),
        ({"reserved": 1, "released": 1}, "in_work"),
        ({"backordered": 1, "released": 1}, "in_work"),
        ({"released": 1, "shipped": 1}, "partly_shipped"),
        ({"backordered": 1, "delivered": 1}, "partly_shipped"),
        ({"shipped": 2, "canceled": 1}, "shipped"),
        ({"shipped": 1, "delivered": 1}, "shipped"),
        ({"shipped": 1, "returned": 1}, "shipped"),
        ({"delivered": 1, "returned": 1}, "delivered"),
        ({"returned": 2, "canceled": 3}, "returned"),
    ],
)
def test_fulfilment_follows_the_units(units, word):
    assert fulfilment(units) == word


@pytest.mark.parametrize(
    ("money", "word"),
    [
        (Money(0), "nothing_due"),
        (Money(100), "unpaid"),
        (Money(100, pending=100), "pending"),
        (Money(100, secured=40, pending=60), "pending"),
        (Money(100, pending=99), "unpaid"),
        (Money(100, secured=100), "secured"),
        (Money(100, captured=40, secured=60), "secured"),
        (Money(100, captured=40), "partly_paid"),
        (Money(100, captured=100), "paid"),
        (Money(60, captured=100), "overpaid"),
        (Money(60, captured=100, refunded=40), "partly_refunded"),
        (Money(60, captured=100, refunded=20), "overpaid"),
        (Money(60, captured=100, refunded=60), "partly_paid"),
        (Money(0, captured=100, refunded=100), "refunded"),
        (Money(100, captured=100, refunded=100), "refunded"),
    ],
)
def test_payment_follows_the_money(money, word):
    assert payment(money) == word


@pytest.mark.parametrize(
    ("units", "money", "holds", "word"),
    [
        ({"reserved": 1}, Money(0), 0, "ready"),
        ({"reserved": 1}, Money(10, secured=10), 0, "ready"),
        ({"reserved": 1}, Money(10, pending=10), 0, "unpaid"),
        ({"reserved": 1}, Money(10), 1, "on_hold"),
        ({"backordered": 1}, Money(10), 0, "unpaid"),
        ({"backordered": 1}, Money(10, captured=10), 0, "backordered"),
        ({"released": 1}, Money(10, captured=10), 0, "in_work"),
        ({"released": 1, "shipped": 1}, Money(10), 0, "partly_shipped"),
        ({"released": 1, "shipped": 1}, Money(10), 1, "on_hold"),
        ({"shipped": 1}, Money(10), 1, "shipped"),
        ({"canceled": 1}, Money(0, captured=10), 2, "canceled"),
    ],
)
def test_the_one_word_is_what_somebody_waits_for_next(units, money, holds, word):
    assert overall(units, money, holds) == word


def test_money_is_secure_when_nothing_more_than_the_secured_is_owed():
    assert is_secure(Money(100, captured=40, secured=60))
    assert is_secure(Money(0))
    assert not is_secure(Money(100, captured=40, secured=59))
    assert not is_secure(Money(100, captured=100, refunded=1))
