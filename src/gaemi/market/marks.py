"""Mark prices: what a venue tests positions against. It is not the last trade, and never a low.

The rule for each contract is the first of these that can be followed: a mark that is **given**; the **median across
venues** at each time; a **robust filter** of one venue's bars, the median of the closes of the last few minutes. The
filter lags by half of its minutes; of bars as long as the window or longer each close stands alone, and what happened
within the bar is not seen. Lows and highs are kept beside the marks, for a stated worst case a name.

Source: the venues' pages on the mark price (an index over several spot markets); perpetual.mark_minutes of the law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Protocol

import numpy as np

from gaemi.errors import Fault, Refused
from gaemi.records.positions import MICRO

GIVEN = "given"
ACROSS_VENUES = "median of {count} venues"
ONE_VENUE = "closes of one venue, median of {minutes} minutes"
CLOSES = "closes of one venue, bars of {minutes} minutes"


class AnyBars(Protocol):
    """What marks need of bars: see gaemi.sources.intraday."""

    @property
    def ticker(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def start(self) -> np.ndarray: ...
    @property
    def minutes(self) -> int: ...
    @property
    def low(self) -> np.ndarray: ...
    @property
    def high(self) -> np.ndarray: ...
    @property
    def close(self) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of ``m`` contracts at ``t`` times, in whole micro a lot: int64 [time, contract].

    ``times`` are datetime64[s], UTC, the ends of bars: when the price is known. ``coins_a_lot`` is a power of ten for
    each contract, such that a lot is worth 1 to 10 at the first time. ``rules`` says how each mark was found.
    """

    tickers: tuple[str, ...]
    times: np.ndarray
    coins_a_lot: tuple[float, ...]
    micro: np.ndarray
    low_micro: np.ndarray
    high_micro: np.ndarray
    rules: tuple[str, ...] = ()

    def since(self, first: np.datetime64) -> "Marks":
        """The marks after ``first``."""
        return self._where(self.times > first)

    def until(self, last: np.datetime64) -> "Marks":
        """The marks up to ``last`` and at it."""
        return self._where(self.times <= last)

    def _where(self, kept: np.ndarray) -> "Marks":
        micro, low, high = (column[kept] for column in (self.micro, self.low_micro, self.high_micro))
        return Marks(self.tickers, self.times[kept], self.coins_a_lot, micro, low, high, self.rules)


def median_across(prices: np.ndarray) -> np.ndarray:
    """The median over venues of prices float64 [venue, time], at each time over those that have one; NaN where none.

    >>> median_across(np.array([[1.0, np.nan], [2.0, np.nan], [9.0, 4.0]])).tolist()
    [2.0, 4.0]
    """
    found = np.full(prices.shape[1], np.nan)
    known = ~np.isnan(prices).all(axis=0)
    found[known] = np.nanmedian(prices[:, known], axis=0)
    return found


def median_of_last(close: np.ndarray, count: int) -> np.ndarray:
    """The median of the last ``count`` closes at each time, of fewer at the beginning; NaN are left out.

    >>> median_of_last(np.array([5.0, 1.0, 6.0, 7.0]), 3).tolist()
    [5.0, 3.0, 5.0, 6.0]
    """
    padded = np.concatenate((np.full(count - 1, np.nan), close))
    return median_across(np.lib.stride_tricks.sliding_window_view(padded, count).T)


def lot_size(price: float) -> float:
    """Coins in a lot: a power of ten such that it is worth 1 to 10 at ``price``.

    >>> lot_size(111_000.0), lot_size(0.00002)
    (1e-05, 100000.0)
    """
    return float(f"1e{-floor(log10(price))}")


