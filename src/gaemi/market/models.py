"""Market models for odds: what prices may do from tomorrow on, fitted on a history or assumed.

Three kinds. ``gbm``: normal returns of constant deviation and correlation, for which closed forms exist. ``history``:
blocks of joint daily returns as they were recorded. ``garch``: volatility that clusters, with tails that hang together
(:mod:`gaemi.market.garch`). All describe joint daily log returns around their mean: how much prices drift is put in by
whoever makes the paths, because it matters most and is known least.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec

import numpy as np

from gaemi.errors import closest, refuse
from gaemi.market.garch import (
    DEGREES_ALONE,
    DEGREES_OF_COPULA,
    RAREST,
    Gjr,
    chi_table,
    fit_copula,
    fit_gjr,
    innovation_table,
    positive_definite,
)
from gaemi.market.joint import Joint
from gaemi.sources.tables import as_date

FEWEST_RETURNS = {"gbm": 60, "history": 250, "garch": 500}
"""Common returns that each kind must have to be fitted: a quarter, a year, two years."""

FAR_FROM_SAMPLE = 1.25
"""A long-run deviation this many times the sample's, or less than the inverse of it, is said to be far from it."""


@dataclass(frozen=True, slots=True)
class Model:
    """Joint daily log returns of ``d`` drivers around their mean.

    A path's log drift a session for an arithmetic rate r a year is r / sessions_a_year - drift_shift. The fields that
    only one kind has are empty (shape with a 0, or 0) in the others.
    """

    kind: str  # gbm, history or garch
    names: tuple[str, ...]
    deviation: np.ndarray  # float64 [d]: standard deviation of daily log returns of the sample
    correlation: np.ndarray  # float64 [d, d]: of the returns; garch: of the copula
    mean: np.ndarray  # float64 [d]: mean daily log return of the sample
    mean_error: np.ndarray  # float64 [d]: its standard error
    first: date | None
    last: date | None
    sessions: int
    sessions_a_year: float
    rows: np.ndarray  # history: float64 [n, d], log returns less their mean
    run_end: np.ndarray  # history: int64 [n], one past the last row of the unbroken stretch
    block_length: float  # history: mean block of the stationary bootstrap, sessions
    garch: np.ndarray  # garch: float64 [d, 5]: omega, alpha, gamma, beta, variance of the first session to come
    copula_degrees: float  # garch
    innovation_table: np.ndarray  # garch: float64 [d, 2049] at t-copula variates from -12 to 12
    chi_table: np.ndarray  # garch: float64 [1025] at normal quantiles from -6 to 6
    drift_shift: np.ndarray  # float64 [d]: log of the mean of exp(mean-zero daily log return)
    notes: tuple[str, ...]


def fit(kind: str, joint: Joint) -> Model:
    """The model of a kind fitted on joint returns; the same returns give the same model.

    Raises :class:`gaemi.errors.Refused` for an unknown kind, a package that is not installed, too few common returns,
    and a fit that fails (see :func:`gaemi.market.garch.fit_gjr`).
    """
    if kind not in FEWEST_RETURNS:
        raise refuse("--model", f"'{kind}'", "must be gbm, history or garch", closest(kind, FEWEST_RETURNS))
    count = len(joint.returns)
    if count < FEWEST_RETURNS[kind]:
        found = f"{count} days on which all of {', '.join(joint.names)} have a return"
        allowed = f"{kind} needs at least {FEWEST_RETURNS[kind]}"
        raise refuse("--model", found, allowed, "give a longer history, or another model")
    if kind != "gbm":
        _refuse_without_packages(kind)
    plain = _plain(joint)
    if kind == "history":
        return _with_history(plain, joint)
    return _with_garch(plain, joint) if kind == "garch" else plain


def assumed(
    names: Sequence[str],
    deviation: Sequence[float] | np.ndarray,
    correlation: np.ndarray,
    sessions_a_year: float,
    mean: Sequence[float] | np.ndarray,
    mean_error: Sequence[float] | np.ndarray,
) -> Model:
    """A gbm from figures that somebody gives, without a history.

    Correlations that were put together pair by pair may contradict one another: the matrix is then moved to a positive
    definite one, and a note says so.
    """
    given = np.asarray(correlation, dtype=np.float64)
    assert given.shape == (len(names), len(names)), f"correlation must be [{len(names)}] squared, was {given.shape}"
    matrix, moved = positive_definite(given)
    notes: tuple[str, ...] = ()
    if moved:
        change = float(np.abs(matrix - given).max())
        notes = (f"the correlations contradict one another and were moved by at most {change:.3f}",)
    return _gbm(tuple(names), np.asarray(deviation, float), matrix, sessions_a_year, (mean, mean_error), notes)


def mean_errors(returns: np.ndarray) -> np.ndarray:
    """float64 [d]: standard errors of the means of float64 [n, d], with Newey and West's weights.

    Returns of indices follow one another a little, above all where names trade late; errors that take them for
    independent would then be too small. Lags: 4 (n / 100)^(2/9), rounded down. The few pairs across a gap stay in.

    Source: Newey and West (1987), Econometrica 55, equation 5; (1994), Review of Economic Studies 61, the lags.
    """
    count = len(returns)
    lags = int(4 * (count / 100) ** (2 / 9))
    away = returns - returns.mean(axis=0)
    total = (away**2).sum(axis=0)
    for lag in range(1, lags + 1):
        total = total + 2 * (1 - lag / (lags + 1)) * (away[lag:] * away[:-lag]).sum(axis=0)
    result: np.ndarray = np.sqrt(total) / count
    return result


