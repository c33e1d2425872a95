"""The laws of money: what is split adds up, and what is rounded is rounded once, half away from zero."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from orderwright.kernel import money

totals = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any)
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "GBP", "CLP", "BHD"])


@given(totals, weights)
def test_the_parts_of_a_split_add_up_to_it(total: int, weights: list[int]) -> None:
    parts = money.split(total, weights)

    assert sum(parts) == total
    assert len(parts) == len(weights)


@given(totals, weights)
def test_no_part_is_a_whole_coin_away_from_its_fair_share(total: int, weights: list[int]) -> None:
    parts = money.split(total, weights)

    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(totals, weights)
def test_what_weighs_nothing_gets_nothing_and_more_weight_never_gets_less(total: int, weights: list[int]) -> None:
    parts = money.split(total, weights)

    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    rising = [
        abs(part) for _, part in sorted(zip(weights, parts, strict=True), key=lambda pair: (pair[0], abs(pair[1])))
    ]
    assert rising == sorted(rising)


@given(totals, weights)
def test_the_parts_of_a_debt_are_those_of_the_sum_with_the_sign_turned(total: int, weights: list[int]) -> None:
    assert money.split(-total, weights) == [-part for part in money.split(total, weights)]


@given(st.integers(1, 10**6), st.integers(0, 10**12), currencies)
def test_a_line_is_rounded_once_and_half_away_from_zero(quantity: int, price: int, currency: str) -> None:
    exact = Decimal(quantity) * Decimal(price).scaleb(-6)

    total = money.line_total(quantity, price, currency)

    coin = Decimal(1).scaleb(-money.decimals(currency))
    assert Decimal(total).scaleb(-money.decimals(currency)) == exact.quantize(coin, rounding=ROUND_HALF_UP)


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**6))
def test_rounding_moves_by_half_a_unit_at_most_and_knows_no_sign(amount: int, unit: int) -> None:
    rounded = money.round_half_away(amount, unit)

    assert abs(rounded * unit - amount) * 2 <= unit
    assert money.round_half_away(-amount, unit) == -rounded


@given(st.integers(-(10**15), 10**15), currencies)
def test_an_amount_that_is_written_is_read_as_the_same(amount: int, currency: str) -> None:
    assert money.minor(money.write(amount, currency), currency) == amount


@given(st.integers(0, 10**15))
def test_a_price_that_is_written_is_read_as_the_same(price: int) -> None:
    assert money.micros(money.write_micros(price)) == price


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text(max_size=30), currencies)
def test_what_is_no_amount_is_refused_and_never_guessed(text: str | Decimal, currency: str) -> None:
    try:
        amount = money.minor(text, currency)
    except money.NotAnAmount:
        return

    assume(isinstance(text, Decimal))
    assert Decimal(amount).scaleb(-money.decimals(currency)) == text
