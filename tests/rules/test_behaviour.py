"""Behaviour's rules against what was published, and against sums by hand."""

from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules.behaviour import (
    deviation_of,
    distance_to_call,
    net_new_share,
    sale_share,
    sell_first_share,
    sold_share_of_unsettled,
)
from gaemi.rules.margin import is_under_maintenance

GAIN, LOSS = (0.41, 0.11), (0.22, 0.05)
"""Shares of new investors' positions sold on the first and on the tenth day after purchase, March to October 2020."""


@pytest.mark.parametrize("shares", [GAIN, LOSS])
def test_the_published_shares_stand_on_their_days(shares: tuple[float, float]) -> None:
    assert sale_share(*shares, 1, 1.0) == shares[0]
    assert isclose(sale_share(*shares, 10, 1.0), shares[1], rel_tol=1e-14)


@given(age=st.integers(1, 400), pace=st.floats(0.0, 3.0))
def test_old_loans_are_repaid_more_slowly_and_never_by_more_than_all(age: int, pace: float) -> None:
    assert 0.0 <= sale_share(*GAIN, age + 1, pace) <= sale_share(*GAIN, age, pace) <= 1.0


@given(age=st.integers(1, 400))
def test_gains_are_sold_faster_than_losses(age: int) -> None:
    assert sale_share(*GAIN, age, 1.0) > sale_share(*LOSS, age, 1.0)


@given(value=st.integers(1, 10**11), loan=st.integers(1, 10**11), maintenance=st.sampled_from([13_000, 14_000, 17_000]))
def test_a_distance_is_below_zero_where_the_pool_is_called(value: int, loan: int, maintenance: int) -> None:
    distance = distance_to_call(value, loan, maintenance, 0.02)
    if abs(distance) > 1e-9:
        assert (distance < 0.0) == is_under_maintenance(value, loan, maintenance)


def test_a_fall_of_the_distance_brings_the_pool_to_its_call() -> None:
    """166 % on a maintenance of 140 %: 16 % may be lost, which is eight sessions of 2 %."""
    assert isclose(distance_to_call(10_000_000, 6_000_000, 14_000, 0.02), 8.0)


def test_selling_first_rises_in_a_straight_line_and_not_beyond_the_call() -> None:
    found = [sell_first_share(distance, 3.0, 0.3) for distance in (4.0, 3.0, 2.0, 1.0, 0.0, -5.0)]
    assert found == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.3, 0.3])


def test_new_loans_chase_flee_and_buy_the_dip() -> None:
    """By hand: 0.5 x -0.04 + 0.2 x 0.1 - 5 x 0.04 ** 2 + 0.3 x 0.02."""
    found = net_new_share(
        chase_a_day=0.5, day=-0.04, chase_a_week=0.2, week=0.1, flee_the_fall=5.0, buy_the_dip=0.3, index=-0.02
    )
    assert isclose(found, -0.02 + 0.02 - 0.008 + 0.006)


def test_nobody_flees_a_rise() -> None:
    assert 0.0 == net_new_share(0.0, 0.04, 0.0, 0.0, 5.0, 0.0, 0.0)


def test_more_unsettled_purchases_are_sold_after_a_fall_but_never_more_than_all() -> None:
    assert isclose(sold_share_of_unsettled(0.06, 5.0, log(0.9)), 0.06 * 0.9**-5)
    assert 0.06 == sold_share_of_unsettled(0.06, 5.0, 0.0)
    assert 1.0 == sold_share_of_unsettled(0.5, 5.0, -1.0)


def test_deviations_of_independent_moves_add_in_squares() -> None:
    assert isclose(deviation_of(0.03, 0.04), 0.05)
