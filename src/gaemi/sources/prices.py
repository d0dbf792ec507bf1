"""Histories of prices, as the libraries of the trade give them.

:func:`read_prices` takes a file, a folder, a frame, or frames by ticker, and tells tables by their headers. Nothing
is filled and nothing is guessed: a window of a history is either whole or refused with every fault in it. Days
outside the window are not judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gaemi import days as calendar
from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.sources.series import FIELDS, Choice, Series, choose, gap_faults, stray_faults, value_faults
from gaemi.sources.shapes import ALLOWED, recognise
from gaemi.sources.tables import Skipped, as_date, refuse_all, tables_in
from gaemi.sources.tickers import KOSDAQ, KOSPI, Calendar, calendar_of, canonical

LONGEST_HOLE = timedelta(days=7)
"""Recorded sessions further apart than this have lost some, unless the calendar has no session between them."""


@dataclass(frozen=True)
class PriceWindow:
    """A checked piece of a history. Arrays are float64 [session, ticker].

    ``open``, ``high`` and ``low`` are NaN where a file gives only closes and on halted days; ``volume`` likewise
    where it is not given. ``close`` is always a price: of a halted day the one that was carried.
    """

    days: tuple[date, ...]
    tickers: tuple[str, ...]
    close: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    volume: np.ndarray
    halted: np.ndarray
    origins: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PriceHistory:
    """Recorded prices by day and ticker, from one or many files, unchecked until a window is asked for.

    ``series`` are the rows as each file has them; ``capitalisations`` are won by market and day; ``skipped`` are the
    files of a folder that hold no prices, with the reason. The arrays ``close``, ``open``, ``high``, ``low``,
    ``volume`` are float64 [date, ticker] with NaN where there is no row, and ``halted`` is bool.
    """

    series: tuple[Series, ...]
    capitalisations: dict[str, dict[np.datetime64, int]]
    skipped: tuple[Skipped, ...] = ()

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """Every name of the history, sorted."""
        return tuple(sorted({one.ticker for one in self.series}))

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """Every day on which any name has a row, sorted."""
        return tuple(as_date(day) for day in self._stamps)

    @cached_property
    def _stamps(self) -> np.ndarray:
        return np.unique(np.concatenate([one.days for one in self.series]))

    @cached_property
    def _by_ticker(self) -> dict[str, list[Series]]:
        """The files of each name, the longest first."""
        found: dict[str, list[Series]] = {ticker: [] for ticker in self.tickers}
        for one in sorted(self.series, key=lambda one: (-len(one.days), one.origin)):
            found[one.ticker].append(one)
        return found

    @cached_property
    def close(self) -> np.ndarray:
        return self._array("close")

    @cached_property
    def open(self) -> np.ndarray:
        return self._array("open")

    @cached_property
    def high(self) -> np.ndarray:
        return self._array("high")

    @cached_property
    def low(self) -> np.ndarray:
        return self._array("low")

    @cached_property
    def volume(self) -> np.ndarray:
        return self._array("volume")

    @cached_property
    def halted(self) -> np.ndarray:
        result = np.zeros((len(self._stamps), len(self.tickers)), dtype=bool)
        for column, ticker in enumerate(self.tickers):
            one = self._by_ticker[ticker][0]
            result[np.searchsorted(self._stamps, one.days[one.halted()]), column] = True
        return result

    def _array(self, name: str) -> np.ndarray:
        """One field of the longest file of each name."""
        result = np.full((len(self._stamps), len(self.tickers)), np.nan)
        for column, ticker in enumerate(self.tickers):
            one = self._by_ticker[ticker][0]
            result[np.searchsorted(self._stamps, one.days), column] = getattr(one, name)
        return result

    def last_day(self, ticker: str = KOSPI) -> date:
        """The last recorded day of ``ticker``."""
        return max(as_date(one.days[-1]) for one in self._candidates(ticker) if len(one.days))

    def close_on(self, ticker: str, day: date) -> float | None:
        """The close of ``ticker`` on ``day``, or None where no file has a row.

        Raises :class:`gaemi.errors.Refused` for a ticker that the history does not hold, a close that is no price,
        and files that contradict one another.
        """
        stamp = np.array([day], dtype="datetime64[D]")
        candidates = [one for one in self._candidates(ticker) if stamp[0] in one.days]
        if not candidates:
            return None
        choice = choose(candidates, stamp)
        refuse_all([*choice.faults, *value_faults(choice.series.within(stamp[0], stamp[0]))])
        return float(choice.series.field_at("close", stamp)[0])

    def capitalisation(self, market: str, day: date) -> int | None:
        """Value in won of all shares of ``market`` (KOSPI or KOSDAQ) at the close of ``day``, or None."""
        return self.capitalisations.get(canonical(market), {}).get(np.datetime64(day, "D"))

    def sessions(self, first: date, last: date) -> tuple[date, ...]:
        """The Korean sessions from ``first`` to ``last``: the recorded days of the indices, else the calendar's.

        Raises :class:`gaemi.errors.Refused` where the record has a hole (more than seven days with a session of the
        calendar between them) or does not reach from ``first`` to ``last``.
        """
        found = self._sessions(Calendar.KOREA, first, last)
        refuse_all(self._hole_faults(Calendar.KOREA, found, first, last))
        return found

    def window(
        self, tickers: Sequence[str], start: date, end: date, sessions: Sequence[date] | None = None
    ) -> np.ndarray:
        """Closes, float64 [session, ticker], of :meth:`view`."""
        return self.view(tickers, start, end, sessions).close

    def view(
        self, tickers: Sequence[str], start: date, end: date, sessions: Sequence[date] | None = None
    ) -> PriceWindow:
        """The checked prices of ``tickers`` on every session from ``start`` to ``end``, both included.

        Without ``sessions`` these are the days that the names' own exchange is known to have traded; names of
        different calendars need windows of their own. Raises :class:`gaemi.errors.Refused` with every fault: an
        unknown ticker, a gap, a row on no session, a day twice, a cell that is no number, zero or negative, a high
        below the low, files that contradict one another. Open = high = low = volume = 0 with a close is a halted
        day and no fault.
        """
        if start > end:
            raise refuse("dates", f"{start} to {end}", "the first day must not be after the last")
        names = tuple(canonical(ticker) for ticker in tickers)
        calendars = self._calendars(names)
        kind = calendars[0]
        days = tuple(sessions) if sessions is not None else self._sessions(kind, start, end)
        faults = self._hole_faults(kind, days, start, end) if sessions is None else []
        if not days:
            raise Refused(faults or [Fault("dates", f"{start} to {end}", "must hold at least one session")])
        stamps = np.array(days, dtype="datetime64[D]")
        choices: list[Choice] = []
        for name in names:
            choice = choose(self._candidates(name), stamps)
            used = choice.series.within(stamps[0], stamps[-1])
            faults += [*choice.faults, *gap_faults(used, stamps, "; ".join(choice.notes)), *value_faults(used)]
            faults += stray_faults(used, stamps) if sessions is None else []
            choices.append(choice)
        refuse_all(faults)
        return _window(days, names, choices, stamps)

    def _candidates(self, ticker: str) -> list[Series]:
        name = canonical(ticker)
        if name not in self._by_ticker:
            raise refuse("ticker", f"'{ticker}'", "must be a name of the history", closest(name, self.tickers))
        return self._by_ticker[name]

    def _calendars(self, names: Sequence[str]) -> list[Calendar]:
        """The one calendar of the names; the won's rate is fixed on Korean sessions."""
        unknown = [name for name in names if name not in self._by_ticker]
        faults = [
            Fault("ticker", f"'{name}'", "must be a name of the history", closest(name, self.tickers))
            for name in unknown
        ]
        known = [name for name in names if name not in unknown]
        kinds = {calendar_of(name) for name in known}
        if {Calendar.KOREA, Calendar.CURRENCY} & kinds:
            kinds = (kinds - {Calendar.CURRENCY}) | {Calendar.KOREA}
        if len(kinds) > 1:
            found = " and ".join(sorted(kind.value for kind in kinds))
            faults.append(Fault("tickers", found, "the names of one window must trade on one calendar"))
        if not names:
            faults.append(Fault("tickers", "none", "a window needs at least one name"))
        refuse_all(faults)
        return list(kinds)

    def _sessions(self, kind: Calendar, first: date, last: date) -> tuple[date, ...]:
        if kind is Calendar.EVERY_DAY:
            return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))
        if kind is Calendar.KOREA:
            return self._recorded((KOSPI, KOSDAQ), first, last) or calendar.sessions_between(first, last)
        return self._recorded([name for name in self.tickers if calendar_of(name) is kind], first, last)

    def _recorded(self, names: Iterable[str], first: date, last: date) -> tuple[date, ...]:
        parts = [
            one.within(np.datetime64(first, "D"), np.datetime64(last, "D"))
            for one in self.series
            if one.ticker in names
        ]
        stamps = np.unique(np.concatenate([part.days for part in parts])) if parts else np.array([], "datetime64[D]")
        return tuple(as_date(day) for day in stamps)

    def _hole_faults(self, kind: Calendar, days: Sequence[date], first: date, last: date) -> list[Fault]:
        """Where whole stretches of sessions are in no file at all."""
        if kind is Calendar.EVERY_DAY:
            return []
        points = [first - timedelta(days=1), *days, last + timedelta(days=1)]
        faults = []
        for place, (before, after) in enumerate(pairwise(points)):
            edge = place in (0, len(points) - 2)
            if kind is Calendar.KOREA:
                lost = calendar.sessions_between(before + timedelta(days=1), after - timedelta(days=1))
                hole = bool(lost) and (edge or after - before > LONGEST_HOLE)
            else:
                hole = after - before > LONGEST_HOLE
            if hole:
                span = f"no session recorded from {before + timedelta(days=1)} to {after - timedelta(days=1)}"
                faults.append(Fault("history", span, "a history must not have a gap", "use dates outside the hole"))
        return faults


