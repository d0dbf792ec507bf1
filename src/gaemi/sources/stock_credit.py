"""Margin loans on single stocks, day by day: newly lent, repaid and outstanding, as an open interface gives them.

A row has two dates, and they are not mixed up: the trade date, on which shares were bought or sold, and the settlement
date two sessions later, on which the loan was lent or repaid. Rows are told apart by ticker and trade date.

A unit is told by the name of the column. Those of the interface are documented: ``whol_loan_..._amt`` is in 10,000 won
(만원), ``whol_loan_..._stcn`` in shares. Our own headers carry it at their end (``new_won``, ``new_shares``), Korean
headers in brackets, as ``융자잔고금액(만원)``; an amount without a unit is refused.

Source: Korea Investment & Securities, open API, "국내주식 신용잔고 일별추이" (daily-credit-balance, FHPST04760000).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import polars as pl

from gaemi import days as calendar
from gaemi.errors import Fault, Refused, refuse
from gaemi.sources.credit_days import FIGURES, CreditDay, contradictions, faults_of
from gaemi.sources.gaps import Gap, gaps_in
from gaemi.sources.money_units import SHARES, WON, plain, split_unit
from gaemi.sources.portal import ENDINGS, export_tables, files_ending, read_table_file
from gaemi.sources.tables import Table, capped, day_faults, days, numbers, refuse_all
from gaemi.sources.tickers import KOREAN_CODE, canonical

JSON_ENDINGS = (".json",)
_API = {
    "whol_loan_new_amt": ("new_won", WON["만원"]),
    "whol_loan_rdmp_amt": ("repaid_won", WON["만원"]),
    "whol_loan_rmnd_amt": ("outstanding_won", WON["만원"]),
    "whol_loan_new_stcn": ("new_shares", 1),
    "whol_loan_rdmp_stcn": ("repaid_shares", 1),
    "whol_loan_rmnd_stcn": ("outstanding_shares", 1),
}
_KOREAN = {
    "융자신규금액": "new_won",
    "융자상환금액": "repaid_won",
    "융자잔고금액": "outstanding_won",
    "융자신규주수": "new_shares",
    "융자신규수량": "new_shares",
    "융자상환주수": "repaid_shares",
    "융자상환수량": "repaid_shares",
    "융자잔고주수": "outstanding_shares",
    "융자잔고수량": "outstanding_shares",
}
_TRADE_DATES = ("trade_date", "deal_date", "매매일자", "매매일", "매매 일자")
_SETTLE_DATES = ("settle_date", "settlement_date", "stlm_date", "결제일자", "결제일", "결제 일자")
_TICKERS = ("ticker", "code", "symbol", "pdno", "stck_shrn_iscd", "mksc_shrn_iscd", "종목코드", "단축코드", "티커")
ALLOWED = (
    "must have a ticker, a trade date and loans on single stocks: trade_date, settle_date, ticker, new_won, "
    "repaid_won, outstanding_won; deal_date, stlm_date, whol_loan_rmnd_amt ...; or Korean headers with their unit"
)


@dataclass(frozen=True)
class StockCredit:
    """Loans on single stocks in order of ticker and trade date, unchecked until a stretch is asked for."""

    rows: tuple[CreditDay, ...]
    origin: str

    def __iter__(self) -> Iterator[CreditDay]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def by_ticker(self) -> dict[str, tuple[CreditDay, ...]]:
        """The rows of each stock, in order of trade dates."""
        return {ticker: tuple(rows) for ticker, rows in groupby(self.rows, key=lambda row: row.ticker)}

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """Every stock, sorted."""
        return tuple(self.by_ticker)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows as a frame [row]: ticker, trade_date, settle_date, and whole won and shares."""
        types: dict[str, Any] = {"ticker": pl.String, "trade_date": pl.Date, "settle_date": pl.Date}
        types |= {name: pl.Int64 for name in FIGURES}
        return pl.DataFrame([[getattr(row, name) for name in types] for row in self.rows], schema=types, orient="row")

    def between(self, first: date, last: date, tickers: Sequence[str] | None = None) -> "StockCredit":
        """The rows of ``tickers`` (all unless said) with trade dates from ``first`` to ``last``, checked.

        Raises :class:`gaemi.errors.Refused` with every fault: a stock without a row in these dates, a session without
        a row, and those of :meth:`faults`.
        """
        wanted = self.tickers if tickers is None else tuple(sorted({canonical(ticker) for ticker in tickers}))
        found: list[CreditDay] = []
        faults: list[Fault] = []
        for ticker in wanted:
            rows = [row for row in self.by_ticker.get(ticker, ()) if first <= row.trade_date <= last]
            if rows:
                found += rows
                where = f"{self.origin}, {ticker}"
                missing = self.gaps(ticker, first, last)
                faults += [Fault(where, str(gap), "a history must not have a gap") for gap in missing]
                faults += faults_of(rows)
            else:
                span = f"no row of {ticker} from {first} to {last}"
                faults.append(Fault(self.origin, span, "must have loans on it in the dates asked for"))
        refuse_all(faults)
        return StockCredit(tuple(found), self.origin)

    def gaps(self, ticker: str, first: date, last: date) -> list[Gap]:
        """The sessions from ``first`` to ``last`` on which the stock has no row of trades."""
        given = {row.trade_date for row in self.by_ticker.get(ticker, ())}
        return gaps_in(given, calendar.sessions_between(first, last))

    def faults(self) -> list[Fault]:
        """Every fault of the rows but the gaps between them.

        A trade date twice, a settlement before its trade or before the one of an earlier trade, a negative figure, a
        figure that is empty though the stock has it on other days, and an outstanding figure that does not follow from
        the session before: before + new - repaid, in shares exactly, in money to twice the unit, because each of the
        four amounts is rounded to it.
        """
        return [fault for rows in self.by_ticker.values() for fault in faults_of(rows)]


