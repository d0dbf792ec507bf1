"""The template of a book: its tables with a row or two that hang together, and a line about each column."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from gaemi.answers.folder import placed
from gaemi.people.instruments import Row, shipped_rows
from gaemi.people.state import STATE_DATE
from gaemi.records.book import INSTRUMENTS, TABLES, BookColumn, Cell
from gaemi.sources.book.words import HEADERS

_FIRST, _SECOND = "A00000001", "A00000002"
_TICKERS = ("005930", "000660")
_OPENED, _TERM = date(2025, 9, 1), timedelta(days=180)
_COUNTED = (Cell.UNITS, Cell.SHARES, Cell.WON, Cell.DEBT)

_ROWS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "accounts": (
        {"account": _FIRST, "cash": "1500000", "firm": "standard", "segment": "branch 12", "currency": "KRW"},
        {"account": _SECOND, "cash": "0", "firm": "standard", "segment": "online", "currency": "KRW"},
    ),
    "loans": (
        {
            "account": _FIRST, "principal": "40000000", "kind": "margin", "pool": "broker", "ticker": _TICKERS[0],
            "quantity": "600", "opened": _OPENED.isoformat(), "due": (_OPENED + _TERM).isoformat(),
            "rate_class": "online", "currency": "KRW",
        },
    ),
    "holdings": (
        {"account": _FIRST, "ticker": _TICKERS[0], "quantity": "700", "currency": "KRW"},
        {
            "account": _SECOND, "ticker": _TICKERS[1], "quantity": "100", "loan": "30000000",
            "opened": _OPENED.isoformat(), "due": (_OPENED + _TERM).isoformat(), "currency": "KRW",
        },
    ),
}  # fmt: skip
"""The first account's loan stands in the table of loans and is on 600 of 700 shares, the second's in its holding."""

_ABOUT = f"""\
A book is up to four tables, each a file named after it (accounts.csv, loans.parquet and so on) or a folder of files.
Only holdings are needed, and of these only account, ticker and quantity. Columns may stand in any order; columns that
are not listed are reported and carried through. The example rows are at the closes of {STATE_DATE}.
"""


def template_text() -> str:
    """What ``gaemi book --template`` prints: each table's columns, one line each, and its example rows as CSV.

    A line says the name, whether it is needed, what may stand in it, its unit and meaning, and other headers for it.
    """
    parts = [_ABOUT]
    for table in TABLES:
        parts.append(f"\n{table}\n")
        parts += [f"  {_line(table, column)}\n" for column in TABLES[table]]
        parts.append("  as CSV:\n")
        parts += [f"    {','.join(cells)}\n" for cells in _cells(table)]
    return "".join(parts)


def write_template(folder: Path) -> Path:
    """Write the four tables as CSV, a header and a row or two each, into ``folder``; returns it. Raises Refused."""

    def write(made: Path) -> None:
        for table in TABLES:
            with (made / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(_cells(table))

    return placed(folder, write)


def allowed(column: BookColumn) -> str:
    """What may stand in a cell of the column, in words."""
    if column.cell is Cell.WORD:
        return ", ".join(column.words[:-1]) + (" or " if column.words[1:] else "") + column.words[-1]
    return f"{column.cell.value}, up to {column.largest:,}" if column.cell in _COUNTED else column.cell.value


def _line(table: str, column: BookColumn) -> str:
    needed = "needed" if column.required else "may be left out"
    others = ", ".join(HEADERS[table].get(column.name, ()))
    also = f" Also: {others}." if others else ""
    return f"{column.name} ({needed}; {allowed(column)}; {column.unit}): {column.meaning}.{also}"


def _cells(table: str) -> Iterator[list[str]]:
    """The header and the example rows of a table; a column without an example is left empty."""
    names = [column.name for column in TABLES[table]]
    yield names
    rows = _ROWS[table] if table in _ROWS else [_instrument(row) for row in shipped_rows() if row.ticker in _TICKERS]
    for row in rows:
        assert set(row) <= set(names), "examples are of columns of the table"
        yield [row.get(name, "") for name in names]


def _instrument(row: Row) -> dict[str, str]:
    found = {
        "ticker": row.ticker,
        "name": row.name,
        "board": row.board.name,
        "kind": row.kind.name.lower(),
        "group": str(row.group + 1),
        "price": str(row.price),
        "volume": str(row.turnover_won // row.price),
        "volatility": f"{row.volatility * 100:.2f}",
        "issued": str(row.issued),
        "halted": str(int(row.halted)),
        "currency": "KRW",
    }
    assert set(found) <= {column.name for column in INSTRUMENTS}
    return found
