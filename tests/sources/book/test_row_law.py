"""The row law: rows read = accepted + rejected; exactly the rejected rows are named, whatever the way in and order."""

import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.book.drawn import NOTHING, ON, WAYS, Bad, Book, Cell, Given, as_pandas, books
from sources.book.judge import Judge

from gaemi.book.accounts import Book as Laid
from gaemi.book.accounts import book_of
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.records.book import TABLES
from gaemi.sources.book.reader import BookTables, read_tables

LAW = load()
EXAMPLES = settings(max_examples=40)


class Answer(NamedTuple):
    """What became of a drawn book: counts, rejects by index of the row, and the accepted data in an order of their own.

    A refusal stands in place of the data where no holding is left.
    """

    counts: dict[str, tuple[int, int, int]]
    rejects: list[tuple[Any, ...]]
    accepted: Any


def answer(given: Given) -> Answer:
    read = read_tables(given.source)
    try:
        accepted = data(read, book_of(read, LAW, ON, None))
    except Refused as refused:
        accepted = [fault.allowed for fault in refused.faults]
    counts = {row["table"]: (row["read"], row["accepted"], row["rejected"]) for row in read.rows()}
    frame = read.rejects.frame()
    rejects = [
        (table, row - given.first(table, file), column, *told)
        for table, file, row, column, *told in frame.select(pl.exclude("help"), "help").iter_rows()
    ]
    return Answer(counts, sorted(rejects), accepted)


def data(read: BookTables, made: Laid) -> dict[str, list[Any]]:
    """Everything that was taken, by ids and tickers."""
    names, accounts = made.names.instruments, made.owners.account.to_list()
    carried, rows = read.tables["accounts"].carried, made.owners.rows
    memo = [None] * len(accounts) if rows is None else carried["memo"].gather(rows).to_list()
    slots = []
    for group, here in zip(made.population.borrowing, made.member, strict=True):
        for slot, j in zip(*group.quantity.nonzero(), strict=True):
            row, standing = group.instrument[slot, j], group.standing[slot, j]
            slots.append((accounts[here[j]], names.ticker[row], int(standing), int(group.quantity[slot, j])))
    columns = ("kind", "row", "principal", "opened", "due", "table")
    loans = zip([accounts[i] for i in made.loans["account"]], *(made.loans[name] for name in columns), strict=True)
    return {
        "accounts": sorted(
            zip(accounts, made.cash_won.tolist(), made.firm.tolist(), made.called.tolist(), memo, strict=True)
        ),
        "loans": sorted(loans),
        "slots": sorted(slots),
        "plain": list(zip(names.ticker, made.held_plain.tolist(), strict=True)),
        "names": list(
            zip(names.ticker, names.price.tolist(), names.group.tolist(), names.halted.tolist(), strict=True)
        ),
    }


def handed(book: Book, way: str, more: bool = False) -> Answer:
    with TemporaryDirectory() as folder:
        make = as_pandas if way == "pandas" else WAYS[way]
        return answer(make(book, Path(folder), more))


def check_law(book: Book, found: Answer) -> None:
    """Rows read are those that were drawn; exactly the rejected ones are named, with what is wrong."""
    named = {table: {row for name, row, *_ in found.rejects if name == table} for table in book}
    for table, rows in book.items():
        assert (len(rows), len(rows) - len(named[table]), len(named[table])) == found.counts[table]
        assert named[table] <= set(range(len(rows)))
    columns = {table: {column.name for column in TABLES[table]} for table in TABLES}
    for table, _, column, cell, allowed, _ in found.rejects:
        assert column in columns[table]
        assert cell and allowed


@given(books())
@EXAMPLES
def test_exactly_the_cells_are_named_that_a_slow_judge_names(book: Book) -> None:
    found = handed(book, "polars")
    check_law(book, found)
    assert sorted(Judge(book).faults) == sorted({fault[:3] for fault in found.rejects})


@given(books())
@EXAMPLES
def test_accepted_rows_arrive_with_all_their_shares_and_won(book: Book) -> None:
    judge, found = Judge(book), handed(book, "polars")
    good = {table: [book[table][index] for index in judge.good(table)] for table in book}
    if not good["holdings"]:
        assert ["a book must hold at least one accepted holding"] == found.accepted
        return
    shares: Counter[str] = Counter()
    for row in good["holdings"]:
        shares[row["ticker"].value] += row["quantity"].value
    laid = Counter(dict(found.accepted["plain"]))
    for _, ticker, _, quantity in found.accepted["slots"]:
        laid[ticker] += quantity
    assert +shares == +laid
    owed = sorted((row["account"].value, row["principal"].value) for row in good.get("loans", []))
    assert owed == sorted((account, won) for account, _, _, won, *_ in found.accepted["loans"])
    if "accounts" in book:
        cash = {row["account"].value: row["cash"].value or 0 for row in good["accounts"]}
        assert cash == {account: won for account, won, *_ in found.accepted["accounts"]}


@given(books(more=True))
@settings(max_examples=15)
def test_every_way_in_gives_the_same_rows_and_the_same_rejects(book: Book) -> None:
    found = {way: handed(book, way, more=True) for way in WAYS}
    check_law(book, found["csv"])
    assert {way: found["csv"] for way in WAYS} == found


@given(books(more=True))
@settings(max_examples=15)
def test_frames_of_pandas_give_the_same_too(book: Book) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: it comes with 'bench'")
    assert handed(book, "polars", more=True) == handed(book, "pandas", more=True)


@given(books(more=True), st.integers(0, 2**32))
@settings(max_examples=20)
def test_shuffled_rows_change_nothing_but_row_numbers(book: Book, seed: int) -> None:
    order = {table: random.Random(seed).sample(range(len(rows)), len(rows)) for table, rows in book.items()}
    shuffled: Book = {table: [rows[index] for index in order[table]] for table, rows in book.items()}
    before, after = (handed(each, "parquet", more=True) for each in (book, shuffled))
    back = sorted((table, order[table][row], *told) for table, row, *told in after.rejects)
    assert before == Answer(after.counts, back, after.accepted)


def test_rows_of_csv_count_the_header_and_those_of_parquet_start_at_one(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("account,ticker,quantity\nA,005930,1\nB,005930,-1\n", encoding="utf-8")
    pl.read_csv(tmp_path / "h.csv", schema_overrides={"ticker": pl.String}).write_parquet(tmp_path / "h.parquet")
    for name, number in (("h.csv", 3), ("h.parquet", 2)):
        frame = read_tables(str(tmp_path / name)).rejects.frame()
        told = ("holdings", name, number, "quantity", "'-1'", "quantity must be above 0")
        help = "short positions and overdrafts are not taken, see docs/book.md#short"
        assert [(*told, help)] == frame.rows()


def test_the_judge_can_fail() -> None:
    """A reader that let a negative quantity pass would be found out."""
    line = {"account": Cell("A1", "A1"), "ticker": Cell("005930", "005930"), "quantity": Cell("-5", Bad.CELL)}
    book: Book = {"holdings": [line | {"currency": NOTHING, "memo": Cell("x", "x")}]}
    assert {("holdings", 0, "quantity")} == Judge(book).faults
