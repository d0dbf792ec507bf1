"""The premium of the won price over the world price of a coin, as a process of its own.

Tomorrow's premium is its level, a share of today's distance from it, and a surprise: an AR(1) process with normal
surprises. By default it stands still at zero. The parameters in law come from :func:`estimated` on the daily premium of
BTC from 2017-09-25 to 2019-12-31 (828 days): least squares of a day's premium on that of the day before, with a
constant; the level is constant / (1 - slope), the deviation that of the residuals. The boom of January 2018 is in it;
their ranges reach down to the same procedure from 2018-03-01 on. Nothing after 2019 was used.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.chance import PREMIUM, name_id, normal, word
from gaemi.law.lawbook import LawBook
from gaemi.rules.coins import premium_after
from gaemi.units import BPS


@dataclass(frozen=True, slots=True)
class PremiumProcess:
    """``level`` and ``deviation`` (a day) as shares of the price; ``persistence`` is what is left a day later."""

    level: float = 0.0
    persistence: float = 1.0
    deviation: float = 0.0

    def path(self, start: float, days: int, seed: int, path: int = 0) -> np.ndarray:
        """The premium at the end of day 0 (``start``) to ``days``: float64 [day + 1], the same for the same seed."""
        found, number = [start], name_id("premium")
        for day in range(days):
            surprise = self.deviation * normal(word(seed, path, PREMIUM, day, number, 0))
            found.append(premium_after(found[-1], self.level, self.persistence, surprise))
        return np.array(found)


STILL = PremiumProcess()
"""A premium that stays where it is."""


def premium_process(book: LawBook, on: date) -> PremiumProcess:
    """The process in law where ``coins.premium_on`` says so, else one that stands still."""
    if not book.value("coins.premium_on", on):
        return STILL
    level, persistence, deviation = (
        int(book.value(f"coins.premium_{name}", on)) / BPS for name in ("mean", "persistence", "deviation")
    )
    return PremiumProcess(level, persistence, deviation)


def estimated(premium: np.ndarray) -> PremiumProcess:
    """The AR(1) process of a daily premium (float64 [day], as a share), by least squares.

    Source: Box and Jenkins, Time Series Analysis (1970), 7.3: conditional least squares of an AR(1) with a constant.
    """
    before, after = premium[:-1], premium[1:]
    moved = before - before.mean()
    slope = float((moved * (after - after.mean())).sum() / (moved * moved).sum())
    constant = float(after.mean()) - slope * float(before.mean())
    rest = after - constant - slope * before
    return PremiumProcess(constant / (1.0 - slope), slope, float(rest.std()))
