"""Files and frames as plain tables: headers, cells, and the line of the file on which each row stands.

CSV is read as text, so that a ticker keeps its zeros and a bad cell can be shown as it was written. Encodings are
UTF-8, with or without byte order mark, and CP949 (what Korean offices export).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gaemi.errors import Fault, Refused, refuse

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

CSV_ENDINGS = (".csv", ".tsv", ".txt")
PARQUET_ENDINGS = (".parquet", ".pq")
MOST_ROWS_TOLD = 50
"""Rows with one and the same kind of fault in one file that are told one by one; the rest is counted."""

_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_PAIR = re.compile(r"\('(.*)', '(.*)'\)")


@dataclass(frozen=True)
class Table:
    """One file or frame. ``cells`` has columns "0", "1" ...; row ``i`` stands on line ``first_row + i``.

    ``second`` holds a second header row where the source has two (a field and a ticker for each column); ``kept``
    holds columns that were already read as numbers.
    """

    name: str
    headers: tuple[str, ...]
    second: tuple[str, ...]
    cells: pl.DataFrame
    first_row: int
    kept: dict[int, tuple[np.ndarray, dict[int, str]]] = field(default_factory=dict, repr=False, compare=False)

    def column(self, index: int) -> pl.Series:
        return self.cells.to_series(index)

    def text(self, index: int) -> pl.Series:
        """A column as trimmed text, null where it is empty."""
        text = self.column(index).cast(pl.String).str.strip_chars()
        return text.set(text == "", None)

    def rows(self) -> np.ndarray:
        """int64 [row]: the line of each row in the file, as an editor counts them."""
        return np.arange(self.cells.height, dtype=np.int64) + self.first_row


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of a folder that was not used, and why."""

    name: str
    reason: str


def tables_in(source: Any) -> Iterator[Table]:
    """The tables of a file, of a folder (its CSV and Parquet files by name, not its sub-folders), of a pandas or
    polars frame, or of a mapping from ticker to any of these.

    Raises :class:`gaemi.errors.Refused` where there is no such file or it cannot be read.
    """
    if isinstance(source, str | Path):
        for path in files_in(Path(source)):
            yield read_file(path)
    elif isinstance(source, Mapping):
        for name, part in source.items():
            for table in tables_in(part):
                yield Table(str(name), table.headers, table.second, table.cells, table.first_row)
    else:
        yield _from_frame(source)


def files_in(path: Path) -> list[Path]:
    """The file itself, or the table files of a folder in order of their names."""
    endings = CSV_ENDINGS + PARQUET_ENDINGS
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in endings)
        if not found:
            raise refuse(str(path), "a folder without such files", f"must hold files that end in {', '.join(endings)}")
        return found
    if not path.is_file():
        raise refuse(str(path), "nothing there", "must be a file or a folder")
    if path.suffix.lower() not in endings:
        raise refuse(str(path), f"'{path.suffix}'", f"a table file ends in {', '.join(endings)}")
    return [path]


def read_file(path: Path) -> Table:
    """The table of one CSV or Parquet file."""
    try:
        if path.suffix.lower() in PARQUET_ENDINGS:
            return _with_headers(path.name, pl.read_parquet(path))
        return _from_csv(path.name, path.read_bytes())
    except (pl.exceptions.PolarsError, OSError) as problem:
        reason = str(problem).splitlines()[0][:120]
        raise refuse(str(path), f"'{reason}'", "must be a readable table") from None


def _from_csv(name: str, raw: bytes) -> Table:
    lines = decoded(name, raw).splitlines()
    skipped = 0
    # Lines of '#' above the header say where the figures come from.
    while skipped < len(lines) and (not lines[skipped].strip() or lines[skipped].startswith("#")):
        skipped += 1
    if skipped == len(lines):
        raise refuse(name, "an empty file", "must hold a header and rows")
    header = lines[skipped]
    separator = next((sign for sign in (",", "\t", ";") if sign in header), ",")
    body = io.BytesIO("\n".join(lines[skipped:]).encode())
    frame = pl.read_csv(body, has_header=False, infer_schema=False, separator=separator)
    headers = tuple((cell or "").strip() for cell in frame.row(0))
    return _two_headers(Table(name, headers, (), _numbered(frame[1:]), skipped + 2))