def politis_white(values: np.ndarray) -> float:
    """The best mean block, in sessions, of a stationary bootstrap of one series, float64 [n].

    Source: Politis and White (2004), Econometric Reviews 23, with the correction of Patton, Politis and White (2009),
    Econometric Reviews 28; computed by arch.
    """
    from arch.bootstrap import optimal_block_length

    return float(optimal_block_length(values)["stationary"].iloc[0])


def _refuse_without_packages(kind: str) -> None:
    if find_spec("arch") is None or find_spec("scipy") is None:
        raise refuse("--model", kind, "needs the extra packages arch and scipy", "pip install 'gaemi[models]'")


def _gbm(
    names: tuple[str, ...],
    deviation: np.ndarray,
    correlation: np.ndarray,
    sessions_a_year: float,
    mean_and_error: tuple[Sequence[float] | np.ndarray, Sequence[float] | np.ndarray],
    notes: tuple[str, ...],
) -> Model:
    mean, error = (np.asarray(values, dtype=np.float64) for values in mean_and_error)
    return Model(
        kind="gbm",
        names=names,
        deviation=deviation,
        correlation=correlation,
        mean=mean,
        mean_error=error,
        first=None,
        last=None,
        sessions=0,
        sessions_a_year=float(sessions_a_year),
        rows=np.zeros((0, len(names))),
        run_end=np.zeros(0, dtype=np.int64),
        block_length=0.0,
        garch=np.zeros((0, 5)),
        copula_degrees=0.0,
        innovation_table=np.zeros((0, 0)),
        chi_table=np.zeros(0),
        drift_shift=deviation**2 / 2,
        notes=notes,
    )


def _plain(joint: Joint) -> Model:
    """The gbm of a sample, and what every kind takes from the sample: means, errors, deviations."""
    deviation = joint.returns.std(axis=0)
    correlation, moved = positive_definite(np.corrcoef(joint.returns, rowvar=False).reshape(2 * (len(deviation),)))
    notes = (*joint.notes, "standard errors of the mean allow for returns that follow one another (Newey and West)")
    if moved:
        notes += ("two names moved almost as one: the correlations are moved so that they remain apart",)
    means = (joint.returns.mean(axis=0), mean_errors(joint.returns))
    model = _gbm(joint.names, deviation, correlation, joint.sessions_a_year, means, notes)
    first, last = as_date(joint.dates[0]), as_date(joint.dates[-1])
    return replace(model, first=first, last=last, sessions=len(joint.returns))


def _with_history(plain: Model, joint: Joint) -> Model:
    """Rows to draw blocks from; the block is the longest that any driver's returns or squared returns ask for."""
    lengths = [politis_white(power) for column in joint.returns.T for power in (column, column**2)]
    block = max(1.0, *lengths)
    assert np.isfinite(block), f"a block has a length, was {lengths}"
    rows = joint.returns - plain.mean
    note = (
        f"blocks of {block:.1f} sessions on average (Politis and White: the longest over the drivers' returns and "
        "squared returns, so that spells of unrest stay whole)"
    )
    return replace(
        plain,
        kind="history",
        rows=rows,
        run_end=joint.run_end,
        block_length=block,
        drift_shift=np.log(np.exp(rows).mean(axis=0)),
        notes=(*plain.notes, note),
    )


def _with_garch(plain: Model, joint: Joint) -> Model:
    """Volatility by driver on all common returns, gaps taken out, and the copula of their innovations."""
    fits = [fit_gjr(name, column) for name, column in zip(joint.names, joint.returns.T, strict=True)]
    dependence = fit_copula(np.column_stack([one.innovations for one in fits]))
    return replace(
        plain,
        kind="garch",
        correlation=dependence.correlation,
        garch=np.array([one.row for one in fits]),
        copula_degrees=dependence.degrees,
        innovation_table=innovation_table([one.degrees for one in fits], dependence.degrees),
        chi_table=chi_table(dependence.degrees),
        drift_shift=np.array([one.long_run_variance / 2 for one in fits]),
        notes=(*plain.notes, *_garch_notes(plain, joint, fits, dependence.degrees)),
    )


def _garch_notes(plain: Model, joint: Joint, fits: Sequence[Gjr], degrees: float) -> tuple[str, ...]:
    notes = []
    for name, sample, one in zip(joint.names, plain.deviation, fits, strict=True):
        notes.append(
            f"{name}: persistence {one.persistence:.4f}, t with {one.degrees:.1f} degrees; deviation a session "
            f"{one.long_run_variance**0.5:.2%} in the long run ({sample:.2%} in the sample), "
            f"{one.next_variance**0.5:.2%} on the first session to come"
        )
        ratio = one.long_run_variance**0.5 / sample
        if not 1 / FAR_FROM_SAMPLE <= ratio <= FAR_FROM_SAMPLE:
            high = "higher" if ratio > 1 else "lower"
            notes.append(f"{name}: odds far ahead rest on a deviation much {high} than the one that was recorded")
    gaps = len(np.unique(joint.run_end)) - 1
    if gaps:
        notes.append(f"fitted on all common returns with {gaps} gaps taken out: the variance runs on across them")
    if len(fits) == 1:
        notes.append(f"one driver: the copula has nothing to tie, {DEGREES_ALONE:.0f} degrees only carry the tail")
    elif degrees > 0.99 * DEGREES_OF_COPULA[1]:
        notes.append("no sign that the drivers crash together more than a normal copula has it")
    notes.append(
        f"tails of the innovations are cut where one session in {1 / RAREST:,.0f} lies beyond, since a t has no mean "
        "of its exponential; the drift is centred on half the long-run variance, which leaves out that tail"
    )
    return tuple(notes)