def read_prices(source: Any) -> PriceHistory:
    """The history in ``source``: a CSV or Parquet file, a folder of them, a frame, or a mapping from ticker to these.

    Files of a folder that hold no daily prices are skipped and listed in ``skipped``; a single file that holds none
    is refused. Raises :class:`gaemi.errors.Refused` for what cannot be read and for dates and tickers that are none.
    """
    series: list[Series] = []
    capitalisations: dict[str, dict[np.datetime64, int]] = {}
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    for table in tables_in(source):
        found = recognise(table)
        if found.reason:
            skipped.append(Skipped(table.name, found.reason))
        series += [one for one in found.series if len(one.days)]
        faults += found.faults
        for market, values in found.capitalisations.items():
            capitalisations.setdefault(market, {}).update(values)
    refuse_all(faults)
    if not series:
        raise Refused(
            [Fault(file.name, file.reason, ALLOWED) for file in skipped] or [Fault("source", "no row", ALLOWED)]
        )
    return PriceHistory(tuple(series), capitalisations, tuple(skipped))


def _window(
    days: tuple[date, ...], names: tuple[str, ...], choices: Sequence[Choice], stamps: np.ndarray
) -> PriceWindow:
    halted = np.zeros((len(days), len(names)), dtype=bool)
    arrays = {name: np.full((len(days), len(names)), np.nan) for name in FIELDS}
    for column, choice in enumerate(choices):
        one = choice.series
        halted[:, column] = np.isin(stamps, one.days[one.halted()])
        for name in FIELDS:
            arrays[name][:, column] = one.field_at(name, stamps)
    for name in ("open", "high", "low"):
        arrays[name][halted] = np.nan
    origins = tuple(choice.series.origin for choice in choices)
    notes = tuple(note for choice in choices for note in choice.notes)
    return PriceWindow(days, names, halted=halted, origins=origins, notes=notes, **arrays)
