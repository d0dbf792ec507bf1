"""Market models: known answers, what each kind takes from a sample, tables that hold, and fits that are refused."""

import sys
from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.market.garch import (
    QUANTILES,
    VARIATES,
    chi_table,
    copula_log_likelihood,
    fit_copula,
    fit_gjr,
    innovation_table,
    positive_definite,
)
from gaemi.market.joint import Joint, joint_returns
from gaemi.market.models import Model, assumed, fit, mean_errors, politis_white
from gaemi.sources.prices import read_prices

UNTIL = date(2025, 10, 31)
CLOSED_FORM = 1e-10
LIKELIHOOD = 1e-3


def sample(returns: np.ndarray, run_end: np.ndarray | None = None) -> Joint:
    count, drivers = returns.shape
    days = np.datetime64("2010-01-04") + np.arange(count)
    names = ("AAA", "BBB", "CCC", "DDD")[:drivers]
    ends = np.full(count, count) if run_end is None else run_end
    return Joint(names, days, returns, ends, 250.0, names)


def drawn(count: int, correlation: float = 0.5, seed: int = 1) -> np.ndarray:
    """float64 [count, 2]: normal returns of deviations 1 and 2 %."""
    luck = np.random.default_rng(seed).standard_normal((count, 2))
    luck[:, 1] = correlation * luck[:, 0] + np.sqrt(1 - correlation**2) * luck[:, 1]
    return luck * [0.01, 0.02] + [0.0003, -0.0001]


@pytest.fixture(scope="module")
def index() -> np.ndarray:
    """Simple daily returns of the S&P 500, 1999-01-04 to 2018-12-31, as arch ships it: float64 [5030]."""
    from arch.data import sp500

    returns = sp500.load()["Adj Close"].pct_change().dropna().to_numpy()
    assert 5030 == len(returns)
    return np.asarray(returns)


def test_o58_the_sample_of_the_known_answers_is_the_published_one(index: np.ndarray) -> None:
    model = fit("history", sample(index[:, None]))
    rows = model.rows[:, 0] / model.deviation[0]
    size = np.abs(index) - np.abs(index).mean()
    echo = [float((size[lag:] * size[:-lag]).sum() / (size**2).sum()) for lag in (1, 50)]
    found = [100 * model.deviation[0], (rows**3).mean(), (rows**4).mean(), *echo]
    expected = [1.202954370466, -0.020482927650, 11.336117913792, 0.242869318295, 0.168755273328]
    assert expected == pytest.approx(found, rel=CLOSED_FORM)


def test_o59_likelihoods_of_the_two_fits(index: np.ndarray) -> None:
    normal, t = fit_gjr("SPX", index, "normal"), fit_gjr("SPX", index)
    assert -6822.882823 == pytest.approx(normal.log_likelihood, abs=LIKELIHOOD)
    assert -6744.431388 == pytest.approx(t.log_likelihood, abs=LIKELIHOOD)
    assert 7.6907 == pytest.approx(t.degrees, abs=LIKELIHOOD)


def test_o60_block_lengths(index: np.ndarray) -> None:
    from arch.bootstrap import optimal_block_length

    assert 9.0852387595 == pytest.approx(politis_white(index), rel=CLOSED_FORM)
    assert 136.2106403178 == pytest.approx(politis_white(index**2), rel=CLOSED_FORM)
    circular = float(optimal_block_length(index)["circular"].iloc[0])
    assert 10.4000022050 == pytest.approx(circular, rel=CLOSED_FORM)


def test_the_block_is_the_longest_over_drivers_and_squares(index: np.ndarray) -> None:
    still = drawn(5030)[:, :1]
    model = fit("history", sample(np.column_stack((still, index))))
    assert politis_white(still) < politis_white(index) < politis_white(index**2) == model.block_length


def test_gbm_takes_means_deviations_and_correlation() -> None:
    returns = drawn(300)
    joint = sample(returns)
    model = fit("gbm", joint)
    assert ("gbm", ("AAA", "BBB"), 300, 250.0) == (model.kind, model.names, model.sessions, model.sessions_a_year)
    assert (date(2010, 1, 4), joint.dates[-1].astype(object)) == (model.first, model.last)
    assert returns.mean(axis=0).tolist() == model.mean.tolist()
    assert returns.std(axis=0).tolist() == model.deviation.tolist()
    assert np.corrcoef(returns.T)[0, 1] == model.correlation[0, 1]
    assert (model.deviation**2 / 2).tolist() == model.drift_shift.tolist()
    empty = (model.rows, model.run_end, model.garch, model.innovation_table, model.chi_table)
    assert [(0, 2), (0,), (0, 5), (0, 0), (0,)] == [array.shape for array in empty]


