"""Coin tape: recorded prices of a coin through an episode, by the minute where bars are given, else by the day.

Won prices are dollars x won per dollar x (1 + premium) unless the bars are in won already; rate and premium are those
of the last day of UTC that has closed, so that nothing of the day itself is known before its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from gaemi.errors import Refused, refuse
from gaemi.market.coin_episodes import (
    COIN_EPISODES,
    CoinEpisode,
    episode_bars,
    premium_bps,
    usdt_premium_bps,
    won_per_dollar,
)
from gaemi.sources.intraday import BarHistory, Bars
from gaemi.sources.tickers import USDKRW, coin_of, is_won_coin
from gaemi.units import BPS

DAY_SECONDS = 86_400
DAY_MINUTES = 1_440
DOLLAR_COIN = "USDT"
KOREAN_HOURS = 9
"""Korean time is so far ahead of UTC; a day of UTC is a day of the won exchanges, from 09:00 to 09:00."""


@dataclass(frozen=True, slots=True)
class Tape:
    """Closes of one coin, float64 [n], at the ends of its bars, int64 seconds of UTC [n], with lows and highs.

    ``in_won`` says that they are in won; ``minutes`` [n] is the length of each bar.
    """

    ticker: str
    in_won: bool
    end: np.ndarray
    minutes: np.ndarray
    close: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def place(self, second: int) -> int:
        """The last bar that has ended by then; -1 before the first."""
        return int(np.searchsorted(self.end, second, side="right")) - 1


@dataclass(frozen=True, slots=True)
class Won:
    """Won per dollar and the premium of won exchanges in force at a time: those of the last day that has closed."""

    rates: Mapping[date, float]
    premiums: Mapping[date, float]
    premiums_of_usdt: Mapping[date, float]

    def rate(self, second: int) -> float:
        """Won per dollar."""
        return _in_force(self.rates, second)

    def premium(self, symbol: str, second: int) -> float:
        """By how much more a coin costs in won, as a share; that of bitcoin unless the coin is the dollar's own."""
        own = self.premiums_of_usdt if symbol == DOLLAR_COIN and self.premiums_of_usdt else self.premiums
        return _in_force(own, second) / BPS

    def price(self, tape: Tape, close: float, second: int) -> float:
        """A close of the tape in won."""
        return close if tape.in_won else close * self.rate(second) * (1 + self.premium(coin_of(tape.ticker), second))


def won_of(episode: CoinEpisode) -> Won:
    """Rates and premiums of an episode."""
    return Won(won_per_dollar(episode.name), premium_bps(episode.name), usdt_premium_bps(episode.name))


def _in_force(figures: Mapping[date, float], second: int) -> float:
    closed = datetime.fromtimestamp(second, UTC).date() - timedelta(days=1)
    known = [day for day in figures if day <= closed]
    return figures[max(known)] if known else figures[min(figures)]


