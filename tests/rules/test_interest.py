from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules.interest import interest_won

DAYS, BPS = (7, 15, 90, 1_000_000), (540, 770, 850, 910)


def test_simple_interest_of_90_days_is_floored_to_the_won() -> None:
    assert Fraction(6_000_000 * 9 * 90, 100 * 365) == Fraction(9_720_000, 73)
    assert interest_won(6_000_000, 90, 90, (10_000,), (900,), 1) == 133_150


@pytest.mark.parametrize(("days", "bps"), [(1, 540), (7, 540), (8, 770), (15, 770), (90, 850), (91, 910), (400, 910)])
def test_retroactive_interest_has_the_rate_of_all_days_held(days: int, bps: int) -> None:
    assert interest_won(10_000_000, days, days, DAYS, BPS, 1) == 10_000_000 * bps * days // 3_650_000


@given(st.integers(1, 50_000_000_000), st.integers(0, 400), st.integers(0, 400))
def test_stepwise_interest_adds_up_the_rate_of_each_day(principal: int, charged: int, before: int) -> None:
    total = before + charged
    rates = [
        next(bps for days, bps in zip(DAYS, BPS, strict=True) if day <= days) for day in range(before + 1, total + 1)
    ]
    assert interest_won(principal, total, charged, DAYS, BPS, 0) == principal * sum(rates) // 3_650_000


@given(st.integers(0, 50_000_000_000), st.integers(0, 400), st.integers(0, 1))
def test_no_days_charged_costs_nothing(principal: int, total: int, retroactive: int) -> None:
    assert interest_won(principal, total, 0, DAYS, BPS, retroactive) == 0


@given(st.integers(1, 50_000_000_000), st.integers(1, 400))
def test_one_bracket_makes_both_methods_equal(principal: int, days: int) -> None:
    flat = interest_won(principal, days, days, (1_000_000,), (865,), 1)
    assert interest_won(principal, days, days, (1_000_000,), (865,), 0) == flat
