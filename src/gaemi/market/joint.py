"""Returns that happened on the same days: what market models are fitted on, and how often a fall came.

A return is a close over the same name's own previous recorded close. It counts only where no session of the name's own
calendar is missing between the two, so that nothing is ever computed across a gap; holidays are no gap. Of a Korean
name a session is missing where the calendar or the record of the indices has one, of the won's rate where the calendar
has one (Seoul's currency market does not trade on the exchange's Saturdays of the 1990s), of a US name where more than
five days lie between two rows, of a coin where any day does.

What is done with rows that are not as they should be: a close of zero, below zero or no number, and a day that stands
twice, are refused with every fault; an empty close is a day without a row; on a halted day the close is carried and the
return is 0, which is noted. Files of one name that agree are joined; of files that contradict each other the longest is
used alone, which is noted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from gaemi import days as calendar
from gaemi.errors import Fault, closest, refuse
from gaemi.sources.prices import PriceHistory
from gaemi.sources.series import Series, choose, value_faults
from gaemi.sources.tables import as_date, refuse_all
from gaemi.sources.tickers import KOSDAQ, KOSPI, Calendar, calendar_of, canonical

LONGEST_PAUSE_DAYS = 5
"""US sessions further apart have lost some: the longest pauses, long weekends and the storm of 2012, end sooner."""
DAYS_A_YEAR = 365.2425
STALE_DAYS = 30
"""A history that ends this long before the day asked for is said to be old."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Joint daily log returns of drivers, each over the driver's own last session, on the dates common to all.

    ``run_end`` is, for each row, the index one past the last row of its unbroken stretch: a gap in any driver ends a
    stretch. ``sessions_a_year`` is that of the driver that trades least often.
    """

    names: tuple[str, ...]
    dates: np.ndarray  # datetime64[D] [n]
    returns: np.ndarray  # float64 [n, d]
    run_end: np.ndarray  # int64 [n]
    sessions_a_year: float
    origins: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HowOften:
    """Of ``starts`` sessions from ``first`` to ``last``, on ``times`` (a ``share``) the fall came soon enough."""

    share: float
    times: int
    starts: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Closes:
    """Recorded closes of one name; ``stretch`` numbers the unbroken stretches, so a step in it is a gap."""

    name: str
    days: np.ndarray  # datetime64[D] [row]
    close: np.ndarray  # float64 [row]
    stretch: np.ndarray  # int64 [row]
    origin: str
    notes: tuple[str, ...]

    @property
    def unbroken(self) -> np.ndarray:
        """bool [row]: there is a return from the row before to this one."""
        return np.concatenate(([False], self.stretch[1:] == self.stretch[:-1]))


def joint_returns(history: PriceHistory, names: Sequence[str], until: date, years: int | None = None) -> Joint:
    """The joint daily log returns of ``names`` to ``until``, of the last ``years`` only where that is given.

    Raises :class:`gaemi.errors.Refused` for an unknown name, a name asked for twice, rows that hold no price (every
    fault at once), and names that share no day.
    """
    drivers = tuple(canonical(name) for name in names)
    faults = [
        Fault("drivers", f"'{name}' twice", "a model must have each name once") for name in _repeated(list(drivers))
    ]
    if not drivers:
        faults.append(Fault("drivers", "none", "a model needs at least one name"))
    refuse_all(faults)
    closes = [_closes(history, name, until) for name in drivers]
    stamps = closes[0].days[closes[0].unbroken]
    for one in closes[1:]:
        stamps = np.intersect1d(stamps, one.days[one.unbroken])
    if years is not None:
        stamps = stamps[stamps > np.datetime64(_years_before(until, years), "D")]
    if not len(stamps):
        spans = "; ".join(f"{one.name} {one.days[0]} to {one.days[-1]}" for one in closes)
        raise refuse("history", spans, "the names must have days in common before " + str(until), "give longer prices")
    returns = np.column_stack([_log_returns(one, stamps) for one in closes])
    still = [one.name for one, column in zip(closes, returns.T, strict=True) if not column.any()]
    refuse_all(
        [Fault("history", f"{name}: one price throughout", "a price must move to be modelled") for name in still]
    )
    return Joint(
        names=drivers,
        dates=stamps,
        returns=returns,
        run_end=_run_end(stamps, closes),
        sessions_a_year=min(_sessions_a_year(one, stamps) for one in closes),
        origins=tuple(one.origin for one in closes),
        notes=tuple(note for one in closes for note in one.notes) + _common_notes(closes, stamps, until),
    )


def how_often(
    source: PriceHistory | Joint, name: str, fall: float, sessions: int, until: date, years: int = 10
) -> HowOften:
    """How often a close within the next ``sessions`` sessions stood at or below the start times (1 - ``fall``).

    The starts are all sessions of the last ``years`` before ``until`` whose next ``sessions`` sessions are recorded
    without a gap and not after ``until``; a window that a gap cuts is left out whether or not the fall had come by
    then. The closes are the name's own: a ``Joint`` must therefore hold that name alone. Overlapping windows are not
    independent: the share is a count of the past, not a probability with an error.

    Raises :class:`gaemi.errors.Refused` where no such window exists, and for what :func:`joint_returns` refuses.
    """
    assert 0 < fall < 1 and sessions > 0, f"a fall between 0 and 1 and at least one session, was {fall}, {sessions}"
    if isinstance(source, Joint):
        one = _closes_of_joint(source, canonical(name), until)
    else:
        one = _closes(source, canonical(name), until)
    earliest = np.datetime64(_years_before(until, years), "D")
    starts = np.flatnonzero(one.days > earliest)
    starts = starts[starts + sessions < len(one.days)]
    starts = starts[one.stretch[starts] == one.stretch[starts + sessions]]
    if not len(starts):
        found = f"no {sessions + 1} sessions in a row of {one.name} from {earliest} to {until}"
        raise refuse("history", found, "a fall is counted over unbroken sessions", "give longer prices")
    lowest = np.lib.stride_tricks.sliding_window_view(one.close, sessions)[starts + 1].min(axis=1)
    times = int((lowest <= one.close[starts] * (1.0 - fall)).sum())
    first, last = as_date(one.days[starts[0]]), as_date(one.days[starts[-1]])
    return HowOften(times / len(starts), times, len(starts), first, last)


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _closes(history: PriceHistory, name: str, until: date) -> _Closes:
    """The checked closes of one name up to ``until``, cut into unbroken stretches."""
    candidates = [one for one in history.series if one.ticker == name]
    if not candidates:
        raise refuse("ticker", f"'{name}'", "must be a name of the history", closest(name, history.tickers))
    kind = calendar_of(name)
    first = date(calendar.EARLIEST_YEAR, 1, 1) if kind in (Calendar.KOREA, Calendar.CURRENCY) else date.min
    usable = [_priced(one.within(np.datetime64(first, "D"), np.datetime64(until, "D"))) for one in candidates]
    usable = [one for one in usable if len(one.days)]
    if not usable:
        raise refuse("history", f"{name}: no price from {first} to {until}", "a model needs prices before that day")
    used, notes = _one_of(usable)
    refuse_all(value_faults(replace(used, given=frozenset({"close"}))))
    halted = int(used.halted().sum())
    if halted:
        notes += (f"{name}: {halted} halted days, on which the close is carried and the return is 0",)
    missing = _missing(kind, used.days, _traded(history, kind, used.days))
    return _Closes(name, used.days, used.close, np.concatenate(([0], np.cumsum(missing))), used.origin, notes)


def _priced(series: Series) -> Series:
    """The rows with something in the cell of the close: an empty cell is a day without a row."""
    empty = np.isnan(series.close)
    for position in np.flatnonzero(empty).tolist():
        empty[position] = (int(series.rows[position]), "close") not in series.bad
    return series._taken(np.flatnonzero(~empty)) if empty.any() else series


def _one_of(candidates: Sequence[Series]) -> tuple[Series, tuple[str, ...]]:
    """The files of one name as one series: joined where they agree, else the longest alone, with notes."""
    choice = choose(candidates, np.unique(np.concatenate([one.days for one in candidates])))
    if not choice.faults:
        return choice.series, choice.notes
    longest = min(candidates, key=lambda one: (-len(one.days), one.origin))
    told = tuple(f"{longest.origin} is used alone: {fault.where} has {fault.found}" for fault in choice.faults)
    return longest, choice.notes + told


def _traded(history: PriceHistory, kind: Calendar, days: np.ndarray) -> np.ndarray:
    """datetime64[D]: sessions on which a name of the Korean calendar or the won's rate must have a row."""
    if kind not in (Calendar.KOREA, Calendar.CURRENCY):
        return np.array([], dtype="datetime64[D]")
    listed = calendar.sessions_between(as_date(days[0]), as_date(days[-1]))
    parts = [np.array(listed, dtype="datetime64[D]")]
    if kind is Calendar.KOREA:
        parts += [one.days for one in history.series if one.ticker in (KOSPI, KOSDAQ)]
    return np.unique(np.concatenate(parts))


