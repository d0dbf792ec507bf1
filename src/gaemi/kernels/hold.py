"""Hold: people who came to a falling coin at some minute and kept it, valued at every minute until the end."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import ORDER, WEALTH, exp, uniform, word

SCALE = 1_000_000_000
"""A quantity is whole thousandths of a coin and a price whole millionths of a won: their product over this is won."""

NEVER = -1
BAND, WITHIN = 0, 1
"""Draws of a holder: which band of the survey, and where in it."""


class Crowd(NamedTuple):
    """Where buyers come from. ``b`` bands of the survey by value of coins, the smallest first."""

    upper: np.ndarray  # float64 [b] share of people up to and with the band
    log_from: np.ndarray  # float64 [b] logarithm of the least value
    log_width: np.ndarray  # float64 [b] logarithm of the largest over the least
    scale: float  # what a purchase is of that value


class Held(NamedTuple):
    """Holders. ``n`` people."""

    entry: np.ndarray  # int32 [n] minute of the purchase; 0 for those who had the coin before
    coins_e3: np.ndarray  # int64 [n] thousandths of a coin
    peak_won: np.ndarray  # int64 [n] highest value, to be written
    end_won: np.ndarray  # int64 [n] value at the last minute, to be written
    emptied: np.ndarray  # int32 [n] minute at which nine tenths of the peak were gone, NEVER if not; to be written


def come(crowd: Crowd, day: int, window: np.ndarray, seed: int, entry: np.ndarray, won: np.ndarray) -> None:
    """Draw each holder's minute of entry and purchase in won.

    ``window`` is int64 [n, 2], the minutes of the holder's day from the first to before the last; ``day`` is the day
    number that keys the draws, one for the whole crowd. Logarithms of values are even within a band.
    """
    for i in range(entry.size):
        drawn = uniform(word(seed, 0, WEALTH, day, i, BAND))
        b = 0
        while b < crowd.upper.size - 1 and drawn > crowd.upper[b]:
            b += 1
        within = uniform(word(seed, 0, WEALTH, day, i, WITHIN))
        value = crowd.scale * exp(crowd.log_from[b] + within * crowd.log_width[b])
        won[i] = max(int(value), 1)
        minutes = window[i, 1] - window[i, 0]
        entry[i] = window[i, 0] + int(uniform(word(seed, 0, ORDER, day, i, 0)) * minutes)


def hold(held: Held, price_e6: np.ndarray, start: int, stop: int) -> None:
    """Value holders ``start`` to ``stop`` at each minute from their entry on; ``price_e6`` is int64 [minutes].

    Products stay below 2 ** 63, which whoever lays out the holders has to see to.
    """
    last = price_e6.size
    for i in range(start, stop):
        coins = held.coins_e3[i]
        peak, value, emptied = 0, 0, NEVER
        for minute in range(held.entry[i], last):
            value = coins * price_e6[minute]
            peak = max(peak, value)
            if emptied == NEVER and value <= peak // 10:
                emptied = minute
        held.peak_won[i] = peak // SCALE
        held.end_won[i] = value // SCALE
        held.emptied[i] = emptied
