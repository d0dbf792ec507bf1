"""Trials: what an experiment is made with, and the regressions of published changes on returns that experiments share.

A published balance answers returns over a week, so neighbouring days are no two witnesses; every error here allows for
that (Newey and West).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.errors import refuse
from gaemi.law.lawbook import LawBook
from gaemi.sources.balances import BalanceHistory
from gaemi.sources.history import CreditHistory, credit_history
from gaemi.sources.prices import PriceHistory
from gaemi.spin import Member, Setting, begin, known_at, setting_of
from gaemi.workers import LocalWorkers, Progress

MARKETS = ("KOSPI", "KOSDAQ")
LAGS = 7
"""Lags 0 to 6 in sessions, from the return to the published change."""

WITNESS = 10
"""Sessions over which errors of neighbouring days may hang together."""

PAST = timedelta(days=550)
"""History before a start: more than two terms of a loan, so that what stood before has been forgotten."""

FEWEST = 60
"""Sessions of a stretch before a start: what began it has been forgotten by then."""

LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Trial:
    """What every experiment is made with."""

    book: LawBook
    prices: PriceHistory
    balances: BalanceHistory
    members: int
    names: int
    seed: int
    workers: LocalWorkers
    progress: Progress

    def history(self, first: date, last: date) -> CreditHistory:
        """The stretch from ``first`` (or the gap before ``last``) to ``last``; Refused where a record is missing."""
        found = credit_history(self.prices, self.balances, last, first)
        if found.basis != "daily":
            raise refuse("--balances", f"{found.basis} up to {last}", "an experiment needs a balance of every session")
        return found

    def setting(self, history: CreditHistory) -> Setting:
        """The model on that history with the behaviour of the law."""
        return setting_of(self.book, history, self.names, self.seed)

    def known(self, setting: Setting, starts: Sequence[int], label: str) -> Iterator[list[Member]]:
        """For each of the rising places ``starts`` the members at its close, from what was known then."""
        members = [begin(setting, number) for number in range(self.members)]
        for done, start in enumerate(starts):
            self.progress(label, done, len(starts))
            yield known_at(setting, members, int(start), self.workers)
        self.progress(label, len(starts), len(starts))


def start_at(history: CreditHistory, day: date) -> int:
    """Place of the last session not after ``day``. Raises Refused with fewer than FEWEST sessions before it."""
    place = history.place(day)
    if place < FEWEST:
        allowed = f"a start needs {FEWEST} sessions or more of prices and balances before it"
        raise refuse("record", f"{max(place, 0)} sessions before {day}", allowed)
    return place


def experiment(name: str, words: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What every experiment hands back."""
    return {"name": name, "words": words, "rows": list(rows)}


def figure(label: str, value: float | int | None, unit: str = "", digits: int = 3) -> dict[str, Any]:
    """One figure of an experiment; won are whole."""
    if value is None or not np.isfinite(value):
        return {"label": label, "value": None, "unit": unit}
    whole = unit == "won" or digits == 0
    return {"label": label, "value": round(value) if whole else round(float(value), digits), "unit": unit}


def middle_and_band(values: np.ndarray) -> tuple[float, float, float]:
    """Median of the members and their 90 % band."""
    low, middle, high = np.quantile(values, (LOW, 0.5, HIGH))
    return float(middle), float(low), float(high)


@dataclass(frozen=True, slots=True)
class Fit:
    """Least squares of one market: weights and their covariance, the share explained, and the sessions used."""

    weight: np.ndarray  # float64 [c]
    cover: np.ndarray  # float64 [c, c]
    explained: float
    sessions: int

    def sum_of(self, places: Sequence[int]) -> tuple[float, float]:
        """Sum of some weights, and its standard error."""
        taken = np.zeros(self.weight.size)
        taken[list(places)] = 1.0
        return float(taken @ self.weight), float(np.sqrt(taken @ self.cover @ taken))

    def at(self, *lags: int) -> tuple[float, float]:
        """Answer at these lags to a return of one of both indices at once (of falls, if these stand alone)."""
        return self.sum_of([1 + index * LAGS + lag for index in range(2) for lag in lags])


def least_squares(x: np.ndarray, y: np.ndarray) -> Fit:
    """Least squares of ``y``, float64 [t], on ``x``, float64 [t, c]; sessions with a NaN are left out.

    The covariance allows for errors that hang together over WITNESS sessions. Raises Refused for too few sessions.

    Source: Newey and West, "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
    Covariance Matrix", Econometrica 55 (1987).
    """
    whole = np.isfinite(x).all(axis=1) & np.isfinite(y)
    x, y = x[whole], y[whole]
    sessions, columns = x.shape
    if sessions < 2 * columns:
        raise refuse(
            "record", f"{sessions} sessions", f"must have {2 * columns} sessions or more for {columns} weights"
        )
    weight = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ weight
    each = x * rest[:, None]
    spread = each.T @ each
    for apart in range(1, min(WITNESS, sessions - 1) + 1):
        pair = each[apart:].T @ each[:-apart]
        spread += (1.0 - apart / (WITNESS + 1)) * (pair + pair.T)
    inverse = np.linalg.pinv(x.T @ x)
    cover = inverse @ spread @ inverse * (sessions / (sessions - columns))
    total = float(((y - y.mean()) ** 2).sum())
    return Fit(weight, cover, 1.0 - float(rest @ rest) / total if total > 0 else 0.0, sessions)


def mean_with_error(values: np.ndarray) -> tuple[float, float]:
    """Mean of the figures that are known, and a standard error that allows for neighbours."""
    return least_squares(np.ones((values.size, 1)), values).sum_of([0])


def spread_with_error(values: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the figures that are known, and its standard error, by that of their squares."""
    variance, error = mean_with_error((values - np.nanmean(values)) ** 2)
    deviation = float(np.sqrt(variance))
    return deviation, error / (2.0 * deviation) if deviation > 0 else 0.0


def lagged_returns(close: np.ndarray, falls: bool = False) -> np.ndarray:
    """A constant and the returns of both indices at each lag: float64 [t, 1 + 2 LAGS], NaN before the history.

    With ``falls`` a rise counts as 0 there, and the rises stand in columns of their own after them.
    """
    returns = np.full(close.shape, np.nan)
    returns[1:] = close[1:] / close[:-1] - 1.0
    parts = (np.minimum(returns, 0.0), np.maximum(returns, 0.0)) if falls else (returns,)
    columns = [np.ones(len(close))]
    for part in parts:
        for index in range(2):
            for lag in range(LAGS):
                late = np.full(len(close), np.nan)
                late[lag:] = part[: len(close) - lag, index]
                columns.append(late)
    return np.column_stack(columns)


def published_changes(settled_won: np.ndarray) -> np.ndarray:
    """Change of each balance from the session before, as a share of it: float64 [t, 2], NaN where not published."""
    balance = np.where(settled_won > 0, settled_won, np.nan).astype(np.float64)
    change = np.full(balance.shape, np.nan)
    change[1:] = balance[1:] / balance[:-1] - 1.0
    return change
