"""Price: from latent prices to traded ones, by tick and daily limit."""

from typing import NamedTuple

import numpy as np

from gaemi.rules.impact import displacement, price_multiplier
from gaemi.rules.market import is_locked_down, lower_limit, nearest_tick, traded_price, upper_limit

LOCKED_UP, FREE, LOCKED_DOWN = 1, 0, -1


class Exchange(NamedTuple):
    """What bounds the traded price of each instrument in one session. ``n`` instruments, ``r`` rows of ticks."""

    base: np.ndarray  # [n] previous close, scaled price
    limit_bps: np.ndarray  # [n] daily limit; 0: none
    halted: np.ndarray  # [n]
    tick_below: np.ndarray  # [n, r]
    tick_size: np.ndarray  # [n, r]


class Pressure(NamedTuple):
    """Signed flow so far as share of volume, and how it moves prices; sales are negative."""

    volatility: np.ndarray  # [n]
    cumulative: np.ndarray  # [n]
    recent: np.ndarray  # [n]
    coefficient: float
    permanent_share: float


def trade(latent: np.ndarray, exchange: Exchange, price: np.ndarray, locked: np.ndarray) -> None:
    """Traded price (``price``, scaled) of a latent one: to the tick, within the day's limits, or halted at the base.

    ``locked`` (int8[n]) says which names stand at a limit.
    """
    for i in range(latent.size):
        below = exchange.tick_below[i]
        size = exchange.tick_size[i]
        locked[i] = FREE
        if exchange.halted[i] != 0:
            price[i] = exchange.base[i]
        elif exchange.limit_bps[i] == 0:
            price[i] = nearest_tick(latent[i], below, size)
        else:
            lower = lower_limit(exchange.base[i], exchange.limit_bps[i], below, size)
            upper = upper_limit(exchange.base[i], exchange.limit_bps[i], below, size)
            price[i] = traded_price(latent[i], lower, upper, below, size)
            if is_locked_down(price[i], lower):
                locked[i] = LOCKED_DOWN
            elif price[i] >= upper:
                locked[i] = LOCKED_UP


def press(latent: np.ndarray, pressure: Pressure, moved: np.ndarray) -> None:
    """Latent prices moved by the impact of the flow so far (``moved``, float64[n])."""
    for i in range(latent.size):
        relative = displacement(
            pressure.cumulative[i],
            pressure.recent[i],
            pressure.coefficient,
            pressure.volatility[i],
            pressure.permanent_share,
        )
        moved[i] = latent[i] * price_multiplier(relative)