def marks_of(bars: Sequence[AnyBars], window_minutes: int, given: Mapping[str, np.ndarray] | None = None) -> Marks:
    """Marks of all names of ``bars`` on one grid of times, each held from its last bar to the next.

    Several bars of one name are venues of their own. The grid has every time at which any bar ends, from the first on
    which all names have a price. ``given`` are marks in quote currency on the bars of that name, which then has one.
    Raises :class:`gaemi.errors.Refused` for prices that are not above 0, and for names whose bars never meet.
    """
    faults = [
        Fault(each.origin, f"{each.ticker} at {each.start[row]}: {each.close[row]:g}", "price must be above 0")
        for each in bars
        for row in np.flatnonzero(~(each.close > 0))[:1]
    ]
    if faults or not bars:
        raise Refused(faults or [Fault("--prices", "no bars", "marks need bars of at least one name")])
    by_name: dict[str, list[AnyBars]] = {}
    for each in bars:
        by_name.setdefault(each.ticker, []).append(each)
    tickers = tuple(sorted(by_name))
    ends = {id(each): each.start + np.timedelta64(each.minutes * 60, "s") for each in bars}
    first = max(min(ends[id(each)][0] for each in by_name[ticker]) for ticker in tickers)
    times = np.unique(np.concatenate(list(ends.values())))
    times = times[times >= first]
    if not times.size:
        raise Refused([Fault("--prices", f"bars of {', '.join(tickers)}", "bars of all names must meet at some time")])
    columns, rules = [], []
    for ticker in tickers:
        own = by_name[ticker]
        told = None if given is None else given.get(ticker)
        mark, rule = _mark_of(own, [ends[id(each)] for each in own], times, window_minutes, told)
        low = np.fmin(_extreme(own, ends, times, "low", np.fmin), mark)
        high = np.fmax(_extreme(own, ends, times, "high", np.fmax), mark)
        columns.append((mark, low, high))
        rules.append(f"{ticker}: {rule}")
    coins = tuple(lot_size(float(mark[0])) for mark, _, _ in columns)
    micro, low_micro, high_micro = (
        np.stack([_in_micro(column[k], size) for column, size in zip(columns, coins, strict=True)], axis=1)
        for k in range(3)
    )
    return Marks(tickers, times, coins, micro, low_micro, high_micro, tuple(rules))


def _in_micro(price: np.ndarray, coins: float) -> np.ndarray:
    """Whole micro a lot, at least 1: a price of 0 is no price."""
    return np.maximum(np.round(price * coins * MICRO), 1).astype(np.int64)


def _mark_of(
    own: Sequence[AnyBars], ends: Sequence[np.ndarray], times: np.ndarray, window: int, given: np.ndarray | None
) -> tuple[np.ndarray, str]:
    """The mark of one name on the grid, and its rule in words."""
    if given is not None:
        return _held(np.asarray(given, np.float64), ends[0], times), GIVEN
    if len(own) > 1:
        prices = np.stack([_held(each.close, end, times) for each, end in zip(own, ends, strict=True)])
        return median_across(prices), ACROSS_VENUES.format(count=len(own))
    minutes = own[0].minutes
    count = max(1, window // minutes)
    rule = CLOSES.format(minutes=minutes) if count == 1 else ONE_VENUE.format(minutes=count * minutes)
    return _held(median_of_last(own[0].close, count), ends[0], times), rule


def _held(price: np.ndarray, end: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The last price known at each time; NaN before the first."""
    place = np.searchsorted(end, times, side="right") - 1
    return np.where(place >= 0, price[np.maximum(place, 0)], np.nan)


def _extreme(
    own: Sequence[AnyBars], ends: Mapping[int, np.ndarray], times: np.ndarray, name: str, of: np.ufunc
) -> np.ndarray:
    """Lows or highs of all venues where a bar ends at the time; NaN elsewhere, which the mark then replaces."""
    found = np.full(times.size, np.nan)
    for each in own:
        end = ends[id(each)]
        inside = np.isin(end, times)
        place = np.searchsorted(times, end[inside])
        found[place] = of(found[place], getattr(each, name)[inside])
    return found
