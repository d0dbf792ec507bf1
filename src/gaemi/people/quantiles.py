"""Tables that kernels draw from: quantiles of wealth, splits and deposits, and odds of names."""

from collections.abc import Callable, Sequence
from math import exp, log

import numpy as np

from gaemi.chance import normal_quantile
from gaemi.kernels.build import LEVELS, POINTS

_KEEP = 1 << 25
_CERTAIN = 1.0 - 1e-12


def table_of(value: Callable[[float], float]) -> np.ndarray:
    """``value`` of the upper tail's probability as float64 [LEVELS, POINTS + 1], level after level of 1/16.

    Between points kernels go straight, so no logarithm or power is taken for an investor.
    """
    rows = []
    for level in range(LEVELS):
        top = 16.0**-level
        rows.append([value(top * (0.0625 + 0.9375 * point / POINTS)) for point in range(POINTS + 1)])
    return np.array(rows, dtype=np.float64)


def lognormal(dispersion: float) -> np.ndarray:
    """Quantiles of a log-normal law with median 1; nothing at the lower end."""
    return table_of(lambda p: 0.0 if p >= _CERTAIN else exp(-dispersion * normal_quantile(p)))


def pareto_alpha(top_1_share: float, top_10_share: float) -> float:
    """Tail exponent with which the top 1 % and top 10 % own these shares: S(p) = p ** (1 - 1 / alpha).

    Source: Kim Nak-nyeon (2018) for the shares.
    """
    return 1.0 / (1.0 - log(top_1_share / top_10_share) / log(0.1))


def wealth(top_1_share: float, top_10_share: float) -> np.ndarray:
    """Quantiles of wealth with mean 1: a log-normal body under a Pareto tail from the richest tenth on.

    The body joins the tail without a step and owns what the tail leaves.
    """
    alpha = pareto_alpha(top_1_share, top_10_share)
    join = top_10_share * (alpha - 1.0) / alpha / 0.1
    z = normal_quantile(0.9)

    def body_mean(sigma: float) -> float:
        return exp(log(join) - sigma * z + sigma * sigma / 2.0) * _normal_below(z - sigma)

    low, high = 0.1, 6.0
    for _ in range(200):
        sigma = (low + high) / 2.0
        low, high = (sigma, high) if body_mean(sigma) > 1.0 - top_10_share else (low, sigma)

    def value(p: float) -> float:
        if p <= 0.1:
            return join * float((p / 0.1) ** (-1.0 / alpha))
        return 0.0 if p >= _CERTAIN else join * exp(-sigma * (z + normal_quantile(p)))

    return table_of(value)


def _normal_below(x: float) -> float:
    """P(Z <= x) by halving on the quantile function."""
    low, high = 1e-15, 1.0 - 1e-15
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if normal_quantile(middle) < x else (low, middle)
    return (low + high) / 2.0


def alias_table(rows: Sequence[int], weights: Sequence[float]) -> np.ndarray:
    """An alias table that draws ``rows`` with odds ``weights`` to the grain of one in 33 million: int64 [3, name].

    Source: Walker (1977), ACM Transactions on Mathematical Software 3:253-256.
    """
    count, total = len(rows), sum(weights)
    assert count > 0 and total > 0, "there is a name to draw"
    odds = [w / total * count for w in weights]
    small = [i for i in range(count) if odds[i] < 1.0]
    large = [i for i in range(count) if odds[i] >= 1.0]
    keep, other = [_KEEP] * count, list(range(count))
    while small and large:
        i, j = small.pop(), large[-1]
        keep[i], other[i] = int(odds[i] * _KEEP), j
        odds[j] -= 1.0 - odds[i]
        if odds[j] < 1.0:
            small.append(large.pop())
    return np.array([list(rows), keep, other], dtype=np.int64)


def stacked(tables: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Alias tables side by side, int64 [table, 3, longest], and their lengths."""
    lengths = np.array([table.shape[1] for table in tables], dtype=np.int64)
    odds = np.zeros((len(tables), 3, int(lengths.max())), dtype=np.int64)
    for i, table in enumerate(tables):
        odds[i, :, : table.shape[1]] = table
    return odds, lengths
