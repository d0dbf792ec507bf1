"""Tally: fresh sums over columns, for the audit and for what a run reports."""

import numpy as np

from gaemi.kernels.call import AGE_ROWS, WHO_ROWS
from gaemi.kernels.pools import (
    collateral_rate_bps,
    maintenance_of,
    pool_collateral_won,
    pool_debt_won,
    pool_of_holding,
    pool_of_loan,
)
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever, outcome_of
from gaemi.records.columns import Borrowing, LoanKind, Plain
from gaemi.units import BPS, UNIT_BITS, ceil_div, won_value

CASH_WON, PRINCIPAL_WON, RESIDUAL_SUM_WON = range(3)
MARGIN_KOSPI_WON, MARGIN_KOSDAQ_WON, SETTLED_KOSPI_WON, SETTLED_KOSDAQ_WON = range(3, 7)
PLEDGED_WON, SETTLED_PLEDGED_WON, STOCK_LOAN_WON, UNSETTLED_WON, SETTLED_UNSETTLED_WON = range(7, 12)
CFD_WON = 12
SUMS = 13
"""Sums over the columns of borrowing accounts: cash, all principal, residual debt, then balances by kind."""

RATIO_EDGES_BPS = (10_500, 12_000, 14_000, 15_000, 17_000, 20_000)
RATIO_BANDS = ("<105", "105-120", "120-140", "140-150", "150-170", "170-200", ">200")

FALL_STEPS = 61
"""Falls of 0 to 60 % in the call map."""

MAP_KOSPI, MAP_KOSDAQ, MAP_PLEDGED, MAP_STOCK_LOAN, MAP_CFD = range(5)
MAP_KINDS = 5

LOANS_WON, BORROWERS, CALLED, SOLD, RESIDUAL, ZEROED, EMPTIED, WIPED_OUT = range(8)
GROUP_MEASURES = 8


_LOAN_KINDS = len(LoanKind)

TAILS = 1 << UNIT_BITS
"""A holding's rounding to the won depends on the last UNIT_BITS bits of its quantity alone."""


def sum_plain(
    group: Plain, foreign: np.ndarray, held: np.ndarray, cash: np.ndarray, tails: np.ndarray, start: int, stop: int
) -> None:
    """Add lots held to ``held`` (int64[instrument]) and cash to ``cash`` (int64[1]).

    ``tails`` (int64[instrument, TAILS]) counts the holdings of names that are not in won (``foreign``, uint8[n]) by the
    last bits of their quantity: what :func:`plain_worth_won` needs to round each of them.
    """
    for j in range(start, stop):
        cash[0] += group.cash_won[j]
    for slot in range(group.instrument.shape[0]):
        for j in range(start, stop):
            instrument, quantity = group.instrument[slot, j], group.quantity[slot, j]
            held[instrument] += quantity
            if foreign[instrument] != 0:
                tails[instrument, quantity & (TAILS - 1)] += 1


