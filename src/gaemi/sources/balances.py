"""Histories of credit balances and forced sales, as the financial investment association publishes them daily.

Two traps of the series. The balance of margin loans is settlement-dated: what is traded on a day stands in it two
sessions later. And the published "forced sale" is that of unsettled purchases (미수) alone, not of margin loans.

A unit is told by the header and never by the size of the numbers: the English headers of :data:`COLUMNS` are in
won, Korean headers must carry their unit, as ``신용거래융자_유가증권(백만원)``, or stand under a unit line, as in the
exports of the portal (:mod:`gaemi.sources.portal`).

Source: Korea Financial Investment Association (KOFIA), FreeSIS, tables "증시자금추이" and "신용공여 잔고 추이".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gaemi import days as calendar
from gaemi.errors import Fault, Refused, refuse
from gaemi.sources.gaps import Gap, gaps_in
from gaemi.sources.money_units import WON, agree, plain, split_unit
from gaemi.sources.portal import export_tables
from gaemi.sources.tables import Table, capped, day_faults, days, numbers, refuse_all

COLUMNS = {
    "margin_loan_kospi": "margin_kospi_won",
    "margin_loan_kosdaq": "margin_kosdaq_won",
    "securities_backed_loan": "pledged_won",
    "misu_receivable": "unsettled_won",
    "forced_sale_amount": "forced_sale_won",
    "forced_sale_pct_of_misu": "forced_sale_pct",
    "investor_deposit": "deposits_won",
}
_KOREAN = {
    "신용거래융자유가증권": "margin_kospi_won",
    "신용거래융자코스피": "margin_kospi_won",
    "신용융자유가증권": "margin_kospi_won",
    "신용융자코스피": "margin_kospi_won",
    "신용거래융자코스닥": "margin_kosdaq_won",
    "신용융자코스닥": "margin_kosdaq_won",
    "신용거래융자": "margin_total_won",
    "신용거래융자전체": "margin_total_won",
    "신용융자": "margin_total_won",
    "예탁증권담보융자": "pledged_won",
    "위탁매매미수금": "unsettled_won",
    "미수금": "unsettled_won",
    "위탁매매미수금대비실제반대매매금액": "forced_sale_won",
    "반대매매금액": "forced_sale_won",
    "미수금대비반대매매비중": "forced_sale_pct",
    "반대매매비중": "forced_sale_pct",
    "투자자예탁금": "deposits_won",
    "투자자예탁금장내파생상품거래예수금제외": "deposits_won",
}
_DATES = ("date", "날짜", "일자", "기준일자", "bsop_date")
_STEADY = ("margin_kospi_won", "margin_kosdaq_won", "margin_total_won", "pledged_won", "deposits_won")
_CLOSE_DAYS = timedelta(days=10)
"""Rows further apart than this are not compared: a balance may halve over months."""

ALLOWED = "must have a date and balances: " + ", ".join(COLUMNS) + ", or Korean headers with their unit"


@dataclass(frozen=True, slots=True)
class Balance:
    """Published balances at the end of one day, whole won; None where the source gives no figure.

    ``unsettled_won`` are unpaid purchases, ``forced_sale_won`` the forced sales of these alone on that day and
    ``forced_sale_pct`` their share in per cent. ``row`` is the line in the file, ``where`` the file and the line, or
    several where files were merged.
    """

    date: date
    margin_kospi_won: int | None = None
    margin_kosdaq_won: int | None = None
    margin_total_won: int | None = None
    pledged_won: int | None = None
    unsettled_won: int | None = None
    forced_sale_won: int | None = None
    forced_sale_pct: float | None = None
    deposits_won: int | None = None
    row: int = 0
    where: str = ""

    @property
    def margin_won(self) -> int | None:
        """Margin loans of both markets: as published in total, else the sum of the two."""
        if self.margin_total_won is not None:
            return self.margin_total_won
        if self.margin_kospi_won is None or self.margin_kosdaq_won is None:
            return None
        return self.margin_kospi_won + self.margin_kosdaq_won


FIGURES = tuple(one.name for one in fields(Balance) if one.name not in ("date", "row", "where"))


@dataclass(frozen=True)
class BalanceHistory:
    """Balances in order of days, as read from ``origin``; a stretch of it is checked when it is asked for.

    ``units`` says in how many won each figure was written: in hundreds of millions, a figure is rounded to one.
    """

    rows: tuple[Balance, ...]
    origin: str
    units: Mapping[str, int] = field(default_factory=dict, compare=False)

    def __iter__(self) -> Iterator[Balance]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        return tuple(row.date for row in self.rows)

    def column(self, name: str) -> np.ndarray:
        """float64 [day]: one figure of every row, NaN where it is not given."""
        assert name in (*FIGURES, "margin_won"), f"no such figure: {name}"
        values = [getattr(row, name) for row in self.rows]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    def on(self, day: date) -> Balance | None:
        """The row of ``day``, checked, or None."""
        row = self.on_or_before(day)
        return row if row.date == day else None

    def on_or_before(self, day: date) -> Balance:
        """The last row not after ``day``, checked against the row before it.

        Raises :class:`gaemi.errors.Refused` where every row is later, where the last row is more than ten days old,
        and where these rows have a fault.
        """
        before = [row for row in self.rows if row.date <= day]
        if not before:
            first = f"the first row is of {self.rows[0].date}" if self.rows else "there is no row"
            raise refuse(self.origin, str(day), "must not be before the first day of the balances", first)
        last = before[-1]
        if day - last.date > _CLOSE_DAYS:
            allowed = f"must have a balance of the {_CLOSE_DAYS.days} days up to {day}"
            raise refuse(self.origin, f"{last.date} as the last", allowed)
        refuse_all(_row_faults(before[-2:], self.origin))
        return last

    def faults_of(self, rows: "Sequence[Balance]") -> list[Fault]:
        """Every fault of consecutive rows of this history, apart from days that it lacks: see :meth:`between`."""
        return _row_faults(tuple(rows), self.origin)

    def between(self, first: date, last: date) -> "BalanceHistory":
        """The rows from ``first`` to ``last``, both included, checked.

        Raises :class:`gaemi.errors.Refused` with every fault: a session without a row, a day twice, an empty cell
        in a column that has figures on other days, a negative figure, a balance that changes by half or more from
        one row to the next, margin loans of the two markets that do not add up to their total.
        """
        rows = tuple(row for row in self.rows if first <= row.date <= last)
        if not rows:
            raise refuse(self.origin, f"no row from {first} to {last}", "must have balances in the dates asked for")
        missing = [Fault(self.origin, str(gap), "a history must not have a gap") for gap in self.gaps(first, last)]
        refuse_all([*missing, *_empty_faults(rows, self.origin), *_row_faults(rows, self.origin)])
        return BalanceHistory(rows, self.origin, self.units)

    def gaps(self, first: date, last: date) -> list[Gap]:
        """The sessions from ``first`` to ``last`` without a row."""
        return gaps_in({row.date for row in self.rows}, calendar.sessions_between(first, last))


def read_balances(source: Any) -> BalanceHistory:
    """The balances in ``source``: a file of CSV, Parquet or Excel, a frame, or a folder of which files hold them.

    Files that hold balances are merged by day, as the two exports of the portal. A figure that two files give must be
    the same in both, but for the rounding of the larger unit where they are in different ones.

    Raises :class:`gaemi.errors.Refused` where no file has the headers of balances, where a unit is not named, where
    two files contradict one another, and for cells that are no number and dates that are none.
    """
    names: list[str] = []
    found: list[BalanceHistory] = []
    for table in export_tables(source):
        names.append(table.name)
        history = balances_of(table)
        if history is not None:
            found.append(history)
    if not found:
        raise refuse(", ".join(names[:3]), "other headers", ALLOWED)
    return merged(found)


def merged(histories: Sequence[BalanceHistory]) -> BalanceHistory:
    """One history of several, by day; of a figure that more than one gives, the one in the smallest unit.

    Raises :class:`gaemi.errors.Refused` with every day on which two of them contradict one another. A day that stands
    twice in one history stays so: that is a fault of the stretches that use it.
    """
    if len(histories) == 1:
        return histories[0]
    by_day: dict[date, list[tuple[BalanceHistory, Balance]]] = {}
    for history in histories:
        for row in history.rows:
            by_day.setdefault(row.date, []).append((history, row))
    rows: list[Balance] = []
    faults: dict[str, list[Fault]] = {name: [] for name in FIGURES}
    for _, told in sorted(by_day.items()):
        if len({id(history) for history, _ in told}) < len(told):
            rows += [row for _, row in told]
        else:
            rows.append(_merged_day(told, faults))
    refuse_all([fault for name in FIGURES for fault in capped(faults[name])])
    units = {
        name: min(history.units[name] for history in histories if name in history.units)
        for name in FIGURES
        if any(name in history.units for history in histories)
    }
    return BalanceHistory(tuple(rows), " and ".join(history.origin for history in histories), units)


def _merged_day(told: "list[tuple[BalanceHistory, Balance]]", faults: dict[str, list[Fault]]) -> Balance:
    day, figures = told[0][1].date, dict[str, int | float | None]()
    for name in FIGURES:
        given = [
            (history.units.get(name, 1), value, row.where)
            for history, row in told
            if (value := getattr(row, name)) is not None
        ]
        if not given:
            continue
        unit, value, where = min(given, key=lambda one: one[0])
        figures[name] = value
        for other_unit, other, place in given:
            if not agree(value, unit, other, other_unit):
                allowed = f"two files that give {name} must agree"
                found = f"{value:,} and {other:,} in {place}"
                faults[name].append(Fault(f"{where} ({day})", found, allowed, "give one of them"))
    where = " and ".join(row.where for _, row in told)
    return Balance(day, row=told[0][1].row, where=where, **figures)  # type: ignore[arg-type]


def balances_of(table: Table) -> BalanceHistory | None:
    """The balances of one table, unchecked; None where its headers are others.

    Raises :class:`gaemi.errors.Refused` for a header without its unit, a figure in two columns, and cells that are no
    number or date.
    """
    faults: list[Fault] = []
    columns = {place: meaning for place, header in enumerate(table.headers) if (meaning := _meaning(header))}
    at = next((place for place, header in enumerate(table.headers) if header.lower() in _DATES), None)
    if not columns or at is None:
        return None
    stamps, _ = days(table, at)
    faults += day_faults(table, at, stamps)
    figures: dict[str, list[int | float | None]] = {}
    units: dict[str, int] = {}
    for place, (name, unit) in columns.items():
        header = table.headers[place]
        if unit is None:
            help = "write the unit into the header, as " + header + "(백만원)"
            faults.append(Fault(f"{table.name}, column '{header}'", "no unit", "a balance must name its unit", help))
            continue
        if name in figures:
            faults.append(Fault(f"{table.name}, column '{header}'", "a second column", f"{name} may be given once"))
        values, bad = numbers(table, place)
        wrong = [(table.first_row + row, text) for row, text in bad.items()]
        faults += capped(
            [Fault(f"{table.name}, row {row}", f"'{text}'", f"{header} must be a number") for row, text in wrong]
        )
        figures[name] = [_figure(value, unit, name) for value in values.tolist()]
        units[name] = unit
    if faults:
        raise Refused(faults)
    lines = table.rows().tolist()
    rows = [
        Balance(
            day,
            row=lines[place],
            where=f"{table.name}, row {lines[place]}",
            **{name: values[place] for name, values in figures.items()},  # type: ignore[arg-type]
        )
        for place, day in enumerate(stamps.to_list())
        if day is not None
    ]
    return BalanceHistory(tuple(sorted(rows, key=lambda row: row.date)), table.name, units)


def _meaning(header: str) -> tuple[str, int | None] | None:
    """The figure that a header names and its unit in won; the unit is None where a Korean header gives none."""
    lower = header.strip().lower()
    if lower in COLUMNS:
        return COLUMNS[lower], 1
    if lower in COLUMNS.values():
        return lower, 1
    if lower == "margin_loan_total":
        return "margin_total_won", 1
    text, unit = split_unit(header)
    name = _KOREAN.get(plain(text))
    if name is None:
        return None
    return name, 1 if name == "forced_sale_pct" else WON.get(unit)


def _figure(value: float, unit: int, name: str) -> int | float | None:
    if not np.isfinite(value):
        return None
    return value if name == "forced_sale_pct" else round(value * unit)


def _empty_faults(rows: Sequence[Balance], origin: str) -> list[Fault]:
    """Cells that are empty though the column has figures in this stretch."""
    faults: list[Fault] = []
    for name in FIGURES:
        empty = [row for row in rows if getattr(row, name) is None]
        if len(empty) < len(rows):
            allowed = f"{name} must be given on every day or on none"
            faults += capped([Fault(_place(row, origin), "empty", allowed) for row in empty])
    return faults


def _place(row: Balance, origin: str) -> str:
    return f"{row.where or f'{origin}, row {row.row}'} ({row.date})"


def _row_faults(rows: Sequence[Balance], origin: str) -> list[Fault]:
    """Every fault of consecutive rows: see :meth:`BalanceHistory.between`."""
    faults: list[Fault] = []
    for row in rows:
        where = _place(row, origin)
        for name in FIGURES:
            value = getattr(row, name)
            if value is not None and value < 0:
                faults.append(Fault(where, f"{value:,}", f"{name} must be 0 or more"))
        kospi, kosdaq, total = row.margin_kospi_won, row.margin_kosdaq_won, row.margin_total_won
        if kospi is None or kosdaq is None or total is None:
            continue
        if abs(kospi + kosdaq - total) * 1000 > total:
            found = f"{kospi:,} and {kosdaq:,} of {total:,}"
            faults.append(Fault(where, found, "margin loans of the two markets must add up to their total"))
    for before, after in pairwise(rows):
        where = _place(after, origin)
        if before.date == after.date:
            faults.append(Fault(where, f"a second row of that day, after row {before.row}", "a day must have one row"))
        elif after.date - before.date <= _CLOSE_DAYS:
            faults += _jumps(before, after, where)
    return faults


def _jumps(before: Balance, after: Balance, where: str) -> list[Fault]:
    faults = []
    for name in _STEADY:
        old, new = getattr(before, name), getattr(after, name)
        if old and new is not None and abs(new - old) * 2 >= old:
            found = f"{new:,} after {old:,}"
            allowed = f"{name} must not change by half or more from one row to the next"
            faults.append(Fault(where, found, allowed, "look for a change of unit or a missing figure"))
    return faults