def test_history_keeps_rows_around_their_mean_and_where_stretches_end() -> None:
    ends = np.repeat([100, 300], [100, 200])
    model = fit("history", sample(drawn(300), ends))
    assert ends.tolist() == model.run_end.tolist()
    assert [0.0, 0.0] == pytest.approx(model.rows.mean(axis=0).tolist(), abs=1e-15)
    growth = np.exp(model.rows - model.drift_shift).mean(axis=0)
    assert [1.0, 1.0] == pytest.approx(growth.tolist(), abs=1e-14)
    assert model.block_length >= 1


def test_the_error_of_the_mean_allows_for_returns_that_follow_one_another() -> None:
    """Slow and plain: every pair of days within the lags, weighted by how near they are."""
    returns = drawn(150)[:, 0]
    returns = returns + 0.4 * np.roll(returns, 1)
    away, lags = returns - returns.mean(), 4
    pairs = [(s, t) for s in range(150) for t in range(150) if abs(s - t) <= lags]
    total = sum((1 - abs(s - t) / (lags + 1)) * away[s] * away[t] for s, t in pairs)
    assert np.sqrt(total) / 150 == pytest.approx(mean_errors(returns[:, None])[0], rel=1e-12)
    assert mean_errors(returns[:, None])[0] > returns.std() / np.sqrt(150)


def test_assumed_is_a_gbm_without_a_history() -> None:
    model = assumed(("AAA", "BBB"), [0.01, 0.02], np.array([[1, 0.3], [0.3, 1]]), 246.0, [1e-4, 0], [2e-4, 3e-4])
    assert ("gbm", None, None, 0, ()) == (model.kind, model.first, model.last, model.sessions, model.notes)
    assert [5e-5, 2e-4] == pytest.approx(model.drift_shift.tolist(), rel=1e-15)
    assert [1e-4, 0] == model.mean.tolist()


def test_correlations_that_contradict_one_another_are_moved_and_it_is_said() -> None:
    matrix = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    model = assumed(("AAA", "BBB", "CCC"), [0.01] * 3, matrix, 246.0, [0] * 3, [0] * 3)
    np.linalg.cholesky(model.correlation)
    assert [1.0] * 3 == np.diag(model.correlation).tolist()
    assert 1 == len(model.notes)
    assert "were moved by at most" in model.notes[0]


def test_two_names_that_move_as_one_can_still_be_drawn() -> None:
    one = drawn(300)[:, :1]
    model = fit("gbm", sample(np.hstack((one, one))))
    np.linalg.cholesky(model.correlation)
    assert model.correlation[0, 1] > 0.9999


@pytest.mark.parametrize(("kind", "fewest"), [("gbm", 60), ("history", 250), ("garch", 500)])
def test_a_history_that_is_too_short_is_refused(kind: str, fewest: int) -> None:
    with pytest.raises(
        Refused, match=rf"{kind} needs at least {fewest}, was {fewest - 1} days on which all of AAA, BBB"
    ):
        fit(kind, sample(drawn(fewest - 1)))
    assert kind == fit(kind, sample(gjr_returns(fewest, 2)[:, None])).kind


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused, match="must be gbm, history or garch, was 'garhc'; did you mean 'garch'"):
        fit("garhc", sample(drawn(600)))


