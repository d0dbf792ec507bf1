"""Bars within the day, as exchanges and the libraries of the trade give them: minutes, half-hours, hours.

:func:`read_bars` takes a file, a folder, a frame, or frames by ticker. All times become UTC. Nothing is filled and
nothing is guessed: a window is either whole or refused with every fault in it. Bars outside the window are not
judged, except for their times, which must be readable, of one length and without a second row.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.sources.intraday_tables import FIELDS, MINUTES_A_DAY, bar_tables, recognise, shape_of, written
from gaemi.sources.intraday_times import zone_named
from gaemi.sources.tables import capped, refuse_all
from gaemi.sources.tickers import canonical

PRICES = ("open", "high", "low", "close")
ALLOWED = (
    "must have a time, a close and a name: open_time or timestamp, symbol, open, high, low, close, volume (Binance "
    "klines, ccxt, Upbit, pyupbit); without a symbol the file is named after its coin, as LUNAUSDT-1m.csv"
)


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of one name in one file, in order of time.

    ``start`` is datetime64[s] [bar], UTC, the begin of each bar of ``minutes``; prices and ``volume`` are float64
    [bar] with NaN where the file has none; ``rows`` are the file's row numbers, for messages.
    """

    ticker: str
    origin: str
    start: np.ndarray
    minutes: int
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    rows: np.ndarray

    def where(self, position: int) -> str:
        """File, row and time of one bar, for messages."""
        return f"{self.origin}, row {self.rows[position]} ({self.ticker} at {_written(self.start[position])})"


@dataclass(frozen=True, slots=True)
class BarHistory:
    """Recorded bars by name, from one or many files. ``notes`` say what only custom told, such as a time zone."""

    bars: tuple[Bars, ...]
    notes: tuple[str, ...] = ()

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every name of the history, sorted."""
        return tuple(sorted({one.ticker for one in self.bars}))

    def of(self, ticker: str) -> Bars:
        """The finest bars of ``ticker``, of several files the longest; prices are not judged.

        Raises :class:`gaemi.errors.Refused`, naming the closest, for a name that the history does not hold.
        """
        return self._candidates(ticker)[0]

    def window(self, ticker: str, first: datetime, last: datetime, minutes: int) -> Bars:
        """Every bar of ``ticker`` from ``first`` up to, not including, ``last``, joined to ``minutes`` where finer.

        Times are UTC (without a zone they are taken as such). Of several files the one that lacks the fewest bars
        is used. A joined bar has the first open, the highest high, the lowest low, the last close and the sum of
        volumes. Raises :class:`gaemi.errors.Refused` with every fault: an unknown name, bars longer than
        ``minutes``, missing bars (one fault for each unbroken run), a price that is not above 0, a high below the
        low, a negative volume.
        """
        begin, end = _seconds(first), _seconds(last)
        if begin >= end:
            raise refuse("window", f"{written(begin)} to {written(end)}", "the first time must be before the last")
        if minutes < 1 or (end - begin) % (minutes * 60):
            raise refuse(
                "window", f"{(end - begin) / 60:g} minutes", f"must be a whole number of {minutes}-minute bars"
            )
        candidates = self._candidates(ticker)
        fit = [one for one in candidates if minutes % one.minutes == 0]
        if not fit:
            found = " and ".join(sorted({f"bars of {one.minutes} minutes" for one in candidates}))
            help = "give finer bars with --prices, or ask for longer ones"
            raise refuse(
                f"{candidates[0].origin}, {candidates[0].ticker}", found, f"{minutes}-minute bars are needed", help
            )
        lattice = [
            one
            for one in fit
            if len(one.start) and not (begin - int(one.start.astype(np.int64)[0])) % (one.minutes * 60)
        ]
        if not lattice:
            grid = f"{written(begin)} for bars that begin at {_written(fit[0].start[0])}"
            raise refuse("window", grid, f"must begin where a bar of {fit[0].minutes} minutes begins")
        fit = lattice
        missing = [_expected(one, begin, end) for one in fit]
        best = min(range(len(fit)), key=lambda place: (int((~missing[place][1]).sum()) * fit[place].minutes, place))
        one, (times, there) = fit[best], missing[best]
        faults = _missing_faults(one, times, there)
        cut = _taken(one, _slice(one, begin, end))
        faults += _price_faults(cut)
        refuse_all(faults)
        return _joined(cut, minutes)

    def _candidates(self, ticker: str) -> list[Bars]:
        name = canonical(ticker)
        found = [one for one in self.bars if one.ticker == name]
        if not found:
            raise refuse("ticker", f"'{ticker}'", "must be a name of the bars given", closest(name, self.tickers))
        return sorted(found, key=lambda one: (one.minutes, -len(one.start), one.origin))


def read_bars(source: Any, zone: str | None = None) -> BarHistory:
    """The bars in ``source``: a CSV or Parquet file, a folder of them, a frame, rows of ccxt, or these by ticker.

    ``zone`` is UTC or KST and goes for files that do not tell it themselves. Files of a folder that hold no bars are
    passed over; a single file that holds none is refused. Raises :class:`gaemi.errors.Refused` with every fault: an
    unreadable or repeated time, a zone that is unknown or contradicted, a time off the grid, bars of mixed length, a
    cell that is no number.
    """
    told = zone_named(zone)
    tables = list(bar_tables(source))
    bars: list[Bars] = []
    notes: list[str] = []
    faults: list[Fault] = []
    reasons: list[Fault] = []
    for table in tables:
        found = recognise(table, told, alone=len(tables) == 1)
        if found.reason:
            reasons.append(Fault(table.name, found.reason, ALLOWED))
        faults += found.faults
        notes += found.notes
        bars += [
            Bars(one.ticker, table.name, one.start, one.minutes, rows=one.rows, **one.values) for one in found.bars
        ]
    refuse_all(faults)
    if not bars:
        raise Refused(capped(reasons) or [Fault("source", "no row", ALLOWED)])
    return BarHistory(tuple(bars), tuple(dict.fromkeys(notes)))


def holds_bars(source: Any) -> bool:
    """Whether a path or frame holds bars shorter than a day; what cannot be read holds none."""
    try:
        tables = list(bar_tables(source))
    except Refused:
        return False
    for table in tables:
        shape = shape_of(table)
        if isinstance(shape, str):
            continue
        times = shape[1]
        seconds = times.seconds[times.known]
        if times.bare or len(seconds) < 2:
            continue
        # Rows of several names share their times, so that the distinct times tell the distance.
        if np.diff(np.unique(seconds)).min(initial=MINUTES_A_DAY * 60) < MINUTES_A_DAY * 60:
            return True
    return False


def _seconds(moment: datetime) -> int:
    """Seconds since 1970; a time without a zone is UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(aware.timestamp())