def end_of(day: date) -> int:
    """The second at which a day of UTC ends."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + DAY_SECONDS


def tape_of(episode: CoinEpisode, ticker: str, given: BarHistory | None, notes: list[str]) -> Tape:
    """The tape of a coin: the given bars as far as they go, and the shipped closes of days before and after them.

    Raises Refused for a coin that neither holds, for bars off the episode, and for every bar missing among those given.
    """
    symbol = coin_of(ticker)
    shipped = episode_bars(episode.name)
    daily = next((shipped.of(name) for name in (f"{symbol}USDT", symbol) if name in shipped.tickers), None)
    fine = _fine(episode, ticker, given)
    if daily is None and fine is None and symbol == DOLLAR_COIN:
        notes.append(f"{ticker} counts as a dollar: the dollar prices of {episode.name} are quoted in it")
        return _dollar(episode, ticker)
    if daily is None and fine is None:
        known = ", ".join(shipped.tickers)
        help = f"{episode.name} ships {known}; give --prices with bars of another"
        raise refuse("--replay", f"no prices of {ticker}", f"{episode.name} must have its prices", help)
    first, last = end_of(episode.start), end_of(episode.end)
    if fine is None:
        assert daily is not None, "a tape has a source"
        found = _joined(ticker, [daily], is_won_coin(daily.ticker))
    else:
        parts = [fine]
        in_won = is_won_coin(fine.ticker)
        if daily is not None:
            begin, stop = int(fine.start.astype(np.int64)[0]), int(_ends(fine)[-1])
            days = _in_won(daily, won_of(episode)) if in_won else daily
            parts = [_cut(days, 0, begin), fine, _cut(days, stop + 1, last)]
            if stop < last:
                words = f"{_told(stop)}; after it the shipped closes of days, over all venues"
                notes.append(f"{fine.ticker}: bars of {fine.minutes} minutes end at {words}")
        found = _joined(ticker, parts, in_won)
    if found.end[0] > first or found.end[-1] < last:
        span = f"{_told(int(found.end[0]))} to {_told(int(found.end[-1]))}"
        allowed = f"prices of {ticker} must reach from {_told(first)} to {_told(last)}"
        raise refuse("--prices", span, allowed, "a replay must not begin or end without a price")
    return found


def _dollar(episode: CoinEpisode, ticker: str) -> Tape:
    """A tape that stays at a dollar, a bar a day."""
    ends = np.array(sorted(end_of(day) for day in won_per_dollar(episode.name)), np.int64)
    one = np.ones(ends.size)
    return Tape(ticker, False, ends, np.full(ends.size, DAY_MINUTES), one, one, one)


def _fine(episode: CoinEpisode, ticker: str, given: BarHistory | None) -> Bars | None:
    """The given bars of a coin within the episode: those in won for a won price where there are some."""
    if given is None:
        return None
    symbol = coin_of(ticker)
    names = [f"KRW-{symbol}"] if is_won_coin(ticker) else []
    name = next((each for each in (*names, f"{symbol}USDT") if each in given.tickers), None)
    if name is None:
        return None
    bars = given.of(name)
    first, last = end_of(episode.start), end_of(episode.end)
    begin = int(bars.start.astype(np.int64)[0])
    stop = int(_ends(bars)[-1])
    if stop <= first or begin >= last:
        allowed = f"bars of {name} must lie within {_told(first)} to {_told(last)}"
        raise refuse("--prices", f"{_told(begin)} to {_told(stop)}", allowed, "or leave --prices out")
    step = bars.minutes * 60
    low, high = max(begin, first - step if is_won_coin(name) else first), min(stop, last)
    low -= (low - begin) % step
    high -= (high - begin) % step
    return given.window(name, datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC), bars.minutes)


def _ends(bars: Bars) -> np.ndarray:
    ends: np.ndarray = bars.start.astype(np.int64) + bars.minutes * 60
    return ends


def _in_won(bars: Bars, won: Won) -> Bars:
    """Daily bars in dollars as bars in won."""
    symbol = coin_of(bars.ticker)
    factor = np.array([won.rate(end) * (1 + won.premium(symbol, end)) for end in _ends(bars).tolist()])
    return replace(bars, close=bars.close * factor, low=bars.low * factor, high=bars.high * factor)


def _cut(bars: Bars, first: int, last: int) -> Bars:
    """The bars that end from ``first`` to ``last``."""
    ends = _ends(bars)
    keep = (ends >= first) & (ends <= last)
    names = ("start", "open", "high", "low", "close", "volume", "rows")
    return replace(bars, **{name: getattr(bars, name)[keep] for name in names})


def _joined(ticker: str, parts: list[Bars], in_won: bool) -> Tape:
    close = np.concatenate([one.close for one in parts])
    low, high = (np.concatenate([getattr(one, name) for one in parts]) for name in ("low", "high"))
    return Tape(
        ticker,
        in_won,
        np.concatenate([_ends(one) for one in parts]),
        np.concatenate([np.full(one.close.size, one.minutes) for one in parts]),
        close,
        np.where(np.isnan(low), close, low),
        np.where(np.isnan(high), close, high),
    )


def _told(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M} UTC"


def recorded_marks(tickers: list[str], on: date) -> dict[str, float]:
    """Closes of coins on a day that a shipped episode holds, each in the currency of its ticker, and won per dollar."""
    for episode in COIN_EPISODES:
        first, last = _span(episode)
        if not first <= on <= last:
            continue
        won, second, marks = won_of(episode), end_of(on), {}
        for ticker in tickers:
            try:
                tape = tape_of(episode, ticker, None, [])
            except Refused:
                continue
            place = tape.place(second)
            if place >= 0:
                close = float(tape.close[place])
                marks[ticker] = won.price(tape, close, second) if is_won_coin(ticker) else close
        return marks | {USDKRW: won.rate(second)} if marks else {}
    return {}


def holds_day(episode: CoinEpisode, on: date) -> bool:
    """Whether the tables of an episode hold a day."""
    first, last = _span(episode)
    return first <= on <= last


def _span(episode: CoinEpisode) -> tuple[date, date]:
    """First and last day of the episode's rates, without which nothing has a price in won."""
    days = won_per_dollar(episode.name)
    return min(days), min(max(days), episode.end)
