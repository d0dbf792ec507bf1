"""Starts of hindcasts: falls that were known at the close, and as many quiet days.

A trigger is a session whose close lies 3 % or more below the close before, or 5 % or more below that of five sessions
before, for either index; returns are simple and both bounds are included. A session without five sessions before it in
its stretch is judged by what it has, and nothing is compared across a gap. No session has to follow: a start whose
targets were not observed is counted where scores are made.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from gaemi.chance import SAMPLE, word

DAY_FALL = -0.03
WEEK_FALL = -0.05
WEEK = 5
APART = 10
"""Starts at most this many sessions apart belong to one episode; quiet days lie further than this from a trigger."""


def triggers(days: Sequence[date], close: np.ndarray, first: date | None = None) -> np.ndarray:
    """Places of the triggers of one stretch from ``first`` on, in order: int64 [s].

    ``close`` are closes of the two indices, float64 [t, 2]. The sessions before ``first`` are still compared with.
    """
    assert len(days) == len(close), f"{len(days)} days and {len(close)} closes"
    hit = np.zeros(len(close), bool)
    hit[1:] |= (close[1:] / close[:-1] - 1.0 <= DAY_FALL).any(axis=1)
    hit[WEEK:] |= (close[WEEK:] / close[:-WEEK] - 1.0 <= WEEK_FALL).any(axis=1)
    return np.flatnonzero(hit & _from(days, first)).astype(np.int64)


def episodes(places: np.ndarray) -> np.ndarray:
    """The number of the episode of each start, from 0 and in order: int64 [s]; ``places`` rise."""
    places = np.asarray(places, np.int64)
    assert (np.diff(places) > 0).all(), "places of starts must rise"
    return np.concatenate([[0], np.cumsum(np.diff(places) > APART)]).astype(np.int64)[: places.size]


def quiet_days(
    days: Sequence[date], close: np.ndarray, starts: np.ndarray, seed: int, first: date | None = None
) -> np.ndarray:
    """As many quiet days as there are ``starts``, or every quiet day if there are fewer: places in order, int64 [q].

    A day is quiet if it lies more than ten sessions from every trigger of the stretch and from every start. The quiet
    days from ``first`` on are cut into as many rows of equal length as days are wanted, and each row gives the day with
    the smallest word of luck, so that they spread over the period. Luck belongs to the date and the seed.
    """
    near = np.zeros(len(close), bool)
    for place in np.union1d(triggers(days, close), starts):
        near[max(int(place) - APART, 0) : int(place) + APART + 1] = True
    quiet = np.flatnonzero(~near & _from(days, first))
    wanted = min(len(starts), quiet.size)
    if wanted == 0:
        return np.zeros(0, np.int64)
    edges = [quiet.size * row // wanted for row in range(wanted + 1)]
    rows = (quiet[a:b].tolist() for a, b in pairwise(edges))
    luck = {place: word(seed, 0, SAMPLE, days[place].toordinal(), 0, 0) for place in quiet.tolist()}
    return np.array([min(row, key=lambda place: (luck[place], place)) for row in rows], np.int64)


def _from(days: Sequence[date], first: date | None) -> np.ndarray:
    return np.array([first is None or day >= first for day in days], bool)
