"""One table of a book of coins or positions while it is read: its columns by meaning, and its bad rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gaemi.errors import refuse
from gaemi.sources.book.rejects import Rejects, shown
from gaemi.sources.tables import Table, numbers, tables_in


def columns_of(headers: tuple[str, ...], words: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Where each meaning stands; of several headers with one meaning the one named first in ``words``."""
    lower = [header.strip().lower().replace(" ", "_") for header in headers]
    found = {}
    for meaning, spellings in words.items():
        at = next((lower.index(word) for word in spellings if word in lower), None)
        if at is not None:
            found[meaning] = at
    return found


def single_table(source: Any, name: str) -> Table:
    """One table; of frames the name is ours. Rows of ccxt (a list of records) become a frame."""
    if isinstance(source, list):
        records = [{key: cell for key, cell in one.items() if not isinstance(cell, dict | list)} for one in source]
        source = pl.DataFrame(records, infer_schema_length=None)
    found = list(tables_in(source))
    if len(found) != 1:
        raise refuse(name, f"{len(found)} tables", "must be one file or frame")
    is_path = isinstance(source, str | Path)
    table = found[0]
    return table if is_path else Table(name, table.headers, table.second, table.cells, table.first_row)


def first_line(path: Path) -> list[str]:
    """The headers of a CSV file, without reading the rest; lines of ``#`` above them are passed over."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        return next((line.strip().lstrip("\ufeff").split(",") for line in lines if not line.startswith("#")), [])


@dataclass
class Reading:
    """What one table has given so far; ``place`` is the table's name and its file, ``bad`` bool [row]."""

    table: Table
    place: tuple[str, str]
    columns: dict[str, int]
    rejects: Rejects
    bad: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.table.cells.height, dtype=bool)

    @property
    def count(self) -> int:
        """Rows of the table."""
        return self.table.cells.height

    def reject(self, mask: np.ndarray, column: str, allowed: str, help: str = "") -> None:
        """Mark rows as rejected and say why; a row already told of the same column stays as it is."""
        rows = np.flatnonzero(mask)
        if not len(rows):
            return
        header = self.table.headers[self.columns[column]] if column in self.columns else column
        text = self.text(column)
        self.rejects.add(self.place, rows + self.table.first_row, header, shown(text.gather(rows)), allowed, help)
        self.bad |= mask

    def text(self, column: str) -> pl.Series:
        """A column as trimmed text, null where it is empty or not there."""
        if column not in self.columns:
            return pl.Series([None] * self.table.cells.height, dtype=pl.String)
        return self.table.text(self.columns[column])

    def given(self, column: str) -> np.ndarray:
        """bool [row]: whether a cell says anything."""
        found: np.ndarray = self.text(column).is_not_null().to_numpy()
        return found

    def figures(
        self, column: str, allowed: str, least: float, strict: bool, needed: bool, help: str = ""
    ) -> np.ndarray:
        """A column of numbers, NaN where it is empty; what is no number or below ``least`` is rejected."""
        if column not in self.columns:
            return np.full(self.table.cells.height, np.nan)
        values, wrong = numbers(self.table, self.columns[column])
        bad = np.zeros(len(values), dtype=bool)
        bad[list(wrong)] = True
        empty = self.text(column).is_null().to_numpy()
        given = ~empty & ~bad
        low = given & ~(np.isfinite(values) & ((values > least) if strict else (values >= least)))
        self.reject(bad | low | (empty if needed else np.zeros_like(bad)), column, allowed, help)
        return values
