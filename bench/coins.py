"""Coins: the accounts of a country through a day of 24 steps, loan accounts tested at each, spot valued at its end."""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from bench.figures import Figure, Target, seconds
from gaemi.coin_day import CoinWorld, begin_coins, coin_day
from gaemi.law.lawbook import load
from gaemi.market.coin_paths import coin_shock_path, parse_coin_shock
from gaemi.people.coin_accounts import CoinBuilder, setting_of
from gaemi.people.coin_instruments import coin_instruments
from gaemi.records.coins import FIRST_STRANGER, CoinBorrowing, CoinInstruments, CoinPopulation, coin_loans
from gaemi.records.columns import BORROWED_HOLDINGS, BORROWING, PLAIN, Column
from gaemi.records.columns import HOLDINGS as HOLDINGS_OF_STOCKS
from gaemi.records.columns import LOANS as LOANS_OF_STOCKS
from gaemi.rules.coins import lots_of
from gaemi.workers import LocalWorkers

THREADS = 2
ON = date(2025, 10, 31)
LOANS = 1_000_000
DAYS = 5
SHOCK = f"BTC -35% over {DAYS}d"
DAY_SECONDS, GIGABYTES, BUILD_SECONDS = 5.0, 6.0, 10.0
INVESTORS, HOLDINGS, BORROWERS, SLOTS = 14_100_000, 82_000_000, 780_000, 8
"""Of stocks, whose columns are reckoned by their widths and a tenth of free slots: the coins are what is built here."""


class NotAudited(AssertionError):
    """A won or a lot is unaccounted for: no time is believed."""


def invented_loans(instruments: CoinInstruments, count: int) -> CoinBorrowing:
    """Loan accounts of 1 to 4 times their collateral; every other one has sold the coin that it owes."""
    group, number = coin_loans(count), np.arange(count)
    luck = np.random.Generator(np.random.PCG64(1)).random((2, count))
    collateral = (1_000_000 + 9_000_000 * luck[0]).astype(np.int64)
    loan = (collateral * (1.0 + 3.0 * luck[1])).astype(np.int64)
    coin = number % (len(instruments.ticker) - 1)
    unit = instruments.price[coin]
    lots = np.array([lots_of(int(won), int(price)) for won, price in zip(collateral + loan, unit, strict=True)])
    owed = np.array([lots_of(int(won), int(price)) for won, price in zip(loan, unit, strict=True)])
    longs = number % 2 == 0
    group.investor[:] = FIRST_STRANGER + number
    group.instrument[0], group.quantity[0] = coin, np.where(longs, lots, 0)
    group.owed_won[:] = np.where(longs, loan, 0)
    group.cash_won[:] = np.where(longs, 0, collateral + loan)
    group.owed[:] = np.where(longs, 255, coin)
    group.owed_lots[:] = np.where(longs, 0, owed)
    group.opened[:] = ON.toordinal()
    return group


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time the building of the accounts and a day of them; weigh their columns beside those of the stocks."""
    book, scale = load(), 100 if quick else 1
    table = coin_instruments(book, ON, {"BTC": 164_275_000.0})
    say("coins: accounts of the survey")
    builder = CoinBuilder(setting_of(book, ON, table, scale))
    people, _ = builder.build()
    timed = (seconds(lambda: builder.build() and None),)
    yield Figure("coin accounts built", "s", timed, None if quick else Target(BUILD_SECONDS))
    people.borrowing = [invented_loans(table, LOANS // scale)]
    with LocalWorkers(THREADS) as workers:
        path = coin_shock_path(parse_coin_shock(SHOCK, table), table, ON, DAYS, 1_428.0)
        _run(begin_coins(book, ON, table, people, path, workers))
        say("coins: days of 24 steps")
        days: list[float] = []
        for _ in range(repeats):
            world = begin_coins(book, ON, table, people, path, workers)
            days += _run(world)
    closed = sum(int(record.closed_by_step.sum()) for record in world.records)
    note = f"{people.accounts():,} accounts, {LOANS // scale:,} loan accounts, {closed:,} closed in {DAYS} days"
    yield Figure("a day of coins in 24 steps", "s", tuple(days), None if quick else Target(DAY_SECONDS), note)
    yield from _weights(people, quick)


def _run(world: CoinWorld) -> list[float]:
    """Seconds of each day; the audit finds nothing."""
    found = [seconds(lambda day=day: coin_day(world, day) and None) for day in range(1, world.path.days + 1)]  # type: ignore[misc]
    if world.differences:
        raise NotAudited(str(world.differences[0]))
    return found


def _stock_gigabytes() -> float:
    """Columns of all stock accounts, borrowers twice because a scenario copies them, and the peaks of the others."""

    def wide(columns: tuple[Column, ...]) -> int:
        return sum(np.dtype(column.dtype).itemsize for column in columns)

    borrower = wide(BORROWING) + SLOTS * wide(BORROWED_HOLDINGS) + 2 * wide(LOANS_OF_STOCKS)
    plain = INVESTORS * (wide(PLAIN) + 9) + 1.1 * HOLDINGS * wide(HOLDINGS_OF_STOCKS)
    return (plain + 2.0 * BORROWERS * borrower) / 1e9


def _weights(people: CoinPopulation, quick: bool) -> Iterator[Figure]:
    """Bytes of an account and of a holding, and all columns of coins and stocks with the copies of a scenario."""
    accounts, holdings = people.accounts(), people.holdings()
    own = sum(getattr(g, n).nbytes for g in people.plain for n in g._fields if n not in ("instrument", "quantity"))
    slots = sum(g.instrument.nbytes + g.quantity.nbytes for g in people.plain)
    yield Figure("bytes of a coin account", "bytes", (own / accounts,), Target(64.0))
    yield Figure("bytes of a coin holding", "bytes", (slots / holdings,), Target(14.0))
    copied = sum(g.peak_won.nbytes + g.emptied.nbytes for g in people.plain)
    copied += 2 * sum(column.nbytes for g in people.borrowing for column in g)
    whole, stocks = (own + slots + copied) / 1e9, _stock_gigabytes()
    note = f"coins {whole:.2f} GB with the copies of a scenario; stocks {stocks:.2f} GB"
    target = None if quick else Target(GIGABYTES)
    yield Figure("columns of coins and stocks", "GB", (whole + stocks,), target, note)
