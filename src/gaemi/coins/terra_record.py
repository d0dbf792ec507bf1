"""What was recorded of Terra in May 2022, laid on the minutes of a run: prices, supply, stops of the chain."""

import csv
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from gaemi.errors import refuse
from gaemi.market.coin_episodes import FOLDER, Event, episode_bars, episode_events, episode_supply
from gaemi.market.stablecoins import LEAD, MINUTE, Span, joined, price_path
from gaemi.sources.intraday import BarHistory, Bars

EPISODE = "terra-2022"
COIN, STABLE = "LUNAUSDT", "USTUSDT"
SPAN = Span(date(2022, 5, 9), date(2022, 5, 13))
"""Days of UTC in which the run of the module is held against the record."""

HELD = Span(date(2022, 5, 7), date(2022, 5, 15))
"""Days of UTC over which holders are followed."""

DAY, HOUR = 1440, 60


@dataclass(frozen=True, slots=True)
class Moment:
    """Coins of LUNA at a moment of the press; ``price`` in dollars where it was given."""

    time: datetime
    coins: float
    price: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Record:
    """The recorded side. Paths are float64 by minute, with :data:`LEAD` minutes before the span for the module.

    ``price_until`` is the minute of SPAN up to which prices within the day are known; 0 with daily closes alone.
    """

    price: np.ndarray
    daily_price: np.ndarray
    price_until: int
    held_price: np.ndarray
    peg: np.ndarray
    path: str
    luna: dict[date, float]
    ust: dict[date, float]
    usdt: dict[date, float]
    daily: BarHistory
    hours: Bars | None
    stops: tuple[tuple[datetime, datetime], ...]
    halt: int
    events: tuple[Event, ...]
    moments: tuple[Moment, ...]


def record_of(bars: BarHistory | None) -> Record:
    """The record from the shipped tables, with prices within the day from ``bars`` where they hold LUNA or UST.

    Raises Refused where bars of LUNA lack minutes of the run before their end, or hold a price of 0.
    """
    daily, supply = episode_bars(EPISODE), episode_supply(EPISODE)
    table = daily.of(COIN)
    daily_price = price_path(table, table.minutes, SPAN)
    held_daily = price_path(table, table.minutes, HELD)[LEAD:]
    price, held, until = daily_price, held_daily, 0
    path = "LUNA by the shipped daily closes, the logarithm in a straight line between them"
    fine = _fine(bars, COIN)
    if fine is not None and bars is not None:
        price, held, until, path = _within_days(bars, fine, held_daily)
    events, hours = episode_events(EPISODE), _hours(bars)
    stops, halt = _stops(events)
    return Record(
        price=price,
        daily_price=daily_price,
        price_until=until,
        held_price=held,
        peg=_peg(hours, daily),
        path=path,
        luna=supply["LUNA"],
        ust=supply["UST"],
        usdt=supply["USDT"],
        daily=daily,
        hours=hours,
        stops=stops,
        halt=halt,
        events=events,
        moments=moments(),
    )


def naive(time: datetime) -> datetime:
    """A time in UTC without its zone, as minutes of a span are counted."""
    return time.replace(tzinfo=None)


def _fine(bars: BarHistory | None, ticker: str) -> Bars | None:
    """Bars shorter than a day, if there are any."""
    if bars is None or ticker not in bars.tickers:
        return None
    found = bars.of(ticker)
    return found if found.minutes < DAY else None


