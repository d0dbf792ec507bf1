"""One name's recorded days in one file, and what can be wrong with them inside the days that are used."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gaemi.errors import Fault
from gaemi.sources.tables import as_date
from gaemi.sources.tickers import Calendar, calendar_of

FIELDS = ("open", "high", "low", "close", "volume")
SAME_PRICE = 0.01
"""Two files may differ by 1 % on a day: they round differently."""
SAME_RATE = 0.05
"""An exchange rate is fixed at other hours in other files: the official rate is that of the day before."""
SAME_FACTOR = 0.001
"""Ratios of two files that vary by less than this come from an adjustment for splits or dividends."""


@dataclass(frozen=True)
class Series:
    """Rows of one ticker in one file, in order of days; arrays are float64 [row], NaN where there is no figure.

    ``given`` names the fields that the file has; ``bad`` holds the text of cells that are no number, by line and
    field. A day may stand twice: that is a fault of the windows that use it.
    """

    ticker: str
    origin: str
    days: np.ndarray
    rows: np.ndarray
    given: frozenset[str]
    bad: dict[tuple[int, str], str]
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray

    def halted(self) -> np.ndarray:
        """bool [row]: open, high, low and volume are 0 and there is a close: the name did not trade that day."""
        still = (self.open == 0) & (self.high == 0) & (self.low == 0) & (self.close > 0)
        return still & (self.volume == 0) if "volume" in self.given else still

    def within(self, first: np.datetime64, last: np.datetime64) -> "Series":
        """The rows from ``first`` to ``last``, both included."""
        keep = slice(int(np.searchsorted(self.days, first)), int(np.searchsorted(self.days, last, side="right")))
        return self._taken(keep)

    def _taken(self, keep: slice | np.ndarray) -> "Series":
        fields = {name: getattr(self, name)[keep] for name in FIELDS}
        return Series(self.ticker, self.origin, self.days[keep], self.rows[keep], self.given, self.bad, **fields)

    def field_at(self, name: str, days: np.ndarray) -> np.ndarray:
        """float64 [day]: one field on each of ``days``, NaN where there is no row."""
        values: np.ndarray = getattr(self, name)
        found = np.full(len(days), np.nan)
        place = np.searchsorted(self.days, days)
        there = place < len(self.days)
        there[there] = self.days[place[there]] == days[there]
        found[there] = values[place[there]]
        return found

    def where(self, position: int) -> str:
        return f"{self.origin}, row {self.rows[position]} ({self.ticker} on {as_date(self.days[position])})"


def value_faults(series: Series) -> list[Fault]:
    """Every fault of the rows of a series: a day twice, no number, zero or negative, high below low."""
    faults: list[Fault] = []
    twice = np.flatnonzero(series.days[1:] == series.days[:-1]) + 1
    for position in twice.tolist():
        found = f"a second row of that day, after row {series.rows[position - 1]}"
        faults.append(Fault(series.where(position), found, "a name must have one row a day"))
    halted = series.halted()
    for name in ("open", "high", "low", "close"):
        if name not in series.given:
            continue
        values: np.ndarray = getattr(series, name)
        wrong = ~(np.isfinite(values) & (values > 0))
        if name != "close":
            wrong &= ~halted
        for position in np.flatnonzero(wrong).tolist():
            faults.append(_price_fault(series, name, position))
    if {"high", "low"} <= series.given:
        for position in np.flatnonzero(series.high < series.low).tolist():
            found = f"high {series.high[position]:g} and low {series.low[position]:g}"
            faults.append(Fault(series.where(position), found, "the high must not be below the low"))
    for position in np.flatnonzero(series.volume < 0).tolist():
        faults.append(Fault(series.where(position), f"{series.volume[position]:g}", "volume must be 0 or more"))
    return faults


def _price_fault(series: Series, name: str, position: int) -> Fault:
    value = float(getattr(series, name)[position])
    text = series.bad.get((int(series.rows[position]), name))
    if text is None:
        text = "empty" if np.isnan(value) else f"{value:g}"
        found = text
    else:
        found = f"'{text}'"
    return Fault(series.where(position), found, f"{name} must be a number above 0")


def gap_faults(series: Series, sessions: np.ndarray, help: str = "") -> list[Fault]:
    """One fault for each unbroken run of ``sessions`` without a row."""
    missing = ~np.isin(sessions, series.days)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], missing.view(np.int8), [0]))))
    faults = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        first, last = as_date(sessions[start]), as_date(sessions[stop - 1])
        span = f"on {first}" if first == last else f"from {first} to {last}, {stop - start} sessions"
        faults.append(
            Fault(f"{series.origin}, {series.ticker}", f"no row {span}", "a history must not have a gap", help)
        )
    return faults


def stray_faults(series: Series, sessions: np.ndarray) -> list[Fault]:
    """Rows of a Korean name on days that are no session: either the row or the list of sessions is wrong."""
    if calendar_of(series.ticker) is not Calendar.KOREA:
        return []
    stray = np.flatnonzero(~np.isin(series.days, sessions))
    allowed = "a row must stand on a session"
    help = "the sessions are the recorded days of the indices where there are any, else those of the calendar"
    return [Fault(series.where(int(position)), "a row on a day without a session", allowed, help) for position in stray]


@dataclass(frozen=True, slots=True)
class Choice:
    """The series that a window uses for one ticker, with notes about others that hold the same name."""

    series: Series
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def choose(candidates: Iterable[Series], sessions: np.ndarray) -> Choice:
    """Of several files with the same name, the one that lacks the fewest of ``sessions``; then the longest.

    Others are compared with it day by day. Where they differ by one constant factor, one is adjusted for splits or
    dividends: a note. Where they differ otherwise by more than 1 % (an exchange rate: 5 %), it is a fault. Where no
    file covers the sessions alone, files that agree on every day they share are joined.
    """
    first, last = sessions[0], sessions[-1]
    order = sorted(candidates, key=lambda one: (int((~np.isin(sessions, one.days)).sum()), -len(one.days), one.origin))
    best, faults, notes = order[0], list[Fault](), list[str]()
    for other in order[1:]:
        shared = np.intersect1d(best.within(first, last).days, other.within(first, last).days)
        ratio = _ratio(best, other, shared)
        allowed = SAME_RATE if calendar_of(best.ticker) is Calendar.CURRENCY else SAME_PRICE
        if not (np.abs(ratio - 1) > allowed).any():
            best = _joined(best, other, sessions)
            continue
        whole = _ratio(best, other, np.intersect1d(best.days, other.days)) if len(ratio) < 2 else ratio
        if np.ptp(whole) <= SAME_FACTOR * whole.mean():
            notes.append(
                f"{best.ticker}: {other.origin} is {whole.mean():.4g} times {best.origin} throughout; not used"
            )
        else:
            faults.append(_conflict(best, other, shared, ratio, allowed))
    return Choice(best, tuple(faults), tuple(notes))


def _ratio(one: Series, other: Series, days: np.ndarray) -> np.ndarray:
    """Closes of ``other`` over those of ``one`` on the days where both are prices."""
    a, b = one.field_at("close", days), other.field_at("close", days)
    both = (a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b)
    return np.where(both, b / np.where(both, a, 1.0), 1.0)


def _conflict(one: Series, other: Series, days: np.ndarray, ratio: np.ndarray, allowed: float) -> Fault:
    worst = int(np.argmax(np.abs(ratio - 1)))
    day = days[worst : worst + 1]
    a, b = one.field_at("close", day)[0], other.field_at("close", day)[0]
    count = int((np.abs(ratio - 1) > allowed).sum())
    found = f"{a:g} in {one.origin} and {b:g} in {other.origin} on {as_date(day[0])}, and {count} such days in all"
    rule = f"two files that hold one name must agree to {allowed:.0%}"
    return Fault(f"{one.origin}, {one.ticker}", found, rule, "give one of them, from one source")


def _joined(best: Series, other: Series, sessions: np.ndarray) -> Series:
    """``best`` with the rows that only ``other`` has on the sessions, if the two agree wherever they meet."""
    lacking = np.isin(other.days, sessions) & ~np.isin(other.days, best.days)
    shared = np.intersect1d(best.days, other.days)
    if not lacking.any() or (np.abs(_ratio(best, other, shared) - 1) > SAME_FACTOR).any():
        return best
    extra = other._taken(np.flatnonzero(lacking))
    days = np.concatenate((best.days, extra.days))
    order = np.argsort(days, kind="stable")
    fields = {name: np.concatenate((getattr(best, name), getattr(extra, name)))[order] for name in FIELDS}
    rows = np.concatenate((best.rows, extra.rows))[order]
    origin = f"{best.origin} with {other.origin}"
    return Series(best.ticker, origin, days[order], rows, best.given & other.given, best.bad | extra.bad, **fields)
