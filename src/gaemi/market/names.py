"""Names that nobody publishes: invented stocks beside an index, spread as recorded stocks are.

An index-level history misses that some stocks fall far more than their index, and forced sales come from these. Each
member of an ensemble has its own names; what they have in common is the recorded index.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from gaemi.chance import name_id
from gaemi.kernels.wander import Named, Tape
from gaemi.law.lawbook import LawBook
from gaemi.people.stock_pools import StockPool
from gaemi.records.columns import Board
from gaemi.units import BPS

BOARDS = (Board.KOSPI, Board.KOSDAQ)
START_WON = 200_000
"""Price of a lot of every name on the first session: high enough that a won is a small step after years of falls."""

_FADE = 0.94
_CALM = 0.012


def invented(book: LawBook, on: date, names: int) -> Named:
    """``names`` names on each of the two boards: stock groups by the law's shares, own luck by ``state.idiosyncratic``.

    Source: the deviation of recorded stocks beside their index, see the parameter.
    """
    own = [book.value("state.idiosyncratic", on, board.name) / BPS for board in BOARDS]
    shares = [book.value("state.group_share", on, group) for group in book.keys("stock_group")]
    upper = np.cumsum(shares) / BPS
    place = (np.arange(names) + 0.5) / names
    group = np.searchsorted(upper, place).clip(0, len(shares) - 1)
    small = place < book.value("state.small_companies", on) / BPS  # spread over the groups below
    small = np.array([small[(7 * i) % names] for i in range(names)])
    tickers = [f"{board.name} name {i}" for board in BOARDS for i in range(names)]
    board = np.repeat(np.arange(2), names).astype(np.int64)
    return Named(
        board=board,
        pool=board.copy(),
        group=np.tile(group, 2).astype(np.int64),
        number=np.array([name_id(ticker) for ticker in tickers], dtype=np.uint64).astype(np.int64),
        driver=np.concatenate([np.where(small, 1, 0), np.ones(names, np.int64)]).astype(np.int64),
        own=np.repeat(np.array(own), names),
    )


def tape_of(close: np.ndarray, days: Sequence[date], book: LawBook, names: int, memory: float) -> Tape:
    """A tape of the index closes ``close``, float64 [t, 2], with room for the prices of ``names`` names.

    ``bought_week`` sums the returns of the sessions before, each fading with a mean age of ``memory`` sessions. What is
    bought on margin moves with small companies where ``state.small_companies`` says so. ``deviation`` is that of a
    session of the index with weights that fade by 6 % a session, known before the session.

    Source: RiskMetrics Technical Document (1996), decay of 0.94 for daily data.
    """
    t = close.shape[0]
    level = np.log(close / close[0])
    day = np.diff(level, axis=0, prepend=level[:1])
    small = book.value("state.small_companies", days[0]) / BPS
    bought = bought_of(day, small)
    week = chased(bought, np.zeros(2), memory)
    variance = np.full((t, 2), _CALM * _CALM)
    for i in range(1, t):
        variance[i] = faded(variance[i - 1], day[i - 1])
    limit = np.array([int(book.value("market.price_limit", on)) for on in days], dtype=np.int64)
    price, locked = np.full((t, names), START_WON, np.int64), np.zeros((t, names), np.int8)
    ordinal = np.array([on.toordinal() for on in days], dtype=np.int64)
    forever, won = np.array([[2**62]], np.int64), np.array([[1]], np.int64)
    latent = price.astype(np.float64)
    return Tape(price, locked, latent, ordinal, day, bought, week, np.sqrt(variance), limit, forever, won)


def bought_of(day: np.ndarray, small: float) -> np.ndarray:
    """Log returns of what is bought on margin on each board, float64 [t, 2], from those of the indices.

    ``small`` is the share of KOSPI's loans that moves with KOSDAQ's index.
    """
    return np.stack([(1 - small) * day[:, 0] + small * day[:, 1], day[:, 1]], axis=1)


def chased(bought: np.ndarray, first: np.ndarray, memory: float) -> np.ndarray:
    """The faded sum of returns before each session, float64 [t, p]; ``first`` is that of the first session."""
    fade, week = 1.0 - 1.0 / memory, np.zeros_like(bought)
    week[0] = first
    for i in range(1, len(bought)):
        week[i] = fade * week[i - 1] + bought[i - 1]
    return week


def faded(variance: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Variance of a session of both indices after one more; a session on which nothing moved tells nothing."""
    return _FADE * variance + (1 - _FADE) * day**2 if day.any() else variance


def with_stocks(named: Named, tape: Tape, stocks: Sequence[StockPool], warm: int, memory: float) -> tuple[Named, Tape]:
    """The names and, after them, single stocks with their recorded prices; before session ``warm`` these stand still.

    The tape has room for them. The borrowers of a stock chase the stock itself, which moves with its own board's index
    where no record moves it.
    """
    if not stocks:
        return named, tape
    first = named.board.size
    boards = np.array([int(stock.board) for stock in stocks], np.int64)
    day = np.zeros((tape.ordinal.size, len(stocks)))
    for i, stock in enumerate(stocks):
        price = np.concatenate([np.repeat(stock.price_won[:1], warm), stock.price_won])
        tape.price[:, first + i], tape.latent[:, first + i] = price, price
        lowest = price[:-1] - price[:-1] * tape.limit_bps[1:] // BPS
        tape.locked[1:, first + i] = price[1:] <= lowest * LOCKED_WITHIN
        day[1:, i] = np.diff(np.log(price))
    week = chased(day, np.zeros(len(stocks)), memory)
    longer = named._replace(
        board=np.concatenate([named.board, boards]),
        pool=np.concatenate([named.pool, 2 + np.arange(len(stocks))]),
        group=np.concatenate([named.group, [min(stock.group, 2) for stock in stocks]]),
        number=np.concatenate(
            [named.number, np.array([name_id(stock.ticker) for stock in stocks], np.uint64).astype(np.int64)]
        ),
        driver=np.concatenate([named.driver, boards]),
        own=np.concatenate([named.own, [stock.own for stock in stocks]]),
    )
    return longer, tape._replace(
        bought_day=np.hstack([tape.bought_day, day]), bought_week=np.hstack([tape.bought_week, week])
    )


LOCKED_WITHIN = 1.005
"""A close within half a per cent of the lower limit is at it: ticks cut the limit short."""
