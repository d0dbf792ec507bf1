"""Loans of a rebuilt state: bands and ages are chosen with the odds of their won."""

from collections import Counter

import numpy as np
import pytest

from gaemi.kernels import lend

WORDS = 1 << 32


def cohorts() -> lend.LoanCohorts:
    """Bands 120-140 % and 140-200 %; market 1 has no loan in the first."""
    return lend.LoanCohorts(
        market=np.array([0, 1, -1]),
        ratio_low_bps=np.array([12_000, 14_000]),
        ratio_high_bps=np.array([14_000, 20_000]),
        band_from=np.array([[0, WORDS // 4], [0, 0], [0, WORDS // 2]]),
        first_cell=np.array([[0, 2, 3, 6], [6, 6, 7, 8]]),
        cell_from=np.array([0, WORDS // 10, 0, 0, WORDS // 2, WORDS // 2, 0, 0]),
        age_low=np.array([0, 5, 7, 0, 5, 7, 20, 20]),
        age_high=np.array([5, 6, 9, 5, 6, 9, 30, 30]),
        traded=np.arange(1_000, 970, -1),
    )


@pytest.mark.parametrize(
    ("word", "row"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 3), (99, 3)], ids=lambda value: str(value)
)
def test_a_row_without_odds_is_never_chosen(word: int, row: int) -> None:
    assert row == lend.chosen_by(word, np.array([0, 10, 20, 20, 100]), 0, 5)


def test_only_the_rows_between_the_bounds_are_looked_at() -> None:
    start = np.array([0, 50, 0, 30, 60])
    assert [2, 3, 4, 4] == [lend.chosen_by(word, start, 2, 5) for word in (29, 30, 60, 99)]


def test_ages_are_chosen_by_won_and_are_even_inside_a_cohort() -> None:
    step = WORDS // 1_000
    ages = Counter(lend.age_of_loan(cohorts(), 0, 0, step * i, step * 10 * (i * 37 % 100)) for i in range(1_000))
    assert 900 == pytest.approx(ages[5], abs=1)
    assert {0: 20, 1: 20, 2: 20, 3: 20, 4: 20} == pytest.approx({age: ages[age] for age in range(5)}, abs=2)


def test_the_oldest_age_is_below_the_upper_bound() -> None:
    assert 8 == lend.age_of_loan(cohorts(), 0, 1, WORDS - 1, WORDS - 1)


def test_a_band_without_a_loan_of_the_market_takes_the_ages_of_the_whole_market() -> None:
    assert {20, 29} == {lend.age_of_loan(cohorts(), 1, 0, 5, luck) for luck in (0, WORDS - 1)}


def lending() -> lend.Lending:
    none = np.zeros(0, dtype=np.int64)
    return lend.Lending(
        3, 1_000, none, none, 7_000, none, 180, 0.35, 0.65, 5_000, 0.3, 0, 4.0, 4_000, none, none, cohorts()
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "low"), [(0, 0.25), (1, 0.0), (2, 0.5)])
def test_pools_stand_in_a_band_with_its_odds_and_evenly_inside(kind: int, low: float) -> None:
    found = [lend.pool_band(lending(), kind, number) for number in range(4_000)]
    assert low == pytest.approx(sum(band == 0 for band, _ in found) / 4_000, abs=0.03)
    bounds = [(1.2, 1.4), (1.4, 2.0)]
    assert all(bounds[band][0] < ratio < bounds[band][1] for band, ratio in found)
    upper = [ratio for band, ratio in found if band == 1]
    assert 1.7 == pytest.approx(np.mean(upper), abs=0.02)


def test_one_account_has_one_luck_whatever_it_finances() -> None:
    """Its word is the same for every kind of pool: what is in the upper band for both is so for one market alone."""
    both = [number for number in range(500) if lend.pool_band(lending(), 2, number)[0] == 1]
    assert both
    assert {1} == {lend.pool_band(lending(), 0, number)[0] for number in both}
