"""Reader: the four tables of a book as columns of numbers, every row read counted as accepted or rejected.

What can be told of a row by itself is told here; what needs another table (an account that does not exist, a loan
without collateral, a ticker without price) is told by :mod:`gaemi.sources.book.joins` and by the view.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from gaemi.errors import Fault, Refused, refuse
from gaemi.records.book import TABLES, BookColumn, Cell
from gaemi.sources.book.cells import Place, Read, read_column, text_of
from gaemi.sources.book.parts import Part, Rows
from gaemi.sources.book.rejects import Rejects
from gaemi.sources.book.source import Source, source_of
from gaemi.sources.book.words import column_places
from gaemi.sources.tickers import canonical

KEY_SEED = 1
CODES = ("ticker", "segment", "firm", "rate_class", "underlying")
"""Columns of few different texts, kept as codes: -1 where nothing stands."""

TICKERS = ("ticker", "underlying")

_EVERY_ROW = "every row"
"""Keeps the number of rows of parts that carry nothing."""

ORDER = ("accounts", "instruments", "loans", "holdings")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one batch: the file, the index of the first, and their numbers (None: they run on from ``number``)."""

    file: str
    start: int
    number: int
    numbers: np.ndarray | None


@dataclass(slots=True)
class Columns:
    """One table as read. ``values`` holds the columns that were given, one entry a row; ``bad`` marks rejected rows.

    ``key`` is a hash of the account's id and ``account`` its text.
    """

    table: str
    values: dict[str, Any] = field(default_factory=dict)
    bad: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    account: pl.Series = field(default_factory=lambda: pl.Series("account", [], pl.String))
    key: pl.Series = field(default_factory=lambda: pl.Series("key", [], pl.UInt64))
    carried: pl.DataFrame = field(default_factory=pl.DataFrame)
    misfits: int = 0
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def read(self) -> int:
        return int(self.bad.size) + self.misfits

    @property
    def rejected(self) -> int:
        return int(self.bad.sum()) + self.misfits

    @property
    def accepted(self) -> int:
        return self.read - self.rejected

    def given(self, name: str) -> bool:
        return name in self.values

    def column(self, name: str, missing: int) -> np.ndarray:
        """The column, or ``missing`` in every row where it was not given; not to be written."""
        found = self.values.get(name)
        return np.broadcast_to(np.int64(missing), self.bad.size) if found is None else found

    def reject(
        self,
        rejects: Rejects,
        rows: np.ndarray,
        column: str,
        found: Sequence[str] | pl.Series | str,
        allowed: str,
        help: str = "",
    ) -> None:
        """Mark ``rows`` (indices, ascending) as bad and note why."""
        if rows.size == 0:
            return
        self.bad[rows] = True
        texts = None if isinstance(found, str) else pl.Series("found", found, dtype=pl.String)
        starts = np.array([stretch.start for stretch in self.stretches])
        owner = np.searchsorted(starts, rows, side="right") - 1
        for place in np.unique(owner):
            stretch, here = self.stretches[place], owner == place
            inside = rows[here] - stretch.start
            numbers = inside + stretch.number if stretch.numbers is None else stretch.numbers[inside]
            told: Any = found if texts is None else texts.filter(here)
            rejects.add((self.table, stretch.file), numbers, column, told, allowed, help)


@dataclass(slots=True)
class BookTables:
    """A book as read: its tables, the words behind their codes, and every fault so far."""

    source: Source
    tables: dict[str, Columns]
    words: dict[str, list[str]]
    rejects: Rejects
    unused: list[tuple[str, str]]

    def rows(self) -> list[dict[str, Any]]:
        """Rows read, accepted and rejected of every table that was given."""
        return [
            {"table": name, "read": one.read, "accepted": one.accepted, "rejected": one.rejected}
            for name, one in self.tables.items()
            if name in self.source.parts
        ]