@pytest.mark.parametrize("package", ["arch", "scipy"])
def test_without_the_extra_packages_only_gbm_is_fitted(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for kind in ("history", "garch"):
        with pytest.raises(Refused, match=rf"needs the extra packages arch and scipy, was {kind}; pip install"):
            fit(kind, sample(drawn(600)))
    assert "gbm" == fit("gbm", sample(drawn(600))).kind


def gjr_returns(count: int, seed: int) -> np.ndarray:
    """float64 [count]: a simulated GJR with t(6) innovations, persistence 0.95, long-run deviation 1.5 %."""
    luck = np.random.default_rng(seed).standard_t(6, count) * np.sqrt(4 / 6)
    variance, returns = 0.015**2, np.zeros(count)
    for t in range(count):
        returns[t] = np.sqrt(variance) * luck[t]
        variance = 0.05 * 0.015**2 + (0.04 + 0.12 * (luck[t] < 0)) * returns[t] ** 2 + 0.85 * variance
    return returns


def test_a_fit_finds_the_law_that_made_the_returns() -> None:
    found = fit_gjr("AAA", gjr_returns(6000, 4))
    assert 0.95 == pytest.approx(found.persistence, abs=0.03)
    assert 0.015 == pytest.approx(found.long_run_variance**0.5, rel=0.1)
    assert 6 == pytest.approx(found.degrees, rel=0.2)
    assert found.gamma > found.alpha


def test_the_first_session_to_come_follows_from_the_last_one() -> None:
    """The fit's own forecast is made by another route, in per cent."""
    from arch.univariate import arch_model

    returns = gjr_returns(800, 5)
    model = arch_model(100 * returns, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    forecast = model.fit(disp="off").forecast(horizon=1).variance.to_numpy()[-1, 0]
    assert forecast / 1e4 == pytest.approx(fit_gjr("AAA", returns).next_variance, rel=1e-12)


def test_garch_of_two_drivers_fills_its_tables() -> None:
    returns = np.column_stack((gjr_returns(900, 6), gjr_returns(900, 7)))
    model = fit("garch", sample(returns, np.repeat([400, 900], [400, 500])))
    assert [(2, 5), (2, 2049), (1025,)] == [
        table.shape for table in (model.garch, model.innovation_table, model.chi_table)
    ]
    omega, alpha, gamma, beta, _ = model.garch.T
    assert (omega / (1 - alpha - gamma / 2 - beta) / 2).tolist() == pytest.approx(model.drift_shift.tolist(), rel=1e-12)
    assert (0, (0, 2)) == (model.block_length, model.rows.shape)
    assert any("with 1 gaps taken out" in note for note in model.notes), model.notes
    np.linalg.cholesky(model.correlation)


def test_the_same_returns_give_the_same_model_to_the_bit() -> None:
    joint = sample(np.column_stack((gjr_returns(600, 8), gjr_returns(600, 9))))
    for kind in ("gbm", "history", "garch"):
        one, two = fit(kind, joint), fit(kind, joint)
        for field in fields(Model):
            a, b = getattr(one, field.name), getattr(two, field.name)
            assert a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("copula", [2.5, 4.0, 9.0, 30.0, 100.0])
@pytest.mark.parametrize("own", [2.2, 3.5, 7.0, 60.0])
def test_a_table_of_innovations_never_falls_and_has_mean_0_and_variance_1(own: float, copula: float) -> None:
    row = innovation_table([own], copula)[0]
    assert (np.diff(row) >= 0).all()
    assert row.tolist() == (-row[::-1]).tolist()
    x = np.linspace(-12, 12, 400_001)
    density = stats.t.pdf(x, copula)
    inside = np.trapezoid(np.interp(x, VARIATES, row) ** 2 * density, x)
    beyond = 2 * stats.t.cdf(-12, copula) * row[0] ** 2
    assert 1.0 == pytest.approx(inside + beyond, abs=1e-3)
    assert 0.0 == pytest.approx(np.trapezoid(np.interp(x, VARIATES, row) * density, x), abs=1e-3)


def test_a_table_of_innovations_gives_the_quantiles_of_the_drivers_own_t() -> None:
    row = innovation_table([5.0], 8.0)[0]
    chance = np.array([0.0001, 0.01, 0.3, 0.5, 0.9, 0.999])
    expected = stats.t.ppf(chance, 5) * np.sqrt(3 / 5)
    assert expected == pytest.approx(np.interp(stats.t.ppf(chance, 8), VARIATES, row), rel=2e-3, abs=1e-12)


@pytest.mark.parametrize("degrees", [2.5, 5.0, 30.0])
def test_a_normal_times_the_shared_tail_is_a_t(degrees: float) -> None:
    table = chi_table(degrees)
    assert (np.diff(table) < 0).all()
    shared = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    tail = np.interp(shared, QUANTILES, table)
    for x in (-8.0, -2.0, -0.5, 0.0, 1.0, 5.0):
        assert stats.t.cdf(x, degrees) == pytest.approx(stats.norm.cdf(x / tail).mean(), abs=1e-5)


def test_the_likelihood_of_the_copula_is_that_of_the_t_over_its_margins() -> None:
    matrix = np.array([[1, 0.6, 0.1], [0.6, 1, -0.2], [0.1, -0.2, 1]])
    ranks = np.random.default_rng(2).uniform(size=(50, 3))
    x = stats.t.ppf(ranks, 4.5)
    expected = stats.multivariate_t(shape=matrix, df=4.5).logpdf(x).sum() - stats.t.logpdf(x, 4.5).sum()
    assert expected == pytest.approx(copula_log_likelihood(ranks, matrix, 4.5), rel=CLOSED_FORM)


def test_the_copula_that_made_the_innovations_is_found_whatever_their_margins() -> None:
    luck = np.random.default_rng(3)
    normal = luck.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 30_000)
    innovations = normal / np.sqrt(luck.chisquare(5, (30_000, 1)) / 5)
    found = fit_copula(np.column_stack((innovations[:, 0], innovations[:, 1] ** 3)))
    assert 0.6 == pytest.approx(found.correlation[0, 1], abs=0.03)
    assert 5.0 == pytest.approx(found.degrees, rel=0.2)


def test_one_driver_has_nobody_to_hang_together_with() -> None:
    alone = fit_copula(gjr_returns(600, 1)[:, None])
    assert ([[1.0]], 30.0) == (alone.correlation.tolist(), alone.degrees)


def test_a_matrix_that_is_positive_definite_stays_as_it_is() -> None:
    matrix = np.array([[1, 0.3], [0.3, 1]])
    kept, moved = positive_definite(matrix)
    assert (matrix.tolist(), False) == (kept.tolist(), moved)


def test_a_variance_that_never_returns_is_refused() -> None:
    rising = np.random.default_rng(1).standard_normal(1500) * np.geomspace(0.0005, 0.05, 1500)
    with pytest.raises(Refused, match=r"--model: the variance of a garch must return .*, was AAA: 1\.0"):
        fit("garch", sample(rising[:, None]))


def test_a_search_that_does_not_converge_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from arch.univariate.base import ARCHModelResult

    monkeypatch.setattr(ARCHModelResult, "convergence_flag", property(lambda self: 9))
    with pytest.raises(
        Refused, match="--model: the fit of a garch must converge, was AAA: the search stopped with code 9"
    ):
        fit("garch", sample(gjr_returns(600, 2)[:, None]))


def test_recorded_names_are_fitted_by_every_kind(shared_data: Path) -> None:
    joint = joint_returns(read_prices(shared_data), ["005930", "TSLA", "USDKRW"], UNTIL, 10)
    models = [fit(kind, joint) for kind in ("gbm", "history", "garch")]
    assert [("005930", "TSLA", "USDKRW")] * 3 == [model.names for model in models]
    for model in models:
        assert (date(2015, 11, 2), UNTIL) == (model.first, model.last)
        assert [True, True, True] == ((0.003 < model.deviation) & (model.deviation < 0.05)).tolist()
        # Half the variance is all but a sliver of it in the sample; a garch's long run may lie further off.
        assert [1.0] * 3 == pytest.approx((2 * model.drift_shift / model.deviation**2).tolist(), rel=0.5)


@pytest.mark.parametrize("since", [date(2015, 6, 15), date(2025, 10, 31)])
@pytest.mark.parametrize("name", ["KOSPI", "KOSDAQ"])
def test_the_drifts_of_the_law_are_those_of_the_record(name: str, since: date, shared_data: Path) -> None:
    model = fit("gbm", joint_returns(read_prices(shared_data / "kr_index_daily.csv"), [name], since))
    a_year = model.sessions_a_year * 10_000
    book = load()
    assert book.value("odds.drift", since, name) == round(float(model.mean[0]) * a_year)
    assert book.value("odds.drift_error", since, name) == round(float(model.mean_error[0]) * a_year)
    low, high = book.parameter("odds.drift").entry(since).range_of(name)
    middle, error = book.value("odds.drift", since, name), book.value("odds.drift_error", since, name)
    assert (middle - 2 * error, middle + 2 * error) == pytest.approx((low, high), abs=1)
