"""Unsettled purchases of a replay: every session as many won as stood unpaid the evening before it began.

Nobody publishes who buys without paying. The level of the published receivable is held constant: each session brings
purchases whose unpaid part is that many won, in names drawn by turnover, due two sessions later.
"""

from datetime import date

import numpy as np

from gaemi.chance import ORDER, uniform, word
from gaemi.records.columns import Borrowing, Instruments, Kind, LoanKind, Standing, borrowing_group
from gaemi.units import BPS, ceil_div, largest_remainder

FIRST_BUYER = 4_000_000_000
BUYERS_A_SESSION = 2_000
"""Persons behind a session's purchases: each has one name. Their number changes no total."""

WORKING_AGE = 4


def unsettled_purchases(
    instruments: Instruments, price: np.ndarray, owed_won: int, deposit_bps: int, seed: int, day: int
) -> Borrowing:
    """A group of buyers who owe ``owed_won`` in all for names bought at ``price`` (int64[n]) on session ``day``.

    Shares: one lot more than the owed part at the deposit asks, so that nobody owes more than the shares are worth.
    """
    names = np.flatnonzero((instruments.kind == Kind.STOCK) & (instruments.board < 2) & (instruments.halted == 0))
    upper = np.cumsum(instruments.turnover_won[names])
    owed = [part for part in largest_remainder(owed_won, [1] * BUYERS_A_SESSION) if part > 0]
    group = borrowing_group(len(owed), 1, 1)
    for j, part in enumerate(owed):
        buyer = FIRST_BUYER + day * BUYERS_A_SESSION + j
        luck = uniform(word(seed, 0, ORDER, day, buyer, 0)) * float(upper[-1])
        row = int(names[np.searchsorted(upper, luck)])
        quantity = ceil_div(part * BPS, (BPS - deposit_bps) * int(price[row]))
        worth = quantity * int(price[row]) - part
        group.investor[j], group.age[j] = buyer, WORKING_AGE
        group.instrument[0, j], group.quantity[0, j], group.standing[0, j] = row, quantity, Standing.UNSETTLED
        group.loan_kind[0, j], group.principal_won[0, j], group.settled_won[0, j] = LoanKind.UNSETTLED, part, part
        group.financed[0, j] = row
        group.peak_account_won[j], group.peak_investor_won[j] = worth, worth
    return group


def dated(group: Borrowing, bought: date, due: date) -> Borrowing:
    """The group with the dates of its purchases; interest runs from the due date."""
    group.opened[:], group.interest_from[:], group.due[:] = bought.toordinal(), due.toordinal(), due.toordinal()
    return group
