"""Luck: what moves an account, how its prices may move, and by which drifts; each a choice that the answer names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any

import numpy as np

from gaemi.account.lots import Lot
from gaemi.account.portfolio import Portfolio
from gaemi.chance import name_id
from gaemi.days import sessions_between
from gaemi.errors import refuse
from gaemi.kernels import draw
from gaemi.kernels.draw import Luck
from gaemi.law.lawbook import LawBook
from gaemi.market.funds import terms
from gaemi.market.joint import joint_returns
from gaemi.market.models import Model, assumed, fit
from gaemi.people.instruments import shipped_rows
from gaemi.records.columns import Board, Instruments
from gaemi.sources.tickers import DOLLAR_COINS, KOSDAQ, KOSPI, USDKRW, coin_of
from gaemi.units import BPS
from gaemi.walks import Fund

RISK_FREE, LONG_RUN, OWN, GAP = "risk-free", "long-run", "own", "long-run less the gap of margin users"
INDEX_FUND = {KOSPI: "069500"}
"""A fund whose recorded volatility stands for that of an index that ships without one."""

ONE_YEAR = 365


@dataclass(frozen=True, slots=True)
class Driver:
    """A price that moves by itself: its name, whether it is in dollars, its market, its deviation a session if told."""

    name: str
    market: str
    told_deviation: float | None = None


@dataclass(slots=True)
class Movers:
    """The drivers of an account; ``driver`` [instrument] says which moves it, -1 none; ``follows`` which are funds."""

    drivers: tuple[Driver, ...]
    driver: np.ndarray
    follows: tuple[bool, ...]
    notes: list[str] = field(default_factory=list)

    @property
    def dollar(self) -> int:
        return next((i for i, each in enumerate(self.drivers) if each.name == USDKRW), -1)


@dataclass(frozen=True, slots=True)
class Drift:
    """A log drift a session of every driver, with what it means in words and per cent a year."""

    name: str
    words: str
    a_session: tuple[float, ...]
    pct_a_year: tuple[float, ...]
    error_pct: float | None


def sessions_a_year(on: date) -> float:
    """Sessions of the exchange in the year after a date."""
    return float(len(sessions_between(on, date.fromordinal(on.toordinal() + ONE_YEAR))))


def movers_of(portfolio: Portfolio, instruments: Instruments) -> Movers:
    """What moves each instrument: itself, or the index or share that a fund follows where its prices are known."""
    lots = {lot.ticker: lot for lot in portfolio.lots}
    year = sessions_a_year(portfolio.on)
    drivers: dict[str, Driver] = {}
    names: list[str] = []
    follows: list[bool] = []
    notes: list[str] = []
    for ticker in instruments.ticker:
        lot = lots[ticker]
        name = "" if lot.is_money else _driver_name(lot, portfolio, notes)
        names.append(name)
        follows.append(bool(name) and name != ticker and lot.contract is None)
        own = name == ticker or lot.contract is not None
        told = lot.volatility_pct / 100 / sqrt(year) if lot.volatility_pct is not None and own else None
        if name:
            drivers.setdefault(name, Driver(name, _market(name, lot), told))
        if lot.contract is not None and (portfolio.history is None or name not in portfolio.history.tickers):
            notes.append(f"{name}: no long-run mean or correlation of its own is known; those of US shares stand in")
    if any(lot.foreign for lot in portfolio.lots):
        drivers.setdefault(USDKRW, Driver(USDKRW, USDKRW))
    order = sorted(drivers)
    place = {name: i for i, name in enumerate(order)}
    return Movers(
        tuple(drivers[name] for name in order),
        np.array([place[name] if name else -1 for name in names], np.int64),
        tuple(follows),
        notes,
    )


def _driver_name(lot: Lot, portfolio: Portfolio, notes: list[str]) -> str:
    if lot.contract is not None:
        return lot.underlying
    if lot.leverage is None or not lot.underlying:
        return lot.ticker
    if portfolio.history is None or lot.underlying in portfolio.history.tickers:
        return lot.underlying
    if lot.ticker in portfolio.history.tickers:
        notes.append(
            f"{lot.ticker} moves as it was recorded: the history does not hold {lot.underlying}, which it follows"
        )
        return lot.ticker
    return lot.underlying


def _market(name: str, lot: Lot) -> str:
    if name in (KOSPI, KOSDAQ):
        return name
    if coin_of(name) in DOLLAR_COINS:
        return USDKRW  # a coin that is redeemed at a dollar moves in won as the dollar does
    return "US" if lot.contract is not None or lot.board == Board.US else lot.board.name


def model_of(portfolio: Portfolio, movers: Movers, kind: str, years: int) -> Model:
    """The market model of the drivers: fitted on the history, or for gbm on figures of the law where there is none.

    Raises Refused where a history is needed and does not hold a driver.
    """
    names = [driver.name for driver in movers.drivers]
    history = portfolio.history
    missing = [name for name in names if history is None or name not in history.tickers]
    if not names:
        return assumed((), np.zeros(0), np.zeros((0, 0)), sessions_a_year(portfolio.on), np.zeros(0), np.zeros(0))
    if history is not None and not missing and all(driver.told_deviation is None for driver in movers.drivers):
        return fit(kind, joint_returns(history, names, portfolio.on, years))
    if kind != "gbm":
        found = ", ".join(missing) or "a volatility of the file's own"
        raise refuse(
            "--model", f"{kind}; no history of {found}", "needs a history of everything that moves the account"
        )
    return _assumed(portfolio, movers, years)


def _assumed(portfolio: Portfolio, movers: Movers, years: int) -> Model:
    """Deviations as told, recorded, or shipped; correlations and long-run means as the law assumes them."""
    year = sessions_a_year(portfolio.on)
    book, on = portfolio.book, portfolio.on
    deviation = [_deviation(driver, portfolio, years) for driver in movers.drivers]
    count = len(deviation)
    matrix = np.eye(count)
    for i in range(count):
        for j in range(i):
            pair = _pair(movers.drivers[i].market, movers.drivers[j].market)
            matrix[i, j] = matrix[j, i] = book.value("odds.correlation", on, pair)
    means = [_mean(driver, each, book, on, year) for driver, each in zip(movers.drivers, deviation, strict=True)]
    return assumed(
        [driver.name for driver in movers.drivers], deviation, matrix, year,
        [mean for mean, _ in means], [error for _, error in means],
    )  # fmt: skip


def _deviation(driver: Driver, portfolio: Portfolio, years: int) -> float:
    if driver.told_deviation is not None:
        return driver.told_deviation
    history = portfolio.history
    if history is not None and driver.name in history.tickers:
        return float(fit("gbm", joint_returns(history, [driver.name], portfolio.on, years)).deviation[0])
    if driver.name == USDKRW:
        return float(portfolio.book.value("odds.currency_deviation", portfolio.on)) / BPS
    shipped = {row.ticker: row.volatility for row in shipped_rows()}
    found = shipped.get(INDEX_FUND.get(driver.name, driver.name))
    if found is None:
        help = "give its volatility in the file, or --prices with its history"
        raise refuse("account", driver.name, "must have a volatility for its odds", help)
    return found


def _pair(one: str, other: str) -> str:
    """The kind of a pair of markets, a key of odds.correlation."""
    if USDKRW in (one, other):
        return "currency_us" if "US" in (one, other) else "currency_korea"
    if one == other:
        return "us_us" if one == "US" else "same_board"
    return "korea_us" if "US" in (one, other) else "korea_boards"


def _mean(driver: Driver, deviation: float, book: LawBook, on: date, year: float) -> tuple[float, float]:
    """Long-run mean log return a session and its error: the market's arithmetic mean for each of its names."""
    if driver.market == USDKRW:
        return 0.0, 0.0
    drift = book.value("odds.drift", on, driver.market) / BPS
    error = book.value("odds.drift_error", on, driver.market) / BPS
    if driver.name in (KOSPI, KOSDAQ):
        return drift / year, error / year
    return drift / year + _market_variance(driver.market) / 2 - deviation**2 / 2, error / year


