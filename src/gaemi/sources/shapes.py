"""Which shape a table of prices has, told by its headers and never by the size of its numbers.

* **long**: a date, a ticker and prices in each row;
* **single**: a date and prices; the ticker is the name of the file or the key of the frame;
* **pairs**: two header rows, a field and a ticker for each column (yfinance);
* **index**: closes and capitalisations of the two markets, won per dollar (``kospi_close``, ``krw_per_usd`` ...);
* **wide**: a date, and the closes of one ticker in each further column.

Headers are those of FinanceDataReader, pykrx, yfinance and pyupbit, in English or Korean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gaemi.errors import Fault
from gaemi.sources.series import FIELDS, Series
from gaemi.sources.tables import Table, as_days, capped, day_faults, days, numbers
from gaemi.sources.tickers import KOSDAQ, KOSPI, USDKRW, canonical, is_ticker

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

_MEANINGS = {
    "date": ("date", "datetime", "", "날짜", "일자", "기준일자", "trade_date", "bsop_date"),
    "ticker": ("ticker", "code", "symbol", "티커", "종목코드", "단축코드", "pdno"),
    "open": ("open", "시가"),
    "high": ("high", "고가"),
    "low": ("low", "저가"),
    "close": ("close", "종가"),
    "volume": ("volume", "거래량"),
}
_MEANING_OF = {header: meaning for meaning, headers in _MEANINGS.items() for header in headers}

_INDEX_COLUMNS = {
    "kospi_close": KOSPI,
    "kosdaq_close": KOSDAQ,
    "krw_per_usd": USDKRW,
    "krw_per_usd_close": USDKRW,
}
_CAPITALISATION_COLUMNS = {
    "kospi_mktcap_trn_krw": (KOSPI, 10**12),
    "kosdaq_mktcap_trn_krw": (KOSDAQ, 10**12),
    "kospi_mktcap_won": (KOSPI, 1),
    "kosdaq_mktcap_won": (KOSDAQ, 1),
}
_LOST_ZEROS = re.compile(r"\d{1,5}(\.0)?|\d{6}\.0")
ALLOWED = (
    "must have a date and prices: date, ticker, open, high, low, close, volume (FinanceDataReader, pykrx, yfinance, "
    "pyupbit), or a date and one column of closes for each ticker, or kospi_close, kosdaq_close, krw_per_usd"
)


@dataclass
class Found:
    """What one table holds: series, capitalisations in won by market and day, faults; or a reason why nothing."""

    series: list[Series] = field(default_factory=list)
    capitalisations: dict[str, dict[np.datetime64, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    reason: str = ""


def recognise(table: Table) -> Found:
    """The series of a table; ``reason`` is set where its headers are not those of prices."""
    meanings = [_MEANING_OF.get(header.lower(), "") for header in table.headers]
    if "date" not in meanings:
        return Found(reason="no column of dates")
    # A frame saved with its row numbers has a column without a name before the dates.
    named = [place for place, meaning in enumerate(meanings) if meaning == "date" and table.headers[place]]
    at = named[0] if named else meanings.index("date")
    if not table.second:
        twice = sorted({name for name in meanings if name and name != "date" and meanings.count(name) > 1})
        if twice:
            return Found(reason=f"more than one column of {twice[0]}")
    shape = _shape_of(table, meanings)
    if shape is None:
        return Found(reason="its headers are not those of daily prices")
    found_days, intraday = days(table, at)
    if intraday:
        return Found(reason="its rows are shorter than a day")
    if shape == "single" and not is_ticker(_stem(table.name)):
        return Found(
            reason="it names no ticker: add a column 'ticker' or name the file after its ticker, as 005930.csv"
        )
    found = Found(faults=day_faults(table, at, found_days))
    known = found_days.is_not_null()
    if shape == "long":
        _read_long(table, meanings, found_days, found)
    elif shape == "single":
        columns = {name: meanings.index(name) for name in FIELDS if name in meanings}
        found.series.append(_series(table, canonical(_stem(table.name)), columns, found_days, _rows(known)))
    elif shape == "pairs":
        _read_pairs(table, meanings, found_days, found)
    else:
        _read_closes(table, at, found_days, found)
    return found


def _shape_of(table: Table, meanings: list[str]) -> str | None:
    if table.second:
        return "pairs" if "close" in meanings else None
    if "close" in meanings:
        return "long" if "ticker" in meanings else "single"
    headers = [header.lower() for header in table.headers]
    if any(header in _INDEX_COLUMNS or header in _CAPITALISATION_COLUMNS for header in headers):
        return "index"
    rest = [header for header, meaning in zip(table.headers, meanings, strict=True) if meaning != "date"]
    return "wide" if rest and all(is_ticker(header) for header in rest) else None


def _read_long(table: Table, meanings: list[str], found_days: pl.Series, found: Found) -> None:
    columns = {name: meanings.index(name) for name in FIELDS if name in meanings}
    rows = pl.DataFrame({"name": table.text(meanings.index("ticker")), "row": np.arange(table.cells.height)})
    groups = rows.filter(found_days.is_not_null()).group_by("name", maintain_order=True).agg("row")
    for name, held in zip(groups["name"].to_list(), groups["row"], strict=True):
        if name is None or _LOST_ZEROS.fullmatch(name):
            help = "a code of six digits must be kept as text: 005930, not 5930" if name else ""
            lines = [row + table.first_row for row in held.to_list()]
            wrong = [Fault(f"{table.name}, row {line}", f"'{name or ''}'", "must be a ticker", help) for line in lines]
            found.faults += capped(wrong)
            continue
        found.series.append(_series(table, canonical(name), columns, found_days, held.to_numpy()))


def _read_pairs(table: Table, meanings: list[str], found_days: pl.Series, found: Found) -> None:
    columns: dict[str, dict[str, int]] = {}
    for position, (meaning, ticker) in enumerate(zip(meanings, table.second, strict=True)):
        if meaning in FIELDS and ticker:
            columns.setdefault(canonical(ticker), {})[meaning] = position
    for ticker, fields in columns.items():
        if "close" in fields:
            held = found_days.is_not_null() & table.text(fields["close"]).is_not_null()
            found.series.append(_series(table, ticker, fields, found_days, _rows(held)))


def _read_closes(table: Table, at: int, found_days: pl.Series, found: Found) -> None:
    """Wide and index tables: an empty cell is a day without a row of that name."""
    for position, header in enumerate(table.headers):
        held = found_days.is_not_null() & table.text(position).is_not_null()
        lower = header.lower()
        if position == at:
            continue
        if lower in _CAPITALISATION_COLUMNS:
            market, unit = _CAPITALISATION_COLUMNS[lower]
            values, bad = numbers(table, position)
            found.faults += _cell_faults(table, header, bad)
            where = _rows(held)
            stamps = as_days(found_days)[where]
            pairs = zip(stamps, values[where], strict=True)
            found.capitalisations[market] = {day: round(value * unit) for day, value in pairs if np.isfinite(value)}
        elif lower in _INDEX_COLUMNS or is_ticker(header):
            ticker = _INDEX_COLUMNS.get(lower) or canonical(header)
            found.series.append(_series(table, ticker, {"close": position}, found_days, _rows(held)))


def _series(table: Table, ticker: str, columns: dict[str, int], found_days: pl.Series, where: np.ndarray) -> Series:
    """The rows of one ticker in order of days; what is wrong with them is told when a window uses them."""
    stamps = as_days(found_days.gather(where))
    order = np.argsort(stamps, kind="stable")
    where, stamps = where[order], stamps[order]
    values: dict[str, np.ndarray] = {}
    bad: dict[tuple[int, str], str] = {}
    for name in FIELDS:
        if name not in columns:
            values[name] = np.full(len(where), np.nan)
            continue
        column, wrong = _numbers_of(table, columns[name])
        values[name] = column[where]
        bad.update({(int(row) + table.first_row, name): text for row, text in wrong.items()})
    return Series(ticker, table.name, stamps, where + table.first_row, frozenset(columns), bad, **values)


def _numbers_of(table: Table, position: int) -> tuple[np.ndarray, dict[int, str]]:
    """One pass over a column, kept for the other tickers of the same table."""
    if position not in table.kept:
        table.kept[position] = numbers(table, position)
    return table.kept[position]


def _cell_faults(table: Table, header: str, bad: dict[int, str]) -> list[Fault]:
    rows = [(row + table.first_row, text) for row, text in sorted(bad.items())]
    return capped([Fault(f"{table.name}, row {row}", f"'{text}'", f"{header} must be a number") for row, text in rows])


def _rows(held: pl.Series) -> np.ndarray:
    return held.arg_true().to_numpy()


def _stem(name: str) -> str:
    return re.sub(r"\.(csv|tsv|txt|parquet|pq)$", "", name, flags=re.IGNORECASE)
