"""Mark: value every account at the close, raise peaks, note who lost nearly everything."""

import numpy as np

from gaemi.kernels.owed import accrued_won
from gaemi.kernels.pools import pool_collateral_won, pool_debt_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever
from gaemi.records.columns import Borrowing, Plain, Pool, Standing
from gaemi.units import won_value

BLOCK = 2048
"""Accounts valued together: their running sums stay in the processor's nearest cache."""

NEARLY_ALL = 10
"""An account is emptied, an investor wiped out, when a tenth of the peak or less is left."""


def mark_plain(group: Plain, quotes: Quotes, wiped_by_age: np.ndarray, held: np.ndarray, start: int, stop: int) -> None:
    """Value plain accounts ``start`` to ``stop``; count the newly wiped out by age band.

    ``wiped_by_age`` is int64[age band]; ``held`` is int64[1] and takes the sum of net worth in won.
    """
    slots = group.instrument.shape[0]
    worth = np.empty(BLOCK, np.int64)
    total = 0
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        for i in range(count):
            worth[i] = group.cash_won[first + i]
        for slot in range(slots):
            instrument = group.instrument[slot, first : first + count]
            quantity = group.quantity[slot, first : first + count]
            for i in range(count):
                worth[i] += won_value(quantity[i], quotes.unit[instrument[i]])
        for i in range(count):
            j = first + i
            net = worth[i]
            total += net
            if net > group.peak_won[j]:
                group.peak_won[j] = net
            elif NEARLY_ALL * net <= group.peak_won[j] and group.wiped[j] == 0:
                group.wiped[j] = 1
                wiped_by_age[group.age[j]] += 1
    held[0] += total


def worth_won(group: Borrowing, j: int, quotes: Quotes, law: LawTable, today: int) -> tuple[int, int]:
    """Net worth of account ``j`` and of the person behind it, interest counted to ``today`` (ordinal)."""
    account = group.cash_won[j] - group.residual_won[j]
    elsewhere = 0
    for slot in range(group.instrument.shape[0]):
        quantity = group.quantity[slot, j]
        if quantity == 0:
            continue
        value = won_value(quantity, quotes.unit[group.instrument[slot, j]])
        if group.standing[slot, j] == Standing.ELSEWHERE:
            elsewhere += value
        else:
            account += value
    for loan in range(group.loan_kind.shape[0]):
        account -= group.principal_won[loan, j] + accrued_won(group, loan, j, law, today)
    return account, account + elsewhere


def mark_borrowing(
    group: Borrowing, quotes: Quotes, law: LawTable, today: int, held: np.ndarray, start: int, stop: int
) -> None:
    """Value borrowing accounts; set the flags EMPTIED, ZEROED and WIPED_OUT.

    ``held`` is int64[1] and takes the sum of the persons' net worth in won.
    """
    for j in range(start, stop):
        account, person = worth_won(group, j, quotes, law, today)
        held[0] += person
        ever = int(group.ever[j])
        if account > group.peak_account_won[j]:
            group.peak_account_won[j] = account
        elif group.peak_account_won[j] > 0 and NEARLY_ALL * account <= group.peak_account_won[j]:
            ever |= Ever.EMPTIED.value
        if person > group.peak_investor_won[j]:
            group.peak_investor_won[j] = person
        elif group.peak_investor_won[j] > 0 and NEARLY_ALL * person <= group.peak_investor_won[j]:
            ever |= Ever.WIPED_OUT.value
        for pool in (Pool.BROKER.value, Pool.STOCK_LOAN.value):
            debt = pool_debt_won(group, j, pool)
            if debt > 0 and pool_collateral_won(group, j, pool, quotes, law) < debt:
                ever |= Ever.ZEROED.value
        group.ever[j] = ever
