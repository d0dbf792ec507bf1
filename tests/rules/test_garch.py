from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gaemi.rules import garch

OMEGAS, ALPHAS, GAMMAS, BETAS = st.floats(0.001, 1.0), st.floats(0.0, 0.2), st.floats(0.0, 0.2), st.floats(0.0, 0.95)
KURTOSES = st.floats(3.0, 9.0)


@given(st.floats(0.01, 10.0), st.floats(0.0, 5.0), OMEGAS, ALPHAS, GAMMAS, BETAS)
def test_a_fall_counts_more_than_a_rise_by_gamma(
    variance: float, size: float, omega: float, alpha: float, gamma: float, beta: float
) -> None:
    rise = garch.next_variance(variance, size, omega, alpha, gamma, beta)
    fall = garch.next_variance(variance, -size, omega, alpha, gamma, beta)
    assert rise >= omega
    assert fall - rise == pytest.approx(gamma * size * size, rel=1e-9, abs=1e-12)


@given(st.floats(0.01, 10.0), OMEGAS, ALPHAS, GAMMAS, BETAS)
def test_the_mean_step_goes_to_the_long_run_by_the_persistence(
    variance: float, omega: float, alpha: float, gamma: float, beta: float
) -> None:
    """A shock that is up or down by one deviation has the first two moments of any symmetric innovation."""
    stays = garch.persistence(alpha, gamma, beta)
    assume(stays < 0.999)
    deviation = variance**0.5
    mean = sum(garch.next_variance(variance, side * deviation, omega, alpha, gamma, beta) for side in (-1, 1)) / 2.0
    settled = garch.long_run_variance(omega, alpha, gamma, beta)
    assert mean - settled == pytest.approx(stays * (variance - settled), rel=1e-8, abs=1e-9)


@given(ALPHAS, GAMMAS, BETAS, KURTOSES)
def test_shocks_are_never_tamer_than_innovations_and_squares_fade_by_the_persistence(
    alpha: float, gamma: float, beta: float, innovations: float
) -> None:
    terms = (alpha, gamma, beta, innovations)
    assume(garch.kurtosis(*terms) < inf)
    assert garch.kurtosis(*terms) >= innovations * (1.0 - 1e-12)
    first, second = (garch.autocorrelation_of_squares(*terms, lag) for lag in (1, 2))
    assert -1e-12 <= first <= 1.0
    assert second == pytest.approx(first * garch.persistence(alpha, gamma, beta), rel=1e-12, abs=1e-15)


@given(st.floats(0.0, 0.15), st.floats(0.0, 0.8))
def test_without_asymmetry_and_with_normal_innovations_it_is_bollerslevs_formula(alpha: float, beta: float) -> None:
    below = 1.0 - 2.0 * alpha * beta - beta * beta
    assume(below - 2.0 * alpha * alpha > 1e-3)
    stays = alpha + beta
    kurtosis = 3.0 * (1.0 - stays * stays) / (1.0 - stays * stays - 2.0 * alpha * alpha)
    assert garch.kurtosis(alpha, 0.0, beta, 3.0) == pytest.approx(kurtosis, rel=1e-10)
    assert garch.autocorrelation_of_squares(alpha, 0.0, beta, 3.0, 1) == (
        pytest.approx(alpha * (1.0 - alpha * beta - beta * beta) / below, rel=1e-9, abs=1e-12)
    )


def test_variance_without_memory_is_as_tame_as_its_innovations() -> None:
    assert garch.kurtosis(0.0, 0.0, 0.0, 3.0) == 3.0
    assert garch.autocorrelation_of_squares(0.0, 0.0, 0.0, 3.0, 1) == 0.0
    assert garch.long_run_variance(0.5, 0.0, 0.0, 0.0) == 0.5


def test_what_never_settles_has_no_long_run() -> None:
    assert garch.long_run_variance(0.02, 0.05, 0.10, 0.90) == inf
    assert garch.kurtosis(0.05, 0.10, 0.90, 3.0) == inf
    assert garch.kurtosis(0.30, 0.0, 0.65, 3.0) == inf
    assert garch.autocorrelation_of_squares(0.30, 0.0, 0.65, 3.0, 1) == pytest.approx(0.30 + 0.65 / 3.0, rel=1e-15)


def test_a_long_asymmetric_history_shows_the_moments() -> None:
    """Innovations of two values have a kurtosis of 1, so that a history of a million days errs little."""
    terms = {"omega": 0.2, "alpha": 0.1, "gamma": 0.4, "beta": 0.3}
    falls = np.random.Generator(np.random.Philox(3)).random(1_000_000) < 0.5
    variance, squares = 0.4, np.empty(len(falls))
    for day, fall in enumerate(falls.tolist()):
        squares[day] = variance
        variance = garch.next_variance(variance, (-1.0 if fall else 1.0) * variance**0.5, **terms)
    away = squares - squares.mean()
    shape = (terms["alpha"], terms["gamma"], terms["beta"], 1.0)
    assert squares.mean() == pytest.approx(garch.long_run_variance(**terms), rel=5e-3)
    assert (squares**2).mean() / squares.mean() ** 2 == pytest.approx(garch.kurtosis(*shape), rel=2e-2)
    assert (away[1:] * away[:-1]).mean() / away.var() == (
        pytest.approx(garch.autocorrelation_of_squares(*shape, 1), rel=2e-2)
    )
