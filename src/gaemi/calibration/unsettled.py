"""The second term: forced sales of unsettled purchases, forecast from the same starts.

An error is the distance in won of a day's forecast to what was published for it; its mean over the starts is divided by
that of "as on the last day known". There is no luck in it, so it has one seed.
"""

from dataclasses import dataclass

import numpy as np

from gaemi.behaviour.unsettled import KOSDAQ, UnsettledState, unsettled_forecast, unsettled_states
from gaemi.calibration.objective import Loss, Part, Task
from gaemi.hindcast.truth import published_won

SETTLED = 60
"""Days of published forced sales that are read before the first forecast."""


@dataclass(frozen=True, slots=True)
class Sales:
    """The starts of one stretch from which forced sales can be scored. ``s`` starts, ``h`` horizons."""

    part: Part
    starts: np.ndarray  # int64 [s]
    truth_won: np.ndarray  # float64 [s, h]
    still: np.ndarray  # float64 [h] mean error of "as on the last day known", won
    lag: int


def sales_of(task: Task) -> tuple[Sales, ...]:
    """The stretches with published forced sales; none where the source has none."""
    lag = int(task.book.value("state.publication_lag", task.on))
    horizons = np.array(task.procedure.horizons)
    found = []
    for part in task.parts:
        forced = published_won(part.history)[1]
        known = np.flatnonzero(np.isfinite(forced) & (forced > 0) & (part.history.unsettled_won > 0))
        if known.size <= SETTLED:
            continue
        starts = part.starts[part.starts - lag >= known[SETTLED]]
        told = np.concatenate([starts[:, None] - lag, starts[:, None] + horizons], axis=1)
        starts = starts[np.isfinite(forced[told]).all(axis=1)]
        truth, last = forced[starts[:, None] + horizons], forced[starts - lag]
        still = np.abs(truth - last[:, None]).mean(axis=0) if starts.size else np.zeros(horizons.size)
        if (still > 0).all():
            found.append(Sales(part, starts, truth, still, lag))
    return tuple(found)


def unsettled_loss(task: Task, sales: tuple[Sales, ...], values: dict[str, float]) -> Loss:
    """The loss at values of :class:`gaemi.behaviour.habits.Behaviour`; cells are [stretch, horizon, 1]."""
    behaviour = task.behaviour(values)
    ahead = max(task.procedure.horizons)
    errors = []
    for one in sales:
        states = unsettled_states(one.part.history, behaviour)
        level = np.log(one.part.history.close[:, KOSDAQ])
        told = np.zeros_like(one.truth_won)
        for i, start in enumerate(one.starts.tolist()):
            state = states[start - one.lag]
            assert isinstance(state, UnsettledState), "starts lie after the first figures"
            quiet = np.zeros((1, start + ahead - state.known))
            sold = unsettled_forecast(state, level, start + ahead, behaviour, quiet)[0]
            told[i] = [sold[start + horizon - state.known - 1] for horizon in task.procedure.horizons]
        errors.append(np.abs(told - one.truth_won) / one.still)
    cells = np.stack([each.mean(axis=0)[:, None] for each in errors])
    value = float(np.mean([each.mean() for each in errors]))
    return Loss(value, (value,), cells, tuple(each.mean(axis=1) for each in errors))
