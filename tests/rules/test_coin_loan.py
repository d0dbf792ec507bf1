"""Coin loans: the levels that are shown are those at which the test of the engine closes an account."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.rules.coin_loan import after_closing, closing_fall_bps, closing_rise_bps, is_closed, largest_loan_won
from gaemi.units import BPS

WON = st.integers(1_000, 10**12)
RATIO = st.integers(5_000, 9_900)


@settings(max_examples=50)
@given(WON, WON, WON, RATIO)
def test_an_account_is_closed_at_the_level_of_its_coin_and_not_above(
    coin: int, cash: int, debt: int, ratio: int
) -> None:
    level = closing_fall_bps(coin, cash, debt, ratio)
    if level > 0:
        assert is_closed(debt * BPS, cash * BPS + coin * level, ratio)
    assert not is_closed(debt * BPS, cash * BPS + coin * max(0, level + 1), ratio)


@settings(max_examples=50)
@given(WON, WON, RATIO)
def test_an_account_is_closed_at_the_level_of_what_it_owes_and_not_below(held: int, debt: int, ratio: int) -> None:
    level = closing_rise_bps(held, debt, ratio)
    assert is_closed(debt * level, held * BPS, ratio)
    assert not is_closed(debt * (level - 1), held * BPS, ratio)


@settings(max_examples=50)
@given(WON, WON, WON, WON, WON)
def test_what_is_left_and_what_is_owed_add_up(cash: int, gross: int, cost: int, fees: int, owed: int) -> None:
    left, unpaid = after_closing(cash, gross, cost, fees, owed)
    assert left - unpaid == cash + gross - cost - fees - owed
    assert 0 == left * unpaid


def test_nothing_owed_is_never_closed() -> None:
    assert not is_closed(0, 0, 9_000)


def test_no_loan_is_above_the_limit_of_a_customer() -> None:
    assert 200_000_000 == largest_loan_won(10**12, 20_000, 200_000_000)
