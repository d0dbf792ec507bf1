"""The regressions that experiments share: planted answers come back, and errors allow for neighbouring days."""

import numpy as np
import pytest
from hindcast.invented import drawn_close, following

from gaemi.errors import Refused
from gaemi.hindcast.lags import record_fits
from gaemi.hindcast.trial import (
    LAGS,
    lagged_returns,
    least_squares,
    mean_with_error,
    published_changes,
    spread_with_error,
)
from gaemi.law.lawbook import BEGINS


def drawn(size: int, seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed)).normal(size=size)


def test_a_planted_answer_comes_back_at_its_lag_and_nowhere_else() -> None:
    history = following(700, seed=1, weight=0.3, noise=0.001)
    fits = record_fits([history], BEGINS, history.days[-1])
    for fit in fits:
        for lag in range(LAGS):
            answer, error = fit.at(lag)
            assert abs(answer - (0.3 if lag == 2 else 0.0)) < 4 * error
            assert error < 0.02


def test_falls_alone_answer_where_only_falls_count() -> None:
    close = drawn_close(900, 3)
    returns = np.vstack([[0.0, 0.0], close[1:] / close[:-1] - 1.0])
    change = np.zeros(len(close))
    change[4:] = 0.5 * np.minimum(returns[:-4, 0], 0.0)
    fit = least_squares(lagged_returns(close, falls=True), change)
    assert fit.at(4)[0] == pytest.approx(0.5)
    assert fit.at(3)[0] == pytest.approx(0.0, abs=1e-9)
    assert fit.explained == pytest.approx(1.0)


def test_errors_are_those_of_plain_least_squares_where_days_are_independent() -> None:
    x = np.column_stack([np.ones(20_000), drawn(20_000, 1)])
    y = 2.0 + 0.5 * x[:, 1] + drawn(20_000, 2)
    fit = least_squares(x, y)
    assert fit.weight == pytest.approx([2.0, 0.5], abs=0.03)
    assert np.sqrt(np.diag(fit.cover)) == pytest.approx([1 / np.sqrt(20_000)] * 2, rel=0.1)


def test_errors_grow_where_neighbouring_days_hang_together() -> None:
    """A mean of five sessions says in each session what four others say, too."""
    steps = drawn(20_004, 5)
    joined = np.convolve(steps, np.ones(5) / 5, "valid")
    mean, error = mean_with_error(joined)
    assert error == pytest.approx(1 / np.sqrt(20_000), rel=0.25)
    assert error > 1.7 * joined.std() / np.sqrt(joined.size)
    assert abs(mean) < 4 * error


def test_spread_is_the_standard_deviation_and_unknown_days_are_left_out() -> None:
    values = drawn(5_000, 9)
    deviation, error = spread_with_error(np.concatenate([values, [np.nan] * 3]))
    assert deviation == pytest.approx(values.std())
    assert error == pytest.approx(1 / np.sqrt(2 * 5_000), rel=0.3)


def test_too_few_sessions_are_refused() -> None:
    with pytest.raises(Refused, match="29 sessions"):
        least_squares(lagged_returns(drawn_close(29 + LAGS, 0)), drawn(29 + LAGS, 1))


def test_changes_are_unknown_where_a_balance_is() -> None:
    settled = np.array([[100, 100], [110, -1], [121, 50]])
    assert published_changes(settled)[1:, 0].tolist() == pytest.approx([0.1, 0.1])
    assert np.isnan(published_changes(settled)[:, 1]).all()
