"""Call: test every pool at the close; start, keep, shorten or clear its clock."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import WAIVER, uniform, word
from gaemi.kernels.pools import (
    maintenance_of,
    pool_collateral_won,
    pool_debt_won,
    pool_of_holding,
    pool_of_loan,
)
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever
from gaemi.records.columns import AGE_BANDS, NEVER, SIZE_BANDS, Borrowing, Pool
from gaemi.rules.margin import is_under_maintenance, sessions_to_sale
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
    """What a close's tests add up to: int64[CALL_MEASURES], and int64[WHO_ROWS, WHO_MEASURES]."""

    totals: np.ndarray
    who: np.ndarray


def call_tally() -> CallTally:
    """A tally of nothing yet."""
    return CallTally(np.zeros(CALL_MEASURES, np.int64), np.zeros((WHO_ROWS, WHO_MEASURES), np.int64))


def call_pools(
    group: Borrowing, quotes: Quotes, law: LawTable, day: int, seed: int, tally: CallTally, start: int, stop: int
) -> None:
    """Test the pools of accounts ``start`` to ``stop`` at the close of session ``day``; adds to ``tally``."""
    totals = tally.totals
    who = tally.who
    for j in range(start, stop):
        for pool in (Pool.BROKER.value, Pool.STOCK_LOAN.value):
            debt = pool_debt_won(group, j, pool)
            if debt == 0:
                group.called_day[pool, j] = NEVER
                group.sale_day[pool, j] = NEVER
                continue
            if _sold_in_full(group, j, pool, day):
                group.called_day[pool, j] = NEVER
                group.sale_day[pool, j] = NEVER
            value = pool_collateral_won(group, j, pool, quotes, law)
            maintenance = maintenance_of(group, j, pool, law)
            if not is_under_maintenance(value, debt, maintenance):
                if law.cleared_on_recovery != 0:
                    group.called_day[pool, j] = NEVER
                    group.sale_day[pool, j] = NEVER
                continue
            totals[UNDER_WON] += debt
            totals[SHORTFALL_WON] += -((BPS * value - maintenance * debt) // BPS)
            if pool == Pool.BROKER and _waived(group.investor[j], seed, law):
                group.called_day[pool, j] = NEVER
                group.sale_day[pool, j] = NEVER
                continue
            sale_day = day + _sessions_to_sale(value, debt, pool, group.firm[j], law)
            if group.sale_day[pool, j] == NEVER:
                group.called_day[pool, j] = day
                group.sale_day[pool, j] = sale_day
                group.ever[j] |= Ever.CALLED.value
                totals[NEWLY_CALLED_WON] += debt
                totals[NEWLY_CALLED] += 1
                who[group.age[j], WHO_CALLED_WON] += debt
                who[AGE_ROWS + group.size[j], WHO_CALLED_WON] += debt
                _by_board(group, j, pool, quotes, who)
            elif sale_day < group.sale_day[pool, j]:
                group.sale_day[pool, j] = sale_day


def _by_board(group: Borrowing, j: int, pool: int, quotes: Quotes, who: np.ndarray) -> None:
    """Book each called loan under the board of the name it financed."""
    for loan in range(group.loan_kind.shape[0]):
        if group.principal_won[loan, j] > 0 and pool_of_loan(group.loan_kind[loan, j]) == pool:
            board = min(int(quotes.board[group.financed[loan, j]]), 1)
            who[WHO_ROWS - 2 + board, WHO_CALLED_WON] += group.principal_won[loan, j]


def _sold_in_full(group: Borrowing, j: int, pool: int, day: int) -> bool:
    """True when the pool's sale fell due by ``day`` and no order of it waits."""
    if group.sale_day[pool, j] == NEVER or group.sale_day[pool, j] > day:
        return False
    for slot in range(group.order.shape[0]):
        if group.order[slot, j] != 0 and pool_of_holding(group.standing[slot, j]) == pool:
            return False
    return True


def _waived(investor: int, seed: int, law: LawTable) -> bool:
    if law.waiver_share_bps == 0:
        return False
    return uniform(word(seed, 0, WAIVER, 0, int(investor), 0)) * BPS < law.waiver_share_bps


def _sessions_to_sale(value: int, debt: int, pool: int, firm: int, law: LawTable) -> int:
    """Sessions from the call to the sale: of the bands that the ratio is under, the lowest counts."""
    if pool == Pool.STOCK_LOAN:
        return int(law.stock_loan_sessions)
    return int(sessions_to_sale(value, debt, law.clock_under_bps[firm], law.clock_sessions[firm]))