def _market_variance(market: str) -> float:
    """Variance a session of the market's own index, for turning its log mean into an arithmetic one."""
    shipped = {row.ticker: row.volatility for row in shipped_rows()}
    return shipped["SPY" if market == "US" else "069500"] ** 2


def luck_of(model: Model, seed: int) -> Luck:
    """The model as the kernel draws from it."""
    count = len(model.names)
    kind = {"gbm": draw.GBM, "history": draw.HISTORY, "garch": draw.GARCH}[model.kind]
    ends = model.run_end
    starts = np.flatnonzero(np.r_[True, ends[1:] != ends[:-1]]) if ends.size else np.zeros(0, np.int64)
    return Luck(
        kind=kind,
        seed=seed,
        number=np.array([name_id(name) for name in model.names], np.int64),
        mixing=np.linalg.cholesky(model.correlation) if count else np.zeros((0, 0)),
        deviation=np.ones(count) if kind == draw.GARCH else model.deviation.astype(np.float64),
        given=np.zeros((0, count)),
        rows=np.ascontiguousarray(model.rows),
        run_end=model.run_end.astype(np.int64),
        run_start=starts.astype(np.int64),
        block_bits=round(2**32 / model.block_length) if model.block_length else 0,
        garch=np.ascontiguousarray(model.garch),
        innovation=np.ascontiguousarray(model.innovation_table),
        tail=np.ascontiguousarray(model.chi_table),
    )


def drifts_of(portfolio: Portfolio, movers: Movers, model: Model, own_pct: float | None) -> list[Drift]:
    """Risk-free, long-run, the investor's own where given, and the long run less the gap of margin users; in order."""
    found = [_risk_free(portfolio, movers, model), _long_run(portfolio, movers, model)]
    if own_pct is not None:
        found.append(_own(portfolio, movers, model, own_pct))
    return [*found, _less_gap(portfolio, movers, model, found[1])]


