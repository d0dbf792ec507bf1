"""Spread: prices of many names along one path, from the levels of a few drivers and each name's own luck."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import exp, log
from gaemi.kernels.draw import Drawn, Luck, Sheet, draw_path, standard_normals


class Ties(NamedTuple):
    """How ``n`` names hang on drivers: log price = load x log level + own luck - shift a session."""

    driver: np.ndarray  # int64 [n], -1: the name does not move
    load: np.ndarray  # float64 [n]
    own: np.ndarray  # float64 [n] deviation of the name's own log return a session
    shift: np.ndarray  # float64 [n] taken off a session, so that the price drifts nowhere on average
    number: np.ndarray  # int64 [n] chance.name_id of the name


def spread_path(luck: Luck, sheet: Sheet, drawn: Drawn, place: int, ties: Ties, factor: np.ndarray) -> None:
    """Write ``factor``, float64 [t + 1, n], of the path in row ``place`` of ``drawn``; row 0 is 1.

    Own luck is keyed by the path, the name and the session, so that a name has the same in any book.
    """
    sessions = factor.shape[0] - 1
    draw_path(luck, sheet, drawn, place, 1, sessions + 1)
    path = drawn.number[place]
    rows = np.zeros((2, sessions + 8))
    for i in range(ties.driver.size):
        driver = ties.driver[i]
        if driver < 0:
            continue
        own = ties.own[i]
        if own > 0.0:
            standard_normals(luck.seed, path, ties.number[i], 1, sessions, rows)
        total = 0.0
        for t in range(1, sessions + 1):
            if own > 0.0:
                total += own * rows[0, t - 1]
            factor[t, i] = exp(ties.load[i] * log(sheet.level[driver, t]) + total - ties.shift[i] * t)
