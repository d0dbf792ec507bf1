"""Invented credit histories: prices drawn, balances that follow them by a rule that the test knows."""

from dataclasses import replace
from datetime import date

import numpy as np

from gaemi import days as calendar
from gaemi.sources.history import CreditHistory

LEVEL_WON = 10**13
"""Balances are of trillions, so that whole won round off nothing that a test would see."""


def drawn_close(size: int, seed: int) -> np.ndarray:
    """Closes of two indices that move 1 % a day, together in part."""
    luck = np.random.Generator(np.random.PCG64(seed)).normal(size=(size, 2))
    returns = 0.01 * luck @ np.array([[1.0, 0.6], [0.0, 0.8]])
    return 1000.0 * np.cumprod(1.0 + returns, axis=0)


def history_of(
    close: np.ndarray, settled: np.ndarray, forced: np.ndarray, first: date = date(2012, 1, 2)
) -> CreditHistory:
    """One daily stretch from ``first`` on: won are rounded, unsettled purchases are twenty days of forced sales."""
    size = len(close)
    return CreditHistory(
        days=calendar.sessions(first, size),
        close=close,
        settled_won=np.round(settled).astype(np.int64),
        unsettled_won=np.round(20 * forced).astype(np.int64),
        forced_won=np.round(forced).astype(np.int64),
        capital_won=np.full((size, 2), np.nan),
        closed=(),
        gaps=(),
        origin="invented",
    )


def following(size: int, seed: int, weight: float = 0.3, noise: float = 0.0) -> CreditHistory:
    """Balances whose relative change is ``weight`` times the own market's return of two sessions before, plus noise.

    Forced sales are a million won times 1 + 40 times the fall of KOSPI of the session before.
    """
    close = drawn_close(size, seed)
    returns = np.vstack([[0.0, 0.0], close[1:] / close[:-1] - 1.0])
    change = np.zeros((size, 2))
    change[2:] = weight * returns[:-2]
    change += noise * np.random.Generator(np.random.PCG64(seed + 1)).normal(size=(size, 2))
    forced = np.full(size, 1e10)
    forced[1:] *= 1.0 - 40.0 * np.minimum(returns[:-1, 0], 0.0)
    return history_of(close, LEVEL_WON * np.cumprod(1.0 + change, axis=0), forced)


def changed_after(history: CreditHistory, price: int, balance: int) -> CreditHistory:
    """The same history up to these places, and another one after them."""
    close, settled = history.close.copy(), history.settled_won.copy()
    unsettled, forced = history.unsettled_won.copy(), history.forced_won.copy()
    close[price + 1 :] *= 0.5
    settled[balance + 1 :] //= 3
    unsettled[balance + 1 :] *= 7
    forced[balance + 1 :] *= 11
    return replace(history, close=close, settled_won=settled, unsettled_won=unsettled, forced_won=forced)
