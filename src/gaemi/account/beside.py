"""Beside: what of an account never closes while its shares go through recorded sessions of their exchange.

Coins and positions follow the daily closes of the given history, on the last one before each session opens in Korea. A
coin without a record stands still and the answer says so; a position without one is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.account.coin_replay import walked, worth_by_lot
from gaemi.account.coin_tape import DAY_MINUTES, Tape, Won, end_of
from gaemi.account.coin_walk import Walk
from gaemi.account.lots import Lot
from gaemi.account.portfolio import Portfolio, no_holding
from gaemi.account.standing import standing_of
from gaemi.errors import Fault, Refused
from gaemi.market.coin_episodes import CoinEpisode
from gaemi.sources.prices import PriceHistory
from gaemi.sources.tickers import coin_of, is_won_coin


@dataclass(frozen=True, slots=True)
class Beside:
    """What never closes, through the days of a replay."""

    walk: Walk

    def row(self, row: dict[str, Any], before: int) -> tuple[dict[str, Any], int]:
        """A day of the replay with what stands beside it, and the second by which that was known."""
        second = end_of(date.fromisoformat(row["date"]) - timedelta(days=1))
        place = max(0, self.walk.place(second))
        net, owed = round(float(self.walk.worth[place])), round(float(self.walk.owed_won[place]))
        closed = [each.name for each in self.walk.closed if not each.worst and before < each.second <= second]
        prices = {ticker: float(series[place]) for ticker, series in self.walk.price.items()}
        added = {
            "prices": row["prices"] | prices,
            "assets_won": row["assets_won"] + net + owed,
            "net_worth_won": row["net_worth_won"] + net,
            "owed_won": row["owed_won"] + owed,
            "residual_won": row["residual_won"] + owed,
            "closed": ", ".join(dict.fromkeys(closed)),
        }
        return row | added, second


def never_closes(who: Portfolio) -> bool:
    """Whether the account holds anything that never closes."""
    return bool(who.file.coins or who.file.positions or who.coin_loans)


def without_them(who: Portfolio) -> Portfolio:
    """The account with its shares, loans and money alone."""
    lots: tuple[Lot, ...] = tuple(lot for lot in who.lots if lot.contract is None and lot.coin is None)
    return replace(who, lots=lots or (no_holding(),))


def beside(
    who: Portfolio, history: PriceHistory, dates: Sequence[date], dollars: Sequence[float], notes: list[str]
) -> Beside:
    """Coins, positions and coin loans of the account from the start to the end of a replay's sessions.

    Raises Refused for a position or coin loan of which the history holds no prices.
    """
    lent = [ticker for loan in who.coin_loans for ticker in loan.line.tickers]
    needed = dict.fromkeys([*(line.ticker for line in who.file.positions), *lent])
    tickers = dict.fromkeys([*(line.ticker for line in who.file.coins), *needed])
    first, last = dates[0] - timedelta(days=1), dates[-1]
    tapes, faults = {}, []
    for ticker in tickers:
        tape = _tape(history, ticker, first, last)
        if tape is None and ticker in needed:
            help = "give --prices or a replay SOURCE with its days, or an episode of coins: terra-2022, oct-2025"
            found = f"no prices of {ticker}"
            faults.append(Fault("--replay", found, "a position must have a mark price on every day", help))
        elif tape is None:
            notes.append(f"{ticker} stands still: the record holds no prices of it; --prices adds them")
        tapes[ticker] = tape or _still(ticker, first, last)
    if faults:
        raise Refused(faults)
    if any(tape.in_won is False for tape in tapes.values()):
        notes.append("coins in dollars go by the won per dollar of the record, without a premium")
    rates = {day - timedelta(days=1): rate for day, rate in zip(dates, dollars, strict=True)}
    stretch = CoinEpisode("own history", first, dates[0], last - timedelta(days=1), "", tuple(tickers))
    walk = walked(who, stretch, tapes, Won(rates, {first: 0.0}, {}), worth_by_lot(standing_of(who)))
    return Beside(walk)


def _tape(history: PriceHistory, ticker: str, first: date, last: date) -> Tape | None:
    """The daily closes of a coin in the history from shortly before the first day on."""
    names = [ticker, f"{coin_of(ticker)}USDT"] if is_won_coin(ticker) else [ticker]
    name = next((each for each in names if each in history.tickers), None)
    if name is None:
        return None
    days = [first - timedelta(days=back) for back in range(7, 0, -1)]
    days += [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closes = [(day, history.close_on(name, day)) for day in days]
    known = [(day, close) for day, close in closes if close is not None and close > 0]
    if not known or known[0][0] > first:
        return None
    prices = np.array([close for _, close in known])
    low, high = _extremes(history, name, known, prices)
    ends = np.array([end_of(day) for day, _ in known], np.int64)
    return Tape(ticker, is_won_coin(name), ends, np.full(prices.size, DAY_MINUTES), prices, low, high)


def _extremes(
    history: PriceHistory, name: str, known: Sequence[tuple[date, float]], prices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lows and highs of the days where the history has them all; else the closes."""
    try:
        window = history.view([name], known[0][0], known[-1][0])
    except Refused:
        return prices, prices
    low, high = window.low[:, 0], window.high[:, 0]
    if low.size != prices.size or not (np.isfinite(low).all() and np.isfinite(high).all()):
        return prices, prices
    return low, high


def _still(ticker: str, first: date, last: date) -> Tape:
    ends = np.array([end_of(first), end_of(last)], np.int64)
    one = np.ones(2)
    return Tape(ticker, is_won_coin(ticker), ends, np.full(2, DAY_MINUTES), one, one, one)
