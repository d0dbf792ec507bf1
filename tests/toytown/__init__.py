"""Toytown, an invented country: three names, one fund of leverage 2, two laws and one reform.

Tests of the engine stand on it, so that real law and real people can change without breaking them.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path as File

import numpy as np

from gaemi.law.lawbook import LawBook, load
from gaemi.law.reform import load_reform, with_values
from gaemi.market.paths import Path
from gaemi.records.columns import Board, Instruments, Kind, Population
from gaemi.run import Start, begin, run, start
from gaemi.workers import LocalWorkers
from gaemi.world import Settings, World

FOLDER = File(__file__).parent
TICKERS = ("ALPHA", "BETA", "GAMMA", "TWICE")
ALPHA, BETA, GAMMA, TWICE = range(4)
PRICES = (10_000, 2_000, 5_000, 20_000)
FIRST_LAW, SECOND_LAW = date(2018, 3, 5), date(2021, 3, 8)
"""State dates in the times of the two laws."""

QUIET = Settings(feedback=False, seed=7)
"""Forced sales and funds leave prices alone, so that a test can say every price."""

LOUD = Settings(feedback=True, seed=7)


@cache
def law() -> LawBook:
    return load(folder=FOLDER / "law")


@cache
def reformed_law() -> LawBook:
    return law().patched(load_reform(FOLDER / "reforms" / "call_later.yaml", law()))


def law_with(**values: object) -> LawBook:
    """The law with parameters of another value on every date; dots of a path are written as two underscores."""
    changes = {path.replace("__", "."): value for path, value in values.items()}
    return with_values(law(), "test", changes)


def instruments(**changes: object) -> Instruments:
    """The town's instruments; ``changes`` replace whole columns."""
    columns: dict[str, object] = {
        "ticker": TICKERS,
        "name": ("Alpha Works", "Beta Mills", "Gamma Games", "Twice the board"),
        "kind": np.array([Kind.STOCK, Kind.STOCK, Kind.STOCK, Kind.FUND]),
        "board": np.array([Board.KOSPI, Board.KOSPI, Board.KOSDAQ, Board.KOSPI]),
        "group": np.array([0, 1, 2, 255]),
        "currency": np.zeros(4),
        "price_digits": np.zeros(4),
        "price": np.array(PRICES),
        "issued": np.array([9_000_000, 5_000_000, 4_000_000, 100_000]),
        "turnover_won": np.array([2_000_000_000, 400_000_000, 600_000_000, 500_000_000]),
        "volatility": np.array([0.02, 0.03, 0.04, 0.04]),
        "underlying_row": np.full(4, -1),
        "underlying_board": np.array([-1, -1, -1, Board.KOSPI]),
        "halted": np.zeros(4),
        "indexed": np.array([1, 1, 1, 0]),
    }
    return Instruments(**(columns | changes))  # type: ignore[arg-type]


def days_after(on: date, count: int) -> tuple[date, ...]:
    """``on`` and the ``count`` days after it: the town trades every day, so that days of interest are soon counted."""
    return tuple(on + timedelta(days=i) for i in range(count + 1))


def path_of(on: date, sessions: int, **prices: list[int]) -> Path:
    """Names at given prices, session by session, the last one held; names that are not given stand still."""
    factor = np.ones((sessions + 1, len(TICKERS)))
    factor[:, TWICE] = np.nan
    for ticker, closes in prices.items():
        row = TICKERS.index(ticker)
        levels = [PRICES[row], *closes][: sessions + 1]
        levels += [levels[-1]] * (sessions + 1 - len(levels))
        factor[:, row] = np.array(levels) / PRICES[row]
    shape = factor.shape
    halted, fill = np.zeros(shape, np.uint8), np.full(shape, -1, np.int64)
    return Path(days_after(on, sessions), factor, factor, np.full(sessions + 1, 1000.0), halted, fill, "prices as told")


def nobody() -> Population:
    return Population([], [])


@cache
def one_thread() -> LocalWorkers:
    return LocalWorkers(1)


def started(people: Population, book: LawBook | None = None, table: Instruments | None = None) -> Start:
    return start(book or law(), table or instruments(), people, one_thread())


def live(
    people: Population, path: Path, settings: Settings = QUIET, book: LawBook | None = None,
    table: Instruments | None = None, workers: LocalWorkers | None = None,
) -> World:  # fmt: skip
    """The town after a whole path."""
    workers = workers or one_thread()
    return run(begin(start(book or law(), table or instruments(), people, workers), path, workers, settings))