def _missing(kind: Calendar, days: np.ndarray, traded: np.ndarray) -> np.ndarray:
    """bool [row - 1]: between a row and the next a session of the name's own calendar has no row."""
    if kind in (Calendar.KOREA, Calendar.CURRENCY):
        before = np.searchsorted(traded, days[1:], side="left")
        result: np.ndarray = before > np.searchsorted(traded, days[:-1], side="right")
        return result
    apart = np.diff(days).astype(np.int64)
    return apart > (1 if kind is Calendar.EVERY_DAY else LONGEST_PAUSE_DAYS)


def _log_returns(one: _Closes, stamps: np.ndarray) -> np.ndarray:
    rows = np.searchsorted(one.days, stamps)
    result: np.ndarray = np.log(one.close[rows] / one.close[rows - 1])
    return result


def _run_end(stamps: np.ndarray, closes: Sequence[_Closes]) -> np.ndarray:
    """int64 [n]: a row after a gap of any driver starts a new stretch, whether or not that day is common to all."""
    gaps = np.unique(np.concatenate([one.days[1:][one.stretch[1:] != one.stretch[:-1]] for one in closes]))
    stretch = np.searchsorted(gaps, stamps, side="right")
    return np.searchsorted(stretch, stretch, side="right").astype(np.int64)