def read_stock_credit(source: Any) -> StockCredit:
    """The loans on single stocks in ``source``: files of CSV, Parquet, Excel or JSON, a folder of them, a list of
    files, a frame, or a mapping from ticker to these.

    Without a column of tickers the ticker is the name of the file, as ``005930.json``. Other files of a folder are
    passed over. Rows that two files give must agree: pages of the interface overlap.

    Raises :class:`gaemi.errors.Refused` where no file has such headers, where a unit, a ticker or the trade date is
    missing, where two files contradict one another, and for cells that are no number and dates that are none.
    """
    names: list[str] = []
    found: list[StockCredit] = []
    for table in _tables(source):
        names.append(table.name)
        credit = credit_of(table)
        if credit is not None:
            found.append(credit)
    if not found:
        raise refuse(", ".join(names[:3]), "other headers", ALLOWED)
    return merged(found)


def merged(parts: Sequence[StockCredit]) -> StockCredit:
    """The rows of several files as one; a row that more than one gives stands once, from the first.

    Raises :class:`gaemi.errors.Refused` where two files give a figure of one stock and day and do not agree.
    """
    if len(parts) == 1:
        return parts[0]
    kept: dict[tuple[str, date], tuple[int, CreditDay]] = {}
    rows: list[CreditDay] = []
    faults: list[Fault] = []
    for number, part in enumerate(parts):
        for row in part.rows:
            from_part, before = kept.setdefault((row.ticker, row.trade_date), (number, row))
            if from_part == number:
                rows.append(row)  # a day twice in one file stays so, and is a fault of what uses it
            else:
                faults += contradictions(before, row)
    refuse_all(capped(faults))
    return StockCredit(_ordered(rows), " and ".join(part.origin for part in parts))


def credit_of(table: Table) -> StockCredit | None:
    """The loans on single stocks of one table, unchecked; None where its headers are others.

    Raises :class:`gaemi.errors.Refused` as :func:`read_stock_credit` does.
    """
    table = _without_padding(table)
    columns = {place: meaning for place, header in enumerate(table.headers) if (meaning := _meaning(header))}
    if not columns:
        return None
    faults = _header_faults(table, columns)
    dates = {name: _place(table, words) for name, words in (("trade", _TRADE_DATES), ("settle", _SETTLE_DATES))}
    stamps: dict[str, list[date | None]] = {}
    for name, at in dates.items():
        if at is not None:
            found, _ = days(table, at)
            faults += day_faults(table, at, found)
            stamps[name] = found.to_list()
    tickers = _tickers(table, faults)
    values = {name: _figures(table, place, unit, faults) for place, (name, unit) in columns.items() if unit}
    refuse_all(faults)
    unit_won = max((unit for name, unit in columns.values() if unit and name.endswith("_won")), default=1)
    lines = table.rows().tolist()
    rows = [
        CreditDay(
            tickers[place],
            day,
            stamps["settle"][place] if "settle" in stamps else None,
            **{name: figures[place] for name, figures in values.items()},
            unit_won=unit_won,
            where=f"{table.name}, row {lines[place]}",
        )
        for place, day in enumerate(stamps["trade"])
        if day is not None
    ]
    return StockCredit(_ordered(rows), table.name)


def units_of(table: Table) -> dict[str, int]:
    """In how many won or shares each figure of a table is written, by the name of the figure."""
    meanings = (_meaning(header) for header in table.headers)
    return {name: unit for name, unit in filter(None, meanings) if unit}


