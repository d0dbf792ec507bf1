"""Baselines: what a forecast must beat. No change, a regression on the past, and the same regression given the path.

At the close of session p prices up to p are known, and balances up to p less ``lag`` sessions. Each regression is one
linear equation for a target and a horizon, fitted on every session of the histories given, not on falls alone. A
change of balance is measured in the last known balance, a forced sale in its mean of 20 known sessions. The columns are

- daily returns of both indices of sessions p to p - 10 and what of each was a fall, and the return over 20 sessions;
- for balances: relative changes of both markets on the last five known days and over 20 sessions;
- for forced sales: their last five figures in their mean and the stock of unsettled purchases in its own;
- given the path: every daily return of both indices from p + 1 to the horizon and what of it was a fall.

Weights are shrunk (ridge) by the penalty with the smallest absolute error on held-out blocks of time within the same
histories; penalty 0, which is least squares, stands among the choices. So does, for forced sales, an equation for the
logarithm. Nothing outside the histories given is read.

Source: Hoerl and Kennard, "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12 (1970)
55-67; blocks in time with a purge: Bergmeir and Benitez, "On the use of cross-validation for time series predictor
evaluation", Information Sciences 191 (2012) 192-213.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from gaemi.errors import Fault, Refused, refuse
from gaemi.hindcast.ridge import Equation, fitted
from gaemi.hindcast.truth import FORCED, TARGETS, published_won
from gaemi.sources.history import CreditHistory
from gaemi.sources.tables import capped

NO_CHANGE = "no change"
MEAN = "mean of 20 sessions"
PAST = "regression on the past"
PATH = "regression given the path"
BASELINES = (NO_CHANGE, MEAN, PAST, PATH)
"""Every baseline; the mean is a second reading of no change for forced sales and says nothing of balances."""

RETURNS = 11
RECENT = 5
MONTH = 20
LONGEST = 20
"""The longest horizon."""

A_SESSION = 4
"""Columns for each session of the path: the return of each index and what of it was a fall."""


one_thread = threadpool_limits.wrap(limits=1, user_api="blas")
"""Sums of products are taken by one thread: how many there are would show in their last bits."""


@dataclass(frozen=True, slots=True)
class Baselines:
    """Fitted equations by (baseline, target's place, horizon), and the lag of balances they are for."""

    horizons: tuple[int, ...]
    lag: int
    equations: dict[tuple[str, int, int], Equation]

    def rows(self) -> list[dict[str, Any]]:
        """What was fitted: one row an equation, with its sessions, penalty and held-out absolute error (no unit)."""
        return [
            {
                "method": method,
                "target": TARGETS[target],
                "horizon": horizon,
                "sessions": one.sessions,
                "columns": int(one.weight.size),
                "penalty": one.penalty,
                "logarithm": one.logarithm,
                "held_out_error": round(one.held_out, 6),
                "held_out_error_least_squares": round(one.held_out_least_squares, 6),
            }
            for (method, target, horizon), one in self.equations.items()
        ]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at the close of each session; NaN where it is not. ``t`` sessions, ``c`` columns."""

    balance_won: np.ndarray  # float64 [t, 2] the last known
    forced_won: np.ndarray  # float64 [t] the last known
    mean_won: np.ndarray  # float64 [t] of the last 20 known forced sales
    of_balances: np.ndarray  # float64 [t, c]
    of_forced: np.ndarray  # float64 [t, c]

    def columns(self, kind: int) -> np.ndarray:
        """Columns for balances (0) or for forced sales (1)."""
        return self.of_forced if kind else self.of_balances


@one_thread
def fit(histories: Sequence[CreditHistory], horizons: Sequence[int], lag: int = 1) -> Baselines:
    """Equations for every horizon from the stretches given: nothing is carried from one to the next.

    All equations of a target are fitted on the same sessions, those with 20 sessions of the stretch after them. Raises
    Refused for horizons outside 1 to 20 and where there are too few sessions.
    """
    if not horizons or min(horizons) < 1 or max(horizons) > LONGEST:
        raise refuse("horizons", f"{list(horizons)}", f"must be sessions after the start, 1 to {LONGEST}")
    known = [_known(history, lag) for history in histories]
    path = np.concatenate([_path(history) for history in histories])
    wanted = np.concatenate([_wanted(history, one) for history, one in zip(histories, known, strict=True)])
    equations: dict[tuple[str, int, int], Equation] = {}
    for kind, targets in enumerate(((0, 1), (FORCED,))):
        past, asked = np.concatenate([one.columns(kind) for one in known]), wanted[:, :, list(targets)]
        whole = np.isfinite(np.hstack([past, path, asked.reshape(len(past), -1)])).all(axis=1)
        told = asked[whole][:, [horizon - 1 for horizon in horizons]]
        places = [(target, horizon) for horizon in horizons for target in targets]
        found = fitted(past[whole], told.reshape(len(told), -1), LONGEST, logarithm=kind == 1)
        equations |= {(PAST, *place): one for place, one in zip(places, found, strict=True)}
        for at, horizon in enumerate(horizons):
            columns = np.hstack([past, path[:, : horizon * A_SESSION]])[whole]
            found = fitted(columns, told[:, at], LONGEST, logarithm=kind == 1)
            equations |= {(PATH, target, horizon): one for target, one in zip(targets, found, strict=True)}
    return Baselines(tuple(horizons), lag, equations)


def crossed(histories: Sequence[CreditHistory], horizons: Sequence[int], lag: int = 1) -> list[Baselines]:
    """For each stretch the equations that were fitted on the others and never saw it."""
    assert len(histories) > 1, "cross-validation needs two stretches or more"
    return [fit([other for other in histories if other is not one], horizons, lag) for one in histories]


@one_thread
def predict(baselines: Baselines, history: CreditHistory, places: np.ndarray) -> dict[str, np.ndarray]:
    """Point forecasts by name at ``places`` of one stretch: float64 [s, h, 3], won, in the order of TARGETS.

    NaN where a baseline says nothing: the mean on balances, forced sales while none were published for 20 sessions,
    and the regression given the path where the recorded path ends before the horizon. Raises Refused for a start
    without the daily balances that the equations ask for.
    """
    places = np.asarray(places, np.int64)
    known = _known(history, baselines.lag)
    _refuse_early(history, known, places, baselines.lag)
    shape = (places.size, len(baselines.horizons), len(TARGETS))
    found = {name: np.full(shape, np.nan) for name in BASELINES}
    found[NO_CHANGE][:, :, :FORCED] = 0.0
    found[NO_CHANGE][:, :, FORCED] = known.forced_won[places][:, None]
    found[MEAN][:, :, FORCED] = known.mean_won[places][:, None]
    scale = np.column_stack([known.balance_won, known.mean_won])[places]
    path = _path(history)[places]
    for target in range(len(TARGETS)):
        past = known.columns(int(target == FORCED))[places]
        for at, horizon in enumerate(baselines.horizons):
            given = np.hstack([past, path[:, : horizon * A_SESSION]])
            for method, columns in ((PAST, past), (PATH, given)):
                told = baselines.equations[method, target, horizon].told(columns)
                told = np.maximum(told, 0.0) if target == FORCED else told
                found[method][:, at, target] = told * scale[:, target]
    return found


def before(values: np.ndarray, sessions: int) -> np.ndarray:
    """Figures of ``sessions`` earlier on each session (later where negative), NaN where the stretch has none."""
    found = np.full(values.shape, np.nan)
    size = len(values)
    if abs(sessions) < size:
        if sessions >= 0:
            found[sessions:] = values[: size - sessions]
        else:
            found[:sessions] = values[-sessions:]
    return found


def _known(history: CreditHistory, lag: int) -> Known:
    settled, forced = published_won(history)
    unsettled = np.where(history.unsettled_won <= 0, np.nan, history.unsettled_won.astype(np.float64))
    returns = _returns(history)
    changes = settled / before(settled, 1) - 1.0
    daily = [before(returns, back) for back in range(RETURNS)]
    market = [*daily, *(np.minimum(one, 0.0) for one in daily), history.close / before(history.close, MONTH) - 1.0]
    last = before(settled, lag)
    past = [before(changes, lag + back) for back in range(RECENT)]
    mean = _mean(forced, lag)
    mean[mean <= 0] = np.nan
    ratios = [before(forced, lag + back)[:, None] / mean[:, None] for back in range(RECENT)]
    stock = _mean(unsettled, lag)
    stocks = [(before(unsettled, lag + back) / stock)[:, None] for back in (0, 1)]
    return Known(
        last,
        before(forced, lag),
        mean,
        np.hstack([*market, *past, last / before(last, MONTH) - 1.0]),
        np.hstack([*market, *ratios, *stocks]),
    )


def _mean(values: np.ndarray, lag: int) -> np.ndarray:
    """Mean of the last 20 known figures: a plain sum in order, so that a later figure cannot touch it."""
    return sum((before(values, lag + back) for back in range(MONTH)), np.zeros(len(values))) / MONTH


def _returns(history: CreditHistory) -> np.ndarray:
    return np.asarray(history.close / before(history.close, 1) - 1.0)


def _path(history: CreditHistory) -> np.ndarray:
    """Returns of the sessions after each session, the next first: float64 [t, 80], NaN after the stretch."""
    ahead = [before(_returns(history), -step) for step in range(1, LONGEST + 1)]
    return np.hstack([columns for one in ahead for columns in (one, np.minimum(one, 0.0))])


def _wanted(history: CreditHistory, known: Known) -> np.ndarray:
    """What is forecast, in its scale, for horizons of 1 to 20 sessions: float64 [t, 20, 3]."""
    settled, forced = published_won(history)
    wanted = np.full((len(settled), LONGEST, len(TARGETS)), np.nan)
    for step in range(1, LONGEST + 1):
        wanted[:, step - 1, :FORCED] = (before(settled, -step) - settled) / known.balance_won
        wanted[:, step - 1, FORCED] = before(forced, -step) / known.mean_won
    return wanted


def _refuse_early(history: CreditHistory, known: Known, places: np.ndarray, lag: int) -> None:
    """Every start without a full row of columns for the balances, by its date."""
    lost = [history.days[place] for place in places.tolist() if not np.isfinite(known.of_balances[place]).all()]
    allowed = f"a start must have {MONTH + lag} sessions with closes and daily balances before it"
    if lost:
        help = "leave out starts at the beginning of a stretch or after month-ends only"
        raise Refused(capped([Fault(history.origin, str(day), allowed, help) for day in lost]))
