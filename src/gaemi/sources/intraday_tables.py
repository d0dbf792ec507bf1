"""Tables of bars within the day, told by their headers: whose they are, how long a bar is, what cannot be read.

Headers are those of Binance klines (with or without a header line), ccxt, Upbit and pyupbit, in English or Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gaemi.errors import Fault, Refused
from gaemi.sources.intraday_times import Times, in_utc, read_times
from gaemi.sources.tables import Table, capped, numbers, tables_in
from gaemi.sources.tickers import canonical, is_dollar_coin, is_ticker, is_won_coin

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

FIELDS = ("open", "high", "low", "close", "volume")
MINUTES_A_DAY = 1440

_MEANINGS = {
    "ticker": ("symbol", "market", "ticker", "pair", "code", "티커", "종목코드"),
    "open": ("open", "o", "opening_price", "open_price", "시가"),
    "high": ("high", "h", "high_price", "고가"),
    "low": ("low", "l", "low_price", "저가"),
    "close": ("close", "c", "trade_price", "close_price", "종가"),
    "volume": ("volume", "v", "candle_acc_trade_volume", "base_volume", "거래량"),
}
_MEANING_OF = {header: meaning for meaning, headers in _MEANINGS.items() for header in headers}
_KLINE = ("open_time", *FIELDS)
"""The first columns of a table without headers, as Binance's archive and ccxt lay them out."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ENDING = re.compile(r"\.(csv|tsv|txt|parquet|pq)$", re.IGNORECASE)
_LENGTH = re.compile(r"(?:(?P<count>\d+)(?P<unit>M|H|D)|(?P<word>MINUTE|HOUR|DAY)S?(?P<after>\d*))")
_UNITS = {"M": 1, "H": 60, "D": MINUTES_A_DAY, "MINUTE": 1, "HOUR": 60, "DAY": MINUTES_A_DAY}
_USUAL = (1, 3, 5, 10, 15, 30, 60, 120, 240, 360, 480, 720, MINUTES_A_DAY)
_LONGEST_CHANCE = 5
"""Bars of a usual longer length in a row, more than this, are no minutes without trades but a file of two lengths."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The bars of one name in one table, in order of time; see :class:`gaemi.sources.intraday.Bars`."""

    ticker: str
    start: np.ndarray
    minutes: int
    rows: np.ndarray
    values: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Found:
    """What one table holds; ``reason`` says why it holds nothing."""

    bars: tuple[Rows, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    reason: str = ""


def bar_tables(source: Any) -> Iterator[Table]:
    """The tables of a file, folder, frame, list of ccxt rows, or a mapping from ticker to these, with headers."""
    if isinstance(source, Mapping):
        for name, part in source.items():
            for table in bar_tables(part):
                yield Table(str(name), table.headers, table.second, table.cells, table.first_row)
    elif isinstance(source, list | tuple | np.ndarray) and len(source):
        cells = pl.DataFrame([[None if cell is None else float(cell) for cell in row] for row in source], orient="row")
        names = [str(position) for position in range(cells.width)]
        yield _headed(Table("rows", tuple(names), (), cells.rename(dict(zip(cells.columns, names, strict=True))), 1))
    else:
        for table in tables_in(source):
            yield _headed(table)


def shape_of(table: Table) -> tuple[dict[str, int], Times] | str:
    """The columns by meaning and the times of a table of bars, or the reason why it is none."""
    columns: dict[str, int] = {}
    for position, header in enumerate(table.headers):
        meaning = _MEANING_OF.get(header.strip().lower())
        if meaning is not None:
            columns.setdefault(meaning, position)
    if "close" not in columns or any(table.second):
        return "no column of closes"
    times = read_times(table)
    return (columns, times) if times is not None else "no column of times"


def recognise(table: Table, zone: str | None, alone: bool) -> Found:
    """The bars of a table. ``alone`` says that the user gave just this table: then it must hold some."""
    shape = shape_of(table)
    if isinstance(shape, str):
        return Found(reason=shape)
    columns, times = shape
    groups = _groups(table, columns, times)
    if isinstance(groups, Fault):
        return Found(faults=(groups,)) if alone else Found(reason=groups.allowed)
    if not alone and times.bare and not all(is_won_coin(name) or is_dollar_coin(name) for name in groups):
        return Found(reason="its rows are days of names that are no coins")
    faults = [*times.faults, *_zone_fault(table, times, zone, alone)]
    values, bad = _values(table, columns)
    faults += bad
    bars, notes = [], []
    for ticker, held in groups.items():
        try:
            seconds, note = in_utc(times, ticker, zone)
        except Refused as refused:
            faults += [Fault(table.name, one.found, one.allowed, one.help) for one in refused.faults]
            break
        notes += [f"{table.name}: {note}"] if note else []
        one = _ordered(table, ticker, seconds[held], held, values, faults)
        bars += [one] if one is not None else []
    return Found(tuple(bars), tuple(dict.fromkeys(notes)), tuple(faults))


def ticker_in(name: str) -> str | None:
    """The coin or ticker that a file is named after, or None.

    >>> ticker_in("luna_usdt_binance_1m_2022_05.csv"), ticker_in("KRW-BTC_minute1.csv"), ticker_in("prices.csv")
    ('LUNAUSDT', 'KRW-BTC', None)
    """
    stem = _ENDING.sub("", name)
    words = [word for word in re.split(r"[^A-Z0-9가-힣]+", stem.upper()) if word]
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        if (word == "KRW" and after) or after in ("KRW", "USDT"):
            return canonical(f"{word}-{after}")
        if is_dollar_coin(word):
            return word
    found = canonical(stem)
    return found if is_won_coin(found) or is_ticker(stem) else None


def _headed(table: Table) -> Table:
    """A table without a header line gets the headers of klines; its first row is then a bar and no header."""
    headers = [header.strip() for header in table.headers]
    numbered = headers == [str(position) for position in range(len(headers))]
    if len(headers) < len(_KLINE) or not all(_NUMBER.fullmatch(header) for header in headers[: len(_KLINE)]):
        return table
    names = (*_KLINE, *(f"unused_{position}" for position in range(len(_KLINE), len(headers))))
    if numbered:
        return Table(table.name, names, (), table.cells, table.first_row)
    first = pl.DataFrame([headers], schema=table.cells.columns, orient="row")
    cells = pl.concat([first, table.cells.select(pl.all().cast(pl.String))])
    return Table(table.name, names, (), cells, table.first_row - 1)


def _groups(table: Table, columns: dict[str, int], times: Times) -> dict[str, np.ndarray] | Fault:
    """The rows with a time by ticker, in order of the names."""
    if "ticker" in columns:
        rows = pl.DataFrame({"name": table.text(columns["ticker"]), "row": np.arange(table.cells.height)})
        groups = rows.filter(times.known).group_by("name", maintain_order=True).agg("row")
        named = {name: held.to_numpy() for name, held in zip(groups["name"], groups["row"], strict=True)}
        nameless = named.pop(None, None)
        if nameless is not None:
            row = int(nameless[0]) + table.first_row
            return Fault(
                f"{table.name}, row {row}", "an empty cell", f"{table.headers[columns['ticker']]} must be a name"
            )
        found: dict[str, np.ndarray] = {}
        for name, held in named.items():
            before = found.get(canonical(name))
            found[canonical(name)] = held if before is None else np.sort(np.concatenate((before, held)))
        return dict(sorted(found.items()))
    ticker = ticker_in(table.name)
    if ticker is None:
        help = "add a column 'symbol', name the file after its coin as LUNAUSDT-1m.csv, or give {ticker: frame}"
        return Fault(table.name, "no ticker", "bars must name their coin", help)
    return {ticker: np.flatnonzero(times.known)}


def _zone_fault(table: Table, times: Times, zone: str | None, alone: bool) -> list[Fault]:
    """The user's word against the file's: one of the two is wrong. In a folder it is meant for the other files."""
    if not alone or zone is None or times.zone is None or zone == times.zone:
        return []
    found = f"--zone {zone} for times that the file gives in {times.zone} ({table.headers[times.position] or 'index'})"
    return [Fault(table.name, found, "--zone is for files that do not tell their zone", "leave it out")]


def _values(table: Table, columns: dict[str, int]) -> tuple[dict[str, np.ndarray], list[Fault]]:
    """float64 [row] by field, NaN where the file has none, and a fault for each cell that is no number."""
    values: dict[str, np.ndarray] = {}
    faults: list[Fault] = []
    for name in FIELDS:
        if name not in columns:
            values[name] = np.full(table.cells.height, np.nan)
            continue
        values[name], bad = numbers(table, columns[name])
        rule = "volume must be a number" if name == "volume" else f"{name} must be a number above 0"
        rows = [(row + table.first_row, text) for row, text in sorted(bad.items())]
        faults += capped([Fault(f"{table.name}, row {row}", f"'{text}'", rule) for row, text in rows])
    return values, faults


def _ordered(
    table: Table, ticker: str, seconds: np.ndarray, held: np.ndarray, values: dict[str, np.ndarray], faults: list[Fault]
) -> Rows | None:
    """The bars of one ticker in order of time; what is wrong with their times is added to ``faults``."""
    if not len(held):
        return None
    order = np.argsort(seconds, kind="stable")
    seconds, held = seconds[order], held[order]
    where = f"{table.name}, {ticker}"
    twice = np.flatnonzero(seconds[1:] == seconds[:-1]) + 1
    told = [
        Fault(
            f"{table.name}, row {held[at] + table.first_row} ({ticker} at {written(seconds[at])})",
            f"a second row of that time, after row {held[at - 1] + table.first_row}",
            "a name must have one row for each time",
        )
        for at in twice.tolist()
    ]
    faults += capped(told)
    distinct = np.unique(seconds)
    minutes = _length(table.name, where, distinct, faults)
    if minutes is None:
        return None
    rest = distinct % (minutes * 60)
    kinds, counts = np.unique(rest, return_counts=True)
    usual = kinds[np.argmax(counts)]
    off = np.flatnonzero(seconds % (minutes * 60) != usual)
    rule = f"bars of {minutes} minutes must begin {minutes} minutes apart"
    for one in capped(
        [
            Fault(f"{table.name}, row {held[at] + table.first_row} ({ticker})", written(seconds[at]), rule)
            for at in off.tolist()
        ]
    ):
        faults.append(one)
    start = seconds.astype("datetime64[s]")
    return Rows(ticker, start, minutes, held + table.first_row, {name: values[name][held] for name in FIELDS})


def _length(name: str, where: str, seconds: np.ndarray, faults: list[Fault]) -> int | None:
    """Minutes of a bar: the commonest distance of two; of a single bar what the file is called after."""
    steps = np.diff(seconds)
    if not len(steps):
        told = _told_length(name)
        if told is None:
            help = "name the file after the length of its bars, as LUNAUSDT-1m.csv"
            faults.append(Fault(where, "a single row", "two bars or more tell how long a bar is", help))
        return told
    kinds, counts = np.unique(steps, return_counts=True)
    common = int(kinds[np.argmax(counts)])
    if common % 60:
        faults.append(Fault(where, f"bars of {common} seconds", "a bar must last whole minutes"))
        return None
    edges = np.flatnonzero(np.diff(steps)) + 1
    begins, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(steps)]))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        step = int(steps[begin])
        if end - begin > _LONGEST_CHANCE and step != common and step % 60 == 0 and step // 60 in _USUAL:
            found = f"bars of {common // 60} minutes, and of {step // 60} minutes from {written(seconds[begin])}"
            faults.append(Fault(where, found, "one file must hold bars of one length", "split it by their length"))
            return None
    return common // 60


def _told_length(name: str) -> int | None:
    for word in re.split(r"[^A-Z0-9]+", _ENDING.sub("", name).upper()):
        match = _LENGTH.fullmatch(word)
        if match is not None:
            return int(match["count"] or match["after"] or 1) * _UNITS[match["unit"] or match["word"]]
    return None


def written(seconds: int | np.integer) -> str:
    """Seconds since 1970 as ``2022-05-10 03:17`` in UTC, with the seconds where there are some."""
    text = str(np.datetime64(int(seconds), "s")).replace("T", " ")
    return text.removesuffix(":00") if text.endswith(":00") else text