def _rates(portfolio: Portfolio) -> tuple[float, float]:
    """Risk-free rates a year of won and dollar: the rates at which funds are financed."""
    financing = portfolio.book.value("funds.financing", portfolio.on)
    return financing["won"] / BPS, financing["dollar"] / BPS


def _arithmetic(portfolio: Portfolio, movers: Movers, model: Model, rates: Sequence[float]) -> tuple[float, ...]:
    """Log drifts a session of drivers that grow on average by yearly rates."""
    year = sessions_a_year(portfolio.on)
    return tuple(rate / year - float(shift) for rate, shift in zip(rates, model.drift_shift, strict=True))


def _risk_free(portfolio: Portfolio, movers: Movers, model: Model) -> Drift:
    won, dollar = _rates(portfolio)
    each = {USDKRW: won - dollar, "US": dollar}
    rates = [each.get(driver.market, won) for driver in movers.drivers]
    words = f"no more than a deposit: {100 * won:g} % a year in won"
    words += f", {100 * dollar:g} % in dollars" if movers.dollar >= 0 else ""
    return Drift(
        RISK_FREE, words, _arithmetic(portfolio, movers, model, rates), tuple(100 * rate for rate in rates), None
    )


def _long_run(portfolio: Portfolio, movers: Movers, model: Model) -> Drift:
    year = sessions_a_year(portfolio.on)
    means = [float(mean) * model.sessions_a_year for mean in model.mean]
    shifts = [float(shift) * year for shift in model.drift_shift]
    lead = lead_of(portfolio, movers)
    error = 100 * float(model.mean_error[lead]) * model.sessions_a_year if model.mean_error.size else None
    if model.first is not None:
        words = f"the mean of the history used, {model.first} to {model.last}"
    else:
        words = "the long-run mean of the market, which single names may miss by far"
    pct = tuple(100 * (mean + shift) for mean, shift in zip(means, shifts, strict=True))
    return Drift(LONG_RUN, words, tuple(mean / year for mean in means), pct, error)


def lead_of(portfolio: Portfolio, movers: Movers) -> int:
    """The driver of the largest holding."""
    worth: dict[str, float] = {}
    for lot in portfolio.things:
        rate = portfolio.won_per_dollar if lot.foreign else 1.0
        name = lot.underlying if any(d.name == lot.underlying for d in movers.drivers) else lot.ticker
        worth[name] = worth.get(name, 0.0) + lot.quantity * lot.shown_price * rate
    best = max(sorted(worth), key=lambda name: worth[name], default="")
    return next((i for i, driver in enumerate(movers.drivers) if driver.name == best), 0)


def _own(portfolio: Portfolio, movers: Movers, model: Model, pct: float) -> Drift:
    won, dollar = _rates(portfolio)
    rates = [won - dollar if driver.market == USDKRW else pct / 100 for driver in movers.drivers]
    words = f"your own: {pct:g} % a year for everything that moves but the dollar"
    return Drift(OWN, words, _arithmetic(portfolio, movers, model, rates), tuple(100 * r for r in rates), None)


def _less_gap(portfolio: Portfolio, movers: Movers, model: Model, long_run: Drift) -> Drift:
    """The long run less what margin users were published to have earned less than others."""
    entry = portfolio.book.entry("odds.margin_user_gap", portfolio.on)
    gap, year = entry.value / BPS, sessions_a_year(portfolio.on)
    off = [0.0 if driver.market == USDKRW else gap for driver in movers.drivers]
    words = (
        f"the long run less {100 * gap:.1f} points a year, by which users of margin loans were published to fall short"
    )
    return Drift(
        GAP, words, tuple(drift - each / year for drift, each in zip(long_run.a_session, off, strict=True)),
        tuple(pct - 100 * each for pct, each in zip(long_run.pct_a_year, off, strict=True)), long_run.error_pct,
    )  # fmt: skip


def drift_rows(movers: Movers, drifts: Sequence[Drift], lead: int = 0) -> list[dict[str, Any]]:
    """The drifts for the document; ``pct_a_year`` is that of the largest holding's driver."""
    return [
        {
            "drift": each.name,
            "words": each.words,
            "pct_a_year": each.pct_a_year[lead] if each.pct_a_year else None,
            "error_pct": each.error_pct,
            "drivers": [
                {"name": driver.name, "pct_a_year": pct}
                for driver, pct in zip(movers.drivers, each.pct_a_year, strict=True)
            ],
        }
        for each in drifts
    ]


def fund_terms(portfolio: Portfolio, instruments: Instruments, movers: Movers, row: int, on: date) -> Fund | None:
    """Terms of a fund that follows a driver, on a date; None for what moves by itself."""
    if not movers.follows[row]:
        return None
    lot = next(lot for lot in portfolio.lots if lot.ticker == instruments.ticker[row])
    told = terms(portfolio.book, lot.ticker, lot.foreign, on)
    leverage = lot.leverage if lot.leverage is not None else told.leverage
    return Fund(leverage, told.fee_bps, told.financing_bps)
