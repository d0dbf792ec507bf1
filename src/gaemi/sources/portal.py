"""Tables as offices export them: spreadsheets, and CSV with a title, a unit line and a header of several rows.

The statistics portal of the investment association writes a title, a line as ``(단위: 백만원)``, and two header rows,
in which 신용거래융자 stands over 전체, 유가증권 and 코스닥; below them the newest day comes first. Such a table is
recognised by its headers and becomes an ordinary one: the two rows as one header, which carries the unit of the line.

Source: Korea Financial Investment Association (KOFIA), FreeSIS, tables "증시자금추이" (STATSCU0100000060) and
"신용공여 잔고 추이" (STATSCU0100000070).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaemi.errors import refuse
from gaemi.sources.money_units import split_unit, unit_of_line
from gaemi.sources.tables import CSV_ENDINGS, PARQUET_ENDINGS, Table, decoded, read_file, tables_in

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

EXCEL_ENDINGS = (".xlsx", ".xls", ".xlsm", ".xlsb")
ENDINGS = CSV_ENDINGS + PARQUET_ENDINGS + EXCEL_ENDINGS
HIGHEST_HEADER = 20
"""Rows of a table among which its header is looked for."""
MOST_HEADER_ROWS = 4

_DATE_WORDS = ("날짜", "일자", "기준일", "기준일자", "구분", "date")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?(?:[ T]00:00:00)?")
_COMPACT_DAY = re.compile(r"\d{8}")
_HANGUL = re.compile("[가-힣]")
Grid = list[list[str]]


def export_tables(source: Any) -> Iterator[Table]:
    """The tables of ``source`` as :func:`gaemi.sources.tables.tables_in` gives them, spreadsheets and exports included.

    Raises :class:`gaemi.errors.Refused` where there is no such file, it cannot be read, or what reads spreadsheets is
    not installed.
    """
    if isinstance(source, str | Path):
        for path in files_ending(Path(source), ENDINGS):
            yield from read_table_file(path)
    elif isinstance(source, Mapping):
        for name, part in source.items():
            for table in export_tables(part):
                yield Table(str(name), table.headers, table.second, table.cells, table.first_row)
    else:
        yield from tables_in(source)


def files_ending(path: Path, endings: tuple[str, ...]) -> list[Path]:
    """The file itself, or the files of a folder that end in one of ``endings``, in order of their names.

    Raises :class:`gaemi.errors.Refused` where there are none.
    """
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in endings)
        # What a spreadsheet program locks while it holds a file open is no table.
        found = [file for file in found if not file.name.startswith("~$")]
        if not found:
            raise refuse(str(path), "a folder without such files", f"must hold files that end in {', '.join(endings)}")
        return found
    if not path.is_file():
        raise refuse(str(path), "nothing there", "must be a file or a folder")
    if path.suffix.lower() not in endings:
        raise refuse(str(path), f"'{path.suffix}'", f"a table file ends in {', '.join(endings)}")
    return [path]


def read_table_file(path: Path) -> tuple[Table, ...]:
    """The tables of one file: one of CSV or Parquet, one for each sheet of a spreadsheet that is not empty."""
    suffix = path.suffix.lower()
    if suffix in EXCEL_ENDINGS:
        return tuple(_export(name, grid, 1) or _plain(name, grid) for name, grid in _sheets(path))
    if suffix in CSV_ENDINGS:
        raw = path.read_bytes()
        if raw[:4096].isascii():  # the words of an export are Korean
            return (read_file(path),)
        grid, first_line = _grid_of_text(decoded(path.name, raw))
        found = _export(path.name, grid, first_line)
        if found is not None:
            return (found,)
    return (read_file(path),)


def _sheets(path: Path) -> list[tuple[str, Grid]]:
    try:
        import fastexcel
    except ImportError:
        help = "pip install 'gaemi[import]', or save the sheet as CSV"
        raise refuse(str(path), "no fastexcel", "reading a spreadsheet needs fastexcel", help) from None
    try:
        book = fastexcel.read_excel(path)
        sheets = [
            book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            for name in book.sheet_names
        ]
    except fastexcel.FastExcelError as problem:
        reason = str(problem).splitlines()[0][:120]
        help = "a page saved as .xls is none: open it and save it as .xlsx or CSV"
        raise refuse(str(path), f"'{reason}'", "must be a spreadsheet of Excel", help) from None
    names = [path.name if len(sheets) == 1 else f"{path.name}, sheet {name}" for name in book.sheet_names]
    grids = [[[(cell or "").strip() for cell in row] for row in sheet.rows()] for sheet in sheets]
    found = [(name, grid) for name, grid in zip(names, grids, strict=True) if any(map(any, grid))]
    if not found:
        raise refuse(str(path), "empty sheets", "must hold a header and rows")
    return found


def _grid_of_text(text: str) -> tuple[Grid, int]:
    """The cells of a CSV, and by how many lines of the file its rows are later than their numbers.

    A header cell may hold a line break; figures do not, so that the shift is that of every row below the header.
    """
    head = text[:4096]
    separator = max((",", "\t", ";"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    grid, shift = [], 0
    for row in reader:
        grid.append([cell.strip() for cell in row])
        if len(grid) <= HIGHEST_HEADER:
            shift = reader.line_num - len(grid)
    return grid, 1 + shift


def _export(name: str, grid: Grid, first_line: int) -> Table | None:
    """The table of a grid with a unit line or a header of several rows; None where it is an ordinary table."""
    place = _header_place(grid)
    if place is None:
        return None
    top, at, start = place
    above = " ".join(cell for row in grid[:top] for cell in row)
    is_titled = any(any(row) and not row[0].startswith("#") for row in grid[:top])
    is_korean = any(_HANGUL.search(cell) for row in grid[:start] for cell in row)
    if not is_korean or (start - top == 1 and "단위" not in above and not is_titled):
        return None
    unit = unit_of_line(above)
    width = max(len(row) for row in grid[top:])
    headers = _joined([row + [""] * (width - len(row)) for row in grid[top:start]])
    named = ["date" if column == at else _with_unit(header, unit) for column, header in enumerate(headers)]
    rows = [_cells(row, at, width) for row in grid[start:]]
    while rows and not _is_day(rows[-1][at]) and sum(cell is not None for cell in rows[-1]) <= 1:
        rows.pop()  # a note below the figures, or nothing
    return _table(name, named, rows, start + first_line)


def _header_place(grid: Grid) -> tuple[int, int, int] | None:
    """The first row of the header, the column of the days, and the first row below the header."""
    for top, row in enumerate(grid[:HIGHEST_HEADER]):
        for at, cell in enumerate(row):
            if re.sub(r"\s", "", cell).lower() not in _DATE_WORDS:
                continue
            for start in range(top + 1, min(top + 1 + MOST_HEADER_ROWS, len(grid))):
                if at < len(grid[start]) and _is_day(grid[start][at]):
                    return top, at, start
    return None


def _joined(rows: Grid) -> list[str]:
    """One header for each column: a group that stands over several columns is written before each of them."""
    filled: Grid = []
    for depth, row in enumerate(rows):
        line: list[str] = []
        for column, cell in enumerate(row):
            below = any(rows[lower][column] for lower in range(depth + 1, len(rows)))
            beside = column > 0 and all(upper[column] == upper[column - 1] for upper in filled)
            line.append(line[-1] if not cell and below and beside and line else cell)
        filled.append(line)
    # A cell that is merged over both rows may come with its words in each of them.
    return ["_".join(dict.fromkeys(part for part in column if part)) for column in zip(*filled, strict=True)]


def _with_unit(header: str, unit: str | None) -> str:
    return header if not header or not unit or split_unit(header)[1] else f"{header}({unit})"


def _is_day(cell: str | None) -> bool:
    return cell is not None and bool(_DAY.fullmatch(cell) or _COMPACT_DAY.fullmatch(cell))


def _cells(row: list[str], at: int, width: int) -> list[str | None]:
    """A row with its day as 2023-12-28, and nothing where it is blank or says so with a dash."""
    found: list[str | None] = [cell if cell not in ("", "-") else None for cell in row]
    found += [None] * (width - len(row))
    match = _DAY.fullmatch(found[at] or "")
    if match is not None:
        found[at] = f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    return found[:width]


def _plain(name: str, grid: Grid) -> Table:
    """An ordinary sheet: its first row that is not empty is the header."""
    top = next(number for number, row in enumerate(grid) if any(row))
    width = max(len(row) for row in grid[top:])
    at = next((column for column, cell in enumerate(grid[top]) if "date" in cell.lower() or "일자" in cell), 0)
    return _table(name, grid[top], [_cells(row, at, width) for row in grid[top + 1 :]], top + 2)


def _table(name: str, headers: list[str], rows: list[list[str | None]], first_row: int) -> Table:
    schema = {str(column): pl.String for column in range(len(headers))}
    return Table(name, tuple(headers), (), pl.DataFrame(rows, schema=schema, orient="row"), first_row)
