"""Parts: where the rows of a table stand, one file, query or frame each, read as record batches in order.

Every way in (CSV, Parquet, a frame, an object store, a database) becomes the same parts, so that one checker serves
all. CSV is read as text, one line a row: a ticker keeps its zeros and a bad cell can be shown as it was written.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.fs as pa_fs
import pyarrow.parquet as pa_parquet

from gaemi.errors import refuse

CSV_ENDINGS = (".csv", ".tsv", ".txt")
PARQUET_ENDINGS = (".parquet", ".pq")
ENDINGS = CSV_ENDINGS + PARQUET_ENDINGS
BATCH_ROWS = 2_000_000
BLOCK_BYTES = 16 << 20
SCAN_BYTES = 16 << 20
SEPARATORS = (",", "\t", ";", "|")
NO_WORD = "__HIVE_DEFAULT_PARTITION__"
"""Stands in the name of a folder for nothing."""

OTHER_FILES = {
    codecs.BOM_UTF16_LE: ("text in UTF-16", "save it as CSV UTF-8"),
    codecs.BOM_UTF16_BE: ("text in UTF-16", "save it as CSV UTF-8"),
    b"PAR1": ("a Parquet file", "let its name end in .parquet"),
    b"PK\x03\x04": ("an Excel or zip file", "save it as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "save it as CSV UTF-8"),
    b"\x1f\x8b": ("a gzip file", "unpack it"),
}
"""Files that are given the name of a CSV file, by their first bytes: what they are, and what to do."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a part: ``numbers`` int64 [row] as the file's editor counts them, ``cells`` one column a header.

    ``misfits`` are lines that are no row of this table: their number, what was found, what is allowed.
    """

    numbers: np.ndarray
    cells: pl.DataFrame
    misfits: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One file, query or frame: its name, its headers, and its rows when asked for."""

    name: str
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Rows]] = field(repr=False)


def numbered(first: int, batch: pa.RecordBatch | pa.Table) -> Rows:
    """The rows of a batch, numbered from ``first`` on; columns are named by their place."""
    return _numbered(first, _frame_of(batch))


def _frame_of(batch: pa.RecordBatch | pa.Table) -> pl.DataFrame:
    cells = pl.from_arrow(batch.rename_columns([str(place) for place in range(batch.num_columns)]))
    assert isinstance(cells, pl.DataFrame)
    return cells


def _numbered(first: int, cells: pl.DataFrame) -> Rows:
    cells.columns = [str(place) for place in range(cells.width)]
    return Rows(np.arange(first, first + cells.height, dtype=np.int64), cells)


def files_of(store: pa_fs.FileSystem, path: str, shown: str) -> list[str]:
    """The file itself, or the table files below a folder (partitions included) in order of their paths."""
    try:
        info = store.get_file_info(path)
        if info.type == pa_fs.FileType.File:
            return [path]
        if info.type == pa_fs.FileType.NotFound:
            raise refuse(shown, "nothing there", "must be a file or a folder")
        listed = store.get_file_info(pa_fs.FileSelector(path, recursive=True))
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(shown, problem) from None
    found = sorted(each.path for each in listed if each.type == pa_fs.FileType.File and _is_table(each.path, path))
    if not found:
        raise refuse(shown, "a folder without such files", f"must hold files that end in {', '.join(ENDINGS)}")
    return found


def _is_table(path: str, root: str) -> bool:
    """Whether a file holds a table; names that begin with a dot or underscore are other programs' own."""
    inside = PurePosixPath(path).relative_to(root).parts
    return path.lower().endswith(ENDINGS) and not any(part.startswith((".", "_")) for part in inside)


