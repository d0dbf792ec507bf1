"""Loans on single stocks of which a user has the record: each a pool of its own in a spin-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.errors import Fault, Refused
from gaemi.people.instruments import shipped_rows
from gaemi.records.columns import Board
from gaemi.sources.credit_days import CreditDay
from gaemi.sources.history import NONE, CreditHistory
from gaemi.sources.prices import PriceHistory
from gaemi.sources.stock_credit import StockCredit


@dataclass(frozen=True, slots=True)
class StockPool:
    """One stock on the sessions of a history: int64 [t]; NONE where nothing was known at the history's end.

    ``outstanding_won`` and ``opened_won`` are by trade date, ``price_won`` the close; ``own`` is the standard deviation
    of its daily log return beside its index.
    """

    ticker: str
    board: Board
    group: int
    price_won: np.ndarray
    outstanding_won: np.ndarray
    opened_won: np.ndarray
    own: float


def first_day(credit: StockCredit) -> date:
    """The first trade date on which every stock of the record has a row."""
    return max(rows[0].trade_date for rows in credit.by_ticker.values())


def stock_pools(
    credit: StockCredit, prices: PriceHistory, history: CreditHistory, boards: Mapping[str, Board]
) -> tuple[StockPool, ...]:
    """A pool for each stock of the record, on the sessions of ``history``, checked.

    ``boards`` are those that the user names; others are known from the instruments that ship. Raises Refused with
    every fault: a stock without prices or market, figures that are missing, a gap, rows that contradict one another.
    """
    known = {row.ticker: row for row in shipped_rows()}
    faults = []
    for ticker in credit.tickers:
        if ticker not in prices.tickers:
            faults.append(Fault("--prices", f"no {ticker}", "must hold the closes of every stock of --stocks"))
        if ticker not in boards and ticker not in known:
            help = f"--kospi {ticker} or --kosdaq {ticker}"
            faults.append(Fault("--stocks", ticker, "the market of every stock must be known", help))
    if faults:
        raise Refused(faults)
    first, last = history.days[0], history.days[-1]
    settled = [row.trade_date for row in credit if _known_on(row, last)]
    checked = credit.between(first, max(settled, default=last))
    pools = []
    for ticker in credit.tickers:
        row = known.get(ticker)
        board = boards.get(ticker) or (row.board if row else Board.KOSPI)
        pools.append(_pool(ticker, board, row.group if row else 1, checked.by_ticker[ticker], prices, history))
    return tuple(pools)


def _known_on(row: CreditDay, last: date) -> bool:
    """Whether a row was settled by the end of the history: only then was it published."""
    return row.settle_date <= last if row.settle_date is not None else row.trade_date < last


def _pool(
    ticker: str, board: Board, group: int, rows: Sequence[CreditDay], prices: PriceHistory, history: CreditHistory
) -> StockPool:
    days, place = history.days, {day: at for at, day in enumerate(history.days)}
    outstanding, opened = np.full(len(days), NONE, np.int64), np.full(len(days), NONE, np.int64)
    faults = []
    for row in rows:
        if not _known_on(row, days[-1]):
            continue
        if row.outstanding_won is None:
            faults.append(Fault(row.where, "no outstanding amount", "a stock needs its outstanding loans in won"))
            continue
        outstanding[place[row.trade_date]] = row.outstanding_won
        opened[place[row.trade_date]] = NONE if row.new_won is None else row.new_won
    if faults:
        raise Refused(faults)
    close = prices.view([ticker], days[0], days[-1], days).close[:, 0]
    moves = np.diff(np.log(close)) - np.diff(np.log(history.close[:, int(board)]))
    price = np.maximum(np.round(close), 1).astype(np.int64)
    return StockPool(ticker, board, group, price, outstanding, opened, float(moves.std()) if moves.size else 0.02)
