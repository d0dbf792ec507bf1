"""Scenario: the account through one path of prices, on the country's own engine: what is sold, when, what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from gaemi.account.portfolio import Portfolio
from gaemi.account.standing import POOLS, Standing, exposed_won, fallen, standing_of
from gaemi.day import one_day
from gaemi.days import sessions
from gaemi.kernels.mark import worth_won
from gaemi.kernels.pools import maintenance_of, pool_collateral_won, pool_debt_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.market.paths import Path
from gaemi.outcomes import Ever, Outcome, outcome_of
from gaemi.records.columns import NEVER, Borrowing, Pool, Population
from gaemi.records.shards import copy_of
from gaemi.rules.margin import collateral_ratio_bps, is_under_maintenance
from gaemi.run import begin, start
from gaemi.units import BPS
from gaemi.workers import LocalWorkers
from gaemi.world import Settings, World

FURTHER_BPS = 500
"""The sale is stated for a close this far below the call price."""

LONGEST_WAIT = 8
"""Sessions that are looked at: falls beyond the daily limit and the firm's wait fit in."""


@dataclass(slots=True)
class Day:
    """The account after one session."""

    date: date
    day: int
    price: np.ndarray
    quotes: Quotes
    law: LawTable
    before: Borrowing
    rows: Borrowing


def days_of(
    at: Standing, factor: np.ndarray, dates: Sequence[date], dollars: Sequence[float], halted: Any = None
) -> list[Day]:
    """Run the account through ``factor`` [session, instrument], the start first, with the steps of the country's day.

    One account is not worth compiling for: the kernels run as plain Python.
    """
    count, names = factor.shape
    stopped = np.zeros((count, names), np.uint8) if halted is None else halted
    fill = np.full((count, names), -1, np.int64)
    path = Path(tuple(dates), factor, factor, np.asarray(dollars, np.float64), stopped, fill, "closes alone")
    found: list[Day] = []
    with LocalWorkers(1, plain=True) as workers:
        origin = start(at.portfolio.book, at.instruments, Population([], [copy_of(at.rows)]), workers)
        world = begin(origin, path, workers, Settings(feedback=False, plain=False))
        group = world.population.borrowing[0]
        held = [copy_of(group)]

        def note(_: int) -> None:
            rows = copy_of(group)
            price, table = world.price.copy(), world.law.table
            found.append(Day(world.today, world.day, price, world.now, table, held[0], rows))
            held[0] = rows

        note(0)
        for day in range(1, count):
            run_one(world, day)
            note(day)
    return found


def run_one(world: World, day: int) -> None:
    """One session of a world; an audit that fails is our mistake."""
    one_day(world, day)
    assert not world.differences, f"every won is accounted for, was {world.differences[:3]}"


def sale_of(portfolio: Portfolio) -> dict[str, Any] | None:
    """What the firm sells if the account closes 5 % below its call price on the next session and nothing is done.

    Under maintenance already: what it sells at today's prices. None where nothing can be called.
    """
    at = standing_of(portfolio)
    pool = next((pool for pool in POOLS if pool_debt_won(at.rows, 0, pool) > 0), None)
    if pool is None:
        return None
    maintenance = maintenance_of(at.rows, 0, pool, at.table)
    owed, held = pool_debt_won(at.rows, 0, pool), pool_collateral_won(at.rows, 0, pool, at.quotes(), at.table)
    called = bool(is_under_maintenance(held, owed, maintenance))
    price = at.price
    if not called:
        moving, fixed = exposed_won(at, pool)
        level = (maintenance * owed / BPS - fixed) / moving if moving > 0 else 0.0
        if level <= 0.0:
            return None
        price = fallen(at, 100 * (1 - level * (BPS - FURTHER_BPS) / BPS))
    return _sale(at, pool, price, called)


