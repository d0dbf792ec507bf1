"""What accounts of a size band hold: a truncated Pareto law in each band, with one exponent that meets the total."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import log

import numpy as np

from gaemi.people.quantiles import lognormal, table_of

_LOWEST, _HIGHEST = -3.0, 8.0


def truncated_pareto(low: float, high: float, exponent: float, upper: float) -> float:
    """The value that a share ``upper`` of the accounts between ``low`` and ``high`` are above.

    The density falls as x ** -(1 + exponent); an exponent of 0 spreads accounts evenly over the logarithm.
    """
    if abs(exponent) < 1e-9:
        return float(low * (high / low) ** (1.0 - upper))
    ratio = (low / high) ** exponent
    return float(low * (1.0 - (1.0 - upper) * (1.0 - ratio)) ** (-1.0 / exponent))


def mean_won(low: float, high: float, exponent: float) -> float:
    """Mean of :func:`truncated_pareto`, by integrating x ** -exponent over x ** -(1 + exponent)."""
    above, below = _integral(low, high, exponent), _integral(low, high, exponent + 1.0)
    return low * above / below


def _integral(low: float, high: float, power: float) -> float:
    """The integral of x ** -power from ``low`` to ``high``, over low ** (1 - power)."""
    ratio, rest = high / low, 1.0 - power
    return log(ratio) if abs(rest) < 1e-9 else float(ratio**rest - 1.0) / rest


def total_won(edges: Sequence[int], counts: Sequence[int], exponent: float) -> float:
    """Won that accounts hold in all: ``counts`` of them between each two ``edges``."""
    pairs = pairwise(edges)
    return sum(n * mean_won(float(low), float(high), exponent) for n, (low, high) in zip(counts, pairs, strict=True))


def exponent_of(edges: Sequence[int], counts: Sequence[int], total: int) -> float:
    """The exponent with which the accounts hold ``total`` won, or the end of -3 to 8 that comes nearest."""
    low, high = _LOWEST, _HIGHEST
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if total_won(edges, counts, middle) > total else (low, middle)
    return (low + high) / 2.0


@cache
def split_tables(*dispersions: float) -> tuple[np.ndarray, ...]:
    """Quantiles of log-normal laws, as kernels read them."""
    return tuple(lognormal(dispersion) for dispersion in dispersions)


@cache
def band_tables(edges: tuple[int, ...], exponent: float) -> list[np.ndarray]:
    """Quantiles of each band by the upper tail, as kernels read them: float64 [level, point]."""
    tables = []
    for band in range(len(edges) - 1):
        low, high = float(edges[band]), float(edges[band + 1])
        tables.append(table_of(lambda p, low=low, high=high: truncated_pareto(low, high, exponent, p)))  # type: ignore[misc]
    return tables
