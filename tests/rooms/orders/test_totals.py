"""Totals: adjustments in order, rounded once each, and never a coin lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.orders.drafting import AdjustmentDraft
from orderwright.orders.totals import BadAdjustment, adjust, total

lines = st.lists(st.integers(0, 10_000), min_size=1, max_size=6)


def draft(kind: str, amount: str | None = None, rate: str | None = None, line: int | None = None, included=False):
    return AdjustmentDraft(kind, "", amount, rate, line, included)


def test_adjustments_stand_on_what_comes_before_them():
    adjusted = adjust(
        [draft("discount", rate="-0.1"), draft("shipping", "5.00"), draft("tax", rate="0.2")], [1000, 500], "EUR"
    )

    assert [one.amount_minor for one in adjusted] == [-150, 500, 370]
    assert total([1000, 500], adjusted, "EUR") == 2220


def test_taxes_are_no_base_for_taxes():
    adjusted = adjust([draft("tax", rate="0.1"), draft("tax", rate="0.1")], [1000], "EUR")

    assert [one.amount_minor for one in adjusted] == [100, 100]


def test_an_included_tax_tells_and_does_not_add():
    adjusted = adjust([draft("tax", rate="0.19", included=True)], [11900], "EUR")

    assert adjusted[0].amount_minor == 1900
    assert total([11900], adjusted, "EUR") == 11900


@given(lines, st.integers(0, 999_999))
def test_a_rate_is_rounded_once_half_away_from_zero(line_totals, rate):
    (tax,) = adjust([draft("tax", rate=f"0.{rate:06d}")], line_totals, "EUR")

    exact = sum(line_totals) * rate
    assert abs(tax.amount_minor * 1_000_000 - exact) * 2 <= 1_000_000
    assert tax.amount_minor == (exact * 2 + 1_000_000) // 2_000_000


@given(lines)
def test_a_discount_of_everything_leaves_nothing(line_totals):
    adjusted = adjust([draft("discount", rate="-1")], line_totals, "EUR")

    assert total(line_totals, adjusted, "EUR") == 0


@pytest.mark.parametrize(
    "bad",
    [
        draft("discount", "1.00"),
        draft("tax", "-1.00"),
        draft("fee"),
        draft("fee", "1.00", "0.1"),
        draft("fee", "1.00", line=3),
        draft("fee", "1.00", included=True),
    ],
)
def test_what_cannot_be_right_is_refused(bad):
    with pytest.raises(BadAdjustment):
        adjust([bad], [100, 100], "EUR")
