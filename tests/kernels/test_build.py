from collections import Counter

import numpy as np
import pytest

from gaemi.kernels import build as kernel
from gaemi.kernels import lots
from gaemi.people import quantiles

TABLES = np.stack((quantiles.wealth(0.25, 0.66), quantiles.lognormal(0.8), quantiles.lognormal(1.0)))


def test_median_of_a_log_normal_table_is_one() -> None:
    assert 1.0 == pytest.approx(kernel.quantile(TABLES, kernel.OF_SPLIT, 1 << 31), rel=1e-4)


def test_quantiles_fall_from_low_to_high_words() -> None:
    words = [0, 1, 10, 1_000, 10**6, 10**8, 1 << 31, (1 << 32) - 1]
    found = [kernel.quantile(TABLES, kernel.OF_WEALTH, word) for word in words]
    assert sorted(found, reverse=True) == found


def test_wealth_has_mean_one_and_the_published_top_shares() -> None:
    count = 1 << 17
    step = (1 << 32) // count
    wealth = np.array([kernel.quantile(TABLES, kernel.OF_WEALTH, step * i + step // 2) for i in range(count)])
    total = wealth.sum()
    assert 1.0 == pytest.approx(wealth.mean(), abs=0.03)
    assert 0.66 == pytest.approx(wealth[: wealth.size // 10].sum() / total, abs=0.02)
    assert 0.25 == pytest.approx(wealth[: wealth.size // 100].sum() / total, abs=0.03)


def test_exponent_of_the_tail_follows_from_the_top_shares() -> None:
    assert 1.72891906853411 == pytest.approx(quantiles.pareto_alpha(0.25, 0.66), rel=1e-12)


def test_alias_table_draws_with_the_odds_asked_for() -> None:
    odds, names = quantiles.stacked([quantiles.alias_table([7, 8, 9], [1.0, 2.0, 5.0])])
    count = 80_000
    drawn = Counter(kernel.pick(odds, names, 0, (1 << 32) * i // count) for i in range(count))
    assert {7: 10_000, 8: 20_000, 9: 50_000} == pytest.approx(dict(drawn), abs=3)


def test_a_second_slot_is_never_the_first() -> None:
    words = [(1 << 32) * i // 50 for i in range(50)]
    assert {2, 3, 5} == {lots.choose_slot(word, 2, 6, 4) for word in words}
    assert {-1} == {lots.choose_slot(word, 2, 3, 2) for word in words}


def test_rows_of_a_rising_table_are_found_by_their_first_number() -> None:
    table = np.array([[0, 1], [5, 2], [9, 3], [20, 0]], dtype=np.int64)
    assert [0, 0, 1, 1, 2, 2] == [kernel.find_range(table, n) for n in (0, 4, 5, 8, 9, 19)]
