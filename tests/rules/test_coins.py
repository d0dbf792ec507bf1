"""Coins as won: one rounding rule, and prices that may become very small."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.rules.coins import COIN_BITS, coin_unit, coin_won, lot_digits, lots_of, premium_after, won_price


@pytest.mark.parametrize(("price", "digits"), [(145_759_000, 7), (100_000, 4), (3_041, 2), (225, 1), (99, 0), (1, 0)])
def test_a_lot_is_worth_less_than_100_won(price: int, digits: int) -> None:
    assert digits == lot_digits(price)
    assert coin_unit(float(price), digits) < 100 << COIN_BITS


def test_a_coin_that_fell_to_a_millionth_still_has_a_price() -> None:
    digits = lot_digits(100_000)
    assert 0 < coin_unit(0.1, digits)
    assert 1_001 == coin_won(10_000 * 10**digits, coin_unit(0.1, digits))


def test_a_worthless_coin_is_worth_nothing_and_buys_nothing() -> None:
    assert (0, 0) == (coin_won(10**15, coin_unit(0.0, 4)), lots_of(10**12, 0))


@settings(max_examples=50)
@given(st.integers(0, 10**12), st.integers(1, 100 << COIN_BITS))
def test_what_won_buys_is_worth_no_more_than_was_paid_and_less_by_under_a_lot(won: int, unit: int) -> None:
    lots = lots_of(won, unit)
    assert lots * unit <= won << COIN_BITS < (lots + 1) * unit


@settings(max_examples=50)
@given(st.integers(0, 10**10), st.integers(0, 10**10), st.integers(1, 100 << COIN_BITS))
def test_parts_are_worth_the_whole_but_for_a_won(one: int, other: int, unit: int) -> None:
    assert abs(coin_won(one, unit) + coin_won(other, unit) - coin_won(one + other, unit)) <= 1


def test_the_won_price_is_the_world_price_at_the_rate_and_the_premium() -> None:
    assert 1_540.0 == pytest.approx(won_price(1.0, 1_400.0, 0.10))


def test_a_premium_returns_to_its_level() -> None:
    assert 0.06 == pytest.approx(premium_after(0.10, 0.02, 0.5, 0.0))
