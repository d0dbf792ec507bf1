"""Files of histories, told apart by their headers, checked over their whole length, and written in one form.

What cannot be read, and what could not be written without choosing between two figures (a day twice in one file, two
files that contradict one another), is refused. What can be written as it was read, but would be refused by a run that
uses those days (a gap, an empty cell, a balance that jumps by half), is told and kept: nothing is filled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gaemi import days as calendar
from gaemi.errors import Fault, Refused, refuse
from gaemi.sources import balances as balance_files
from gaemi.sources import stock_credit as credit_files
from gaemi.sources.balances import FIGURES, BalanceHistory, balances_of
from gaemi.sources.canonical import write_balances, write_capitalisations, write_credit, write_prices
from gaemi.sources.gaps import Gap, gaps_in
from gaemi.sources.live import ask, is_live
from gaemi.sources.money_units import WORDS
from gaemi.sources.portal import ENDINGS, files_ending, read_table_file
from gaemi.sources.prices import LONGEST_HOLE, PriceHistory
from gaemi.sources.series import Series, choose, value_faults
from gaemi.sources.shapes import recognise
from gaemi.sources.stock_credit import JSON_ENDINGS, StockCredit, credit_of, json_tables, units_of
from gaemi.sources.tables import Skipped, Table, as_date, capped, refuse_all
from gaemi.sources.tickers import KOSDAQ, KOSPI, Calendar, calendar_of

SCHEMA = "gaemi.import/1"
ALLOWED = (
    "must hold prices (date, ticker, close ...), balances (margin_loan_kospi ... or the portal's headers), or loans on "
    "single stocks (trade_date, outstanding_won ...)"
)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file, sheet or answer: what it holds ("prices", "balances", "stock credit"), and in which units."""

    name: str
    kind: str
    rows: int
    first: date | None
    last: date | None
    holds: tuple[str, ...]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One series over all files: a ticker's prices, a figure of the balances, the loans on a stock."""

    kind: str
    name: str
    rows: int
    first: date
    last: date
    gaps: tuple[Gap, ...] = ()


