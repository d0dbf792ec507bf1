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
        raise _unreadable(shown, problem) from None
    found = sorted(each.path for each in listed if each.type == pa_fs.FileType.File and _is_table(each.path, path))
    if not found:
        raise refuse(shown, "a folder without such files", f"must hold files that end in {', '.join(ENDINGS)}")
    return found


def _is_table(path: str, root: str) -> bool:
    """Whether a file holds a table; names that begin with a dot or underscore are other programs' own."""
    inside = PurePosixPath(path).relative_to(root).parts
    return path.lower().endswith(ENDINGS) and not any(part.startswith((".", "_")) for part in inside)


def file_part(store: pa_fs.FileSystem, path: str, root: str) -> Part:
    """The part of one CSV or Parquet file; folders as ``segment=branch`` on the way from ``root`` are columns."""
    inside = PurePosixPath(path).relative_to(root) if path != root else PurePosixPath(PurePosixPath(path).name)
    keys = dict(part.split("=", 1) for part in inside.parts[:-1] if "=" in part)
    name = str(inside)
    part = _parquet_part(store, path, name) if path.lower().endswith(PARQUET_ENDINGS) else _csv_part(store, path, name)
    return _with_keys(part, keys) if keys else part


def _with_keys(part: Part, keys: Mapping[str, str]) -> Part:
    """The part with a constant column for each key of its folders."""

    def rows() -> Iterator[Rows]:
        for each in part.rows():
            first = each.cells.width
            added = [pl.lit(word).alias(str(first + place)) for place, word in enumerate(keys.values())]
            yield Rows(each.numbers, each.cells.with_columns(added), each.misfits)

    return Part(part.name, (*part.headers, *keys), rows)


def _parquet_part(store: pa_fs.FileSystem, path: str, name: str) -> Part:
    try:
        with store.open_input_file(path) as opened:
            file = pa_parquet.ParquetFile(opened)
            headers, count = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError) as problem:
        raise _unreadable(name, problem) from None

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
        except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as problem:
            raise _unreadable(name, problem) from None
        if first - 1 != count:
            raise refuse(name, f"{first - 1:,} rows", f"must hold the {count:,} rows that it says it has")

    return Part(name, headers, rows)


def _unreadable(name: str, problem: Exception) -> Exception:
    reason = (str(problem).splitlines() or [type(problem).__name__])[0][:120]
    return refuse(name, f"'{reason}'", "must be a readable table", "nothing of this source was used; write it anew")


def frame_part(frame: Any, name: str) -> Part:
    """The part of a frame of pandas or polars, or a table of Arrow; rows count from 1."""
    table = _arrow_of(frame, name)

    def rows() -> Iterator[Rows]:
        for first in range(0, table.num_rows, BATCH_ROWS):
            yield numbered(first + 1, table.slice(first, BATCH_ROWS))

    return Part(name, tuple(table.column_names), rows)


def _arrow_of(frame: Any, name: str) -> pa.Table:
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_arrow()
    if isinstance(frame, pa.Table | pa.RecordBatch):
        return pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    if type(frame).__module__.partition(".")[0] != "pandas":
        raise refuse(name, type(frame).__name__, "must be a path, a URL, or a frame of pandas, polars or Arrow")
    plain = frame if frame.index.name is None and frame.index.inferred_type == "integer" else frame.reset_index()
    plain = plain.set_axis([str(column) for column in plain.columns], axis=1)
    try:
        return pa.Table.from_pandas(plain, preserve_index=False)
    except pa.ArrowException:
        # A column that mixes numbers and text is shown to the checker as text.
        mixed = plain.select_dtypes(include="object").columns
        texts = {column: plain[column].map(lambda cell: None if cell is None else str(cell)) for column in mixed}
        return pa.Table.from_pandas(plain.assign(**texts), preserve_index=False)


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
        raise _unreadable(name, problem) from None
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
    separator = max(SEPARATORS, key=header.count)
    headers = tuple(cell.strip() for cell in next(csv.reader([header], delimiter=separator)))
    lines = raw.count(b"\n") + (not raw.endswith(b"\n")) - skipped
    return _Text(raw, encoding, separator, skipped, headers, lines)


def _encoding(raw: bytes, name: str) -> str:
    """UTF-8, with or without byte order mark, or CP949, in which Korean offices export; else refused."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refuse(name, "text in UTF-16", "must be text in UTF-8 or CP949", "save it as CSV UTF-8")
    for encoding in ("utf-8", "cp949"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for at in range(0, len(raw), SCAN_BYTES):
                decoder.decode(raw[at : at + SCAN_BYTES], at + SCAN_BYTES >= len(raw))
            return encoding
        except UnicodeDecodeError:
            continue
    raise refuse(name, "other bytes", "must be text in UTF-8 or CP949")


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
    width = len(text.headers)
    found: list[list[str | None]] = []
    numbers: list[int] = []
    misfits: list[tuple[int, str, str]] = []
    stream = io.TextIOWrapper(io.BytesIO(text.raw), encoding=text.encoding, newline="\n")
    for number, line in enumerate(stream, start=1):
        if number <= text.skipped:
            continue
        cells = next(csv.reader([line.rstrip("\r\n")], delimiter=text.separator), [])
        if not any(cells):
            continue
        if line.count('"') % 2:
            misfits.append((number, _short(line), "a quotation mark must be closed on its line"))
        elif len(cells) != width:
            allowed = f"a row must have {width} cells, as the header has"
            misfits.append((number, f"{len(cells)} cells: {_short(line)}", allowed))
        else:
            numbers.append(number)
            found.append([cell or None for cell in cells])
    schema = {str(place): pl.String for place in range(width)}
    cells_frame = pl.DataFrame(found, schema=schema, orient="row")
    yield Rows(np.array(numbers, dtype=np.int64), cells_frame, tuple(misfits))


def _short(line: str) -> str:
    line = line.strip()
    return f"'{line[:60]}{'...' if len(line) > 60 else ''}'"
