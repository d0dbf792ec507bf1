"""The shapes of other tools, with the tools where they are installed and a stand-in where they cannot be."""

from collections.abc import Callable

import numpy as np
import pytest
from calibration.invented import planted, task_on

from gaemi.calibration.adapters import Adapter
from gaemi.calibration.parameters import knobs_of
from gaemi.errors import Refused


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    task = task_on(planted(0.5), every_short=24)
    return Adapter(task, knobs_of(task.book, task.on, ("chase_a_day", "flow_memory")))


def test_salib_samples_and_analyses(adapter: Adapter) -> None:
    sample = pytest.importorskip("SALib.sample.morris", reason="SALib is not installed")
    analyze = pytest.importorskip("SALib.analyze.morris", reason="SALib is not installed")
    problem = adapter.problem()
    samples = sample.sample(problem, 2, num_levels=4, seed=1)
    losses = adapter.evaluate(samples)
    found = analyze.analyze(problem, samples, losses, num_levels=4, seed=1)
    assert (6, ["chase_a_day", "flow_memory"]) == (losses.size, list(found["names"]))
    assert (losses == adapter.evaluate(samples)).all()
    assert found["mu_star"][0] > 0.1


def test_optuna_asks_and_is_told(adapter: Adapter) -> None:
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def best() -> tuple[float, dict[str, float]]:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=2))
        study.optimize(adapter.objective, n_trials=8)
        return study.best_value, study.best_params

    value, params = best()
    assert (value, params) == best()
    assert {"chase_a_day", "flow_memory"} == set(params)
    assert value == adapter.evaluate(np.array([[params["chase_a_day"], params["flow_memory"]]]))[0]


class Calibrator:
    """Calls as black-it does: replicates a parameter ``ensemble_size`` times, each with a seed of its own."""

    def __init__(
        self,
        model: Callable[[np.ndarray, int, int], np.ndarray],
        real_data: np.ndarray,
        parameters_bounds: np.ndarray,
        parameters_precision: np.ndarray,
        ensemble_size: int,
    ) -> None:
        self.model, self.real_data, self.ensemble_size = model, real_data, ensemble_size
        low, high = parameters_bounds
        steps = np.floor((high - low) / parameters_precision).astype(int)
        assert low.shape == high.shape == parameters_precision.shape and (steps >= 1).all()
        luck = np.random.default_rng(0)
        self.grid = low + parameters_precision * luck.integers(0, steps + 1, size=(4, low.size))
        self.seeds = luck.integers(0, 2**32 - 1, size=(4, ensemble_size))

    def calibrate(self) -> tuple[np.ndarray, np.ndarray]:
        length, width = self.real_data.shape
        series = np.array(
            [
                [self.model(theta, length, int(seed)) for seed in seeds]
                for theta, seeds in zip(self.grid, self.seeds, strict=True)
            ]
        )
        assert (4, self.ensemble_size, length, width) == series.shape
        losses = np.abs(series.std(axis=2) - self.real_data.std(axis=0)).mean(axis=(1, 2))
        return self.grid, losses


def test_a_calibrator_that_calls_as_black_it_does(adapter: Adapter) -> None:
    real = adapter.real_data()
    tool = Calibrator(adapter.model, real, adapter.parameters_bounds(), adapter.parameters_precision(), 2)
    grid, losses = tool.calibrate()
    assert ((4, 2), (4,), (2, 2)) == (grid.shape, losses.shape, adapter.parameters_bounds().shape)
    assert np.isfinite(losses).all() and np.unique(losses).size == 4
    assert real.shape == (200 - 1 - 60, 2)


def test_a_seed_is_a_replicate(adapter: Adapter) -> None:
    first, again, other = (adapter.model([0.5, 10.0], 20, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_a_simulation_knows_no_balance_after_its_start(adapter: Adapter) -> None:
    part = adapter.task.parts[0]
    at = int(part.starts[0])
    part.history.settled_won[at + 1 :] *= 3
    try:
        changed = adapter.model([0.5, 10.0], 20, 1)
    finally:
        part.history.settled_won[at + 1 :] //= 3
    assert (changed == adapter.model([0.5, 10.0], 20, 1)).all()


def test_what_cannot_be_simulated_or_evaluated_is_refused(adapter: Adapter) -> None:
    with pytest.raises(Refused, match="must be 1 to 139 sessions"):
        adapter.model([0.5, 10.0], 140, 0)
    with pytest.raises(Refused, match=r"must be \[n, 2\]"):
        adapter.evaluate(np.zeros((3, 5)))
