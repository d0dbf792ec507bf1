from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gaemi.rules import margin, pledged, stock_loan

CONVENTIONS = (margin.CONVENTION_A, margin.CONVENTION_B, margin.CONVENTION_C, margin.CONVENTION_D)
LOANS = st.integers(1, 50_000_000_000)
MAINTENANCE = st.sampled_from([11_500, 12_000, 13_000, 14_000, 15_000, 17_000])
DISCOUNTS = st.sampled_from([0, 1500, 2000, 3000])


def sold(loan: int, value: int, price: int, held: int, discount: int, convention: int = margin.CONVENTION_C) -> int:
    shortfall = margin.shortfall_e8(loan, value, 14_000, discount, convention)
    return margin.sale_quantity(shortfall, margin.relief_e8(price, 14_000, discount, 0, 10_000, convention), held)


@pytest.mark.parametrize(("discount", "shares"), [(1500, 195), (2000, 309), (3000, 1000)])
def test_the_brokers_printed_example_sells_195_or_309_or_all(discount: int, shares: int) -> None:
    assert sold(6_000_000, 8_100_000, 8_100, 1_000, discount) == shares


@given(LOANS, st.integers(0, 90_000_000_000), MAINTENANCE)
def test_a_pool_is_under_maintenance_exactly_when_its_ratio_is(loan: int, value: int, maintenance: int) -> None:
    expected = Fraction(value, loan) < Fraction(maintenance, 10_000)
    assert margin.is_under_maintenance(value, loan, maintenance) == expected


def test_a_pool_exactly_at_maintenance_is_not_called() -> None:
    assert not margin.is_under_maintenance(8_400_000, 6_000_000, 14_000)
    assert margin.is_under_maintenance(8_399_999, 6_000_000, 14_000)


@given(LOANS, st.integers(0, 90_000_000_000), MAINTENANCE)
def test_the_shortfall_paid_in_lifts_the_pool_and_one_won_less_does_not(
    loan: int, value: int, maintenance: int
) -> None:
    missing = margin.shortfall_won(value, loan, maintenance)
    assert missing >= 0
    assert not margin.is_under_maintenance(value + missing, loan, maintenance)
    assert missing == 0 or margin.is_under_maintenance(value + missing - 1, loan, maintenance)


def quantity_by_fractions(loan: int, value: int, price: int, held: int, m: Fraction, d: Fraction, name: int) -> int:
    """The conventions as they are written on paper, for shares that count in full."""
    relief = {
        margin.CONVENTION_A: m - 1,
        margin.CONVENTION_B: (m - 1) * (1 - d),
        margin.CONVENTION_C: m * (1 - d) - 1,
        margin.CONVENTION_D: (m - 1) * (1 - d),
    }[name] * price
    shortfall = m * loan - (value * (1 - d) if name == margin.CONVENTION_D else value)
    return held if relief <= 0 else min(held, ceil(max(Fraction(0), shortfall) / relief))


@given(st.integers(1, 10_000_000), st.integers(1, 2_000), LOANS, MAINTENANCE, DISCOUNTS, st.sampled_from(CONVENTIONS))
def test_the_quantity_equals_the_formula_in_fractions(
    price: int, held: int, loan: int, maintenance: int, discount: int, convention: int
) -> None:
    value = price * held
    assume(margin.is_under_maintenance(value, loan, maintenance))
    shortfall = margin.shortfall_e8(loan, value, maintenance, discount, convention)
    relief = margin.relief_e8(price, maintenance, discount, 0, 10_000, convention)
    m, d = Fraction(maintenance, 10_000), Fraction(discount, 10_000)
    assert margin.sale_quantity(shortfall, relief, held) == quantity_by_fractions(
        loan, value, price, held, m, d, convention
    )
    assert max(shortfall, relief * held if relief * held < shortfall else 0) < 2**63


