"""Call: test every pool at the close; start, keep, shorten or clear its clock."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import WAIVER, uniform, word
from gaemi.kernels.pools import contract_maintenance_bps, pool_of_holding, pool_of_loan
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.kernels.weigh import BLOCK, Scales, scales, weigh
from gaemi.outcomes import Ever
from gaemi.records.columns import AGE_BANDS, NEVER, SIZE_BANDS, Borrowing, Pool
from gaemi.rules.margin import is_under_maintenance, next_clock, sessions_to_sale
from gaemi.units import BPS

UNDER_WON, NEWLY_CALLED_WON, NEWLY_CALLED, SHORTFALL_WON = range(4)
CALL_MEASURES = 4
"""Measures of a close: won of loans in pools under maintenance, of pools newly called, their number, won missing."""

AGE_ROWS = len(AGE_BANDS)
WHO_ROWS = AGE_ROWS + len(SIZE_BANDS) + 2
"""Rows of a tally of who is hit: age bands, then size bands, then the two boards."""

WHO_CALLED_WON, WHO_SOLD_WON, WHO_RESIDUAL_WON = range(3)
WHO_MEASURES = 3


class CallTally(NamedTuple):
    """What a close's tests add up to: int64[CALL_MEASURES], int64[WHO_ROWS, WHO_MEASURES], and int64[n] won of loans
    newly called by the name that they financed."""

    totals: np.ndarray
    who: np.ndarray
    called_won: np.ndarray


def call_tally(instruments: int) -> CallTally:
    """A tally of nothing yet."""
    who = np.zeros((WHO_ROWS, WHO_MEASURES), np.int64)
    return CallTally(np.zeros(CALL_MEASURES, np.int64), who, np.zeros(instruments, np.int64))


def call_pools(
    group: Borrowing, quotes: Quotes, law: LawTable, day: int, seed: int, tally: CallTally, start: int, stop: int
) -> None:
    """Test the pools of accounts ``start`` to ``stop`` at the close of session ``day``; adds to ``tally``."""
    block = scales(quotes, law)
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        weigh(group, quotes, law, block, first, count)
        call_block(group, block, (first, count), quotes, law, (day, seed), tally)


def call_block(
    group: Borrowing, block: Scales, span: tuple[int, int], quotes: Quotes, law: LawTable, luck: tuple[int, int],
    tally: CallTally,
) -> None:  # fmt: skip
    """Test the pools of a block that is weighed: ``span`` is the first account and their number, ``luck`` the session
    and the run's seed."""
    first, count = span
    day, seed = luck
    maintenance, clock_under, clock_sessions = law.maintenance_bps, law.clock_under_bps, law.clock_sessions
    firm = group.firm[first : first + count]
    for pool in range(group.called_day.shape[0]):
        value, debt = block.collateral_won[pool], block.debt_won[pool]
        called_day = group.called_day[pool, first : first + count]
        sale_day = group.sale_day[pool, first : first + count]
        if pool != Pool.BROKER and not _anything(debt, sale_day):
            continue
        for i in range(count):
            runs = sale_day[i] != NEVER
            done = runs and (debt[i] == 0 or (sale_day[i] <= day and not order_waits(group, first + i, pool, quotes)))
            if debt[i] == 0:
                if done:
                    called_day[i], sale_day[i] = NEVER, NEVER
                continue
            needed_bps, due = maintenance[firm[i]], day + law.stock_loan_sessions
            if pool == Pool.STOCK_LOAN:
                needed_bps = law.stock_loan_maintenance_bps
            elif pool == Pool.CFD:
                needed_bps, due = contract_maintenance_bps(group, first + i, law), day + law.cfd_sessions
            under = is_under_maintenance(value[i], debt[i], needed_bps)
            if under:
                tally.totals[UNDER_WON] += debt[i]
                tally.totals[SHORTFALL_WON] += -((BPS * value[i] - needed_bps * debt[i]) // BPS)
                if pool == Pool.BROKER and waived(group.investor[first + i], seed, law.waiver_share_bps):
                    called_day[i], sale_day[i] = NEVER, NEVER
                    continue
                if pool == Pool.BROKER:
                    due = day + sessions_to_sale(value[i], debt[i], clock_under[firm[i]], clock_sessions[firm[i]])
                if not runs or done:
                    count_call(group, first + i, pool, debt[i], quotes, tally)
            elif not runs:
                continue
            called_day[i], sale_day[i] = next_clock(
                called_day[i], sale_day[i], day, due, under, done, law.cleared_on_recovery != 0
            )


def _anything(debt: np.ndarray, sale_day: np.ndarray) -> bool:
    """Whether any account of a block owes something of a pool, or has a clock of it."""
    found = 0
    for i in range(sale_day.size):
        found |= int(debt[i] != 0) | int(sale_day[i] != NEVER)
    return found != 0


def count_call(group: Borrowing, j: int, pool: int, debt: int, quotes: Quotes, tally: CallTally) -> None:
    """Note a new call in the account and in the tally: by age, by size, and by board of the name financed."""
    group.ever[j] |= Ever.CALLED.value
    tally.totals[NEWLY_CALLED_WON] += debt
    tally.totals[NEWLY_CALLED] += 1
    tally.who[group.age[j], WHO_CALLED_WON] += debt
    tally.who[AGE_ROWS + group.size[j], WHO_CALLED_WON] += debt
    for loan in range(group.loan_kind.shape[0]):
        if group.principal_won[loan, j] > 0 and pool_of_loan(group.loan_kind[loan, j]) == pool:
            board = min(int(quotes.board[group.financed[loan, j]]), 1)
            tally.who[WHO_ROWS - 2 + board, WHO_CALLED_WON] += group.principal_won[loan, j]
            tally.called_won[group.financed[loan, j]] += group.principal_won[loan, j]


def order_waits(group: Borrowing, j: int, pool: int, quotes: Quotes) -> bool:
    """True when an order of the pool was not filled, or a name of it is halted: then its sale is not done.

    A pool whose sale fell due and has neither is sold in full.
    """
    for slot in range(group.order.shape[0]):
        if pool_of_holding(group.standing[slot, j]) != pool:
            continue
        instrument = group.instrument[slot, j]
        stopped = quotes.domestic[instrument] != 0 and quotes.halted[instrument] != 0
        if group.order[slot, j] != 0 or (stopped and group.quantity[slot, j] > 0):
            return True
    return False


def waived(investor: int, seed: int, waiver_share_bps: int) -> bool:
    if waiver_share_bps == 0:
        return False
    return uniform(word(seed, 0, WAIVER, 0, int(investor), 0)) * BPS < waiver_share_bps
