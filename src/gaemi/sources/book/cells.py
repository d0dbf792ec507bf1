"""Cells: what stands in a column, read by its kind; every cell that cannot be read is a fault with its row.

A column that comes typed (Parquet, a frame, a database) is only checked for its range; text is parsed as people and
offices write it: ``1,000``, ``1,000주``, ``1억 4천만``, ``20251031``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from gaemi.errors import Refused, closest
from gaemi.records.book import BookColumn, Cell
from gaemi.sources.account_words import plain
from gaemi.sources.book.rejects import Rejects, shown
from gaemi.sources.book.words import FLAGS, word_spellings
from gaemi.units import parse_won

NO_DATE = 0
"""Ordinal of a date that is not given."""

_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+$"
_FRACTION = r"^[+-]?[\d,]*\.\d+$"
_POINT_ZERO = r"^(-?\d+)\.0+$"
_UNITS = r"\s*(?:주|좌|개|shares?|units?|원|won|krw)$"
_ORDINAL_OF_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_DAY = date(1900, 1, 1)
"""What is before it is no date of an account, but a zero of another calendar."""

MOST_EXACT = 2.0**53
"""Above it two whole numbers may be the same float: two accounts would become one."""

MOST_WRONG = 1_000
"""Different wrong words of one batch to which the nearest right one is looked for."""

LONGEST_WON = 60
"""Characters of an amount of money, in the longest words."""

MOST_SPELLED = 100_000
"""Different texts of one batch that are read word by word; a column with more is no column of numbers."""


@dataclass(slots=True)
class Read:
    """One column of one batch: its values, and which rows have a fault (their cells as found, and what is allowed)."""

    values: np.ndarray | pl.Series
    bad: np.ndarray


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch stands: table and file, and the number of each row."""

    table: str
    file: str
    numbers: np.ndarray

    def tell(
        self, rejects: Rejects, bad: np.ndarray, column: str, cells: pl.Series, allowed: str, help: str | pl.Series = ""
    ) -> None:
        """Note a fault in each row of ``bad``; the cell is told as it is read, however its column is typed."""
        if bad.any():
            found = shown(text_of(cells.filter(bad)))
            rejects.add((self.table, self.file), self.numbers[bad], column, found, allowed, help)


def text_of(cells: pl.Series) -> pl.Series:
    """Cells as trimmed text, null where empty; whole floats (what a frame makes of ints with gaps) as ints."""
    if cells.dtype == pl.String:
        text = cells.str.strip_chars()
    elif cells.dtype.is_float():
        ints = cells.cast(pl.Int64, strict=False)
        whole = (cells == cells.round(0)) & ints.is_not_null()
        text = pl.select(pl.when(whole).then(ints.cast(pl.String)).otherwise(cells.cast(pl.String))).to_series()
        text = text.set(cells.is_nan(), None)
    else:
        try:
            text = cells.cast(pl.String, strict=False)
        except pl.exceptions.PolarsError:
            # Lists, bytes and the like: no text, but what stands there can be shown.
            text = pl.Series([_spelled(cell) for cell in cells.to_list()], dtype=pl.String)
        text = text if cells.dtype.is_integer() else text.str.strip_chars()
    return text.set(text == "", None) if (text == "").any() else text


def _spelled(cell: Any) -> str | None:
    try:
        return cell.decode() if isinstance(cell, bytes) else None if cell is None else str(cell)
    except UnicodeDecodeError:
        return str(cell)


