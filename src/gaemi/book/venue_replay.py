"""A recorded episode of coins over a venue's book: every contract moves from its own mark as its coin moved then.

Marks come from recorded bars where they are given, in USDT or else in won, and from the episode's daily table where
they are not. A contract without any moves as bitcoin did.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from gaemi.book.venue_accounts import VenueBook
from gaemi.book.venue_shock import marks_at
from gaemi.errors import refuse
from gaemi.kernels.venue import BUY, SELL, VenueTerms
from gaemi.market.coin_episodes import CoinEpisode, coin_episode, episode_bars, is_coin_episode
from gaemi.market.marks import Marks, median_of_last
from gaemi.records.positions import MICRO
from gaemi.sources.intraday import BarHistory, Bars, read_bars
from gaemi.sources.tickers import BITCOIN, canonical, coin_of
from gaemi.venue import VenueResult, worst_case
from gaemi.workers import LocalWorkers

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Replayed:
    """The marks of a replay, ``minutes`` apart, which names follow bitcoin, and what there is to say of the bars."""

    marks: Marks
    minutes: int
    followers: tuple[str, ...]
    notes: tuple[str, ...]


def replay_marks(made: VenueBook, episode: CoinEpisode, bars: BarHistory | None, window_minutes: int) -> Replayed:
    """The marks of the book through the episode's days, from the close of the day before its first.

    Raises :class:`gaemi.errors.Refused` where bars are missing or are no prices, and where neither a contract's coin
    nor bitcoin has any.
    """
    history = bars if bars is not None else episode_bars(episode.name)
    first = datetime(episode.first.year, episode.first.month, episode.first.day, tzinfo=UTC)
    last = datetime(episode.end.year, episode.end.month, episode.end.day, tzinfo=UTC) + _DAY
    sources = {ticker: _source(history, ticker) for ticker in made.tickers}
    leader = _source(history, canonical(f"{BITCOIN}/USDT"))
    followers = tuple(ticker for ticker, source in sources.items() if source is None)
    if followers and leader is None:
        allowed = "a contract needs bars of its own coin or of bitcoin"
        raise refuse("--replay", f"none of either for {', '.join(followers)}", allowed, "give more bars with --prices")
    used = sorted({source for source in (*sources.values(), leader if followers else None) if source is not None})
    minutes = max(history.of(source).minutes for source in used)
    columns, notes = dict[str, tuple[np.ndarray, ...]](), list[str]()
    for source in used:
        columns[source] = _factors(history, source, first, last, minutes, window_minutes, notes)
    taken = [columns[sources[ticker] or leader or ""] for ticker in made.tickers]
    close, low, high = (np.stack([column[part] for column in taken], axis=1) for part in range(3))
    step = np.timedelta64(minutes * 60, "s")
    times = np.datetime64(first.replace(tzinfo=None), "s") + step * np.arange(1, len(close) + 1)
    marks = marks_at(made, close, times)
    lows, highs = (np.maximum(np.round(made.mark_micro * part), 1).astype(np.int64) for part in (low, high))
    rules = tuple(f"{ticker}: {sources[ticker] or f'as {leader}'}" for ticker in made.tickers)
    whole = Marks(made.tickers, times, marks.coins_a_lot, marks.micro, lows, highs, rules)
    notes += [f"{ticker} has no bars of its own: it moves as {leader} did" for ticker in followers]
    if minutes >= 1440:
        notes.append("daily bars: what happened within a day is not seen; give bars of minutes or hours with --prices")
    return Replayed(whole, minutes, followers, tuple(notes))


def episode_of(replay: str) -> tuple[CoinEpisode, BarHistory | None]:
    """The episode called ``replay``; or the days of the bars in that file or folder, from the second one on.

    Raises :class:`gaemi.errors.Refused` where it is neither.
    """
    if is_coin_episode(replay) or not Path(replay).exists():
        return coin_episode(replay), None
    bars = read_bars(replay)
    days = [one.start[[0, -1]].astype("datetime64[D]") for one in bars.bars]
    start, end = (edge.astype(date) for edge in (min(day[0] for day in days), max(day[1] for day in days)))
    if start == end:
        raise refuse("--replay", f"bars of {start} alone", "must hold more than one day")
    note = "Recorded bars that were given."
    return CoinEpisode(Path(replay).name, start, start + _DAY, end, note, bars.tickers), bars


def hour_rows(result: VenueResult, minutes: int) -> list[dict[str, Any]]:
    """A row for each hour (or bar, if longer) in which something was closed, in USDT at the marks it met."""
    size = np.timedelta64(max(60, minutes) * 60, "s")
    rows: dict[np.datetime64, dict[str, Any]] = {}
    for step in result.steps:
        if not step.liquidated_micro.any():
            continue
        # A mark stands at the end of its bar.
        begin = step.time - (step.time - np.datetime64(0, "s") - np.timedelta64(1, "s")) % size - np.timedelta64(1, "s")
        nothing = {"time": str(begin)[:16].replace("T", " "), "long": 0.0, "short": 0.0, "paid_by_fund": 0.0}
        row = rows.setdefault(begin, nothing | {"deleveraged": 0.0, "fund": 0.0})
        row["long"] += step.long_micro / MICRO
        row["short"] += step.short_micro / MICRO
        row["paid_by_fund"] += step.deficit_micro / MICRO
        row["deleveraged"] += step.deleveraged_micro / MICRO
        row["fund"] = step.fund_micro / MICRO
    return [rows[begin] for begin in sorted(rows)]


def worst_rows(made: VenueBook, marks: Marks, terms: VenueTerms, workers: LocalWorkers) -> list[dict[str, Any]]:
    """A row a contract: what its own worst last-trade low and high of the whole episode would close, alone.

    They are a worst case name by name and never added up: nothing says that all were touched at once.
    """
    reach = Marks(
        made.tickers,
        marks.times[-1:],
        marks.coins_a_lot,
        made.mark_micro[None, :],
        np.minimum(marks.low_micro.min(axis=0), made.mark_micro)[None, :],
        np.maximum(marks.high_micro.max(axis=0), made.mark_micro)[None, :],
    )
    rows = worst_case(made.accounts, reach, 0, terms, workers)
    for at, row in enumerate(rows):
        row["open_long"], row["open_short"] = (int(made.values[side, at]) / MICRO for side in (SELL, BUY))
        row["low_pct"] = 100 * (int(reach.low_micro[0, at]) / int(made.mark_micro[at]) - 1)
        row["high_pct"] = 100 * (int(reach.high_micro[0, at]) / int(made.mark_micro[at]) - 1)
    return sorted(rows, key=lambda row: (-row["long_value"] - row["short_value"], row["ticker"]))


def _source(history: BarHistory, ticker: str) -> str | None:
    """The name whose bars move a contract: its own, else its coin's in won."""
    won = canonical(f"KRW-{coin_of(ticker)}")
    return next((name for name in (ticker, won) if name in history.tickers), None)


