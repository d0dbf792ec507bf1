"""From the cohorts of a rebuilt state to the odds by which margin loans are dated and pools get their ratio.

An account has one pool. Where it finances names of both markets its one ratio counts in both: it is drawn where the
two markets have won in common, and pools of one market alone are drawn from what is then left of their market. So
both markets come out as the state says, as long as they have more in common than such accounts hold.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

import numpy as np

from gaemi.days import sessions_between
from gaemi.kernels.lend import LoanCohorts
from gaemi.people.cohorts import MARKETS, Cohorts
from gaemi.records.columns import Board, Borrowing, Instruments, LoanKind

WORDS = 1 << 32
Shares = list[float]
"""Share of a market's won in each ratio band."""

Cell = tuple[int, int, float]
"""Lowest and highest age of a cohort, and its won in one ratio band."""


def sessions_back(on: date, count: int) -> np.ndarray:
    """Ordinals of the last ``count`` sessions to ``on``, latest first: int64 [count], indexed by age."""
    start, found = on, sessions_between(on, on)
    while len(found) < count:
        start -= timedelta(days=count + 30)
        found = sessions_between(start, on)
    return np.array([day.toordinal() for day in reversed(found)], dtype=np.int64)[:count]


def loan_cohorts(cohorts: Cohorts | None, table: Instruments, groups: Sequence[Borrowing]) -> LoanCohorts:
    """The cohorts as the kernel of loans reads them, for borrowers whose principals are set; none, no bands.

    Ratio bands are cut at every edge that any cohort of either market has; won inside a cohort is even over its ratios.
    """
    if cohorts is None:
        nothing, nowhere = np.zeros(0, np.int64), np.full(len(table.ticker), -1, np.int64)
        empty = np.zeros((len(MARKETS), 1), np.int64)
        return LoanCohorts(nowhere, nothing, nothing, empty, empty, nothing, nothing, nothing, nothing)
    live = cohorts.won > 0
    edges = np.unique(np.concatenate((cohorts.ratio_low_bps[live], cohorts.ratio_high_bps[live])))
    lows, highs = edges[:-1], edges[1:]
    cells = [_cells(cohorts, board, lows.tolist(), highs.tolist()) for board in MARKETS]
    shares = [_shares(one) for one in cells]
    odds = _odds(shares, _shares_in_both(table, groups))
    first, ages = _stacked(cells)
    return LoanCohorts(
        market=np.where(np.isin(table.board, MARKETS), table.board, -1).astype(np.int64),
        ratio_low_bps=lows.astype(np.int64),
        ratio_high_bps=highs.astype(np.int64),
        band_from=np.array([_starts(one) for one in odds], dtype=np.int64),
        first_cell=first,
        cell_from=np.array([start for start, _, _ in ages], dtype=np.int64),
        age_low=np.array([low for _, low, _ in ages], dtype=np.int64),
        age_high=np.array([high for _, _, high in ages], dtype=np.int64),
        traded=sessions_back(cohorts.on, int(cohorts.age_high.max())),
    )


def _cells(cohorts: Cohorts, board: Board, lows: list[int], highs: list[int]) -> list[list[Cell]]:
    """The market's cohorts cut into the ratio bands, youngest first; last the cohorts of all bands together."""
    columns = (cohorts.age_low, cohorts.age_high, cohorts.ratio_low_bps, cohorts.ratio_high_bps, cohorts.won)
    here = cohorts.in_market(board) & (cohorts.won > 0)
    rows = sorted(zip(*(column[here].tolist() for column in columns), strict=True))
    found = [
        [(young, old, won * (high - low) / (top - least)) for young, old, least, top, won in rows if least <= low < top]
        for low, high in zip(lows, highs, strict=True)
    ]
    return [*found, [(young, old, float(won)) for young, old, _, _, won in rows]]


def _shares(cells: list[list[Cell]]) -> Shares:
    total = sum(won for _, _, won in cells[-1])
    return [sum(won for _, _, won in band) / total for band in cells[:-1]]


def _shares_in_both(table: Instruments, groups: Sequence[Borrowing]) -> tuple[float, ...]:
    """Share of each market's won of margin loans that is owed by accounts which finance names of both."""
    total, both = [0] * len(MARKETS), [0] * len(MARKETS)
    for group in groups:
        margin, board = group.loan_kind == LoanKind.MARGIN, table.board[group.financed]
        won = [np.where(margin & (board == market), group.principal_won, 0).sum(axis=0) for market in MARKETS]
        mixed = np.logical_and.reduce([one > 0 for one in won])
        for place, one in enumerate(won):
            total[place] += int(one.sum())
            both[place] += int(one[mixed].sum())
    return tuple(part / max(1, whole) for part, whole in zip(both, total, strict=True))


def _odds(shares: list[Shares], in_both: tuple[float, ...]) -> list[Shares]:
    """Odds of the ratio bands for pools of each market alone, and last for pools of both."""
    common = [min(pair) for pair in zip(*shares, strict=True)]
    if sum(common) == 0.0:  # no ratio is possible in both: such a pool stands as one market's or as the other's
        common = [sum(pair) for pair in zip(*shares, strict=True)]
    common = [share / sum(common) for share in common]
    alone = []
    for own, part in zip(shares, in_both, strict=True):
        left = [max(0.0, share - part * other) for share, other in zip(own, common, strict=True)]
        alone.append(left if sum(left) > 0.0 else own)
    return [*alone, common]


def _starts(weights: Sequence[float]) -> list[int]:
    """The words from which on each of the weights is chosen."""
    running = [0.0, *accumulate(weights)]
    return [int(before / running[-1] * WORDS) for before in running[:-1]]


def _stacked(cells: list[list[list[Cell]]]) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """First cell of each market and band, int64 [market, band + 1], and the cells as (word, lowest, highest age)."""
    first: list[list[int]] = []
    ages: list[tuple[int, int, int]] = []
    for market in cells:
        begins = []
        for band in market:
            begins.append(len(ages))
            starts = _starts([won for _, _, won in band]) if band else []
            ages += [(start, young, old) for start, (young, old, _) in zip(starts, band, strict=True)]
        first.append([*begins, len(ages)])
    return np.array(first, dtype=np.int64), ages
