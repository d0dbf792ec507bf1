"""Prices for a replay from bars: won a coin at its start, dollar bars for venues, and a mean of all other coins."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from gaemi.errors import refuse
from gaemi.market.coin_episodes import CoinEpisode, episode_bars
from gaemi.market.coin_paths import prices_at
from gaemi.rules.coins import won_price
from gaemi.sources.intraday import BarHistory, Bars
from gaemi.sources.tickers import DOLLAR_COINS, coin_of
from gaemi.units import BPS

OTHERS = ("OTHER", "THIN")
"""What the survey does not count one by one: all others, and those of them that one won exchange alone lists."""

DOLLAR_COIN = "USDT"
STEADY = (*DOLLAR_COINS, "WBTC", "BFUSD", "UST")
"""Coins that follow another or the dollar: they do not stand for other coins."""

APART = ("LUNA",)
"""Coins whose holders are counted on their own."""

NAMED = ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA")
"""Coins that the survey counts one by one."""


def with_shipped(bars: BarHistory | None, episode: CoinEpisode) -> BarHistory:
    """Bars of one's own and, behind them, the daily ones that ship; a coin moves by the finest that it has.

    Raises Refused where bars were given and none lies within the episode.
    """
    shipped = episode_bars(episode.name)
    if bars is None:
        return shipped
    first, last = (np.datetime64(_end_of(day).replace(tzinfo=None), "s") for day in (episode.start, episode.end))
    if not any(((one.start >= first) & (one.start < last)).any() for one in bars.bars):
        spans = ", ".join(sorted({f"{one.ticker} from {one.start[0]} to {one.start[-1]}" for one in bars.bars})[:3])
        allowed = f"some bars must lie within {episode.name}, {episode.first} to {episode.end}"
        raise refuse("--prices", spans, allowed, "without --prices it runs on the daily figures that ship")
    return BarHistory((*bars.bars, *shipped.bars), bars.notes)


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _finest(bars: BarHistory, episode: CoinEpisode) -> dict[str, Bars]:
    """The finest bars of each name that has one at the episode's start and at its end, in order of names."""
    first, last = (np.datetime64(_end_of(day).replace(tzinfo=None), "s") for day in (episode.start, episode.end))
    found: dict[str, Bars] = {}
    for one in sorted(bars.bars, key=lambda b: (b.ticker, b.minutes, -len(b.start), b.origin)):
        length = np.timedelta64(60 * one.minutes, "s")
        ends = one.start + length
        inside = np.asarray((ends >= first) & (ends <= last))
        if inside.any() and ends[inside][0] == first and ends[-1] >= first + np.timedelta64(1, "D"):
            found.setdefault(one.ticker, _cut(one, inside))
    return found


def _cut(one: Bars, keep: np.ndarray) -> Bars:
    columns = ("start", "open", "high", "low", "close", "volume", "rows")
    return replace(one, **{name: getattr(one, name)[keep] for name in columns})


def won_prices(
    bars: BarHistory, on: date, won: Mapping[date, float], premium: Mapping[date, float]
) -> dict[str, float]:
    """Won of a coin at the end of a day of UTC, by symbol: as recorded in won, else dollars at the rate and premium.

    A dollar coin that is not recorded is worth a dollar at the rate and premium.
    """
    rate, over = _last(won, on), _last(premium, on) / BPS
    return {DOLLAR_COIN: won_price(1.0, rate, over)} | prices_at(bars, on, rate, over)


def _last(values: Mapping[date, float], on: date) -> float:
    return values[max(day for day in values if day <= on)]


def dollar_bars(bars: BarHistory, episode: CoinEpisode, won: Mapping[date, float]) -> list[Bars]:
    """Bars in dollars over the episode, one a coin: recorded ones, and finer won bars over the day's rate instead.

    Where any is within the day, only those of an hour or less. The premium stays in what comes from won bars.
    """
    found = _dollar_bars(bars, episode, won)
    longest = max(min(one.minutes for one in found), 60)
    return [one for one in found if one.minutes <= longest]


def _dollar_bars(bars: BarHistory, episode: CoinEpisode, won: Mapping[date, float]) -> list[Bars]:
    """Those bars of any length, in order of coins."""
    finest = _finest(bars, episode)
    found = {coin_of(ticker): one for ticker, one in finest.items() if not ticker.startswith("KRW-")}
    for ticker, one in finest.items():
        coin = coin_of(ticker)
        if ticker.startswith("KRW-") and coin in NAMED and (coin not in found or one.minutes < found[coin].minutes):
            rates = np.array([_last(won, day) for day in one.start.astype("datetime64[D]").tolist()])
            prices = {name: getattr(one, name) / rates for name in ("open", "high", "low", "close")}
            found[coin] = replace(one, ticker=f"{coin}USDT", **prices)
    return [one for coin, one in sorted(found.items()) if coin not in STEADY]


def with_others(bars: BarHistory, episode: CoinEpisode, won: Mapping[date, float]) -> BarHistory:
    """The bars with the coins of OTHERS among them: the mean move of all that the survey does not count one by one.

    Each has the same weight at the episode's start: an assumption, for what accounts hold of them is not published.
    Coins that a single exchange lists have no record of their own and move as the others do: nothing says that they
    fell less.
    Of bars of different lengths those are taken that most coins have, and of these the coins recorded to the end.
    """
    known = (*NAMED, *APART, *OTHERS)
    within, all_bars = (
        [one for one in found if coin_of(one.ticker) not in known]
        for found in (dollar_bars(bars, episode, won), _dollar_bars(bars, episode, won))
    )
    others = within or all_bars
    if not others:
        return bars
    lengths = [one.minutes for one in others]
    minutes = max(sorted(set(lengths)), key=lengths.count)
    others = [one for one in others if one.minutes == minutes]
    grid = max((one.start for one in others), key=len)
    kept = [one for one in others if np.array_equal(one.start, grid)]
    level = np.mean([one.close / one.close[0] for one in kept], axis=0)
    name = f"mean of {len(kept)} coins"
    mean = replace(kept[0], origin=name, open=level, high=level, low=level, close=level)
    return BarHistory((*bars.bars, *(replace(mean, ticker=f"{coin}USDT") for coin in OTHERS)), bars.notes)
