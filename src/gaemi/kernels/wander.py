"""Wander: prices of invented names along a recorded index: its moves, and beside them each name's own luck."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import NAME, exp, normal, philox
from gaemi.rules.market import is_locked_down, lower_limit, traded_price, upper_limit


class Named(NamedTuple):
    """Invented names. ``n`` names."""

    board: np.ndarray  # int64 [n] 0 KOSPI, 1 KOSDAQ
    group: np.ndarray  # int64 [n] stock group of the law
    number: np.ndarray  # int64 [n] chance.name_id of the name
    pool: np.ndarray  # int64 [n] whose balance its loans belong to: those of a board, or one stock's own
    driver: np.ndarray  # int64 [n] the index it moves with: small companies of KOSPI move with KOSDAQ's
    own: np.ndarray  # float64 [n] deviation of a session beside the index


class Tape(NamedTuple):
    """What names cost on each session. ``t`` sessions, ``n`` names, 2 boards, ``p`` pools."""

    price: np.ndarray  # int64 [t, n] won of a lot
    locked: np.ndarray  # int8 [t, n] 1 where the name closed at its lower limit
    latent: np.ndarray  # float64 [t, n] price without limits
    ordinal: np.ndarray  # int64 [t] day number of the session
    day: np.ndarray  # float64 [t, 2] log return of the index, 0 on the first
    bought_day: np.ndarray  # float64 [t, p] log return of what the borrowers of each pool buy
    bought_week: np.ndarray  # float64 [t, p] its faded sum over the sessions before, see market.names
    deviation: np.ndarray  # float64 [t, 2] of a session's log return of the index, as known then
    limit_bps: np.ndarray  # int64 [t] daily price limit
    below: np.ndarray  # int64 [1, 1] the one row of ticks of invented names: a won
    tick: np.ndarray  # int64 [1, 1]


def wander(named: Named, tape: Tape, seed: int, path: int, first: int, stop: int) -> None:
    """Write prices of sessions ``first`` to ``stop`` of one member; session 0 holds the starting prices.

    A name's log price moves with its index and by its own normal draw of the date, less half its variance, so that it
    is expected to do what the index does. What the daily limit does not let through moves it the session after.
    """
    below, tick = tape.below[0], tape.tick[0]
    for i in range(named.board.size):
        own = named.own[i]
        number = named.number[i]
        for t in range(max(first, 1), stop):
            ordinal = tape.ordinal[t]
            words = philox(number & 0xFFFFFFFF, number >> 32 & 0xFFFFFFFF, ordinal, NAME * 65536, seed, path)
            move = tape.day[t, named.driver[i]] + own * normal(words[0]) - 0.5 * own * own
            latent = tape.latent[t - 1, i] * exp(move)
            base = tape.price[t - 1, i]
            lower = lower_limit(base, tape.limit_bps[t], below, tick)
            upper = upper_limit(base, tape.limit_bps[t], below, tick)
            price = traded_price(latent, lower, upper, below, tick)
            tape.latent[t, i] = latent
            tape.price[t, i] = max(price, 1)
            tape.locked[t, i] = 1 if is_locked_down(price, lower) else 0
