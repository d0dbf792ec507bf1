"""Scores of hindcasts: errors per episode with their intervals, ratios to the best baseline, bias, coverage, CRPS.

Starts within one episode share their weather, so errors are averaged over the starts of an episode first and over
episodes then, and intervals come from drawing whole episodes again. Nothing is dropped in silence: a start whose target
was not published, or for which a method says nothing, is named in its row.

Source: Kuensch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17 (1989)
1217-1241 (blocks); Ferro, "Fair scores for ensemble forecasts", Quarterly Journal of the Royal Meteorological Society
140 (2014) 1917-1923 (fair CRPS).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.chance import BLOCK, philox
from gaemi.hindcast.truth import FORCED, TARGETS, Starts

REPLICATES = 2_000
LOW, HIGH = 0.05, 0.95
"""Bounds of the 90 % band of an ensemble and of the 90 % interval of a score."""

BILLION = 1e9
EVERYTHING, OUTSIDE = "everything", "outside the breaks"


@dataclass(frozen=True, slots=True)
class Sample:
    """One target at one horizon over the starts that can be scored; won. ``s`` starts."""

    truth: np.ndarray  # float64 [s]
    points: dict[str, np.ndarray]  # float64 [s]
    ensembles: dict[str, np.ndarray]  # float64 [s, m]
    episode: np.ndarray  # int64 [s]


def score_rows(
    starts: Starts,
    points: Mapping[str, np.ndarray],
    ensembles: Mapping[str, np.ndarray],
    baselines: Sequence[str],
    seed: int,
) -> list[dict[str, Any]]:
    """One row for each target, basis, horizon and method, with plain values only: money in bn won.

    ``points`` are float64 [s, h, 3] by method and ``ensembles`` [s, m, h, 3], in won; an ensemble without a point of
    its own name is scored by its median. A method that is NaN throughout for a target has no row there. ``baselines``
    names the methods of which the one with the smallest error is the best baseline of a row. Every method of a row is
    scored on the same starts. Forced sales have rows over everything and outside the breaks. ``seed`` is that of the
    intervals. Figures are rounded to six decimals, so that the last bits of a sum do not show.
    """
    shape = (len(starts.days), len(starts.horizons), len(TARGETS))
    for name, told in points.items():
        assert told.shape == shape, f"point forecasts of {name} must be {shape}, were {told.shape}"
    for name, told in ensembles.items():
        found = (told.shape[0], *told.shape[2:])
        assert told.ndim == 4 and found == shape, f"ensemble of {name} must be [s, m, h, 3], was {told.shape}"
    assert set(baselines) <= {*points, *ensembles}, "a baseline is one of the methods"
    rows: list[dict[str, Any]] = []
    for target, basis, at in _asked(starts):
        sample, lost = _sample(starts, points, ensembles, (target, at, basis == OUTSIDE))
        shared = {
            "target": TARGETS[target],
            "basis": basis,
            "where": starts.where,
            "horizon": starts.horizons[at],
            "starts": int(sample.truth.size),
            "episodes": int(np.unique(sample.episode).size),
        }
        rows += [shared | row | lost for row in _method_rows(sample, baselines, seed)]
    return rows


def crps_won(members: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of an ensemble, fair form: float64 [s], in the unit of the truth.

    The mean distance of members to the truth less half their mean distance from one another, over distinct pairs; its
    expectation does not depend on the number of members. ``members`` are [s, m] with m of 2 or more.
    """
    m = members.shape[1]
    assert m > 1, "a fair score needs two members or more"
    ranked = np.sort(members, axis=1)
    place = 2.0 * np.arange(m) - (m - 1)
    apart = (ranked * place).sum(axis=1) / (m * (m - 1))
    return np.asarray(np.abs(members - truth[:, None]).mean(axis=1) - apart)


