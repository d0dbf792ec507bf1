"""Clearing: the price at which what is sold because of the price is sold.

A map from prices to prices that never falls when its argument rises has a greatest and a least fixed point. Prices
are whole ticks within the day's limits, so the way down from the highest prices the law allows ends after finitely
many steps, at the greatest; the way up from the lowest ends at the least. Neither depends on the order of names.

Source: Tarski, "A lattice-theoretical fixpoint theorem and its applications", Pacific J. Mathematics 5 (1955).
"""

from collections.abc import Callable

import numpy as np

PRICE = np.ndarray
MOST_STEPS = 100_000


def fixed_point(step: Callable[[PRICE], PRICE], start: PRICE) -> PRICE:
    """Repeat ``step`` from ``start`` until no price moves; start at the top for the greatest fixed point."""
    prices = start
    for _ in range(MOST_STEPS):
        following = step(prices)
        if np.array_equal(following, prices):
            return prices
        prices = following
    raise AssertionError("clearing has finitely many prices and must end")
