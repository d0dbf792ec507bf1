"""How far answers to prices differ between episodes: the spread by which the 90 % band covers what followed falls."""

from typing import Any

import numpy as np

from gaemi.calibration.objective import Part, Task
from gaemi.forecasts import forecasts
from gaemi.hindcast.triggers import episodes, triggers
from gaemi.spin import setting_of

SPREADS = (0.0, 0.15, 0.3, 0.45, 0.6)
MEMBERS, MEMBERS_QUICK = 40, 8
WANTED_PCT = 90.0
LOW, HIGH = 0.05, 0.95


def band_rows(task: Task, values: dict[str, float], members: int) -> list[dict[str, Any]]:
    """Coverage of the 90 % band after the triggers of the fitting period, by spread: averaged per episode.

    Over both markets and the horizons of the procedure. Empty where no trigger has its horizons on record.
    """
    rows = []
    for spread in SPREADS if members > MEMBERS_QUICK else SPREADS[::2]:
        shares, groups = [], 0
        for part in task.parts:
            inside, group = _inside(task, part, values | {"answer_spread": spread}, members)
            for episode in range(int(group.max(initial=-1)) + 1):
                shares.append(float(inside[group == episode].mean()))
            groups += int(group.max(initial=-1)) + 1
        if not groups:
            return []
        rows.append({"answer_spread": spread, "coverage_pct": 100 * float(np.mean(shares)), "episodes": groups})
    return rows


def nearest_band(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The row whose coverage is nearest to what is wanted, the smaller spread where two are."""
    return min(rows, key=lambda row: (abs(row["coverage_pct"] - WANTED_PCT), row["answer_spread"]))


def _inside(task: Task, part: Part, values: dict[str, float], members: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether what followed lay in the band, bool [s, h, 2], and the episode of each start."""
    history, horizons = part.history, list(task.procedure.horizons)
    falls = np.intersect1d(triggers(history.days, history.close), part.starts)
    if falls.size == 0:
        return np.zeros((0, len(horizons), 2), bool), np.zeros(0, np.int64)
    setting = setting_of(task.book, history, task.procedure.names, task.procedure.seeds[0], task.behaviour(values))
    told = forecasts(setting, falls, max(horizons), members, task.workers).settled_won
    change = (told - told[:, :, :1])[:, :, horizons]
    low, high = np.quantile(change, (LOW, HIGH), axis=1)
    truth = part.change[np.searchsorted(part.starts, falls)]
    return (truth >= low) & (truth <= high), episodes(falls)