def _within_days(bars: BarHistory, fine: Bars, held_daily: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, str]:
    """Prices for the module and for holders from bars within the day, the minute they end at, and words for them."""
    first = HELD.start
    end = _end(fine)
    if end <= SPAN.start:
        raise refuse(f"{fine.origin}, {COIN}", f"last bar of {fine.start[-1]}", f"must last beyond {SPAN.start}")
    last = min(end, SPAN.start + SPAN.minutes * MINUTE)
    seen = bars.window(COIN, first, last, fine.minutes)
    price = price_path(seen, fine.minutes, Span(HELD.first, SPAN.last), 0, hold=True)
    known = (last - first) // MINUTE
    lead = (SPAN.start - first) // MINUTE - LEAD
    held = joined(np.concatenate([price, np.zeros(held_daily.size - price.size)]), known, held_daily)
    bar = "minute" if fine.minutes == 1 else f"{fine.minutes} minutes"
    path = f"LUNA by the {bar} to {last:%Y-%m-%d %H:%M} UTC; after that its last price is held"
    return price[lead:], held, SPAN.minute(last), path


def _end(bars: Bars) -> datetime:
    found: datetime = (bars.start[-1] + np.timedelta64(bars.minutes, "m")).astype("datetime64[s]").item()
    return found


def _hours(bars: BarHistory | None) -> Bars | None:
    """UST by the hour over as much of SPAN as there is, or None."""
    fine = _fine(bars, STABLE)
    if fine is None or bars is None or fine.minutes > HOUR or _end(fine) <= SPAN.start:
        return None
    last = min(_end(fine), SPAN.start + SPAN.minutes * MINUTE)
    whole = SPAN.start + (last - SPAN.start) // timedelta(hours=1) * timedelta(hours=1)
    return bars.window(STABLE, SPAN.start, whole, HOUR)


def _peg(hours: Bars | None, daily: BarHistory) -> np.ndarray:
    """UST's price by minute of SPAN, from its hours or else from the daily closes."""
    table = daily.of(STABLE)
    path = price_path(table, table.minutes, SPAN)[LEAD:]
    if hours is not None:
        known = len(hours.start) * HOUR
        first = HOUR - 1  # the first close of the hours; before it the daily path holds
        path[first:known] = price_path(_later(hours), HOUR, SPAN, 0, hold=True)[first:known]
    return path


def _later(hours: Bars) -> Bars:
    """The hours with one more before them, at the first open, so that the path begins with the span."""
    before = hours.start[:1] - np.timedelta64(HOUR, "m")
    return replace(
        hours, start=np.concatenate([before, hours.start]), close=np.concatenate([hours.open[:1], hours.close])
    )


def _stops(events: tuple[Event, ...]) -> tuple[tuple[tuple[datetime, datetime], ...], int]:
    """Times without blocks or without swaps, and the minute of the last halt, from which swaps were off."""
    end = SPAN.start + SPAN.minutes * MINUTE
    stops, halted = [], end
    for event in events:
        if event.what == "chain halted":
            halted = naive(event.time)
            stops.append((halted, end))
        elif event.what == "chain restarted" and stops:
            stops[-1] = (stops[-1][0], naive(event.time))
    return tuple(stops), SPAN.minute(halted)


def moments() -> tuple[Moment, ...]:
    """Supply at moments within the days, as the press printed it."""
    rows = _shipped("press")
    return tuple(
        Moment(
            datetime.fromisoformat(row["time_utc"]),
            float(row["coins"]),
            float(row["price_usd"]) if row["price_usd"] else None,
            row["source"],
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Count:
    """Holders of LUNA at the won exchanges and their coins at the end of a Korean day."""

    day: date
    holders: int
    coins: int
    source: str


def counts() -> tuple[Count, ...]:
    """The published counts of holders, by day."""
    rows = _shipped("holders")
    return tuple(
        Count(date.fromisoformat(row["date"]), int(row["holders"]), int(row["coins"]), row["source"]) for row in rows
    )


def won_prices() -> list[tuple[datetime, float]]:
    """Won prices of the coin that the press printed while deposits were halted."""
    return [(datetime.fromisoformat(row["time_utc"]), float(row["won"])) for row in _shipped("won-prices")]


def _shipped(table: str) -> list[dict[str, str]]:
    file = FOLDER / f"{EPISODE}-{table}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))
