"""Compare: the same persons at the end of two runs, who has more and who has less."""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.mark import worth_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import AGE_BANDS, SIZE_BANDS, SIZE_EDGES_WON, Borrowing, LoanKind, Plain
from gaemi.units import won_value

HELPED, HURT, UNCHANGED, HELPED_WON, HURT_WON = range(5)
MEASURES = 5

BORROWER_KINDS = ("no loan", "margin", "pledged", "both loans", "unsettled")
NO_LOAN, MARGIN, PLEDGED, BOTH, UNSETTLED = range(5)

FIRST_SIZE = len(AGE_BANDS)
FIRST_KIND = FIRST_SIZE + len(SIZE_BANDS)
ROWS = FIRST_KIND + len(BORROWER_KINDS)
"""Rows of a comparison: age bands, size bands, kinds of borrower."""


def size_band(worth_won: int) -> int:
    """Index into SIZE_BANDS of a net worth."""
    band = 0
    for edge in SIZE_EDGES_WON:
        if worth_won >= edge:
            band += 1
    return band


def compare_plain(
    group: Plain,
    at_start: Quotes,
    before: Quotes,
    after: Quotes,
    table: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Plain accounts at the last prices of two runs; ``table`` is int64[ROWS, MEASURES]."""
    for j in range(start, stop):
        worth = group.cash_won[j]
        difference = 0
        for slot in range(group.instrument.shape[0]):
            quantity = group.quantity[slot, j]
            if quantity == 0:
                continue
            instrument = group.instrument[slot, j]
            worth += won_value(quantity, at_start.unit[instrument])
            difference += won_value(quantity, after.unit[instrument]) - won_value(quantity, before.unit[instrument])
        _add(table, int(group.age[j]), difference)
        _add(table, FIRST_SIZE + size_band(worth), difference)
        _add(table, FIRST_KIND + NO_LOAN, difference)


class Ending(NamedTuple):
    """The last quotes of a run, its law, and the date as an ordinal."""

    quotes: Quotes
    law: LawTable
    today: int


def compare_borrowing(
    group: Borrowing, other: Borrowing, before: Ending, after: Ending, table: np.ndarray, start: int, stop: int
) -> None:
    """Borrowers at the end of two runs, ``group`` under the law and ``other`` under the reform, row by row."""
    for j in range(start, stop):
        first = worth_won(group, j, before.quotes, before.law, before.today)[1]
        second = worth_won(other, j, after.quotes, after.law, after.today)[1]
        _add(table, int(group.age[j]), second - first)
        _add(table, FIRST_SIZE + int(group.size[j]), second - first)
        _add(table, FIRST_KIND + borrower_kind(group, j), second - first)


def borrower_kind(group: Borrowing, j: int) -> int:
    """Index into BORROWER_KINDS."""
    margin = False
    pledged = False
    for loan in range(group.loan_kind.shape[0]):
        margin = margin or group.loan_kind[loan, j] == LoanKind.MARGIN
        pledged = pledged or group.loan_kind[loan, j] == LoanKind.PLEDGED
    if margin and pledged:
        return BOTH
    if margin:
        return MARGIN
    return PLEDGED if pledged else UNSETTLED


def _add(table: np.ndarray, row: int, difference: int) -> None:
    if difference > 0:
        table[row, HELPED] += 1
        table[row, HELPED_WON] += difference
    elif difference < 0:
        table[row, HURT] += 1
        table[row, HURT_WON] -= difference
    else:
        table[row, UNCHANGED] += 1