class Dictionary:
    """Codes of the different texts of a column; two spellings of a ticker have one code in the end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._categories = pl.Categorical(pl.Categories.random())
        self._found: dict[int, str] = {}
        self._kept = pl.Series([], dtype=self._categories)  # numbers are forgotten when no series bears them

    def of(self, text: pl.Series) -> np.ndarray:
        """int32 number of each text for the time of reading, -1 where it is null."""
        coded = text.cast(self._categories)
        different = self._kept = coded.unique().drop_nulls()
        self._found |= dict(zip(different.to_physical().to_list(), different.cast(pl.String).to_list(), strict=True))
        return coded.to_physical().cast(pl.Int32).fill_null(-1).to_numpy()

    def words(self) -> tuple[list[str], np.ndarray]:
        """The words in order of the alphabet, and the place among them of each number (the last: of no text, -1)."""
        spelled = {n: canonical(word) if self.name in TICKERS else word for n, word in self._found.items()}
        words = sorted(set(spelled.values()))
        places = {word: place for place, word in enumerate(words)}
        of_number = np.full(max(spelled, default=-1) + 2, -1, np.int32)
        for number, word in spelled.items():
            of_number[number] = places[word]
        return words, of_number


def read_tables(
    source: Any,
    tables: Mapping[str, str] | None = None,
    queries: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> BookTables:
    """Read every row of a book's tables. Raises Refused where a whole file, column or table cannot be read."""
    found = source_of(source, tables, queries)
    faults: list[Fault] = []
    if "holdings" not in found.parts:
        had = f"tables: {', '.join(found.parts) or 'none'}"
        had += f"; not used: {', '.join(found.unused)}" if found.unused else ""
        raise refuse(found.words, had, "a book needs a table of holdings", "`gaemi book --template` shows it")
    unused: list[tuple[str, str]] = []
    plans = [(name, part, _plan(name, part, faults, unused)) for name in ORDER for part in found.parts.get(name, [])]
    if faults:
        raise Refused(faults)
    rejects, dictionaries = Rejects(), {name: Dictionary(name) for name in CODES}
    gathered: dict[str, _Gathered] = {name: _Gathered(name) for name in ORDER}
    try:
        for done, (name, part, plan) in enumerate(plans):
            if progress is not None:
                progress(f"reading {name}", done, len(plans))
            for rows in part.rows():
                gathered[name].take(part.name, rows, plan, rejects, dictionaries)
    finally:
        found.close()
    if progress is not None:
        progress("reading", len(plans), len(plans))
    coded = {name: each.words() for name, each in dictionaries.items()}
    words = {name: found for name, (found, _) in coded.items()}
    whole = {name: each.columns() for name, each in gathered.items()}
    for table in whole.values():
        for name in CODES:
            if table.given(name):
                table.values[name] = coded[name][1][table.values[name]]
    read = BookTables(found, whole, words, rejects, list(dict.fromkeys(unused)))
    if whole["holdings"].read == 0:
        raise refuse(found.words, "no row of holdings", "a book must hold at least one holding")
    return read


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which cells of a part are which column, and which are carried through."""

    known: tuple[tuple[BookColumn, int], ...]
    carried: tuple[tuple[str, int], ...]


def _plan(table: str, part: Part, faults: list[Fault], unused: list[tuple[str, str]]) -> _Plan:
    places, unknown = column_places(table, part.headers, part.name, faults)
    unused += [(table, header) for header in unknown]
    known = tuple((column, places[column.name]) for column in TABLES[table] if column.name in places)
    carried: dict[str, int] = {}
    for at, name in enumerate(part.headers if table != "holdings" else ()):
        if name and at not in places.values():
            same = sum(name == other for other in part.headers[:at])
            carried[f"{name}_{same + 1}" if same else name] = at
    return _Plan(known, tuple(carried.items()))


class _Gathered:
    """The batches of one table so far."""

    def __init__(self, table: str) -> None:
        self.out = Columns(table)
        self.count = 0
        self.parts: dict[str, list[tuple[int, Any]]] = {}
        self.texts: list[pl.Series] = []
        self.bad: list[np.ndarray] = []
        self.carried: list[pl.DataFrame] = []

    def take(
        self, file: str, rows: Rows, plan: _Plan, rejects: Rejects, dictionaries: Mapping[str, Dictionary]
    ) -> None:
        """Add the rows of one batch."""
        table, count = self.out.table, rows.cells.height
        for number, found, allowed in rows.misfits:
            rejects.add((table, file), [number], "", found, allowed)
        self.out.misfits += len(rows.misfits)
        if count == 0:
            return
        place = Place(table, file, rows.numbers)
        bad = np.zeros(count, dtype=bool)
        for column, at in plan.known:
            read = read_column(column, rows.cells.to_series(at), place, rejects)
            bad |= read.bad
            self._keep(column, read, dictionaries)
        if table != "holdings":
            cells = {name: text_of(rows.cells.to_series(at)) for name, at in plan.carried}
            self.carried.append(pl.DataFrame({_EVERY_ROW: np.zeros(count, np.int8), **cells}))
        self.bad.append(bad)
        first = int(rows.numbers[0])
        runs_on = int(rows.numbers[-1]) - first + 1 == count
        self.out.stretches.append(Stretch(file, self.count, first, None if runs_on else rows.numbers))
        self.count += count

    def _keep(self, column: BookColumn, read: Read, dictionaries: Mapping[str, Dictionary]) -> None:
        values = read.values
        if column.cell is Cell.ID:
            assert isinstance(values, pl.Series)
            self.texts.append(values)
            return
        if column.name in CODES:
            assert isinstance(values, pl.Series)
            values = dictionaries[column.name].of(values)
        elif column.cell is Cell.SHARES:
            values = np.asarray(values, dtype=np.int32)
        elif column.cell in (Cell.WORD, Cell.FLAG):
            values = np.asarray(values, dtype=np.int8)
        elif column.cell is Cell.DATE:
            values = np.asarray(values, dtype=np.int32)
        self.parts.setdefault(column.name, []).append((self.count, values))

    def columns(self) -> Columns:
        """The whole table; a column that some parts lack stands empty in their rows."""
        out = self.out
        for name, pieces in self.parts.items():
            out.values[name] = _joined(pieces, self.count, [stretch.start for stretch in out.stretches])
        out.bad = np.concatenate(self.bad) if self.bad else out.bad
        if self.texts:
            out.account = pl.concat(self.texts)
            out.key = out.account.hash(KEY_SEED)
        if self.carried:
            out.carried = pl.concat(self.carried, how="diagonal").drop(_EVERY_ROW)
        self.parts, self.texts, self.bad = {}, [], []
        return out


def _joined(pieces: list[tuple[int, Any]], count: int, starts: list[int]) -> Any:
    """The pieces of a column in one array; rows of batches that lack it hold -1, 0 or NaN as their kind says."""
    first = pieces[0][1]
    if isinstance(first, pl.Series):
        whole: list[pl.Series] = []
        at = 0
        for start, values in pieces:
            whole += [pl.Series([None] * (start - at), dtype=pl.String)] if start > at else []
            whole.append(values)
            at = start + len(values)
        return pl.concat([*whole, pl.Series([None] * (count - at), dtype=pl.String)])
    if len(pieces) == len(starts):
        return np.concatenate([values for _, values in pieces])
    empty = np.nan if first.dtype == np.float64 else -1 if first.dtype in (np.int8, np.int32) else 0
    joined = np.full(count, empty, dtype=first.dtype)
    for start, values in pieces:
        joined[start : start + len(values)] = values
    return joined
