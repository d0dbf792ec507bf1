"""Cells of a coin book: names of coins, exact quantities in hundred-millionths, whole won."""

from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl

from gaemi.rules.coins import LARGEST_HOLDING_WON
from gaemi.sources.account_coins import MOST_DECIMALS
from gaemi.sources.reading import Reading
from gaemi.sources.tickers import INDICES, KOREAN_CODE, canonical, coin_of, is_dollar_coin

CASH = "KRW"
"""The row of an account's holdings that is won on deposit."""

PARTS = 10**MOST_DECIMALS
MOST_WHOLE = 10**15
_COIN = r"^[A-Z0-9]{1,10}$"
_THOUSANDS = r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_NUMBER = r"^\+?(\d{1,16})(?:\.(\d*))?$"
_EXPONENT = r"^\+?\d+(?:\.\d+)?[eE][+-]?\d{1,2}$"


def coin_names(reading: Reading, column: str, given: np.ndarray, may_be_won: bool) -> pl.Series:
    """The coin that each cell names, null where it is empty; what names none is rejected.

    ``BTC``, ``KRW-BTC``, ``BTC/KRW`` and ``비트코인`` are one coin. A pair in dollars is not what an account holds.
    """
    text = reading.text(column)
    names = {name: _coin(name) for name in text.drop_nulls().unique().to_list()}
    found = text.replace_strict(names, default=None, return_dtype=pl.String)
    wrong = given & found.is_null().to_numpy()
    if not may_be_won:
        wrong |= (found == CASH).fill_null(False).to_numpy()
    help = "won stand under cash_won or amount" if not may_be_won else "prices in dollars are given with --prices"
    reading.reject(wrong, column, "must be a coin, as BTC or KRW-BTC", help)
    return found


def _coin(name: str) -> str | None:
    text = canonical(name)
    if is_dollar_coin(text) or text in INDICES or KOREAN_CODE.fullmatch(text):
        return None
    coin = coin_of(name)
    return coin if pl.Series([coin]).str.contains(_COIN)[0] else None


def quantities(reading: Reading, column: str, asked: np.ndarray, is_won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole coins and hundred-millionths of one, int64 [row] each, of the rows ``asked``; 0 where a row is rejected.

    Won exchanges keep eight decimals: a ninth that is not zero is rejected, but of won, which are cut to whole ones. A
    column that is a number already is rounded to eight.
    """
    zero = np.zeros(reading.count, np.int64)
    if column not in reading.columns:
        reading.reject(asked, column, "must be a number of coins")
        return zero, zero.copy()
    if reading.table.column(reading.columns[column]).dtype.is_float():
        values, text = _rounded(reading, column), reading.text(column)
    else:
        text = reading.text(column)
        values = _plain(text)
    parts = values.str.extract_groups(_NUMBER).struct
    whole = parts.field("1").cast(pl.Int64, strict=False)
    digits = parts.field("2").fill_null("").str.strip_chars_end("0")
    minus = text.str.starts_with("-").fill_null(False).to_numpy()
    help = "a short position stands in positions, a coin that is owed in coin_loans"
    reading.reject(asked & minus, column, "quantity must be 0 or more", help)
    unread = asked & ~minus & whole.is_null().to_numpy()
    reading.reject(unread, column, "must be a number of coins", "write 0.5 or 1,250.25")
    fine = asked & ~unread & ~minus & ~is_won & (digits.str.len_chars() > MOST_DECIMALS).fill_null(False).to_numpy()
    reading.reject(fine, column, f"must have at most {MOST_DECIMALS} decimals")
    large = (whole.fill_null(0) > MOST_WHOLE).to_numpy()
    reading.reject(asked & large, column, f"must be at most {MOST_WHOLE:,}")
    cut = digits.str.slice(0, MOST_DECIMALS).str.pad_end(MOST_DECIMALS, "0").cast(pl.Int64, strict=False)
    taken = asked & ~minus & ~unread & ~fine & ~large
    found = (whole.fill_null(0).to_numpy(), cut.fill_null(0).to_numpy())
    return np.where(taken, found[0], 0), np.where(taken & ~is_won, found[1], 0)


def _plain(text: pl.Series) -> pl.Series:
    """Numbers without commas between thousands; of a power of ten the digits in full."""
    grouped = text.str.contains(_THOUSANDS).fill_null(False)
    plain = text.zip_with(~grouped, text.str.replace_all(",", "", literal=True))
    power = plain.str.contains(_EXPONENT).fill_null(False)
    if not power.any():
        return plain
    told = {cell: _in_full(cell) for cell in plain.filter(power).unique().to_list()}
    return plain.replace(told)


def _in_full(cell: str) -> str:
    try:
        return f"{Decimal(cell):f}"
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
        return cell


def _rounded(reading: Reading, column: str) -> pl.Series:
    """A column of floats to eight decimals: a sum of floats has more that mean nothing."""
    values = reading.table.column(reading.columns[column]).cast(pl.Float64).fill_null(np.nan).to_numpy()
    fits = np.abs(values) <= MOST_WHOLE
    size = np.where(fits, np.abs(values), 0.0)
    whole = np.floor(size).astype(np.int64)
    part = np.rint((size - whole) * PARTS).astype(np.int64)
    whole, part = whole + part // PARTS, part % PARTS
    told = pl.DataFrame({"sign": np.where(values < 0, "-", ""), "whole": whole, "part": part, "fits": fits}).select(
        pl.when("fits").then(
            pl.concat_str("sign", "whole", pl.lit("."), pl.col("part").cast(pl.String).str.zfill(MOST_DECIMALS))
        )
    )
    return told.to_series()


def whole_won(reading: Reading, column: str, least: int = 0) -> pl.Series:
    """A column of whole won, Int64, null where it is empty or rejected: less than ``least``, or a part of a won."""
    if column not in reading.columns:
        return pl.Series([None] * reading.count, dtype=pl.Int64)
    help = "write 140000000 or 140,000,000"
    values = reading.figures(column, f"must be whole won, {least} or more", float(least), False, False, help)
    known = np.isfinite(values) & ~reading.bad
    reading.reject(known & (values != np.floor(values)), column, "must be whole won", help)
    reading.reject(known & (values >= LARGEST_HOLDING_WON), column, f"must be below {LARGEST_HOLDING_WON:,} won")
    kept = np.where(known & (values < LARGEST_HOLDING_WON), values, np.nan)
    return pl.Series(kept).fill_nan(None).cast(pl.Int64, strict=False)
