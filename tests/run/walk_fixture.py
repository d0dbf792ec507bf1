"""Trips for tests of walks: seven invented names, random accounts of all kinds, luck that is given or normal.

The law is Toytown's. Every name has a driver of its own, and the dollar is the last driver.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from toytown import instruments, law, one_thread, start
from toytown.people import SECURES, Borrower, Debt, Lot

from gaemi.kernels.draw import GBM, GIVEN, Luck
from gaemi.kernels.journey import CHECKPOINT, DAY, FUND_GAIN, OVERSEAS_GAIN, SETTING, TERM, UNTAXED, Results
from gaemi.kernels.tables import STRICTEST_FIRM
from gaemi.law.lawbook import LawBook
from gaemi.market.paths import Path
from gaemi.records.columns import Board, Borrowing, Instruments, Kind, LoanKind, Population, Standing
from gaemi.rules.funds import carry_a_session, value_step
from gaemi.run import begin, run
from gaemi.walks import Fund, Stage, Trip, Variant, grown_of, start_rows, walk_rows
from gaemi.workers import LocalWorkers
from gaemi.world import Settings

TICKERS = ("ALPHA", "BETA", "GAMMA", "PENNY", "SMALL", "TWICE", "ABROAD")
ALPHA, BETA, GAMMA, PENNY, SMALL, TWICE, ABROAD = range(7)
PRICES = (100_000, 8_000, 50_000, 9_000, 30_000, 20_000, 12_345)
CHEAP = (10_000, 2_000, 5_000, 62, 300, 20_000, 12_345)
"""Prices of few ticks, at which no day is passed over: with :data:`PRICES` most are."""

DOLLAR = len(TICKERS)
DRIVERS = DOLLAR + 1
WON_PER_DOLLAR = 1_000.0
TERMS_OF_TWICE = Fund(2.0, 90, 350)
FAR = 3_000
"""Days to a due date that no test lives to see."""

NEARLY_NOTHING = 1e-3
"""Won of an extinct fund: to the tick it is 0, and the country can divide by it."""

SEED = 7


@cache
def table(price: tuple[int, ...] = PRICES) -> Instruments:
    """No name counts in an index: so the country has no index, no circuit breaker and no rebalancing."""
    return instruments(
        ticker=TICKERS, name=TICKERS, price=np.array(price),
        kind=np.array([Kind.STOCK] * 5 + [Kind.FUND, Kind.STOCK]),
        board=np.array([Board.KOSPI, Board.KOSPI, Board.KOSDAQ, Board.KOSPI, Board.KOSDAQ, Board.KOSPI, Board.US]),
        group=np.array([0, 1, 2, 1, 0, 255, 255]), currency=np.array([0, 0, 0, 0, 0, 0, 1]),
        price_digits=np.array([0, 0, 0, 0, 0, 0, 2]), issued=np.full(7, 10**9), turnover_won=np.full(7, 10**9),
        volatility=np.full(7, 0.03), underlying_row=np.full(7, -1), underlying_board=np.full(7, -1),
        halted=np.zeros(7), indexed=np.zeros(7),
    )  # fmt: skip


def stage(book: LawBook | None = None, stepped: bool = False, price: tuple[int, ...] = PRICES) -> Stage:
    """The seven names; with ``stepped`` the fund follows Alpha day by day instead of a driver of its own."""
    driver = np.arange(len(TICKERS))
    if stepped:
        driver[TWICE] = ALPHA
    gain = np.full(len(TICKERS), UNTAXED)
    gain[TWICE], gain[ABROAD] = FUND_GAIN, OVERSEAS_GAIN

    def funds(row: int, on: date) -> Fund | None:
        return TERMS_OF_TWICE if stepped and row == TWICE else None

    return Stage(book or law(), table(price), driver, funds, gain, np.full(len(TICKERS), 15), DOLLAR, WON_PER_DOLLAR)


def given(levels: np.ndarray) -> Luck:
    """Luck whose levels, float64 [t + 1, d], are told; every path is the same."""
    drivers = levels.shape[1]
    return luck(GIVEN, np.ones(drivers), given=np.ascontiguousarray(levels, dtype=np.float64))


def luck(kind: int, deviation: np.ndarray, mixing: np.ndarray | None = None, **others: Any) -> Luck:
    """Luck of a kind with ``deviation`` a session, independent where no ``mixing`` is told; the rest is empty."""
    drivers = deviation.size
    empty = Luck(
        kind, SEED, np.arange(101, 101 + drivers), np.eye(drivers) if mixing is None else mixing, deviation,
        np.zeros((0, drivers)), np.zeros((0, drivers)), np.zeros(0, np.int64), np.zeros(0, np.int64), 0,
        np.zeros((0, 5)), np.zeros((0, 0)), np.zeros(0),
    )  # fmt: skip
    return empty._replace(**others)


def normal_steps(deviation: float, drivers: int = DRIVERS) -> Luck:
    return luck(GBM, np.full(drivers, deviation))


def trip_of(
    rows: Borrowing, told: Luck, dates: Sequence[date], place: Stage, variants: Sequence[Variant] | None = None
) -> Trip:
    """A trip without events, goals or savings unless ``variants`` has some; holdings cost what they are worth."""
    count, sessions = rows.investor.size, len(dates) - 1
    days = np.zeros(sessions + 1, DAY)
    days["ordinal"], days["checkpoint"] = [on.toordinal() for on in dates], -1
    setting = np.zeros(1, SETTING)
    setting["seed"], setting["dollar"], setting["won_per_dollar"] = SEED, place.dollar, place.won_per_dollar
    setting["cash_bps"], setting["fund_gain_bps"], setting["overseas_gain_bps"] = 250, 1_500, 2_000
    setting["overseas_free_won"] = 100_000
    still = (0.0,) * told.number.size
    plain = tuple(Variant(str(v), still, sessions) for v in range(count))
    terms = np.array([(30, 1)] * rows.loan_kind.shape[0], TERM)
    cost = rows.quantity * place.instruments.price[rows.instrument]
    return Trip(place, rows, cost, told, tuple(dates), days, terms, setting, tuple(variants or plain))


def walked(trip: Trip, paths: int = 1, workers: LocalWorkers | None = None) -> tuple[Borrowing, Results]:
    """The last rows of every path and variant and what is told of them."""
    started = replace(trip, rows=start_rows(trip))
    return walk_rows(started, np.arange(paths), workers or one_thread())


def lived_whole(trip: Trip) -> Trip:
    """The same trip with something to note on every session, so that none is passed over."""
    days = trip.days.copy()
    days["event"] |= CHECKPOINT
    days["checkpoint"] = 0
    return replace(trip, days=days)


def in_the_country(trip: Trip) -> Borrowing:
    """The accounts of the trip's first variant's drift after a run of the country on the same given prices."""
    place, levels = trip.stage, trip.luck.given * grown_of(trip)[0].T
    factor = levels[:, np.maximum(place.driver, 0)].copy()
    for row in range(len(TICKERS)):
        fund = place.funds(row, trip.dates[0])
        if fund is not None:
            factor[:, row] = _stepped(place.instruments.price[row], levels[:, place.driver[row]], fund)
    shape = factor.shape
    path = Path(
        trip.dates, factor, factor, WON_PER_DOLLAR * levels[:, place.dollar], np.zeros(shape, np.uint8),
        np.full(shape, -1, np.int64), "prices as told",
    )  # fmt: skip
    settings = Settings(feedback=False, seed=int(trip.setting["seed"][0]))
    people = Population([], [Borrowing(*(column.copy() for column in trip.rows))])
    town = start(place.book, place.instruments, people, one_thread())
    return run(begin(town, path, one_thread(), settings)).population.borrowing[0]


def _stepped(price: int, level: np.ndarray, fund: Fund) -> np.ndarray:
    carry = carry_a_session(fund.leverage, fund.financing_bps, fund.fee_bps, 0)
    values = [float(price)]
    for then, now in pairwise(level.tolist()):
        values.append(value_step(values[-1], now / then - 1.0, fund.leverage, carry))
    return np.maximum(values, NEARLY_NOTHING) / price


def unlike(one: Borrowing, other: Borrowing, leaving_out: Sequence[str] = ()) -> dict[str, list[int]]:
    """Columns in which two groups differ, and the rows that do."""
    found = {}
    for name, here, there in zip(Borrowing._fields, one, other, strict=True):
        rows = np.flatnonzero(np.atleast_2d(here != there).any(axis=0)).tolist()
        if rows and name not in leaving_out:
            found[name] = rows
    return found


def random_levels(seed: int, sessions: int, drivers: int = DRIVERS) -> np.ndarray:
    """Levels [t + 1, d] with calm weeks, crashes over the daily limit, recoveries and long falls."""
    random = np.random.default_rng(seed)
    kinds = random.choice([0, 1, 2, 3], size=(sessions, drivers), p=[0.7, 0.2, 0.07, 0.03])
    steps = random.standard_normal((sessions, drivers)) * np.array([0.012, 0.05, 0.2, 0.6])[kinds]
    common = random.standard_normal((sessions, 1)) * 0.02
    steps += common + np.where(random.random(drivers) < 0.4, -0.01, 0.0)
    return np.vstack((np.ones(drivers), np.exp(np.cumsum(steps, axis=0))))


def random_accounts(seed: int, count: int, due_in_days: int = FAR, price: tuple[int, ...] = PRICES) -> list[Borrower]:
    """Accounts between deeply under water and far from a call; loans fall due far away, or after ``due_in_days``."""
    random = Random(seed)
    return [_random_account(random, number, due_in_days, price) for number in range(1, count + 1)]


def _random_account(random: Random, number: int, due_in_days: int, price: tuple[int, ...]) -> Borrower:
    lots: list[Lot] = []
    debts: list[Debt] = []
    for _ in range(random.randint(0 if random.random() < 0.1 else 1, 3)):
        kind = random.choice((LoanKind.MARGIN, LoanKind.MARGIN, LoanKind.PLEDGED, LoanKind.STOCK_LOAN))
        row = random.choice((ALPHA, ALPHA, BETA, GAMMA, PENNY, SMALL, TWICE))
        quantity = random.randint(1, random.choice((5, 300, 20_000)))
        owed = max(1, quantity * price[row] * 10_000 // random.randint(10_000, 30_000))
        due = due_in_days if due_in_days == FAR else random.randint(1, due_in_days)
        lots.append(Lot(row, quantity, SECURES[kind]))
        debts.append(Debt(owed, kind, row, random.randint(0, 80), due))
    while len(lots) < 5 and random.random() < 0.6:
        standing = random.choice((Standing.OTHER, Standing.OTHER, Standing.ELSEWHERE))
        lots.append(Lot(random.randrange(len(TICKERS)), random.randint(0, 400), standing))
    cash = random.choice((0, 0, 1, 70_000, 5_000_000))
    return Borrower(lots or [Lot(ALPHA, 10, Standing.OTHER)], debts, cash, random.randint(0, STRICTEST_FIRM), number)
