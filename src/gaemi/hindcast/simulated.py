"""Mode B: balances along simulated paths of the indices, for what could be said without knowing the path."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from gaemi.account.luck import luck_of
from gaemi.behaviour.unsettled import KOSDAQ, unsettled_forecast, unsettled_states
from gaemi.forecasts import onward
from gaemi.hindcast.ensembles import noise_for
from gaemi.hindcast.truth import FORCED, TARGETS
from gaemi.kernels._compile import compiled
from gaemi.kernels.draw import Drawn, Luck, Sheet, draw_path
from gaemi.kernels.revolve import BALANCE, SOLD
from gaemi.market.joint import joint_returns
from gaemi.market.models import Model, fit
from gaemi.sources.prices import PriceHistory
from gaemi.spin import SETTLEMENT, WARM, Member, Setting, advance
from gaemi.workers import Progress, Workers, silent, told

YEARS = 10
"""Years of returns before the start on which the model of paths is fitted."""


def fitted(prices: PriceHistory, kind: str, start: date) -> Model:
    """The model of both indices, fitted on returns up to ``start`` and never later. Raises Refused."""
    return fit(kind, joint_returns(prices, ["KOSPI", "KOSDAQ"], start, YEARS))


def simulated_moves(model: Model, paths: int, sessions: int, seed: int) -> np.ndarray:
    """Log returns of both indices on each path: float64 [p, h, 2]; prices drift nowhere on average."""
    luck, drivers = luck_of(model, seed), len(model.names)
    sheet = Sheet(np.ones((drivers, sessions + 1)), np.zeros((drivers + 2, sessions + 8)), np.zeros(sessions, np.int64))
    variance = model.garch[:, 4] if model.garch.size else np.zeros(drivers)
    found = np.zeros((paths, sessions, drivers))
    for path in range(paths):
        found[path] = _moves(luck, sheet, variance, path, sessions)
    return found


def _moves(luck: Luck, sheet: Sheet, variance: np.ndarray, path: int, sessions: int) -> np.ndarray:
    drawn = Drawn(np.array([path]), np.ones((1, variance.size)), variance[None, :].copy(), np.full(1, -1, np.int64))
    compiled(draw_path)(luck, sheet, drawn, 0, 1, sessions + 1)
    return np.diff(np.log(sheet.level[:, : sessions + 1]), axis=1).T


def simulated(
    setting: Setting,
    members: Sequence[Member],
    start: int,
    dates: Sequence[date],
    moves: np.ndarray,
    workers: Workers,
    react: bool = True,
    progress: Progress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """Targets along each path: float64 [p, h + 1, 3], and what margin loans are sold by force, int64 [p, h + 1].

    Path ``p`` is run by member ``p`` modulo their number; ``members`` have run to the close of place ``start``. With
    ``react`` off the rules of loans are all that works after the start.
    """
    paths, horizon = moves.shape[:2]
    change = np.full((paths, horizon + 1, len(TARGETS)), np.nan)
    sold = np.zeros((paths, horizon + 1), np.int64)
    shared = [Shared(member, range(place, paths, len(members))) for place, member in enumerate(members[:paths])]
    counted = told(progress, "paths", len(shared))
    found = workers.map(_of_member, shared, setting, start, tuple(dates), moves, react, done=counted)
    for each, (own_change, own_sold) in zip(shared, found, strict=True):
        change[each.paths], sold[each.paths] = own_change, own_sold
    return change, sold


class Shared(NamedTuple):
    """A member and the paths that it runs."""

    member: Member
    paths: range


def _of_member(
    shared: Shared, setting: Setting, start: int, dates: Sequence[date], moves: np.ndarray, react: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The paths of one member: changes float64 [path, h + 1, target] and won sold int64 [path, h + 1]."""
    horizon, count = moves.shape[1], len(shared.paths)
    change = np.full((count, horizon + 1, len(TARGETS)), np.nan)
    sold = np.zeros((count, horizon + 1), np.int64)
    state = unsettled_states(setting.history, setting.behaviour)[max(start - setting.lag, 0)]
    level = np.log(setting.history.close[: start + 1, KOSDAQ])
    for place, path in enumerate(shared.paths):
        then, run = onward(setting, shared.member, WARM + start, dates, moves[path], path)
        at = run.at - 1
        advance(then, run, then.sessions, react)
        done = run.by_board()
        settled = done[at - SETTLEMENT : at - SETTLEMENT + horizon + 1, :, BALANCE].astype(np.float64)
        change[place, :, :FORCED] = settled - settled[0]
        sold[place] = done[at : at + horizon + 1, :, SOLD].sum(axis=1)
        if state is not None:
            ahead = np.concatenate([level, level[-1] + np.cumsum(moves[path, :, KOSDAQ])])
            days = [*setting.history.days[state.known + 1 : start + 1], *dates]
            noise = noise_for(setting, days, path)[None, :]
            said = unsettled_forecast(state, ahead, start + horizon, setting.behaviour, noise)
            change[place, -min(said.shape[1], horizon + 1) :, FORCED] = said[0, -(horizon + 1) :]
    return change, sold