def file_part(store: pa_fs.FileSystem, path: str, root: str) -> Part:
    """The part of one CSV or Parquet file; folders as ``segment=branch`` on the way from ``root`` are columns.

    Their words are quoted as in a URL. A column that also stands in the file is read there.
    """
    inside = PurePosixPath(path).relative_to(root) if path != root else PurePosixPath(PurePosixPath(path).name)
    name = str(inside)
    part = _parquet_part(store, path, name) if path.lower().endswith(PARQUET_ENDINGS) else _csv_part(store, path, name)
    told = (folder.split("=", 1) for folder in inside.parts[:-1] if "=" in folder)
    keys = {unquote(key): None if word == NO_WORD else unquote(word) for key, word in told if key not in part.headers}
    return _with_keys(part, keys) if keys else part


def _with_keys(part: Part, keys: Mapping[str, str | None]) -> Part:
    """The part with a constant column for each key of its folders."""

    def rows() -> Iterator[Rows]:
        for each in part.rows():
            first = each.cells.width
            added = [pl.lit(word, pl.String).alias(str(first + place)) for place, word in enumerate(keys.values())]
            yield Rows(each.numbers, each.cells.with_columns(added), each.misfits)

    return Part(part.name, (*part.headers, *keys), rows)


def _parquet_part(store: pa_fs.FileSystem, path: str, name: str) -> Part:
    try:
        with store.open_input_file(path) as opened:
            file = pa_parquet.ParquetFile(opened)
            headers, count = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise unreadable(name, problem) from None

    def batches() -> Iterator[pl.DataFrame]:
        if isinstance(store, pa_fs.LocalFileSystem):
            # The same file, read by as many threads as there are.
            for first in range(0, count, BATCH_ROWS):
                yield pl.scan_parquet(path, hive_partitioning=False, glob=False).slice(first, BATCH_ROWS).collect()
            return
        with store.open_input_file(path) as opened:
            for batch in pa_parquet.ParquetFile(opened).iter_batches(BATCH_ROWS):
                yield _frame_of(batch)

    def rows() -> Iterator[Rows]:
        first = 1
        try:
            for cells in batches():
                yield _numbered(first, cells)
                first += cells.height
        except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as problem:
            raise unreadable(name, problem) from None
        if first - 1 != count:
            raise refuse(name, f"{first - 1:,} rows", f"must hold the {count:,} rows that it says it has")

    return Part(name, headers, rows)


def unreadable(name: str, problem: BaseException) -> Exception:
    reason = (str(problem).splitlines() or [type(problem).__name__])[0][:120]
    return refuse(name, f"'{reason}'", "must be a readable table", "nothing of this source was used; write it anew")


def frame_part(frame: Any, name: str) -> Part:
    """The part of a frame of pandas or polars, or a table of Arrow; rows count from 1."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return _polars_part(frame, name)
    table = _arrow_of(frame, name)

    def rows() -> Iterator[Rows]:
        for first in range(0, table.num_rows, BATCH_ROWS):
            yield numbered(first + 1, table.slice(first, BATCH_ROWS))

    return Part(name, tuple(table.column_names), rows)


def _polars_part(frame: pl.DataFrame, name: str) -> Part:
    def rows() -> Iterator[Rows]:
        for first in range(0, frame.height, BATCH_ROWS):
            yield _numbered(first + 1, frame.slice(first, BATCH_ROWS))

    return Part(name, tuple(frame.columns), rows)


def _arrow_of(frame: Any, name: str) -> pa.Table:
    if isinstance(frame, pa.Table | pa.RecordBatch):
        return pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    if type(frame).__module__.partition(".")[0] != "pandas":
        raise refuse(name, type(frame).__name__, "must be a path, a URL, or a frame of pandas, polars or Arrow")
    plain = frame if frame.index.name is None and frame.index.inferred_type == "integer" else frame.reset_index()
    columns = [_column_of(plain.iloc[:, place]) for place in range(plain.shape[1])]
    return pa.Table.from_arrays(columns, [str(column) for column in plain.columns])


def _column_of(column: Any) -> Any:
    """A column of pandas as Arrow; one that mixes numbers and text is shown to the checker as text."""
    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        cells = zip(column, column.isna(), strict=True)
        return pa.array([None if missing else str(cell) for cell, missing in cells], pa.string())


@dataclass(frozen=True, slots=True)
class _Text:
    """A CSV file's bytes and how they are to be read."""

    raw: bytes
    encoding: str
    separator: str
    skipped: int
    headers: tuple[str, ...]
    lines: int


