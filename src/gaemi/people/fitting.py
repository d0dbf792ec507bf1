"""Fitting tables to published margins, exactly: proportional fitting and whole numbers."""

from collections.abc import Sequence

import numpy as np

from gaemi.units import largest_remainder

FINE = 1_000_000_000
"""Fractions are split to this grain before they become whole numbers."""


def iterative_fit(
    seed: np.ndarray, rows: Sequence[float], columns: Sequence[float], cycles: int = 300, tolerance: float = 1e-12
) -> np.ndarray:
    """The table nearest to ``seed`` with the given row and column sums: float64 of the seed's shape.

    Rows and columns are scaled in turn until no sum is off by more than ``tolerance`` of the total. Cells that are 0
    stay 0, and the odds ratios of the seed are kept. Margins that the zeros do not allow are met as nearly as they
    can be, columns last.

    Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11:427-444.
    """
    table = np.array(seed, dtype=np.float64)
    row_sums, column_sums = np.asarray(rows, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    assert table.shape == (row_sums.size, column_sums.size), "one margin a row and a column"
    allowed = tolerance * max(float(row_sums.sum()), 1e-300)
    for _ in range(cycles):
        found = table.sum(axis=1)
        table *= np.divide(row_sums, found, out=np.zeros_like(found), where=found > 0)[:, None]
        found = table.sum(axis=0)
        table *= np.divide(column_sums, found, out=np.zeros_like(found), where=found > 0)[None, :]
        if np.abs(table.sum(axis=1) - row_sums).max() <= allowed:
            break
    return table


def whole_table(table: np.ndarray, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
    """``table`` in whole numbers with exactly these row sums, and these column sums wherever a cell can give way.

    Rows are split by largest remainder. What a column then has too much goes, row by row from the largest, to columns
    that have too little; cells that are 0 stay 0.
    """
    found = np.zeros(table.shape, dtype=np.int64)
    for i, total in enumerate(rows):
        if total:
            found[i] = largest_remainder(int(total), grains(table[i]))
    order = sorted(range(len(rows)), key=lambda i: (-int(rows[i]), i))
    excess = found.sum(axis=0) - np.asarray(columns, dtype=np.int64)
    for give in range(len(columns)):
        for take in range(len(columns)):
            for i in order:
                move = min(int(excess[give]), -int(excess[take]), int(found[i, give]))
                if move > 0 and table[i, take] > 0:
                    found[i, give] -= move
                    found[i, take] += move
                    excess[give] -= move
                    excess[take] += move
    return found


def grains(weights: np.ndarray) -> list[int]:
    """Weights as whole numbers in proportion, fine enough for :func:`largest_remainder`; a weight above 0 stays so."""
    top = float(np.max(weights))
    assert top > 0, "at least one weight is above 0"
    return [max(1, round(float(w) / top * FINE)) if w > 0 else 0 for w in weights]


def truncated_geometric(mean: float, lowest: int, highest: int) -> list[float]:
    """Probabilities of ``lowest`` .. ``highest`` in proportion to r ** n, with r such that the mean is ``mean``."""
    assert lowest < mean < highest, f"mean must lie between {lowest} and {highest}, was {mean}"
    low, high = 1e-9, 1e3
    for _ in range(200):
        ratio = (low * high) ** 0.5
        weights = [ratio ** (n - lowest) for n in range(lowest, highest + 1)]
        found = sum(n * w for n, w in zip(range(lowest, highest + 1), weights, strict=True)) / sum(weights)
        low, high = (ratio, high) if found < mean else (low, ratio)
    total = sum(weights)
    return [w / total for w in weights]


def spread(total: int, weights: np.ndarray, lowest: int, highest: np.ndarray) -> np.ndarray:
    """``total`` whole won in proportion to ``weights``, each part from ``lowest`` to its ``highest``: int64.

    What the caps cut off is shared by the others in proportion. The parts add up to ``total`` exactly wherever the
    bounds allow it, else they stand at their bounds.
    """
    cap = np.asarray(highest, dtype=np.int64)
    if total >= int(cap.sum()):
        return cap.copy()
    if total <= lowest * weights.size:
        return np.full(weights.size, lowest, dtype=np.int64)
    weight = weights / weights.mean()
    low, high = 0.0, float(cap.max()) / float(weight.min()) + 1.0
    for _ in range(70):
        scale = (low + high) / 2
        if np.clip(weight * scale, lowest, cap).sum() > total:
            high = scale
        else:
            low = scale
    parts = np.clip(weight * low, lowest, cap).astype(np.int64)
    left = total - int(parts.sum())
    while left:
        open_places = np.flatnonzero(parts < cap if left > 0 else parts > lowest)
        step = open_places[: abs(left)]
        parts[step] += 1 if left > 0 else -1
        left = total - int(parts.sum())
    return parts
