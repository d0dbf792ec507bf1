"""Random books of which every cell says what it means: so it is known from the drawing which rows must be rejected."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

ON = date(2025, 10, 31)


class Bad(Enum):
    """Stands for the value of a cell that no reader may take."""

    CELL = "bad"


@dataclass(frozen=True)
class Cell:
    """What is written, and what it means: a value, None where nothing stands, ``Bad.CELL`` where it cannot be read."""

    text: str
    value: Any = None


Row = dict[str, Cell]
Book = dict[str, list[Row]]
NOTHING = Cell("")


def bad(*texts: str) -> list[Cell]:
    return [Cell(text, Bad.CELL) for text in texts]


def cells(good: Sequence[Cell], wrong: Sequence[Cell], odds: int = 9) -> st.SearchStrategy[Cell]:
    """Mostly good cells, so that rows with one fault are as common as those with many."""
    return st.integers(0, odds).flatmap(lambda drawn: st.sampled_from(wrong if drawn == odds else good))


def known(values: dict[str, Any]) -> list[Cell]:
    return [Cell(text, value) for text, value in values.items()]


IDS = ("A1", "007", "7", "김개미")
SHARES = known({"10": 10, "1,000": 1000, "7주": 7, " 25 ": 25, "12.0": 12, "+5": 5, "40": 40, "1000000": 1_000_000})
NO_SHARES = bad("-5", "-1,000", "0", "1.5", "ten", "1e3", "1,00", "2000000001", "99999999999999999999", "nan", "1 000")
WON = known({"1000000": 10**6, "2,500,000": 2_500_000, "3m": 3 * 10**6, "1억 2천만": 12 * 10**7, "700000원": 700_000})
LARGE = known({"50bn": 50 * 10**9, "49,999,999,999": 49_999_999_999})
NO_WON = bad("-1", "0.5", "much", "1000000000000001", "1,2345", "USD 5", "inf")
TICKERS = known({"005930": "005930", "A000660": "000660", "035720.KS": "035720", " 000660": "000660"})
FOREIGN, OWN, UNPRICED = Cell("NVDA", "NVDA"), Cell("111110", "111110"), Cell("999990", "999990")
UNFIT = known({"5930": "5930", "KOSPI": "KOSPI", "BTC/KRW": "KRW-BTC"})
NO_PRICES = bad("-3", "0", "dear", "inf", "1e16")
NO_DATES = bad("2025-02-30", "soon", "31.10.2025", "20251301", "2025/09/01", "45901")
OPENED = [Cell("2025-09-01", date(2025, 9, 1)), Cell("20251031", ON), Cell("2025-10-01 00:00:00", date(2025, 10, 1))]
TOMORROW = [Cell("2025-11-03", date(2025, 11, 3))]
DUE = [Cell("2026-02-27", date(2026, 2, 27)), Cell("20251201", date(2025, 12, 1))]
PAST = [Cell("2025-10-31", ON), Cell("20250829", date(2025, 8, 29))]
ZEROS = [Cell("00000000"), Cell("0000-00-00"), Cell("0"), NOTHING]
KINDS = known({
    "margin": "margin", "신용융자": "margin", "Pledged": "pledged", "담보 대출": "pledged", "stock-loan": "stock_loan",
    "미수": "unsettled",
})  # fmt: skip


def account_ids() -> st.SearchStrategy[Cell]:
    """Ids of the book, now and then one of nobody, or none at all."""
    good = [Cell(f"{space}{name}{space}", name) for name in IDS for space in ("", " ")]
    return cells(good, [Cell("Z9", "Z9"), NOTHING], 24)


ACCOUNT = {
    "account": cells(known({name: name for name in IDS}), [NOTHING, Cell(" A1", "A1")], 4),
    "cash": cells([*WON, Cell("0", 0), NOTHING], NO_WON, 24),
    "firm": cells([*known({"standard": 0, "Banded": 1, "unknown": 4}), NOTHING], [Cell("nobody & sons", Bad.CELL)], 19),
    "called": cells([*OPENED, *ZEROS], NO_DATES, 24),
    "segment": st.sampled_from([*known({"branch 1": "branch 1", "강남 지점": "강남 지점"}), NOTHING]),
    "currency": cells([Cell("KRW", "KRW"), Cell("원", "KRW"), NOTHING], bad("USD", "EUR"), 19),
    "memo": st.sampled_from(known({"a": "a", "b, \"c\"": 'b, "c"'})),
}  # fmt: skip
INSTRUMENT = {
    "ticker": cells([*TICKERS[:2], OWN, OWN], [NOTHING, *UNFIT], 14),
    "price": cells(known({"70000": 70_000, "₩81,500": 81_500, "12.5": 12.5}), [*NO_PRICES, NOTHING]),
    "group": cells([*known({"1": 1, "B": 2, "3군": 3}), NOTHING], bad("4", "A1"), 14),
    "substitute": cells([*known({"70": 70, "0": 0, "100%": 100, "62.5": 62.5}), NOTHING], bad("-1", "101", "half"), 14),
    "volume": cells([*SHARES, Cell("0", 0), NOTHING], bad("-1", "many", "10000000000001"), 14),
    "halted": cells([*known({"0": 0, "N": 0, "false": 0, "1": 1, "정지": 1}), NOTHING], bad("2", "maybe"), 14),
    "currency": cells([Cell("KRW", "KRW"), NOTHING], [Cell("USD", "USD"), *bad("EUR")], 19),
    "memo": st.just(Cell("x", "x")),
}  # fmt: skip
LOAN = {
    "account": account_ids(),
    "principal": cells([*WON, *WON, *LARGE], [*NO_WON, Cell("0", Bad.CELL), NOTHING], 24),
    "kind": cells([*KINDS, *KINDS[:2], NOTHING], bad("repo", "loan", "margins of all kinds"), 24),
    "pool": cells([NOTHING], [Cell("broker", "broker"), Cell("스탁론", "stock_loan"), *bad("other")]),
    "ticker": cells([*TICKERS, *TICKERS, NOTHING, NOTHING], [FOREIGN, OWN, UNPRICED, *UNFIT], 19),
    "quantity": cells([*SHARES[:3], Cell("1", 1), NOTHING, NOTHING, NOTHING], NO_SHARES, 24),
    "opened": cells([*OPENED, *ZEROS], NO_DATES + TOMORROW, 24),
    "due": cells([*DUE, *ZEROS], NO_DATES + PAST, 24),
    "currency": cells([Cell("KRW", "KRW"), NOTHING], bad("USD"), 49),
    "memo": st.just(Cell("x", "x")),
}
HOLDING = {
    "account": account_ids(),
    "ticker": cells([*TICKERS, *TICKERS, FOREIGN, OWN], [UNPRICED, *UNFIT, NOTHING], 19),
    "quantity": cells(SHARES, [*NO_SHARES, NOTHING], 19),
    "currency": cells([NOTHING], [Cell("KRW", "KRW"), Cell("USD", "USD"), *bad("EUR")]),
    "memo": st.just(Cell("x", "x")),
}
STANDING = known({"financed": 1, "담보": 2, "other": 3, "stock_loan": 4, "미수": 5, "타사": 0})
MORE = {
    "standing": cells([NOTHING, NOTHING, *STANDING], bad("mine")),
    "price": cells([NOTHING, NOTHING, Cell("71000", 71_000)], [Cell("71001", 71_001), *bad("-1", "?")]),
    "loan": cells([NOTHING, NOTHING, Cell("0", 0), *WON], NO_WON),
    "opened": LOAN["opened"],
    "due": LOAN["due"],
}
"""Columns of holdings that the judge leaves to others: loans beside holdings, standings and prices of rows."""


def rows(columns: dict[str, st.SearchStrategy[Cell]], least: int, most: int) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=most)


def _near(draw: st.DrawFn, loan: Row, holdings: list[Row]) -> Row:
    """The loan as drawn, or, mostly, on what one of the holdings is."""
    if draw(st.integers(0, 4)) == 0:
        return loan
    holding = draw(st.sampled_from(holdings))
    ticker = draw(st.sampled_from([holding["ticker"], holding["ticker"], NOTHING]))
    return loan | {"account": holding["account"], "ticker": ticker}


@st.composite
def books(draw: st.DrawFn, more: bool = False) -> Book:
    """Books of one to four tables. An account mostly stands in one row, or the table of accounts is left out."""
    holdings = HOLDING | MORE if more else HOLDING
    book = {"holdings": draw(rows(holdings, 1, 16))}
    if draw(st.booleans()):
        book["accounts"] = [
            draw(st.fixed_dictionaries(ACCOUNT)) | {"account": Cell(name, name)} for name in draw(st.permutations(IDS))
        ]
        book["accounts"] += draw(rows(ACCOUNT, 0, 2)) if draw(st.booleans()) else []
    if draw(st.integers(0, 3)):
        book["loans"] = [_near(draw, row, book["holdings"]) for row in draw(rows(LOAN, 0, 8))]
    if draw(st.booleans()):
        book["instruments"] = draw(rows(INSTRUMENT, 0, 4))
    return book


# Ways to hand a book over.


@dataclass(frozen=True)
class Given:
    """A source, and for every table and file of the rejects the number of the row of index 0."""

    source: Any
    first: Callable[[str, str], int]


def frame(table: Sequence[Row], columns: Sequence[str]) -> pl.DataFrame:
    """All text, null where nothing stands."""
    return pl.DataFrame(
        {name: [row[name].text or None for row in table] for name in columns}, dict.fromkeys(columns, pl.String)
    )


def typed(cells: pl.Series) -> pl.Series:
    """The column as numbers or dates where all of it can be so without another meaning, else as it is."""
    text = cells.drop_nulls()
    if cells.name in ("account", "ticker", "memo", "group") or text.len() == 0:
        return cells
    if text.str.contains(r"^-?(0|[1-9]\d{0,17})$").all():
        return cells.cast(pl.Int64)
    if text.str.contains(r"^\d{4}-\d{2}-\d{2}$").all() and text.str.to_date(strict=False).is_not_null().all():
        return cells.str.to_date()
    return cells


def columns_of(table: str, more: bool) -> tuple[str, ...]:
    every = {
        "accounts": ACCOUNT,
        "instruments": INSTRUMENT,
        "loans": LOAN,
        "holdings": HOLDING | (MORE if more else {}),
    }
    return tuple(every[table])


def frames(book: Book, more: bool) -> dict[str, pl.DataFrame]:
    return {name: frame(table, columns_of(name, more)) for name, table in book.items()}


def as_csv(book: Book, folder: Path, more: bool) -> Given:
    for name, table in book.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns_of(name, more))
            writer.writerows([row[column].text for column in columns_of(name, more)] for row in table)
    return Given(str(folder), lambda table, file: 2)


def as_parquet(book: Book, folder: Path, more: bool) -> Given:
    for name, table in frames(book, more).items():
        table.write_parquet(folder / f"{name}.parquet")
    return Given(str(folder), lambda table, file: 1)


def as_parts(book: Book, folder: Path, more: bool) -> Given:
    """Each table as a folder of two Parquet files, of which the first may be empty."""
    halves = {}
    for name, table in frames(book, more).items():
        (folder / name).mkdir()
        halves[f"{name}/1.parquet"] = half = table.height // 2
        table[:half].write_parquet(folder / name / "0.parquet")
        table[half:].write_parquet(folder / name / "1.parquet")
    return Given(str(folder), lambda table, file: 1 - halves.get(file, 0))


def as_polars(book: Book, folder: Path, more: bool) -> Given:
    return Given(frames(book, more), lambda table, file: 1)


def as_typed(book: Book, folder: Path, more: bool) -> Given:
    """Numbers and dates in columns of their type, as a database or a frame holds them."""
    tables = {name: table.select(typed(column) for column in table) for name, table in frames(book, more).items()}
    return Given(tables, lambda table, file: 1)


def as_arrow(book: Book, folder: Path, more: bool) -> Given:
    return Given({name: table.to_arrow() for name, table in frames(book, more).items()}, lambda table, file: 1)


def as_pandas(book: Book, folder: Path, more: bool) -> Given:
    import pandas

    tables = {name: pandas.DataFrame(table.to_dict(as_series=False)) for name, table in frames(book, more).items()}
    return Given(tables, lambda table, file: 1)


WAYS = {way.__name__[3:]: way for way in (as_csv, as_parquet, as_parts, as_polars, as_typed, as_arrow)}