def json_tables(path: Path) -> list[Table]:
    """The rows that a JSON answer of the interface holds, as tables: under ``output``, as a list, or by ticker.

    Raises :class:`gaemi.errors.Refused` where it is no JSON, or holds no rows.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as problem:
        raise refuse(str(path), f"'{str(problem)[:120]}'", "must be JSON") from None
    named = {path.name: document}
    if isinstance(document, dict) and "output" not in document and all(map(_rows_of, document.values())):
        named = document
    found = []
    for name, part in named.items():
        rows = _rows_of(part)
        if not rows:
            said = part.get("msg1", "") if isinstance(part, dict) else ""
            raise refuse(str(path), f"'{said}'" if said else "no rows", "must hold a list of rows under 'output'")
        headers = tuple(dict.fromkeys(header for row in rows for header in row))
        cells = [[None if row.get(header) is None else str(row[header]) for header in headers] for row in rows]
        schema = {str(place): pl.String for place in range(len(headers))}
        found.append(Table(name, headers, (), pl.DataFrame(cells, schema=schema, orient="row"), 1))
    return found


def _rows_of(part: Any) -> list[dict[str, Any]]:
    rows = part.get("output", part.get("output1")) if isinstance(part, dict) else part
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return []
    if all("output" in row for row in rows):  # several pages, one after the other
        return [row for page in rows for row in _rows_of(page)]
    return rows


def _tables(source: Any) -> Iterator[Table]:
    if isinstance(source, str | Path):
        for path in files_ending(Path(source), ENDINGS + JSON_ENDINGS):
            if path.suffix.lower() not in JSON_ENDINGS:
                yield from read_table_file(path)
                continue
            try:
                yield from json_tables(path)
            except Refused:
                if path == Path(source):  # other JSON of a folder is none of ours
                    raise
    elif isinstance(source, Mapping):
        for name, part in source.items():
            for table in _tables(part):
                yield Table(str(name), table.headers, table.second, table.cells, table.first_row)
    elif isinstance(source, Sequence):
        for part in source:
            yield from _tables(part)
    else:
        yield from export_tables(source)


def _meaning(header: str) -> tuple[str, int | None] | None:
    """The figure that a header names and its unit; the unit is None where an amount names none."""
    lower = header.strip().lower()
    if lower in _API:
        return _API[lower]
    if lower in FIGURES:
        return lower, 1
    text, unit = split_unit(header)
    name = plain(text).removeprefix("신용").removeprefix("전체")
    if name not in _KOREAN:
        return None
    figure = _KOREAN[name]
    return figure, WON.get(unit) if figure.endswith("_won") else SHARES.get(unit or "주")


def _place(table: Table, words: tuple[str, ...]) -> int | None:
    return next((place for place, header in enumerate(table.headers) if header.strip().lower() in words), None)


def _header_faults(table: Table, columns: dict[int, tuple[str, int | None]]) -> list[Fault]:
    faults = []
    for place, (name, unit) in columns.items():
        where = f"{table.name}, column '{table.headers[place]}'"
        if unit is None:
            help = f"write the unit into the header, as {table.headers[place]}(만원)"
            faults.append(Fault(where, "no unit", "an amount must name its unit", help))
        if [other for other, _ in columns.values()].count(name) > 1:
            faults.append(Fault(where, "a second column", f"{name} may be given once"))
    if "outstanding_won" not in {name for name, _ in columns.values()}:
        faults.append(Fault(table.name, "none", "must have a column of the loans outstanding, as outstanding_won"))
    if _place(table, _TRADE_DATES) is None:
        help = "name it trade_date; a settlement date alone does not say when shares were traded"
        raise Refused([*faults, Fault(table.name, "none", "must have a column of trade dates", help)])
    return faults


def _tickers(table: Table, faults: list[Fault]) -> list[str]:
    at = _place(table, _TICKERS)
    if at is None:
        name = canonical(PurePath(table.name).stem)
        if not KOREAN_CODE.fullmatch(name):
            help = "add a column 'ticker' or name the file after its ticker, as 005930.csv"
            faults.append(Fault(table.name, "no ticker", "must say of which stock it is", help))
        return [name] * table.cells.height
    names = [canonical(name or "") for name in table.text(at).to_list()]
    wrong = [place for place, name in enumerate(names) if not KOREAN_CODE.fullmatch(name)]
    help = "a code of six digits must be kept as text: 005930, not 5930"
    lines = [(place + table.first_row, names[place]) for place in wrong]
    faults += capped(
        [Fault(f"{table.name}, row {line}", f"'{name}'", "must be a ticker", help) for line, name in lines]
    )
    return names


def _figures(table: Table, place: int, unit: int, faults: list[Fault]) -> list[int | None]:
    values, bad = numbers(table, place)
    header = table.headers[place]
    told = [(row + table.first_row, text) for row, text in bad.items()]
    faults += capped(
        [Fault(f"{table.name}, row {row}", f"'{text}'", f"{header} must be a number") for row, text in told]
    )
    return [round(value * unit) if np.isfinite(value) else None for value in values.tolist()]


def _without_padding(table: Table) -> Table:
    """The interface fills a page with rows in which every cell is empty or 0; those at the end are no rows."""
    text = table.cells.with_columns(pl.all().cast(pl.String).str.strip_chars().fill_null(""))
    held = text.select(pl.any_horizontal(~pl.all().str.contains(r"^0*\.?0*$"))).to_series()
    last = held.arg_true()
    count = int(last[-1]) + 1 if len(last) else 0
    if count == table.cells.height:
        return table
    return Table(table.name, table.headers, table.second, table.cells[:count], table.first_row)


def _ordered(rows: list[CreditDay]) -> tuple[CreditDay, ...]:
    return tuple(sorted(rows, key=lambda row: (row.ticker, row.trade_date)))
