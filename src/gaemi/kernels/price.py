"""Price: from latent prices to traded ones, by tick and daily limit."""

from typing import NamedTuple

import numpy as np

from gaemi.rules.impact import displacement, price_factor
from gaemi.rules.market import limit_down, limit_up, to_tick

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
    """Traded price (``price``, scaled) of a latent one: floored to the tick, clipped to the limit, or halted."""
    for i in range(latent.size):
        below = exchange.tick_below[i]
        size = exchange.tick_size[i]
        locked[i] = FREE
        if exchange.halted[i] != 0:
            price[i] = exchange.base[i]
            continue
        price[i] = to_tick(latent[i], below, size)
        if exchange.limit_bps[i] == 0:
            continue
        lowest = limit_down(exchange.base[i], exchange.limit_bps[i], below, size)
        highest = limit_up(exchange.base[i], exchange.limit_bps[i], below, size)
        if price[i] <= lowest:
            price[i] = lowest
            locked[i] = LOCKED_DOWN
        elif price[i] >= highest:
            price[i] = highest
            locked[i] = LOCKED_UP


def press(latent: np.ndarray, pressure: Pressure, moved: np.ndarray) -> None:
    """Latent prices moved by the impact of the flow so far (``moved``, float64[n])."""
    for i in range(latent.size):
        relative = displacement(
            pressure.volatility[i],
            pressure.coefficient,
            pressure.permanent_share,
            pressure.cumulative[i],
            pressure.recent[i],
        )
        moved[i] = latent[i] * price_factor(relative)
