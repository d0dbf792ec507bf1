"""The instruments table: named stocks and funds, and anonymous names that stand for the rest of each board."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Board, Instruments, Kind
from gaemi.units import largest_remainder

DECILES = 10
NAMES_A_DECILE = 10
SHIPPED_ON = date(2025, 10, 31)
NO_GROUP = 255
DAYS_BACK_ABROAD = 5
_FINE = 10**12
_FILE = Path(__file__).with_name("instruments.csv")


class Prices(Protocol):
    """What a history of prices must answer; sources.prices.PriceHistory does."""

    @property
    def tickers(self) -> tuple[str, ...]: ...

    def close_on(self, ticker: str, day: date) -> float | None: ...

    def capitalisation(self, market: str, day: date) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One instrument before it becomes a row of columns. ``retail_units`` are units held by individuals, -1 unknown."""

    ticker: str
    name: str
    board: Board
    kind: Kind
    group: int
    price: int
    issued: int
    turnover_won: int
    volatility: float
    underlying: str
    halted: bool
    retail_units: int
    retail_share_bps: int

    @property
    def indexed(self) -> bool:
        return self.kind == Kind.STOCK and self.board != Board.US

    @property
    def value_won(self) -> int:
        return self.price * self.issued


@cache
def shipped_rows() -> tuple[Row, ...]:
    """Named instruments as they ship, at the closes of 2025-10-31, in order of ticker.

    Volatility is the standard deviation of the daily log returns of the 241 (US: 249) sessions to that date, turnover
    of stocks the mean of closes times volumes in October 2025; both were computed once from daily histories.
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_shipped(row) for row in csv.DictReader(file))


def _shipped(row: dict[str, str]) -> Row:
    retail = -1
    if row["retail_assets"]:
        scale = 100 if row["board"] == "US" else 1
        retail = int(row["retail_assets"]) * scale // int(row["retail_assets_price"])
    return Row(
        row["ticker"], row["name"], Board[row["board"]], Kind[row["kind"].upper()],
        int(row["group"]) - 1 if row["group"] else NO_GROUP, int(row["close"]), int(row["issued"]),
        int(row["turnover_won"]), float(row["volatility"]), row["underlying"], row["halted"] == "1", retail,
        int(row["retail_share_bps"] or 0),
    )  # fmt: skip


def instrument_rows(book: LawBook, on: date, prices: Prices | None = None) -> tuple[Row, ...]:
    """All instruments of the date with the figures that only the population needs, in order of ticker."""
    named = shipped_rows() if prices is None else tuple(_repriced(book, on, prices))
    rows = list(named)
    for board in (Board.KOSPI, Board.KOSDAQ):
        rows += _anonymous(book, on, board, [row for row in named if row.board == board and row.indexed], prices)
    return tuple(sorted(rows, key=lambda row: row.ticker))


def instruments(book: LawBook, on: date, prices: Prices | None = None) -> Instruments:
    """The instruments table at the close of the date, sorted by ticker.

    Without ``prices`` the shipped closes of 2025-10-31 are used for any date. With them, prices and the two boards'
    market values come from the history, named instruments without a price on the date are left out, and turnover is
    that of the dated assumption. The values of a board's indexed names add up to its published market value, short
    by less than one share a name.

    Source: Korea Exchange, closes and market values of 2025-10-31; assumptions in people.yaml.
    """
    return as_table(instrument_rows(book, on, prices))


def as_table(rows: Iterable[Row]) -> Instruments:
    """Columns of the rows."""
    listed = list(rows)
    tickers = [row.ticker for row in listed]
    place = {ticker: i for i, ticker in enumerate(tickers)}
    us = [row.board == Board.US for row in listed]
    return Instruments(
        ticker=tuple(tickers),
        name=tuple(row.name for row in listed),
        kind=_column(row.kind for row in listed),
        board=_column(row.board for row in listed),
        group=_column(row.group for row in listed),
        currency=_column(1 if abroad else 0 for abroad in us),
        price_digits=_column(2 if abroad else 0 for abroad in us),
        price=_column(row.price for row in listed),
        issued=_column(row.issued for row in listed),
        turnover_won=_column(row.turnover_won for row in listed),
        volatility=_column(row.volatility for row in listed),
        underlying_row=_column(place.get(row.underlying, -1) for row in listed),
        underlying_board=_column(_board_followed(row.underlying) for row in listed),
        halted=_column(row.halted for row in listed),
        indexed=_column(row.indexed for row in listed),
    )


def _board_followed(underlying: str) -> int:
    return Board[underlying] if underlying in Board.__members__ else -1


def _column(values: Iterable[Any]) -> np.ndarray:
    return np.array(list(values))


def _repriced(book: LawBook, on: date, prices: Prices) -> Iterable[Row]:
    """Named rows at the prices of the date; fund units held by individuals scale with issued units, so they stay."""
    now = book.value("people.board_turnover", on)
    shipped = book.value("people.board_turnover", SHIPPED_ON)
    for row in shipped_rows():
        abroad = row.board == Board.US
        close = _last_close(row.ticker, on, prices, DAYS_BACK_ABROAD if abroad else 0)
        if close is None:
            continue
        price = max(1, round(close * 100) if abroad else round(close))
        name = row.board.name if row.board.name in now else "KOSPI"
        turnover = row.turnover_won * now[name] // shipped[name]
        halted = row.halted and on == SHIPPED_ON
        yield replace(row, price=price, turnover_won=turnover, halted=halted)


def _last_close(ticker: str, on: date, prices: Prices, days_back: int) -> float | None:
    """The close of the date, or of the last day before it within ``days_back``: holidays of two countries differ."""
    if ticker not in prices.tickers:
        return None
    for back in range(days_back + 1):
        close = prices.close_on(ticker, on - timedelta(days=back))
        if close is not None:
            return close
    return None


def board_value(book: LawBook, on: date, board: Board, prices: Prices | None = None) -> int:
    """Published market value of a board in won."""
    found = None if prices is None else prices.capitalisation(board.name, on)
    if found is None:
        found = book.value("people.board_value", SHIPPED_ON if prices is None else on, board.name)
    return int(found)


def _anonymous(book: LawBook, on: date, board: Board, named: list[Row], prices: Prices | None) -> list[Row]:
    """Names that stand for the rest of a board: values by the size law, turnover by a power of value."""
    count = DECILES * NAMES_A_DECILE
    law = board.name.lower()
    offset = book.value("people.size_offset", on)
    exponent = book.value("people.size_exponent", on, board.name)
    rest = board_value(book, on, board, prices) - sum(row.value_won for row in named)
    assert rest > 0, "named instruments are worth less than their board"
    weights = [(rank + offset) ** -exponent for rank in range(1, count + 1)]
    values = largest_remainder(rest, [round(weight * _FINE) for weight in weights])
    power = book.value("people.turnover_exponent", on)
    turnover_day = on if prices is not None else SHIPPED_ON
    traded = book.value("people.board_turnover", turnover_day, board.name) - sum(row.turnover_won for row in named)
    turnover = largest_remainder(max(traded, count), [round(float(value) ** power) for value in values])
    price = book.value(f"people.anonymous_price_{law}", on)
    spread = book.value(f"people.anonymous_volatility_{law}", on)
    group = book.value(f"people.anonymous_group_{law}", on)
    found = []
    for place in range(count):
        decile, number = place // NAMES_A_DECILE + 1, place % NAMES_A_DECILE + 1
        key = f"d{decile:02d}"
        issued = values[place] // price[key]
        found.append(
            Row(
                f"{board.name}-D{decile:02d}-{number:02d}", f"{board.name} size decile {decile}, name {number}", board,
                Kind.STOCK, group[key] - 1, price[key], issued, turnover[place], spread[key] / 10_000, "", False, -1,
                int(book.value("people.retail_value_share", on, board.name)),
            )
        )  # fmt: skip
    return found


def won_per_dollar_times_100(book: LawBook, on: date, prices: Prices | None = None) -> int:
    """Won for one US dollar, times 100: the history's on the date, else the base rate last entered for it."""
    recorded = None if prices is None else _last_close("USDKRW", on, prices, 0)
    if recorded is not None:
        return round(recorded * 100)
    return round(book.value("people.won_per_dollar", on) * 100)