def _csv_part(store: pa_fs.FileSystem, path: str, name: str) -> Part:
    text = _text_of(store, path, name)

    def rows() -> Iterator[Rows]:
        yield from _by_columns(text, name) if _is_regular(text) else _by_lines(text)

    return Part(name, text.headers, rows)


def _text_of(store: pa_fs.FileSystem, path: str, name: str) -> _Text:
    """The file's bytes, its encoding, the lines above its header, its separator and headers."""
    try:
        with store.open_input_stream(path) as opened:
            raw = opened.read()
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(name, problem) from None
    encoding = _encoding(raw, name)
    skipped, at = 0, 0
    header = ""
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        header = raw[at:end].decode(encoding).lstrip("\ufeff").strip("\r")
        at = end + 1
        skipped += 1
        # Lines of '#' above the header say where the figures come from.
        if header.strip() and not header.startswith("#"):
            break
        header = ""
    if not header:
        raise refuse(name, "an empty file", "must hold a header and rows")
    if "\r" in header:
        raise refuse(name, "carriage returns alone", "lines must end in a line feed", "save it as CSV UTF-8")
    separator = max(SEPARATORS, key=header.count)
    cells = _cells(header, separator)
    if cells is None:
        raise refuse(name, _short(header), "a quotation mark must be closed on its line")
    headers = tuple(cell.strip() for cell in cells)
    lines = raw.count(b"\n") + (not raw.endswith(b"\n")) - skipped
    return _Text(raw, encoding, separator, skipped, headers, lines)