@given(st.integers(100, 100_000), st.integers(1, 10_000), st.integers(10_500, 13_999))
def test_a_sale_at_the_discounted_price_restores_the_ratio_and_one_share_less_does_not(
    price: int, held: int, ratio: int
) -> None:
    """Convention C: shares sold at 85 % of the close repay the loan; what is left is worth maintenance at the close."""
    loan = price * held * 10_000 // ratio + 1
    n = sold(loan, price * held, price, held, 1500)
    assume(n < held)

    def is_restored(shares: int) -> bool:
        return (held - shares) * price >= Fraction(14, 10) * (loan - Fraction(85, 100) * shares * price)

    assert is_restored(n)
    assert not is_restored(n - 1)


def test_a_cost_of_the_sale_makes_it_larger() -> None:
    shortfall = margin.shortfall_e8(6_000_000, 8_100_000, 14_000, 1500, margin.CONVENTION_C)
    with_cost = margin.relief_e8(8_100, 14_000, 1500, 80, 10_000, margin.CONVENTION_C)
    assert margin.sale_quantity(shortfall, with_cost, 1_000) == ceil(
        Fraction(300_000) / 8_100 / Fraction(18_048, 10**5)
    )


def test_shares_that_count_for_less_relieve_more() -> None:
    """Selling a share that counted at 70 % takes away less collateral than it brings money."""
    full, substitute = (margin.relief_e8(10_000, 14_000, 3000, 0, s, margin.CONVENTION_C) for s in (10_000, 7_000))
    assert full < 0 < substitute


def test_the_sale_comes_after_the_sessions_of_the_lowest_band_that_the_ratio_is_under() -> None:
    under, sessions = (14_000, 12_000, 10_500, 0), (3, 2, 1, 9)
    lags = [
        margin.sessions_to_sale(value, 1_000_000, under, sessions) for value in (1_399_999, 1_199_999, 1_049_999, 0)
    ]
    assert lags == [3, 2, 1, 1]
    assert margin.sessions_to_sale(1_200_000, 1_000_000, under, sessions) == 3


@given(LOANS, st.integers(1, 10**6), st.integers(0, 10**10), MAINTENANCE, st.sampled_from([7_000, 10_000]))
def test_the_pool_is_safe_at_the_call_price_and_called_one_won_below(
    loan: int, quantity: int, cash: int, maintenance: int, rate: int
) -> None:
    price = margin.call_price(loan, quantity, cash, maintenance, rate)

    def is_called(at: int) -> bool:
        return margin.is_under_maintenance(margin.collateral_won(quantity * at, rate) + cash, loan, maintenance)

    assert not is_called(price)
    assert price == 0 or is_called(price - 1)


def test_a_pool_is_zeroed_below_the_price_that_covers_the_loan() -> None:
    assert margin.zero_price(6_000_000, 1_000, 0, 10_000) == 6_000
    assert margin.zero_price(6_000_000, 1_000, 500_000, 10_000) == 5_500


@given(st.integers(1, 10**10), st.integers(0, 10**9), LOANS, MAINTENANCE)
def test_the_call_level_is_the_lowest_level_that_is_safe(exposed: int, cash: int, loan: int, maintenance: int) -> None:
    level = margin.call_level_bps(exposed, cash, loan, maintenance)
    assert exposed * level + cash * 10_000 >= maintenance * loan
    assert exposed * (level - 1) + cash * 10_000 < maintenance * loan


def test_the_ratio_is_shown_rounded_down() -> None:
    assert margin.collateral_ratio_bps(8_500_000, 6_000_000) == floor(Fraction(17, 12) * 10_000) == 14_166


def test_loans_are_limited_by_deposit_value_and_own_money() -> None:
    assert margin.largest_loan_won(10_000_000, 4_500) == 5_500_000
    assert pledged.largest_loan_won(10_000_000, 7_000, 1_000_000_000) == 7_000_000
    assert pledged.largest_loan_won(10_000_000_000, 7_000, 1_000_000_000) == 1_000_000_000
    assert stock_loan.largest_loan_won(10_000_000, 30_000) == 30_000_000
