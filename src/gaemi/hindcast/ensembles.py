"""The model's own forecasts in the order of the targets: balances of both markets and forced sales, by member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.behaviour.unsettled import KOSDAQ, unsettled_forecast, unsettled_states
from gaemi.forecasts import Forecasts, forecasts
from gaemi.hindcast.truth import FORCED, TARGETS
from gaemi.spin import Setting, luck_of
from gaemi.workers import Progress, Workers, silent

MODEL = "gaemi"
UNSETTLED = 2
"""Part of the counter of a draw that belongs to unsettled purchases; 0 and 1 are the markets."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Forecasts from ``s`` starts: ``change_won`` float64 [s, m, h + 1, 3] as the targets; all flows in ``forecasts``.

    Forced sales are NaN where none had been published before the start.
    """

    forecasts: Forecasts
    change_won: np.ndarray

    def at(self, horizons: tuple[int, ...]) -> np.ndarray:
        """The targets at some horizons: float64 [s, m, h, 3]."""
        return self.change_won[:, :, list(horizons)]


def ensemble(
    setting: Setting,
    starts: np.ndarray,
    horizon: int,
    members: int,
    workers: Workers,
    react: bool = True,
    progress: Progress = silent,
) -> Ensemble:
    """Mode A: forecasts given the recorded path, from what was known at the close of each start."""
    found = forecasts(setting, starts, horizon, members, workers, react, progress)
    change = np.full((len(starts), members, horizon + 1, len(TARGETS)), np.nan)
    change[:, :, :, :FORCED] = found.settled_won - found.settled_won[:, :, :1]
    change[:, :, :, FORCED] = forced_won(setting, starts, horizon, members, np.log(setting.history.close[:, KOSDAQ]))
    return Ensemble(found, change)


def forced_won(setting: Setting, starts: np.ndarray, horizon: int, members: int, level: np.ndarray) -> np.ndarray:
    """Forced sales of unsettled purchases along ``level``, the log of the index: float64 [s, m, h + 1], NaN if unknown.

    ``level`` is that of the sessions of the history; where it ends, so does what is said.
    """
    states = unsettled_states(setting.history, setting.behaviour)
    found = np.full((len(starts), members, horizon + 1), np.nan)
    for i, start in enumerate(starts.tolist()):
        state = states[start - setting.lag] if start >= setting.lag else None
        if state is None:
            continue
        until = min(start + horizon, len(level) - 1)
        noise = noise_of(setting, state.known, until, members)
        told = unsettled_forecast(state, level, until, setting.behaviour, noise)
        first = start - state.known - 1
        if first < 0:
            found[i, :, 1 : until - start + 1] = told
        else:
            found[i, :, : until - start + 1] = told[:, first:]
    return found


def noise_of(setting: Setting, known: int, until: int, members: int) -> np.ndarray:
    """Standard normal draws by member and session, keyed by the date: float64 [m, k]."""
    days = setting.history.days[known + 1 : until + 1]
    return np.stack([noise_for(setting, days, member) for member in range(members)])


def noise_for(setting: Setting, days: Sequence[date], member: int) -> np.ndarray:
    """The draws of one member on each of ``days``: float64 [k]."""
    if not setting.noisy:
        return np.zeros(len(days))
    return np.array([luck_of(setting, member, day.toordinal(), UNSETTLED) for day in days], dtype=np.float64)