def read_column(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    """The values of a column by the kind of its cells; faults go to ``rejects``."""
    if column.cell in (Cell.ID, Cell.TEXT, Cell.TICKER):
        return _read_text(column, cells, place, rejects)
    if column.cell in (Cell.UNITS, Cell.SHARES, Cell.WON, Cell.DEBT):
        return _read_whole(column, cells, place, rejects)
    if column.cell in (Cell.PRICE, Cell.SHARE):
        return _read_number(column, cells, place, rejects)
    if column.cell is Cell.DATE:
        return _read_date(column, cells, place, rejects)
    return _read_word(column, cells, place, rejects)


def _read_text(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    text = text_of(cells)
    bad = text.is_null().to_numpy() if column.required else np.zeros(len(text), dtype=bool)
    place.tell(rejects, bad, column.name, text, f"{column.name} must be given")
    if column.cell is Cell.ID and cells.dtype.is_float():
        vague = (cells.abs() >= MOST_EXACT).fill_null(False).to_numpy()
        allowed = f"{column.name} must be text where it has 16 digits or more"
        place.tell(rejects, vague, column.name, text, allowed, "a float keeps 15 of them")
        bad = bad | vague
    return Read(text, bad)


def _read_whole(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    least = 1 if column.cell in (Cell.SHARES, Cell.DEBT) else 0
    if cells.dtype.is_integer():
        values, missing = cells.cast(pl.Int64, strict=False), cells.is_null()
        wrong = values.is_null() & ~missing
    else:
        text = text_of(cells)
        missing = text.is_null()
        values = _whole_of(text)
        wrong = values.is_null() & ~missing
    found = values.fill_null(0).to_numpy()
    bad = wrong.to_numpy()
    shares = column.cell in (Cell.UNITS, Cell.SHARES)
    unit = "a whole number of shares" if shares else "whole won"
    if bad.any():
        texts = text_of(cells)
        part = bad & texts.str.contains(_FRACTION).fill_null(False).to_numpy()
        help = "write it as 1000 or 1,000주" if shares else "write it as 140,000,000 or 140m or 1억 4천만"
        place.tell(rejects, bad & ~part, column.name, texts, f"{column.name} must be {unit}", help)
        help = "fractions are not taken, see docs/book.md#fractions"
        place.tell(rejects, part, column.name, texts, f"{column.name} must be {unit}", help)
    low = (found < least) & ~bad & ~missing.to_numpy()
    allowed = f"{column.name} must be {'above 0' if least else '0 or more'}"
    help = "short positions and overdrafts are not taken, see docs/book.md#short"
    place.tell(rejects, low & (found < 0), column.name, cells, allowed, help)
    place.tell(rejects, low & (found == 0), column.name, cells, allowed)
    high = (found > column.largest) & ~bad
    place.tell(rejects, high, column.name, cells, f"{column.name} must be at most {column.largest:,}")
    bad = bad | low | high
    if column.required:
        absent = missing.to_numpy()
        place.tell(rejects, absent, column.name, cells, f"{column.name} must be given")
        bad = bad | absent
    return Read(np.where(bad, 0, found), bad)


def _whole_of(text: pl.Series) -> pl.Series:
    """Int64 of each text, null where it is none: plain digits at once, other spellings word by word."""
    values = text.cast(pl.Int64, strict=False)
    left = values.is_null() & text.is_not_null()
    if not left.any():
        return values
    rest = text.filter(left).str.replace(_UNITS, "").str.replace(_POINT_ZERO, "$1")
    grouped = rest.str.contains(_THOUSANDS)
    plainer = rest.str.replace_all(",", "", literal=True)
    read = pl.select(pl.when(grouped).then(plainer).otherwise(rest)).to_series().cast(pl.Int64, strict=False)
    spelled = rest.filter(read.is_null()).unique()
    if 0 < len(spelled) <= MOST_SPELLED:
        words = {word: won for word in spelled.to_list() if (won := _spelled_won(word)) is not None}
        if words:
            told = rest.replace_strict(words, default=None, return_dtype=pl.Int64)
            read = read.fill_null(told)
    return values.scatter(left.arg_true(), read)


def _spelled_won(word: str) -> int | None:
    """Whole won as people write it, at most as much as 64 bits hold."""
    try:
        return min(parse_won(word), np.iinfo(np.int64).max) if len(word) <= LONGEST_WON else None
    except Refused:
        return None


def _read_number(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    """Float64, NaN where nothing stands; a price is above 0, a share from 0 to 100 per cent."""
    if cells.dtype.is_numeric():
        values, missing = cells.cast(pl.Float64).fill_nan(None), cells.is_null()
        missing = missing | values.is_null()
        wrong = np.zeros(len(cells), dtype=bool)
    else:
        text = text_of(cells)
        missing = text.is_null()
        marks = "%" if column.cell is Cell.SHARE else "₩|원|\\$"
        values = text.str.replace_all(f",|\\s|{marks}", "").cast(pl.Float64, strict=False)
        wrong = (values.is_null() & ~missing).to_numpy()
    found = values.fill_null(np.nan).to_numpy()
    what = f"a number above 0, up to {column.largest:,}" if column.cell is Cell.PRICE else "a per cent from 0 to 100"
    with np.errstate(invalid="ignore"):
        is_price = (found > 0) & (found <= column.largest)
        outside = ~is_price if column.cell is Cell.PRICE else ~((found >= 0) & (found <= 100))
    bad = wrong | (outside & ~missing.to_numpy())
    place.tell(rejects, bad, column.name, cells, f"{column.name} must be {what}")
    return Read(np.where(bad, np.nan, found), bad)


def _read_date(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    """Ordinals int64, NO_DATE where nothing stands; interfaces fill such cells with zeros."""
    if cells.dtype == pl.Date or isinstance(cells.dtype, pl.Datetime):
        if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
            # A moment is a day of Korea's, as it is from a database.
            cells = cells.dt.convert_time_zone("Asia/Seoul").dt.replace_time_zone(None)
        days, missing = cells.cast(pl.Date), cells.is_null()
    else:
        text = text_of(cells)
        missing = text.is_null() | (text.str.strip_chars("0.-").str.len_chars() == 0).fill_null(False)
        compact = text.str.extract(r"^(\d{8})$", 1).str.to_date("%Y%m%d", strict=False)
        iso = text.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[ T][0-9:.]*)?$", 1).str.to_date("%Y-%m-%d", strict=False)
        days = iso.fill_null(compact)
    bad = (days.is_null() & ~missing).to_numpy() | (days < _FIRST_DAY).fill_null(False).to_numpy()
    place.tell(rejects, bad, column.name, cells, f"{column.name} must be a date as 2025-10-31 or 20251031")
    ordinals = days.cast(pl.Int32).cast(pl.Int64) + _ORDINAL_OF_EPOCH
    return Read(ordinals.fill_null(NO_DATE).to_numpy(), bad)


def _read_word(column: BookColumn, cells: pl.Series, place: Place, rejects: Rejects) -> Read:
    """Index into the words of the column (or the flag), int64, -1 where nothing stands."""
    text = text_of(cells)
    if column.cell is Cell.FLAG:
        known = {word: value for word, value in FLAGS.items()}
        allowed = "must be 0 or 1, Y or N, true or false"
    else:
        known = {word: column.words.index(name) for word, name in word_spellings(column).items()}
        allowed = f"must be {'one of ' if len(column.words) > 1 else ''}{', '.join(column.words)}"
    places = {word: known.get(plain(word)) for word in text.unique().drop_nulls().to_list()}
    index = text.replace_strict(places, default=None, return_dtype=pl.Int64)
    bad = (index.is_null() & text.is_not_null()).to_numpy()
    if bad.any():
        # The help of a cell does not hang on what else stands in the column.
        wrong = sorted(word for word, value in places.items() if value is None)
        near = {word: closest(word, column.words) for word in wrong[:MOST_WRONG]}
        help = text.filter(bad).replace_strict(near, default="", return_dtype=pl.String)
        place.tell(rejects, bad, column.name, text, f"{column.name} {allowed}", help)
    return Read(index.fill_null(-1).to_numpy(), bad)