def _factors(
    history: BarHistory, name: str, first: datetime, last: datetime, minutes: int, window: int, notes: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Closes (or their median over the window), lows and highs of a name over its price before ``first``."""
    bars = history.of(name)
    step = timedelta(minutes=minutes)
    ends = bars.start[-1].astype(datetime).replace(tzinfo=UTC) + timedelta(minutes=bars.minutes)
    # Where a venue stopped trading the last whole bar's price stands.
    stop = min(last, first + (ends - first) // step * step)
    if stop < last and stop > first:
        notes.append(f"{name}: bars end at {ends:%Y-%m-%d %H:%M} UTC; its last price stands from then on")
    before = _before(history, bars, first, minutes)
    found = history.window(name, first, max(stop, first + step), minutes)
    count = max(1, window // minutes)
    close = median_of_last(found.close, count) if count > 1 else found.close
    low, high = (np.where(np.isnan(side), found.close, side) for side in (found.low, found.high))
    rest = (last - first) // step - len(close)
    parts = (np.append(part, np.full(rest, found.close[-1])) / before for part in (close, low, high))
    close, low, high = parts
    return close, low, high


def _before(history: BarHistory, bars: Bars, first: datetime, minutes: int) -> float:
    """The price from which the episode starts: the last close before ``first``, else the first open."""
    begin = np.datetime64(first.replace(tzinfo=None), "s")
    place = int(np.searchsorted(bars.start, begin))
    if place > 0 and begin - bars.start[place - 1] <= np.timedelta64(max(minutes, bars.minutes) * 60, "s"):
        return float(bars.close[place - 1])
    return (
        float(bars.open[place])
        if place < len(bars.start) and bars.open[place] > 0
        else float(bars.close[min(place, len(bars.start) - 1)])
    )