def decoded(name: str, raw: bytes) -> str:
    """The text of a file in UTF-8 or CP949; any other encoding is refused."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse(name, "other bytes", "must be text in UTF-8 or CP949")


def _two_headers(table: Table) -> Table:
    """yfinance writes two or three header rows: the field, the ticker, and a row that only says ``Date``."""
    if table.cells.height == 0:
        return table
    second = tuple((cell or "").strip() for cell in table.cells.row(0))
    kinds = {table.headers[0].lower(), second[0].lower()}
    named = kinds in ({"price", "ticker"}, {"attributes", "symbols"})
    if not named and not (kinds == {""} and all(second[1:])):
        return table
    used = 1
    if table.cells.height > 1:
        third = [(cell or "").strip() for cell in table.cells.row(1)]
        used += third[0].lower() in ("date", "datetime") and not any(third[1:])
    fields_first = table.headers[0].lower() not in ("ticker", "symbols")
    first, other = (table.headers, second) if fields_first else (second, table.headers)
    headers = ("date", *first[1:])
    return Table(table.name, headers, ("", *other[1:]), table.cells[used:], table.first_row + used)


def _from_frame(frame: Any) -> Table:
    if isinstance(frame, pl.DataFrame):
        return _with_headers("frame", frame)
    if type(frame).__module__.partition(".")[0] != "pandas":
        raise refuse("source", type(frame).__name__, "must be a path, or a frame of pandas or polars")
    plain = frame if frame.index.name is None and frame.index.inferred_type == "integer" else frame.reset_index()
    headers = [column if isinstance(column, tuple) else (str(column), "") for column in plain.columns]
    plain = plain.set_axis([str(position) for position in range(len(headers))], axis=1)
    cells = pl.from_pandas(plain)
    return _paired("frame", [(str(first), str(second)) for first, second, *_ in headers], cells)


def _with_headers(name: str, frame: pl.DataFrame) -> Table:
    matches = [_PAIR.fullmatch(header) for header in frame.columns]
    pairs = [
        (match[1], match[2]) if match else (header, "") for header, match in zip(frame.columns, matches, strict=True)
    ]
    return _paired(name, pairs, _numbered(frame))


def _paired(name: str, pairs: list[tuple[str, str]], cells: pl.DataFrame) -> Table:
    """A frame counts its rows from 1: there is no header line."""
    headers = tuple("" if first in ("index", "__index_level_0__") else first for first, _ in pairs)
    second = tuple(other for _, other in pairs)
    return Table(name, headers, second if any(second) else (), cells, 1)


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({column: str(position) for position, column in enumerate(frame.columns)})


def numbers(table: Table, index: int) -> tuple[np.ndarray, dict[int, str]]:
    """A column as float64 [row], NaN where it is empty or no number, and the text of those that are no number.

    ``81,200`` is read as 81200; a comma anywhere else is no number.
    """
    column = table.column(index)
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(np.nan).to_numpy(), {}
    text = table.text(index)
    grouped = text.str.contains(_THOUSANDS).fill_null(False)
    plain = text.zip_with(~grouped, text.str.replace_all(",", "", literal=True))
    values = plain.cast(pl.Float64, strict=False)
    wrong = (values.is_null() & text.is_not_null()).arg_true()
    return values.fill_null(np.nan).to_numpy(), {int(row): str(text[int(row)]) for row in wrong}


def days(table: Table, index: int) -> tuple[pl.Series, bool]:
    """A column as dates, null where it is none, and whether its rows stand at different times of a day."""
    column = table.column(index)
    if column.dtype == pl.Date:
        return column, False
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.date(), column.dt.time().n_unique() > 1
    text = table.text(index)
    parts = text.str.extract_groups(r"^(\d{4}-\d{2}-\d{2}|\d{8})(?:[ T](\d{2}:\d{2})\S*)?$")
    day, time = parts.struct.field("1"), parts.struct.field("2")
    iso = day.str.to_date("%Y-%m-%d", strict=False)
    compact = day.str.to_date("%Y%m%d", strict=False)
    return iso.fill_null(compact), time.drop_nulls().n_unique() > 1


def day_faults(table: Table, index: int, found: pl.Series) -> list[Fault]:
    """One fault for each row whose date cannot be read; a row with no cell at all is none."""
    empty = pl.all_horizontal(pl.all().is_null() | (pl.all().cast(pl.String) == ""))
    wrong = (found.is_null() & ~table.cells.select(empty.fill_null(True)).to_series()).arg_true()
    text = table.text(index)
    rows = [(int(row) + table.first_row, f"'{text[int(row)] or ''}'") for row in wrong]
    return capped(
        [Fault(f"{table.name}, row {row}", cell, "must be a date as 2025-10-31 or 20251031") for row, cell in rows]
    )


def capped(faults: list[Fault]) -> list[Fault]:
    """The first faults of one kind one by one, and one more that counts the rest."""
    if len(faults) <= MOST_ROWS_TOLD:
        return faults
    last, rest = faults[MOST_ROWS_TOLD - 1], len(faults) - MOST_ROWS_TOLD
    return [*faults[:MOST_ROWS_TOLD], Fault(last.where, f"{rest} more of the same kind after it", last.allowed)]


def as_days(found: pl.Series) -> np.ndarray:
    """Dates as numpy days [row]."""
    return found.to_numpy().astype("datetime64[D]")


def as_date(day: np.datetime64) -> date:
    result = day.astype("datetime64[D]").item()
    assert isinstance(result, date)
    return result


def refuse_all(faults: list[Fault]) -> None:
    if faults:
        raise Refused(faults)
