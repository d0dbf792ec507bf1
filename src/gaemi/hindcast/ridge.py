"""Linear equations with shrunken weights; the penalty is chosen on held-out blocks of time of the fitting period."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gaemi.errors import refuse

PENALTIES = (0.0, 1.0, 10.0, 31.6, 100.0, 316.0, 1000.0, 3162.0, 10000.0)
"""Weights of columns with unit variance are shrunk by these, summed over sessions; 0 is least squares."""

BLOCKS = 5
SESSIONS_A_COLUMN = 2
"""An equation needs this many sessions for each of its columns."""

NEGLIGIBLE = 1e-10
"""Directions of the columns with less than this share of the largest variance carry nothing."""


@dataclass(frozen=True, slots=True)
class Equation:
    """One fitted equation: ``constant`` + ``weight`` of standardised columns, or the exponential of it.

    ``held_out`` is the mean absolute error on held-out blocks with the penalty chosen, in the unit of the target.
    """

    centre: np.ndarray  # float64 [c]
    spread: np.ndarray  # float64 [c]
    weight: np.ndarray  # float64 [c]
    constant: float
    penalty: float
    logarithm: bool
    sessions: int
    held_out: float
    held_out_least_squares: float

    def told(self, columns: np.ndarray) -> np.ndarray:
        """The target's forecast for each row of ``columns``, float64 [s]; NaN where a column is."""
        found = ((columns - self.centre) / self.spread) @ self.weight + self.constant
        return np.exp(found) if self.logarithm else found


class Sums(NamedTuple):
    """Sums over sessions of columns, targets and their products."""

    sessions: int
    columns: np.ndarray  # float64 [c]
    wanted: np.ndarray  # float64 [k]
    squares: np.ndarray  # float64 [c, c]
    products: np.ndarray  # float64 [c, k]

    def less(self, part: "Sums") -> "Sums":
        return Sums(
            self.sessions - part.sessions,
            self.columns - part.columns,
            self.wanted - part.wanted,
            self.squares - part.squares,
            self.products - part.products,
        )


def fitted(columns: np.ndarray, wanted: np.ndarray, purge: int, logarithm: bool = False) -> list[Equation]:
    """An equation for each column of ``wanted``, float64 [t, k], on ``columns``, float64 [t, c].

    Sessions with a NaN are left out and counted out. From a held-out block ``purge`` sessions on both sides are left
    out as well, because their targets reach into it. With ``logarithm`` an equation for the logarithm is tried beside
    the plain one. Raises Refused where there are too few sessions.
    """
    whole = np.isfinite(columns).all(axis=1) & np.isfinite(wanted).all(axis=1)
    x, y = columns[whole], wanted[whole]
    least = SESSIONS_A_COLUMN * columns.shape[1] + BLOCKS * 2 * purge
    if len(x) < least:
        raise refuse("fitting period", f"{len(x)} sessions", f"must have {least} sessions or more for this horizon")
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0.0] = 1.0
    z = (x - centre) / spread
    forms = [(False, y)]
    if logarithm and (y > 0.0).all():
        forms.append((True, np.log(y)))
    told = np.concatenate([form for _, form in forms], axis=1)
    logs = np.repeat([log for log, _ in forms], y.shape[1])
    truth = np.tile(y, (1, len(forms)))
    error = _held_out(z, told, truth, logs, purge)
    weight, constant = _solved(_sums(z, told))
    equations = []
    for target in range(y.shape[1]):
        tried = error[:, target :: y.shape[1]]
        at, form = divmod(int(tried.argmin()), len(forms))
        k = form * y.shape[1] + target
        held_out, least_squares = float(tried[at, form]), float(tried[0, 0])
        line = (centre, spread, weight[at][:, k], float(constant[at][k]))
        equations.append(Equation(*line, PENALTIES[at], bool(logs[k]), len(z), held_out, least_squares))
    return equations


def _held_out(z: np.ndarray, told: np.ndarray, truth: np.ndarray, logs: np.ndarray, purge: int) -> np.ndarray:
    """Mean absolute error on blocks of time that the weights did not see: float64 [penalty, k]."""
    every = _sums(z, told)
    error = np.zeros((len(PENALTIES), told.shape[1]))
    edges = [len(z) * block // BLOCKS for block in range(BLOCKS + 1)]
    for first, stop in pairwise(edges):
        near = slice(max(first - purge, 0), stop + purge)
        lost = _sums(z[near], told[near])
        for at, (weight, constant) in enumerate(zip(*_solved(every.less(lost)), strict=True)):
            found = z[first:stop] @ weight + constant
            found[:, logs] = np.exp(found[:, logs])
            error[at] += np.abs(found - truth[first:stop]).sum(axis=0)
    return error / len(z)


def _sums(z: np.ndarray, told: np.ndarray) -> Sums:
    return Sums(len(z), z.sum(axis=0), told.sum(axis=0), z.T @ z, z.T @ told)


def _solved(sums: Sums) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Weights, float64 [c, k], and constants, float64 [k], for each penalty: one decomposition serves them all."""
    x, y = sums.columns / sums.sessions, sums.wanted / sums.sessions
    values, vectors = np.linalg.eigh(sums.squares - sums.sessions * np.outer(x, x))
    carries = values > NEGLIGIBLE * values[-1]
    values, vectors = values[carries], vectors[:, carries]
    turned = vectors.T @ (sums.products - sums.sessions * np.outer(x, y))
    weights = [vectors @ (turned / (values + penalty)[:, None]) for penalty in PENALTIES]
    return weights, [y - x @ weight for weight in weights]
