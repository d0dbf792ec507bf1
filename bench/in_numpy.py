"""The same in NumPy: long tables and ``add.reduceat``; then our layout, a slot at a time."""

import numpy as np

from bench.accounts import Answer, Country, Long, groups, pooled_debt_won, rates_bps
from gaemi.records.columns import Borrowing
from gaemi.units import BPS

BLOCK = 1 << 15
"""Accounts of our layout valued together, so that what NumPy writes in between stays in the cache."""


class NumpyLong:
    """Take prices, multiply, add up by account, compare with loans; buffers are made once."""

    def __init__(self, tables: Long) -> None:
        self.tables = tables
        self.value = np.empty(tables.account.size, np.int64)
        self.pledge = np.empty(tables.pledge_account.size, np.int64)
        self.starts = _starts(tables.account)
        self.pledge_starts = _starts(tables.pledge_account)
        self.pledgers = tables.pledge_account[self.pledge_starts]
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        t = self.tables
        _values_won(t.unit, t.instrument, t.quantity, self.value)
        worth = np.add.reduceat(self.value, self.starts)
        _values_won(t.unit, t.pledge_instrument, t.pledge_quantity, self.pledge)
        np.multiply(self.pledge, t.pledge_rate_bps, out=self.pledge)
        np.floor_divide(self.pledge, BPS, out=self.pledge)
        collateral = np.zeros(worth.size, np.int64)
        collateral[self.pledgers] = np.add.reduceat(self.pledge, self.pledge_starts)
        held = collateral[t.loan_account] + t.loan_cash_won
        under = BPS * held < t.loan_needed_bps * t.loan_won
        self.found = Answer(int(worth.sum()), int(under.sum()))

    def answer(self) -> Answer:
        return self.found


class NumpySlots:
    """Our layout: every slot of a block of accounts at once, the block's sums in the cache."""

    def __init__(self, these: Country) -> None:
        self.these = these
        self.rate = rates_bps(these.after, these.law)
        self.found = Answer(0, 0)

    def __call__(self) -> None:
        value, under = 0, 0
        for group in groups(self.these.population):
            for first in range(0, group.investor.size, BLOCK):
                stop = min(first + BLOCK, group.investor.size)
                worth, collateral = self._block(group, first, stop)
                value += int(worth.sum())
                if isinstance(group, Borrowing):
                    part = Borrowing(*(column[..., first:stop] for column in group))
                    under += self._under(part, collateral)
        self.found = Answer(value, under)

    def _block(self, group: object, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        unit = self.these.after.unit
        worth = np.zeros(stop - first, np.int64)
        collateral = np.zeros(stop - first, np.int64)
        won = np.empty(stop - first, np.int64)
        for slot in range(group.instrument.shape[0]):  # type: ignore[attr-defined]
            instrument = group.instrument[slot, first:stop]  # type: ignore[attr-defined]
            _values_won(unit, instrument, group.quantity[slot, first:stop], won)  # type: ignore[attr-defined]
            worth += won
            if isinstance(group, Borrowing):
                won *= self.rate[group.standing[slot, first:stop], instrument]
                won //= BPS
                collateral += won
        return worth, collateral

    def _under(self, part: Borrowing, collateral: np.ndarray) -> int:
        law, debt = self.these.law, pooled_debt_won(part)
        held = collateral + part.cash_won * law.cash_rate_bps // BPS
        return int(((BPS * held < law.maintenance_bps[part.firm] * debt) & (debt > 0)).sum())

    def answer(self) -> Answer:
        return self.found


def _starts(account: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(account, prepend=-1))


def _values_won(unit: np.ndarray, instrument: np.ndarray, quantity: np.ndarray, out: np.ndarray) -> None:
    """Whole won of each holding, halves up, without a copy in between."""
    np.take(unit, instrument, out=out, mode="clip")
    np.multiply(out, quantity, out=out)
    np.add(out, 512, out=out)
    np.right_shift(out, 10, out=out)