def _sale(at: Standing, pool: int, price: np.ndarray, called: bool) -> dict[str, Any]:
    on = at.portfolio.on
    dates = (on, *sessions(on, LONGEST_WAIT + 1))
    factor = np.ones((len(dates), price.size))
    factor[1:] = price / at.price
    days = days_of(at, factor, dates, [at.portfolio.won_per_dollar] * len(dates))
    sold_on = next((day for day in days if (day.rows.quantity != day.before.quantity).any()), None)
    # Beyond the daily limit the fall takes more than one session: the close is that of the day on which it is over.
    close = next((day for day in days[1:] if (day.price == price).all()), days[-1])
    assumed = "prices stay as they are" if called else "a close 5 % below the call price"
    told: dict[str, Any] = {
        "pool": POOLS[Pool(pool)],
        "called_now": called,
        "close_date": str(on if called else close.date),
        "assumed": assumed,
        "closes": _closes(at, close.price),
        "sale_date": str(sold_on.date) if sold_on else None,
        "time": "15:30" if sold_on is not None and sold_on is close else "09:00",
        "sold": _sold(at, sold_on, close.price) if sold_on else [],
    }
    end = sold_on or days[-1]
    worth = int(worth_won(end.rows, 0, end.quotes, end.law, end.date.toordinal())[1])
    told["left_won"] = max(0, worth)
    told["owed_won"] = int(end.rows.principal_won[:, 0].sum())
    told["residual_won"] = int(end.rows.residual_won[0])
    return told


def _closes(at: Standing, price: np.ndarray) -> list[dict[str, Any]]:
    lots = {lot.ticker: lot for lot in at.portfolio.things}
    return [
        {"ticker": ticker, "close": int(p) / 10 ** lots[ticker].digits}
        for ticker, p in zip(at.instruments.ticker, price.tolist(), strict=True)
        if ticker in lots
    ]


def _sold(at: Standing, day: Day, close: np.ndarray | None = None) -> list[dict[str, Any]]:
    """What a day's forced sales took, by thing; ``close`` is the close from which they were reckoned, if another's."""
    found = []
    for slot, (ticker, _) in enumerate(at.columns.slots):
        held, left = int(day.before.quantity[slot, 0]), int(day.rows.quantity[slot, 0])
        if left < held:
            instrument = at.instruments.row(ticker)
            price = int(day.price[instrument])
            found.append(
                {
                    "ticker": ticker,
                    "name": at.portfolio.name_of(ticker),
                    "quantity": held - left,
                    "held": held,
                    "close": float(price if close is None else close[instrument]),
                    "price": float(price),
                    "won": (held - left) * price,
                }
            )
    return found


def day_row(at: Standing, day: Day) -> dict[str, Any]:
    """One day of a replay for the document."""
    quotes, table = day.quotes, day.law
    pools: dict[str, float | None] = {}
    for pool, name in POOLS.items():
        owed = pool_debt_won(day.rows, 0, pool)
        if owed > 0 or pool_debt_won(at.rows, 0, pool) > 0:
            value = pool_collateral_won(day.rows, 0, pool, quotes, table)
            pools[name] = collateral_ratio_bps(value, owed) / 100 if owed > 0 else None
    started = [
        day.rows.called_day[pool, 0] != NEVER and day.rows.called_day[pool, 0] == day.day
        for pool in range(day.rows.called_day.shape[0])
    ]
    worth = int(worth_won(day.rows, 0, quotes, table, day.date.toordinal())[1])
    loans = int(day.rows.principal_won[:, 0].sum())
    lots = {lot.ticker: lot for lot in at.portfolio.things}
    return {
        "date": str(day.date),
        "prices": {
            ticker: int(p) / 10 ** lots[ticker].digits
            for ticker, p in zip(at.instruments.ticker, day.price.tolist(), strict=True)
            if ticker in lots
        },
        "pools": pools,
        "assets_won": worth + loans + int(day.rows.residual_won[0]),
        "loans_won": loans,
        "net_worth_won": worth,
        "called": any(started),
        "sold": _sold(at, day),
        "owed_won": loans + int(day.rows.residual_won[0]),
        "residual_won": int(day.rows.residual_won[0]),
    }


def outcome_words(rows: Borrowing) -> str:
    """The outcome under which the account is counted, in words."""
    if rows.ever[0] & Ever.WIPED_OUT.value and not rows.ever[0] & (Ever.RESIDUAL_DEBT.value | Ever.ZEROED.value):
        return "wiped out"
    return Outcome(outcome_of(int(rows.ever[0]))).label