@dataclass
class _Parts:
    """What has been read so far."""

    files: list[ReadFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    capitalisations: dict[str, dict[np.datetime64, int]] = field(default_factory=dict)
    balances: list[BalanceHistory] = field(default_factory=list)
    credit: list[StockCredit] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Imported:
    """What the files hold, by kind; None where no file holds it. ``notes`` tell which of two files was used."""

    files: tuple[ReadFile, ...]
    skipped: tuple[Skipped, ...]
    prices: PriceHistory | None
    balances: BalanceHistory | None
    credit: StockCredit | None
    notes: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every series with its rows, its span and the sessions that it lacks within its span."""
        return (*_price_lines(self.prices), *_balance_lines(self.balances), *_credit_lines(self.credit))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Everything but gaps and empty cells of balances that a run which uses those days would refuse."""
        found: list[Fault] = []
        for one in self.prices.series if self.prices else ():
            found += capped(value_faults(one))
        if self.balances:
            found += self.balances.faults_of(self.balances.rows)
        if self.credit:
            found += self.credit.faults()
        return tuple(found)

    @cached_property
    def document(self) -> dict[str, Any]:
        """All of it as plain values, for JSON: files, series with their gaps, faults, notes, skipped files."""
        return {
            "schema": SCHEMA,
            "files": [
                {"file": one.name, "kind": one.kind, "rows": one.rows, "first": _iso(one.first), "last": _iso(one.last)}
                | {"holds": list(one.holds), "units": list(one.units)}
                for one in self.files
            ],
            "series": [
                {"kind": one.kind, "name": one.name, "rows": one.rows, "first": _iso(one.first)}
                | {"last": _iso(one.last), "sessions_missing": sum(gap.sessions for gap in one.gaps)}
                | {"gaps": [[_iso(gap.first), _iso(gap.last), gap.sessions] for gap in one.gaps]}
                for one in self.lines
            ],
            "faults": [
                {"where": one.where, "found": one.found, "allowed": one.allowed, "help": one.help}
                for one in self.faults
            ],
            "notes": list(self.notes),
            "skipped": [{"file": one.name, "reason": one.reason} for one in self.skipped],
        }

    def write(self, folder: Path) -> list[str]:
        """Write what was read into a folder that exists, see :mod:`gaemi.sources.canonical`; returns the file names.

        ``--prices`` and ``--balances`` of every command read the folder back as it was read here.
        """
        names: list[str] = []
        if self.prices is not None:
            names += write_prices(self.prices.series, folder)
            names += write_capitalisations(self.prices.capitalisations, folder)
        if self.balances is not None:
            names += write_balances(self.balances, folder)
        if self.credit is not None:
            names += write_credit(self.credit, folder)
        return names


def import_files(
    sources: Sequence[str | Path],
    first: date | None = None,
    last: date | None = None,
    progress: Progress | None = None,
) -> Imported:
    """What ``sources`` hold: files or folders of CSV, Parquet, Excel or JSON, or questions as ``fdr:005930,KS11``.

    ``first`` and ``last`` are the dates of the questions. Files of a folder that hold nothing of the kind are listed
    in ``skipped``; a file that was named itself must hold something.

    Raises :class:`gaemi.errors.Refused` with every fault of every file: see the head of this module.
    """
    parts = _Parts()
    asked = [source for source in sources if is_live(source)]
    files = [pair for source in sources if not is_live(source) for pair in _files(Path(source), parts)]
    for number, source in enumerate([*asked, *files]):
        if progress is not None:
            progress("reading", number, len(asked) + len(files))
        try:
            if isinstance(source, tuple):
                _read_file(*source, parts)
            else:
                _take_prices(str(source), ask(str(source), first, last), parts)
        except Refused as refusal:
            parts.faults += refusal.faults
    if progress is not None:
        progress("reading", len(asked) + len(files), len(asked) + len(files))
    return _whole(parts)


def _files(source: Path, parts: _Parts) -> list[tuple[Path, bool]]:
    """The files of a source, and whether each was named itself rather than found in a folder."""
    try:
        return [(path, not source.is_dir()) for path in files_ending(source, ENDINGS + JSON_ENDINGS)]
    except Refused as refusal:
        parts.faults += refusal.faults
        return []


def _read_file(path: Path, is_named: bool, parts: _Parts) -> None:
    is_json = path.suffix.lower() in JSON_ENDINGS
    try:
        tables: Sequence[Table] = json_tables(path) if is_json else read_table_file(path)
    except Refused as refusal:
        if is_named or not is_json:
            raise
        parts.skipped += [Skipped(path.name, fault.found) for fault in refusal.faults]
        return
    for table in tables:
        reason = _take(table, parts)
        if not reason:
            continue
        if is_named:
            parts.faults.append(Fault(table.name, reason, ALLOWED, "look at its headers"))
        else:
            parts.skipped.append(Skipped(table.name, reason))


def _take(table: Table, parts: _Parts) -> str:
    """Read one table as what its headers say; returns why it is none of the three, or nothing."""
    credit = credit_of(table)
    if credit is not None:
        days = sorted(row.trade_date for row in credit.rows)
        units = sorted({unit for name, unit in units_of(table).items() if name.endswith("_won")})
        parts.credit.append(credit)
        parts.files.append(_told(table.name, "stock credit", len(days), days, credit.tickers, _words(units)))
        return ""
    history = balances_of(table)
    if history is not None:
        parts.balances.append(history)
        units = sorted({unit for name, unit in history.units.items() if name.endswith("_won")})
        holds = tuple(name for name in FIGURES if name in history.units)
        parts.files.append(_told(table.name, "balances", len(history), history.dates, holds, _words(units)))
        return ""
    found = recognise(table)
    if found.reason:
        return found.reason
    parts.faults += found.faults
    _take_prices(table.name, PriceHistory(tuple(found.series), found.capitalisations), parts)
    return ""


def _take_prices(name: str, history: PriceHistory, parts: _Parts) -> None:
    parts.series += history.series
    for market, values in history.capitalisations.items():
        known = parts.capitalisations.setdefault(market, {})
        for day, value in values.items():
            if known.setdefault(day, value) != value:
                found = f"{known[day]:,} and {value:,} on {as_date(day)}"
                parts.faults.append(Fault(name, found, f"two files that give the value of {market} must agree"))
    rows = sum(len(one.days) for one in history.series)
    days = history.dates if rows else ()
    holds = (*history.tickers, *(f"value of {market}" for market in sorted(history.capitalisations)))
    parts.files.append(_told(name, "prices", rows, days, holds, ("as quoted",)))


def _told(
    name: str, kind: str, rows: int, days: Sequence[date], holds: tuple[str, ...], units: tuple[str, ...]
) -> ReadFile:
    return ReadFile(name, kind, rows, days[0] if days else None, days[-1] if days else None, holds, units)


def _words(units: list[int]) -> tuple[str, ...]:
    return tuple(WORDS[unit] for unit in units)


def _whole(parts: _Parts) -> Imported:
    """The parts put together; every fault that stands in the way is told."""
    faults = parts.faults
    chosen, notes = _one_of_each(parts.series, faults)
    balances = _merged(balance_files.merged, parts.balances, faults)
    credit = _merged(credit_files.merged, parts.credit, faults)
    if balances is not None:
        for before, after in pairwise(balances.rows):
            if before.date == after.date:
                faults.append(_twice(after.where or balances.origin, f"{after.date}", before.where))
    if credit is not None:
        for one, other in pairwise(credit.rows):
            if (one.ticker, one.trade_date) == (other.ticker, other.trade_date):
                faults.append(_twice(other.where, f"{other.ticker} on {other.trade_date}", one.where))
    refuse_all(faults)
    if not parts.files:
        raise refuse("gaemi import", ", ".join(one.name for one in parts.skipped) or "no file", ALLOWED)
    has_prices = bool(chosen or parts.capitalisations)
    prices = PriceHistory(tuple(chosen), parts.capitalisations) if has_prices else None
    return Imported(tuple(parts.files), tuple(parts.skipped), prices, balances, credit, tuple(notes))


def _merged(merge: Callable[[Sequence[Any]], Any], found: Sequence[Any], faults: list[Fault]) -> Any:
    filled = [one for one in found if len(one)]
    if not filled:
        return None
    try:
        return merge(filled)
    except Refused as refusal:
        faults += refusal.faults
        return None


def _one_of_each(series: Sequence[Series], faults: list[Fault]) -> tuple[list[Series], list[str]]:
    """One series for each ticker, of all files that hold it, and notes about files that were not used."""
    by_ticker: dict[str, list[Series]] = {}
    for one in series:
        faults += capped(list(_unwritable(one)))
        if len(one.days):
            by_ticker.setdefault(one.ticker, []).append(one)
    chosen, notes = list[Series](), list[str]()
    for ticker in sorted(by_ticker):
        candidates = by_ticker[ticker]
        choice = choose(candidates, np.unique(np.concatenate([one.days for one in candidates])))
        faults += choice.faults
        notes += choice.notes
        chosen.append(choice.series)
    return chosen, notes


def _unwritable(series: Series) -> Iterator[Fault]:
    """Cells that are no number, and days that stand twice: a table of numbers by day cannot hold them."""
    lines = set(series.rows.tolist())
    for (line, name), text in sorted(series.bad.items()):
        if line in lines:
            yield Fault(f"{series.origin}, row {line} ({series.ticker})", f"'{text}'", f"{name} must be a number")
    for place in (np.flatnonzero(series.days[1:] == series.days[:-1]) + 1).tolist():
        what = f"{series.ticker} on {as_date(series.days[place])}"
        first = f"{series.origin}, row {series.rows[place - 1]}"
        yield _twice(f"{series.origin}, row {series.rows[place]}", what, first)


def _twice(where: str, what: str, before: str) -> Fault:
    return Fault(
        f"{where} ({what})", f"a second row of that day, after {before}", "a day must have one row", "keep one"
    )


def _price_lines(history: PriceHistory | None) -> Iterator[Line]:
    if history is None:
        return
    recorded: dict[Calendar, set[date]] = {}
    for one in history.series:
        kind = calendar_of(one.ticker)
        if kind is Calendar.US or one.ticker in (KOSPI, KOSDAQ):
            recorded.setdefault(kind, set()).update(map(as_date, one.days))
    for one in history.series:
        days = [as_date(day) for day in one.days]
        gaps = gaps_in(set(days), _sessions(calendar_of(one.ticker), days, recorded))
        yield Line("prices", one.ticker, len(days), days[0], days[-1], tuple(gaps))


def _sessions(kind: Calendar, days: list[date], recorded: dict[Calendar, set[date]]) -> list[date]:
    """The days on which a name should have a row within its span: those on which its exchange is known to have traded.

    For Korean names and the won's rate these are the recorded days of the indices, and the calendar's where the record
    has a hole or there is none. Of the exchanges of the United States no calendar is kept: their days are those that
    any name of theirs has, and the weekdays of a hole.
    """
    first, last, one_day = days[0], days[-1], timedelta(days=1)
    if kind is Calendar.EVERY_DAY:
        return [first + count * one_day for count in range((last - first).days + 1)]
    is_korean = kind is not Calendar.US
    known = sorted(day for day in recorded.get(Calendar.KOREA if is_korean else kind, ()) if first <= day <= last)
    if is_korean and not known:
        return list(calendar.sessions_between(first, last))
    found = set(known)
    for before, after in pairwise([first - one_day, *known, last + one_day]):
        if after - before > LONGEST_HOLE and is_korean:
            found.update(calendar.sessions_between(before + one_day, after - one_day))
        elif after - before > LONGEST_HOLE:
            between = (before + count * one_day for count in range(1, (after - before).days))
            found.update(day for day in between if day.weekday() < calendar.SATURDAY)
    return sorted(found)


def _balance_lines(history: BalanceHistory | None) -> Iterator[Line]:
    if history is None:
        return
    for name in FIGURES:
        days = [row.date for row in history.rows if getattr(row, name) is not None]
        if days:
            gaps = gaps_in(set(days), calendar.sessions_between(days[0], days[-1]))
            yield Line("balances", name, len(days), days[0], days[-1], tuple(gaps))


def _credit_lines(credit: StockCredit | None) -> Iterator[Line]:
    for ticker, rows in credit.by_ticker.items() if credit else ():
        first, last = rows[0].trade_date, rows[-1].trade_date
        assert credit is not None
        yield Line("stock credit", ticker, len(rows), first, last, tuple(credit.gaps(ticker, first, last)))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