def _sessions_a_year(one: _Closes, stamps: np.ndarray) -> float:
    """Sessions a year of a name's own calendar: of whole years where the calendar is known, else as recorded."""
    kind = calendar_of(one.name)
    if kind is Calendar.EVERY_DAY:
        return DAYS_A_YEAR
    if kind in (Calendar.KOREA, Calendar.CURRENCY):
        first, last = as_date(stamps[0]).year, as_date(stamps[-1]).year
        return len(calendar.sessions_between(date(first, 1, 1), date(last, 12, 31))) / (last - first + 1)
    covered = np.diff(one.days).astype(np.int64)[one.unbroken[1:]].sum()
    return float(one.unbroken.sum() / covered * DAYS_A_YEAR)


def _common_notes(closes: Sequence[_Closes], stamps: np.ndarray, until: date) -> tuple[str, ...]:
    notes = []
    names = ", ".join(one.name for one in closes)
    inside = [one.days[one.unbroken & (one.days >= stamps[0]) & (one.days <= stamps[-1])] for one in closes]
    lost = [f"{1 - len(stamps) / len(own):.0%} of {one.name}" for one, own in zip(closes, inside, strict=True)]
    if len(closes) > 1 and any(len(own) > len(stamps) for own in inside):
        notes.append(f"days not common to all are left out: {', '.join(lost)}")
    old = (until - as_date(stamps[-1])).days
    if old > STALE_DAYS:
        notes.append(f"{names}: the last common return is of {stamps[-1]}, {old} days before {until}")
    return tuple(notes)


def _closes_of_joint(joint: Joint, name: str, until: date) -> _Closes:
    """Closes rebuilt from the returns of a joint sample of one name, 1 before the first return of each stretch."""
    assert joint.names == (name,), f"only the name's own closes count, was a sample of {', '.join(joint.names)}"
    days: list[np.ndarray] = []
    close: list[np.ndarray] = []
    stretch: list[np.ndarray] = []
    begin = 0
    while begin < len(joint.dates):
        end = int(joint.run_end[begin])
        # The close before the first return is known to be 1; its day is not, so it stands on the day before.
        days.append(np.concatenate((joint.dates[begin : begin + 1] - 1, joint.dates[begin:end])))
        close.append(np.exp(np.concatenate(([0.0], np.cumsum(joint.returns[begin:end, 0])))))
        stretch.append(np.full(end - begin + 1, len(stretch)))
        begin = end
    joined = np.concatenate(days)
    keep = joined <= np.datetime64(until, "D")
    numbers = np.concatenate(stretch)[keep]
    return _Closes(name, joined[keep], np.concatenate(close)[keep], numbers, joint.origins[0], ())