def _encoding(raw: bytes, name: str) -> str:
    """UTF-8, with or without byte order mark, or CP949, in which Korean offices export; else refused."""
    for begins, (found, help) in OTHER_FILES.items():
        if raw.startswith(begins):
            raise refuse(name, found, "must be text in UTF-8 or CP949", help)
    if b"\0" in raw:
        raise refuse(name, "bytes of zero", "must be text in UTF-8 or CP949", "save it as CSV UTF-8")
    for encoding in ("utf-8",) if raw.startswith(codecs.BOM_UTF8) else ("utf-8", "cp949"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for at in range(0, len(raw), SCAN_BYTES):
                decoder.decode(raw[at : at + SCAN_BYTES], at + SCAN_BYTES >= len(raw))
            return encoding
        except UnicodeDecodeError:
            continue
    raise refuse(name, "other bytes", "must be text in UTF-8 or CP949", "save it as CSV UTF-8")


def _opened(text: _Text, columns: Sequence[str] | None = None) -> Any:
    names = [str(place) for place in range(len(text.headers))]
    return pa_csv.open_csv(
        io.BytesIO(text.raw),
        read_options=pa_csv.ReadOptions(
            skip_rows=text.skipped, column_names=names, block_size=BLOCK_BYTES, encoding=text.encoding
        ),
        parse_options=pa_csv.ParseOptions(delimiter=text.separator, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            strings_can_be_null=True,
            null_values=[""],
            include_columns=columns,
        ),
    )


def _is_regular(text: _Text) -> bool:
    """Whether every line has as many cells as the header and no cell runs over a line's end."""
    if text.lines <= 0:
        return True
    # Arrow ends a line at a carriage return alone, and a cell that is left open at the end of the file.
    returns = text.raw.count(b"\r")
    if (returns and returns != text.raw.count(b"\r\n")) or text.raw.count(b'"') % 2:
        return False
    last = text.raw[text.raw.rstrip(b"\r\n").rfind(b"\n") + 1 :].decode(text.encoding)
    if _cells(last, text.separator) is None:
        return False
    try:
        return sum(batch.num_rows for batch in _opened(text, ["0"])) == text.lines
    except pa.ArrowException:
        return False


def _by_columns(text: _Text, name: str) -> Iterator[Rows]:
    if text.lines <= 0:
        return
    first = text.skipped + 1
    for batch in _opened(text):
        yield _without_blanks(numbered(first, batch))
        first += batch.num_rows


def _without_blanks(rows: Rows) -> Rows:
    """The rows without those of which every cell is empty: spreadsheets leave such lines."""
    blank = rows.cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return rows
    return Rows(rows.numbers[~blank.to_numpy()], rows.cells.filter(~blank), rows.misfits)


def _by_lines(text: _Text) -> Iterator[Rows]:
    """Line by line, for files in which some lines do not fit: each that does not is told with its number."""
    at = 0
    for _ in range(text.skipped):
        at = text.raw.find(b"\n", at) + 1
    first = text.skipped + 1
    while 0 < at < len(text.raw):
        end = text.raw.rfind(b"\n", at, at + BLOCK_BYTES) + 1 or text.raw.find(b"\n", at) + 1 or len(text.raw)
        lines = text.raw[at:end].decode(text.encoding).removesuffix("\n").split("\n")
        yield _fitting(pl.Series(lines, dtype=pl.String).str.strip_chars_end("\r"), first, text)
        first, at = first + len(lines), end


def _fitting(lines: pl.Series, first: int, text: _Text) -> Rows:
    """The rows of lines that fit the header; lines are numbered from ``first`` on, blank ones are left out."""
    width, separator = len(text.headers), text.separator
    misfits: list[tuple[int, str, str]] = []
    wrong = f"a row must have {width} cells, as the header has"
    numbers = pl.Series(np.arange(first, first + len(lines)))
    quoted = lines.str.contains('"', literal=True)
    counts = lines.str.count_matches(separator, literal=True) + 1
    blank = ~quoted & (lines.str.strip_chars(separator) == "")
    fits = ~quoted & ~blank & (counts == width)
    for number, line, count in zip(
        *(each.filter(~fits & ~blank & ~quoted) for each in (numbers, lines, counts)), strict=True
    ):
        misfits.append((number, _counted(count, line), wrong))
    rows: dict[int, list[str]] = {}
    for number, line in zip(numbers.filter(quoted), lines.filter(quoted), strict=True):
        cells = _cells(line, separator)
        if cells is None or line.count('"') % 2:  # or the other half of a cell that was broken
            misfits.append((number, _short(line), "a quotation mark must be closed on its line"))
        elif len(cells) != width:
            misfits.append((number, _counted(len(cells), line), wrong))
        elif any(cells):
            rows[number] = cells
    names = [str(place) for place in range(width)]
    whole = lines.filter(fits).str.split_exact(separator, width - 1).struct.unnest()
    whole.columns = names
    read = pl.DataFrame(list(rows.values()), schema=dict.fromkeys(names, pl.String), orient="row")
    at = np.concatenate([numbers.filter(fits).to_numpy(), np.array(list(rows), np.int64)])
    order = np.argsort(at)
    table = pl.concat([whole, read])[order].with_columns(pl.all().replace("", None))
    return Rows(at[order], table, tuple(sorted(misfits)))


def _counted(count: int, line: str) -> str:
    return f"{count} cell{'s'[: count - 1]}: {_short(line)}"


def _cells(line: str, separator: str) -> list[str] | None:
    """The cells of a line; None where a quotation mark is left open."""
    line = line.rstrip("\r\n")
    if '"' not in line:
        return line.split(separator)
    # What is left open goes on over the next line.
    rows = list(csv.reader([line, "next"], delimiter=separator))
    return rows[0] if len(rows) == 2 else None


def _short(line: str) -> str:
    line = line.strip()
    return f"'{line[:60]}{'...' if len(line) > 60 else ''}'"