def band_won(members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 5 % and 95 % points of an ensemble [s, m]: float64 [s] each.

    Quantiles lie at the place p (m + 1) of the ranked members, so that a truth drawn as the members were lies within
    nine times in ten whatever m is, from 19 members on; the outermost members bound what fewer can say.
    """
    low, high = np.quantile(members, (LOW, HIGH), axis=1, method="weibull")
    return low, high


def per_episode(values: np.ndarray, episode: np.ndarray) -> np.ndarray:
    """Means of ``values`` [s] over the starts of each episode that has any, in order: float64 [k]."""
    _, place = np.unique(episode, return_inverse=True)
    return np.bincount(place, weights=values) / np.bincount(place)


def resampled(blocks: int, seed: int, replicates: int = REPLICATES) -> np.ndarray:
    """Numbers of blocks drawn with replacement: int64 [replicates, blocks], the same for ever for a seed."""
    # The words of a counter are worked out for all draws at once: the function takes whole arrays as well.
    draw: Any = np.tile(np.arange(blocks, dtype=np.uint64), (replicates, 1))
    replicate: Any = np.repeat(np.arange(replicates, dtype=np.uint64)[:, None], blocks, axis=1)
    word = np.asarray(philox(draw, 0, replicate, BLOCK * 65536, seed & 0xFFFFFFFF, 0)[0])
    return ((word * np.uint64(blocks)) >> np.uint64(32)).astype(np.int64)


def _asked(starts: Starts) -> Iterator[tuple[int, str, int]]:
    for target in range(len(TARGETS)):
        for basis in (EVERYTHING, OUTSIDE) if target == FORCED else (EVERYTHING,):
            for at in range(len(starts.horizons)):
                yield target, basis, at


def _sample(
    starts: Starts,
    points: Mapping[str, np.ndarray],
    ensembles: Mapping[str, np.ndarray],
    asked: tuple[int, int, bool],
) -> tuple[Sample, dict[str, Any]]:
    """The starts on which every method can be scored, and the others by name."""
    target, at, outside = asked
    truth = starts.truth_won[:, at, target]
    said = {name: told[:, at, target] for name, told in points.items() if _says(told[..., target])}
    spread = {name: told[:, :, at, target] for name, told in ensembles.items() if _says(told[..., target])}
    said |= {name: np.median(told, axis=1) for name, told in spread.items() if name not in said}
    meant = ~starts.broken[:, at] if outside else np.ones(truth.size, bool)
    observed = np.isfinite(truth)
    full = [np.isfinite(told) for told in said.values()] + [np.isfinite(told).all(axis=1) for told in spread.values()]
    forecast = np.logical_and.reduce([np.ones(truth.size, bool), *full])
    kept = meant & observed & forecast
    lost = {
        "not_observed": _named(starts, meant & ~observed),
        "not_forecast": _named(starts, meant & observed & ~forecast),
        "in_breaks": _named(starts, ~meant),
    }
    sample = Sample(
        truth[kept],
        {name: told[kept] for name, told in said.items()},
        {name: told[kept] for name, told in spread.items()},
        starts.episode[kept],
    )
    return sample, lost


def _says(told: np.ndarray) -> bool:
    """Whether a method says anything of a target; without starts it may."""
    return told.size == 0 or not bool(np.isnan(told).all())


def _named(starts: Starts, which: np.ndarray) -> list[str]:
    return [str(starts.days[place]) for place in np.flatnonzero(which)]


def _method_rows(sample: Sample, baselines: Sequence[str], seed: int) -> Iterator[dict[str, Any]]:
    """Errors of every method on one sample; None where no start can be scored."""
    count = np.unique(sample.episode).size
    if count == 0:
        yield from ({"method": name} | dict.fromkeys(FIGURES) for name in sample.points)
        return
    errors = {name: per_episode(np.abs(told - sample.truth), sample.episode) for name, told in sample.points.items()}
    best = min((name for name in baselines if name in errors), key=lambda name: float(errors[name].mean()), default="")
    again = resampled(count, seed)
    for name, told in sample.points.items():
        members = sample.ensembles.get(name)
        mean = errors[name][again].mean(axis=1) / BILLION
        found: dict[str, Any] = {
            "error_bn": errors[name].mean() / BILLION,
            "low_bn": _quantile(mean, LOW),
            "high_bn": _quantile(mean, HIGH),
            **_ratios(errors[name], errors[best] if best else None, again),
            "bias_bn": per_episode(told - sample.truth, sample.episode).mean() / BILLION,
            **_spread_figures(sample, told, members),
        }
        rounded = {key: None if value is None else round(float(value), 6) for key, value in found.items()}
        yield {"method": name, "best_baseline": best or None} | rounded


FIGURES = (
    "best_baseline",
    "error_bn",
    "low_bn",
    "high_bn",
    "ratio_to_best_baseline",
    "ratio_low",
    "ratio_high",
    "bias_bn",
    "crps_bn",
    "coverage_pct",
    "coverage_starts_pct",
)
"""What is said of a method on a sample, in order."""


def _ratios(error: np.ndarray, best: np.ndarray | None, again: np.ndarray) -> dict[str, float | None]:
    """The ratio of two mean errors and its interval: both are drawn with the same episodes."""
    names = ("ratio_to_best_baseline", "ratio_low", "ratio_high")
    if best is None or not (below := best[again].mean(axis=1)).all():
        return dict.fromkeys(names)
    ratio = error[again].mean(axis=1) / below
    found = (float(error.mean() / best.mean()), _quantile(ratio, LOW), _quantile(ratio, HIGH))
    return dict(zip(names, found, strict=True))


def _spread_figures(sample: Sample, told: np.ndarray, members: np.ndarray | None) -> dict[str, float | None]:
    """Score of the distribution and coverage; the score of a single figure is its absolute error."""
    if members is None:
        score = np.abs(told - sample.truth)
        return {
            "crps_bn": per_episode(score, sample.episode).mean() / BILLION,
            "coverage_pct": None,
            "coverage_starts_pct": None,
        }
    low, high = band_won(members)
    within = 100.0 * ((low <= sample.truth) & (sample.truth <= high))
    return {
        "crps_bn": per_episode(crps_won(members, sample.truth), sample.episode).mean() / BILLION,
        "coverage_pct": per_episode(within, sample.episode).mean(),
        "coverage_starts_pct": within.mean(),
    }


def _quantile(values: np.ndarray, p: float) -> float:
    return float(np.quantile(values, p, method="inverted_cdf"))