def plain_worth_won(cash_won: int, held: np.ndarray, tails: np.ndarray, unit: np.ndarray) -> int:
    """What all plain accounts are worth at ``unit`` (int64[n]), from the sums of :func:`sum_plain`: to the won what
    :func:`gaemi.units.won_value` gives holding by holding.

    A unit is ``whole`` won and ``part`` 1024ths. A holding of q units is then worth q whole won and q part 1024ths to
    the nearest, (q part + 512 - r) / 1024, where the remainder r of q part + 512 knows q by its last ten bits alone.
    So is the sum, with the sum of remainders. A name in won has no part.
    """
    whole, part = unit >> UNIT_BITS, unit & (TAILS - 1)
    remainders = (np.arange(TAILS) * part[:, None] + TAILS // 2) & (TAILS - 1)
    rounded = held * part + TAILS // 2 * tails.sum(axis=1) - (tails * remainders).sum(axis=1)
    return cash_won + int((held * whole).sum() + (rounded >> UNIT_BITS).sum())


def sum_borrowing(group: Borrowing, quotes: Quotes, held: np.ndarray, sums: np.ndarray, start: int, stop: int) -> None:
    """Add lots held to ``held`` (int64[instrument]) and money to ``sums`` (int64[SUMS])."""
    cash_won, residual_won = group.cash_won[start:stop], group.residual_won[start:stop]
    cash = residual = 0
    for i in range(stop - start):
        cash += cash_won[i]
        residual += residual_won[i]
    sums[CASH_WON] += cash
    sums[RESIDUAL_SUM_WON] += residual
    for slot in range(group.instrument.shape[0]):
        instrument, quantity = group.instrument[slot, start:stop], group.quantity[slot, start:stop]
        for i in range(stop - start):
            held[instrument[i]] += quantity[i]
    by_kind = np.zeros((_LOAN_KINDS, 2, 2), np.int64)  # principal and settled, by kind and board
    for loan in range(group.loan_kind.shape[0]):
        kind, financed = group.loan_kind[loan, start:stop], group.financed[loan, start:stop]
        principal, settled = group.principal_won[loan, start:stop], group.settled_won[loan, start:stop]
        for i in range(stop - start):
            board = min(int(quotes.board[financed[i]]), 1)
            by_kind[kind[i], board, 0] += principal[i]
            by_kind[kind[i], board, 1] += settled[i]
    by_kind[LoanKind.NONE] = 0
    margin, both = by_kind[LoanKind.MARGIN], by_kind.sum(axis=1)
    for board in range(2):
        sums[MARGIN_KOSPI_WON + board] += margin[board, 0]
        sums[SETTLED_KOSPI_WON + board] += margin[board, 1]
    sums[PRINCIPAL_WON] += both[:, 0].sum()
    sums[PLEDGED_WON] += both[LoanKind.PLEDGED, 0]
    sums[SETTLED_PLEDGED_WON] += both[LoanKind.PLEDGED, 1]
    sums[STOCK_LOAN_WON] += both[LoanKind.STOCK_LOAN, 0]
    sums[UNSETTLED_WON] += both[LoanKind.UNSETTLED, 0]
    sums[SETTLED_UNSETTLED_WON] += both[LoanKind.UNSETTLED, 1]
    sums[CFD_WON] += both[LoanKind.CFD, 0]


def map_calls(group: Borrowing, quotes: Quotes, law: LawTable, reached: np.ndarray, start: int, stop: int) -> None:
    """Won of loans that reach maintenance at each whole per cent of a common fall of domestic names.

    ``reached`` is int64[FALL_STEPS + 1, MAP_KINDS] and takes each loan at the first fall that reaches it; loans that
    none of the steps reaches stand in the last row.
    """
    for j in range(start, stop):
        for pool in range(group.called_day.shape[0]):
            debt = pool_debt_won(group, j, pool)
            if debt == 0:
                continue
            falling = 0
            for slot in range(group.instrument.shape[0]):
                instrument = group.instrument[slot, j]
                if pool_of_holding(group.standing[slot, j]) == pool and quotes.domestic[instrument] != 0:
                    rate = collateral_rate_bps(group.standing[slot, j], instrument, quotes, law)
                    value = won_value(group.quantity[slot, j], quotes.unit[instrument])
                    falling += value * rate // BPS
            steady = pool_collateral_won(group, j, pool, quotes, law) - falling
            needed = 100 * (maintenance_of(group, j, pool, law) * debt - BPS * steady)
            fall = FALL_STEPS
            if needed > 0:
                fall = 0 if falling == 0 else max(0, 101 - ceil_div(needed, BPS * falling))
                fall = min(fall, FALL_STEPS)
            for loan in range(group.loan_kind.shape[0]):
                kind = group.loan_kind[loan, j]
                if group.principal_won[loan, j] > 0 and pool_of_loan(kind) == pool:
                    column = min(int(quotes.board[group.financed[loan, j]]), 1)
                    if kind == LoanKind.PLEDGED:
                        column = MAP_PLEDGED
                    elif kind == LoanKind.STOCK_LOAN:
                        column = MAP_STOCK_LOAN
                    elif kind == LoanKind.CFD:
                        column = MAP_CFD
                    reached[fall, column] += group.principal_won[loan, j]


def band_ratios(group: Borrowing, quotes: Quotes, law: LawTable, bands: np.ndarray, start: int, stop: int) -> None:
    """Won of pooled loans by band of the collateral ratio; ``bands`` is int64[len(RATIO_BANDS)]."""
    for j in range(start, stop):
        for pool in range(group.called_day.shape[0]):
            debt = pool_debt_won(group, j, pool)
            if debt == 0:
                continue
            value = pool_collateral_won(group, j, pool, quotes, law)
            band = 0
            for edge in RATIO_EDGES_BPS:
                if BPS * value >= edge * debt:
                    band += 1
            bands[band] += debt


def count_groups(group: Borrowing, quotes: Quotes, table: np.ndarray, start: int, stop: int) -> None:
    """Loans and persons by age band, size band and board; ``table`` is int64[WHO_ROWS, GROUP_MEASURES]."""
    for j in range(start, stop):
        boards = 0
        loans = 0
        for loan in range(group.loan_kind.shape[0]):
            settled = group.settled_won[loan, j]
            if group.loan_kind[loan, j] == LoanKind.NONE:
                continue
            if group.loan_kind[loan, j] == LoanKind.CFD:
                settled = group.principal_won[loan, j]
            board = min(int(quotes.board[group.financed[loan, j]]), 1)
            boards |= 1 << board
            loans += settled
            table[WHO_ROWS - 2 + board, LOANS_WON] += settled
        table[group.age[j], LOANS_WON] += loans
        table[AGE_ROWS + group.size[j], LOANS_WON] += loans
        _count_person(table, int(group.age[j]), int(group.ever[j]))
        _count_person(table, AGE_ROWS + int(group.size[j]), int(group.ever[j]))
        for board in range(2):
            if (boards >> board) & 1:
                _count_person(table, WHO_ROWS - 2 + board, int(group.ever[j]))


def _count_person(table: np.ndarray, row: int, ever: int) -> None:
    table[row, BORROWERS] += 1
    if ever & Ever.CALLED.value:
        table[row, CALLED] += 1
    if ever & Ever.FORCE_SOLD.value:
        table[row, SOLD] += 1
    if ever & Ever.RESIDUAL_DEBT.value:
        table[row, RESIDUAL] += 1
    if ever & Ever.ZEROED.value:
        table[row, ZEROED] += 1
    if ever & Ever.EMPTIED.value:
        table[row, EMPTIED] += 1
    if ever & Ever.WIPED_OUT.value:
        table[row, WIPED_OUT] += 1


def count_outcomes(group: Borrowing, outcomes: np.ndarray, ever: np.ndarray, start: int, stop: int) -> None:
    """Borrowers by their one outcome (int64[6]) and by what ever happened (int64[6], bits of Ever in order)."""
    for j in range(start, stop):
        flags = int(group.ever[j])
        outcomes[outcome_of(flags)] += 1
        for bit in range(6):
            if (flags >> bit) & 1:
                ever[bit] += 1