def _written(stamp: np.datetime64) -> str:
    return written(stamp.astype(np.int64))


def _slice(bars: Bars, begin: int, end: int) -> slice:
    seconds = bars.start.astype(np.int64)
    return slice(int(np.searchsorted(seconds, begin)), int(np.searchsorted(seconds, end)))


def _taken(bars: Bars, keep: slice) -> Bars:
    fields = {name: getattr(bars, name)[keep] for name in FIELDS}
    return replace(bars, start=bars.start[keep], rows=bars.rows[keep], **fields)


def _expected(bars: Bars, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """The times at which a bar must begin, in seconds, and whether there is one."""
    times = np.arange(begin, end, bars.minutes * 60, dtype=np.int64)
    return times, np.isin(times, bars.start.astype(np.int64))


def _missing_faults(bars: Bars, times: np.ndarray, there: np.ndarray) -> list[Fault]:
    """One fault for each unbroken run of times without a bar; the last time of a run is named, too."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (~there).view(np.int8), [0]))))
    faults = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        count = int(stop - start)
        begin, final = written(times[start]), written(times[stop - 1])
        # The day is not written twice.
        final = final[11:] if begin[:10] == final[:10] else final
        span = begin if count == 1 else f"{begin} to {final}"
        many = "s" if count > 1 else ""
        unit = f"minute{many}" if bars.minutes == 1 else f"bar{many} of {bars.minutes} minutes"
        where = f"{bars.origin}, {bars.ticker}"
        faults.append(Fault(where, f"{span}, {count} {unit} missing", "every bar must be there (UTC)"))
    return capped(faults)


def _price_faults(bars: Bars) -> list[Fault]:
    """Prices of a cut that are none, field by field; a field that the file lacks altogether is not judged."""
    faults: list[Fault] = []
    for name in PRICES:
        values: np.ndarray = getattr(bars, name)
        if name != "close" and np.isnan(values).all():
            continue
        wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0))).tolist()
        told = ["empty" if np.isnan(values[at]) else f"{values[at]:g}" for at in wrong]
        faults += capped(
            [
                Fault(bars.where(at), text, f"{name}: price must be above 0")
                for at, text in zip(wrong, told, strict=True)
            ]
        )
    crossed = np.flatnonzero(bars.high < bars.low).tolist()
    rule = "the high must not be below the low"
    faults += capped(
        [Fault(bars.where(at), f"high {bars.high[at]:g} and low {bars.low[at]:g}", rule) for at in crossed]
    )
    negative = np.flatnonzero(bars.volume < 0).tolist()
    faults += capped([Fault(bars.where(at), f"{bars.volume[at]:g}", "volume must be 0 or more") for at in negative])
    return faults


def _joined(bars: Bars, minutes: int) -> Bars:
    """Bars of ``minutes`` from finer ones that are all there."""
    count = minutes // bars.minutes
    if count == 1:
        return bars
    blocks = {name: getattr(bars, name).reshape(-1, count) for name in FIELDS}
    return replace(
        bars,
        start=bars.start[::count],
        minutes=minutes,
        open=blocks["open"][:, 0],
        high=blocks["high"].max(axis=1),
        low=blocks["low"].min(axis=1),
        close=blocks["close"][:, -1],
        volume=blocks["volume"].sum(axis=1),
        rows=bars.rows[::count],
    )
