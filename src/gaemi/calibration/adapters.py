"""The same model in the shapes that other tools of calibration and of sensitivity expect, without importing them.

SALib asks for a dictionary of the problem and a function of a matrix of samples; black-it for a simulator of series,
the recorded series, bounds and precisions; optuna for a function of a trial. Every shape takes replicate seeds its own
way: the loss is averaged over the seeds of the task, a simulation has the one seed that it was called with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.calibration.objective import Part, Task
from gaemi.calibration.parameters import Knob
from gaemi.errors import refuse
from gaemi.forecasts import forecasts
from gaemi.spin import setting_of

SEEDS = 0x7FFFFFFF
"""Mask of seeds that other tools draw: ours are below 2**31."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A task and its parameters, in the shapes of others. ``p`` parameters, in the units of Behaviour."""

    task: Task
    knobs: tuple[Knob, ...]

    def problem(self) -> dict[str, Any]:
        """What SALib calls a problem: ``num_vars``, ``names``, ``bounds``."""
        bounds = [[knob.value(knob.low), knob.value(knob.high)] for knob in self.knobs]
        return {"num_vars": len(self.knobs), "names": [knob.name for knob in self.knobs], "bounds": bounds}

    def evaluate(self, samples: np.ndarray) -> np.ndarray:
        """The loss of every row of ``samples``, float64 [n, p]: float64 [n]."""
        rows = np.asarray(samples, np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.knobs):
            raise refuse("samples", f"an array of shape {rows.shape}", f"must be [n, {len(self.knobs)}]")
        return np.array([self.task.loss(self._values(row)).value for row in rows])

    def objective(self, trial: Any) -> float:
        """The loss of an optuna trial, which is asked for one number for each parameter."""
        row = [trial.suggest_float(knob.name, knob.value(knob.low), knob.value(knob.high)) for knob in self.knobs]
        return self.task.loss(self._values(row)).value

    def model(self, theta: Sequence[float], N: int, seed: int) -> np.ndarray:
        """A simulation as black-it calls for it: changes of the balance of each market, float64 [N, 2].

        Share of the balance of the session before. The simulation starts where the recorded series does, knows what
        was published then, and never sees a later balance; its new loans carry the noise of ``seed``.
        """
        part = self._part()
        start = int(part.starts[0])
        longest = len(part.history.days) - 1 - start
        if not 1 <= N <= longest:
            raise refuse("N", f"{N}", f"must be 1 to {longest} sessions: the recorded prices end there")
        behaviour = self.task.behaviour(self._values(theta))
        setting = setting_of(
            self.task.book, part.history, self.task.procedure.names, int(seed) & SEEDS, behaviour, noisy=True
        )
        told = forecasts(setting, part.starts[:1], N, 1, self.task.workers).settled_won[0, 0].astype(np.float64)
        return np.diff(told, axis=0) / np.maximum(told[:-1], 1.0)

    def real_data(self) -> np.ndarray:
        """The recorded series that :meth:`model` simulates, float64 [N, 2], as long as balances are published daily."""
        part = self._part()
        settled = part.history.settled_won[int(part.starts[0]) :]
        lacking = np.flatnonzero((settled <= 0).any(axis=1))
        told = settled[: lacking[0] if lacking.size else len(settled)].astype(np.float64)
        return np.diff(told, axis=0) / told[:-1]

    def parameters_bounds(self) -> np.ndarray:
        """Low and high ends, float64 [2, p]."""
        return np.array(self.problem()["bounds"]).T

    def parameters_precision(self) -> np.ndarray:
        """The step that black-it may take at least, float64 [p]: a hundredth of the range, or a step of the law."""
        return np.array([knob.value(max(1, (knob.high - knob.low) // 100)) for knob in self.knobs])

    def _part(self) -> Part:
        """The shortest stretch: a simulation of it is the cheapest."""
        return min(self.task.parts, key=lambda part: len(part.history.days))

    def _values(self, row: Sequence[float] | np.ndarray) -> dict[str, float]:
        return {knob.name: float(value) for knob, value in zip(self.knobs, row, strict=True)}
