"""Columns of every type: what files, frames and libraries make of ids, tickers, numbers and dates."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from gaemi.book.accounts import Book, book_of
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.sources.book.reader import BookTables, read_tables

LAW, ON = load(), date(2025, 10, 31)
NAN, INF = float("nan"), float("inf")
PLAIN = {"account": ["a", "b"], "ticker": ["005930", "000660"], "quantity": [7, 8]}
SHARES = "quantity must be a whole number of shares"
FRACTIONS, WRITE = "fractions are not taken, see docs/book.md#fractions", "write it as 1000 or 1,000주"
ABOVE, SHORT = "quantity must be above 0", "short positions and overdrafts are not taken, see docs/book.md#short"
DATE = "opened must be a date as 2025-10-31 or 20251031"


def read(**columns: Sequence[Any] | pl.Series) -> BookTables:
    return read_tables(pl.DataFrame(PLAIN | columns))


def book(read: BookTables) -> Book:
    return book_of(read, LAW, ON, None)


def told(read: BookTables) -> list[tuple[int, str, str, str, str]]:
    return read.rejects.frame().select("row", "column", "found", "allowed", "help").rows()


def series(values: Sequence[Any], dtype: Any) -> pl.Series:
    return pl.Series(values, dtype=dtype)


WHOLE = {
    "small ints": series([7, 8], pl.Int8),
    "unsigned": series([7, 8], pl.UInt64),
    "wide": series([7, 8], pl.Int128),
    "floats": [7.0, 8.0],
    "half floats": series([7, 8], pl.Float32),
    "decimals": [Decimal("7.00"), Decimal("8")],
    "text": ["7", " 8 "],
    "words": ["7주", "8 shares"],
    "categories": series(["7", "8"], pl.Categorical),
    "bytes": [b"7", b"8"],
    "objects": series([7, Decimal(8)], pl.Object),
}


@pytest.mark.parametrize("case", WHOLE)
def test_whole_numbers_of_any_type_are_read(case: str) -> None:
    found = read(quantity=WHOLE[case])
    assert ([7, 8], []) == (found.tables["holdings"].values["quantity"].tolist(), told(found))


NO_SHARES = {
    "a part of a share": ([7.5, 8.0], "'7.5'", SHARES, FRACTIONS),
    "a decimal part": ([Decimal("7.50"), Decimal(8)], "'7.50'", SHARES, FRACTIONS),
    "below zero": ([-7, 8], "'-7'", ABOVE, SHORT),
    "a float below zero": ([-7.0, 8], "'-7'", ABOVE, SHORT),
    "zero": ([0, 8], "'0'", ABOVE, ""),
    "nothing": ([None, 8], "empty", "quantity must be given", ""),
    "no number": ([NAN, 8], "empty", "quantity must be given", ""),
    "no end": ([INF, 8], "'inf'", SHARES, WRITE),
    "more than an int holds": ([1e20, 8], "'1e+20'", SHARES, WRITE),
    "more than there are": ([2_000_000_001, 8], "'2000000001'", "quantity must be at most 2,000,000,000", ""),
    "forty digits": (["9" * 40, "8"], f"'{'9' * 40}'", "quantity must be at most 2,000,000,000", ""),
    "unsigned beyond": (series([2**64 - 1, 8], pl.UInt64), f"'{2**64 - 1}'", SHARES, WRITE),
    "truth": ([True, None], "'true'", SHARES, WRITE),
    "a list": ([[7], None], "'[7]'", SHARES, WRITE),
    "a length of time": ([timedelta(days=7), None], "'7 days, 0:00:00'", SHARES, WRITE),
    "a date": ([ON, None], "'2025-10-31'", SHARES, WRITE),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_SHARES)
def test_what_is_no_number_of_shares_is_rejected(case: str) -> None:
    cells, found, allowed, help = NO_SHARES[case]
    assert (1, "quantity", found, allowed, help) == told(read(quantity=cells))[0]


def test_an_amount_without_end_is_not_taken_for_none() -> None:
    """Cash may be left out, so that a cell that cannot be read must not look as if it were."""
    accounts = pl.DataFrame({"account": ["a", "b", "c"], "cash": [1e20, NAN, INF]})
    found = read_tables({"holdings": pl.DataFrame(PLAIN), "accounts": accounts})
    help = "write it as 140,000,000 or 140m or 1억 4천만"
    assert [
        (row, "cash", f"'{cell}'", "cash must be whole won", help) for row, cell in ((1, "1e+20"), (3, "inf"))
    ] == told(found)


IDS = {
    "ints": ([12, 7], ["12", "7"]),
    "floats, as gaps make of ints": ([12.0, 7.0], ["12", "7"]),
    "text with zeros": (["0012", "007"], ["0012", "007"]),
    "categories with spaces": (series([" 0012", "007 "], pl.Categorical), ["0012", "007"]),
    "bytes": ([b"0012", b"007"], ["0012", "007"]),
    "bytes that are no text": ([b"0012", b"\xff7"], ["0012", "b'\\xff7'"]),
}


@pytest.mark.parametrize("case", IDS)
def test_ids_of_any_type_are_text(case: str) -> None:
    cells, ids = IDS[case]
    assert ids == book(read(account=cells)).owners.account.to_list()


def test_ids_that_are_ints_here_and_floats_there_are_the_same_accounts() -> None:
    accounts = pl.DataFrame({"account": [7.0, 12.0], "cash": [5, 6]})
    made = book(read_tables({"holdings": pl.DataFrame(PLAIN | {"account": [12, 7]}), "accounts": accounts}))
    assert {"7": 5, "12": 6} == dict(zip(made.owners.account.to_list(), made.cash_won.tolist(), strict=True))


def test_ids_that_a_float_does_not_hold_are_rejected() -> None:
    """Two accounts would become one: 2 ** 53 and 2 ** 53 + 1 are the same float."""
    allowed, help = "account must be text where it has 16 digits or more", "a float keeps 15 of them"
    found = told(read(account=[float(2**53), 4503599627370497.0]))
    assert [(1, "account", "'9007199254740992'", allowed, help)] == found


def test_tickers_in_any_spelling_are_one_instrument() -> None:
    spelled = ["A005930", "005930.KS", "005930", " 005930 ", "a005930"]
    made = book(read_tables(pl.DataFrame({"account": ["a"] * 5, "ticker": spelled, "quantity": [1] * 5})))
    assert (("005930",), [5]) == (made.names.instruments.ticker, made.held_plain.tolist())


def test_tickers_that_name_nothing_a_book_holds_are_rejected_in_words() -> None:
    tickers = ["5930", "KOSPI", "BTC/KRW", "NVDA 250117C00150000", "999990", "005930"]
    frame = pl.DataFrame(
        {"account": ["a"] * 6, "ticker": tickers, "quantity": [1] * 6, "price": [1000.0] * 4 + [None] * 2}
    )
    found = read_tables(frame)
    assert 1 == book(found).owners.count
    other = ("a ticker must be of a share or a fund", "an index, a coin and an option are not held in this book")
    priced = (
        "a holding's ticker must have a price on 2025-10-31",
        "give --prices, or a price in the table of instruments or in the row",
    )
    zeros = ("the ticker of a Korean share must have 6 characters", "write it as text with its zeros: 005930?")
    why = [zeros, other, other, other, priced]
    shown = ["5930", "KOSPI", "KRW-BTC", "NVDA 250117C00150000", "999990"]
    assert [(i + 1, "ticker", f"'{shown[i]}'", *why[i]) for i in range(5)] == told(found)


def test_a_number_is_no_ticker_and_is_told_with_its_zeros() -> None:
    found = read(ticker=[5930, 123456], price=[1000, 2000])
    book(found)
    assert ["'5930'"] == [fault[2] for fault in told(found)]


def test_a_class_of_a_foreign_share_is_priced_in_dollars() -> None:
    made = book(read(ticker=["BRK.B", "TQQQ"], price=[480.55, 58.04]))
    assert ([48055, 5804], [1, 1]) == (made.names.instruments.price.tolist(), made.names.instruments.currency.tolist())


DATES = {
    "dates": [date(2025, 9, 1), None],
    "moments": [datetime(2025, 9, 1, 9, 30), None],
    "moments in Korea": series([datetime(2025, 8, 31, 15), None], pl.Datetime("us", "UTC")).dt.convert_time_zone(
        "Asia/Seoul"
    ),
    "ints": [20250901, None],
    "floats": [20250901.0, None],
    "text": ["2025-09-01", ""],
    "compact text": ["20250901", "00000000"],
    "text with a time": ["2025-09-01 00:00:00", "0000-00-00"],
    "text with a T": ["2025-09-01T09:00:00", "0"],
}


@pytest.mark.parametrize("case", DATES)
def test_dates_of_any_type_are_days(case: str) -> None:
    made = book(read(loan=[1000, 1000], opened=DATES[case]))
    assert [date(2025, 9, 1), ON] == [date.fromordinal(day) for day in made.loans["opened"]]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["2025-02-30", None], "'2025-02-30'"),
        (["01.09.2025", None], "'01.09.2025'"),
        ([20251301, None], "'20251301'"),
        ([45901, None], "'45901'"),
        ([True, None], "'true'"),
        ([date(101, 1, 1), None], "'0101-01-01'"),
        ([[1], None], "'[1]'"),
    ],
)
def test_what_is_no_date_is_rejected(cells: list[Any], shown: str) -> None:
    assert [(1, "opened", shown, DATE, "")] == told(read(opened=cells))


NO_PRICES = {
    "text": (["dear", None], "'dear'"),
    "below zero": ([-1.5, None], "'-1.5'"),
    "zero": ([0, None], "'0'"),
    "no end": ([INF, None], "'inf'"),
    "beyond all prices": ([1e300, None], "'1e+300'"),
    "truth": ([True, None], "'true'"),
    "a word for no number": (["nan", None], "'nan'"),
}


@pytest.mark.parametrize("case", NO_PRICES)
def test_what_is_no_price_is_rejected(case: str) -> None:
    cells, shown = NO_PRICES[case]
    allowed = "price must be a number above 0, up to 1,000,000,000,000,000"
    assert [(1, "price", shown, allowed, "")] == told(read(price=cells))


def prices(*rows: tuple[str, float]) -> BookTables:
    tickers, closes = zip(*rows, strict=True)
    frame = {"account": [f"a{i}" for i in range(len(rows))], "ticker": tickers, "quantity": [1] * len(rows)}
    return read_tables(pl.DataFrame(frame | {"price": [float(close) for close in closes]}))


def test_a_price_that_few_rows_give_is_rejected_whatever_the_order() -> None:
    allowed = "all rows of a ticker must give the same price"
    first = prices(("005930", 1_234_567), ("005930", 1_234_568.5), ("005930", 1_234_568.5))
    assert (1_234_568, [(1, "price", "1,234,567, and 1,234,568.5 in other rows", allowed, "")]) == (
        int(book(first).names.instruments.price[0]), told(first),
    )  # fmt: skip
    even = prices(("005930", 70_000), ("005930", 71_000), ("000660", 500_000))
    assert [0, 0, 1] == book(even).quantity.tolist()
    assert [(i, "price", f"7{i - 1},000, and others in other rows", allowed, "") for i in (1, 2)] == told(even)


def test_a_currency_in_which_the_ticker_does_not_trade_is_rejected() -> None:
    found = read(ticker=["005930", "TQQQ"], price=[70.5, 58.04], currency=["USD", "USD"])
    book(found)
    allowed = "currency must be that in which the ticker trades: USD on the board US, else KRW"
    assert [(1, "currency", "'USD'", allowed, "give the board in the table of instruments")] == told(found)


def test_a_holding_of_more_than_sums_hold_is_rejected() -> None:
    found = read(quantity=[1_000_000_001, 1_000_000_000], ticker=["005930", "005930"], price=[100_000, 100_000])
    book(found)
    allowed = "a holding must be worth at most 100,000,000,000,000 won"
    assert [(1, "quantity", "1,000,000,001 shares", allowed, "see its price and its quantity")] == told(found)


def test_words_that_are_near_a_right_one_are_told_of_each_cell() -> None:
    found = read(standing=["finance", "mine"])
    allowed = "standing must be one of financed, pledged, other, stock_loan, unsettled, elsewhere, cfd"
    assert [(1, "standing", "'finance'", allowed, "did you mean 'financed'?")] == told(found)[:1]
    assert "'mine'" == told(found)[1][2]


# Folders and frames as other programs write them.


def test_partitions_are_columns_and_their_names_are_read_as_in_urls(tmp_path: Path) -> None:
    for word, name in (("%EA%B0%95%EB%82%A8%20A", "a"), ("online", "b"), ("__HIVE_DEFAULT_PARTITION__", "c")):
        folder = tmp_path / "accounts" / f"segment={word}"
        folder.mkdir(parents=True)
        pl.DataFrame({"account": [name]}).write_parquet(folder / "0.parquet")
    pl.DataFrame(PLAIN).write_parquet(tmp_path / "holdings.parquet")
    found = read_tables(str(tmp_path))
    names = found.tables["accounts"].account.to_list()
    codes = found.tables["accounts"].values["segment"].tolist()
    words = [None if code < 0 else found.words["segment"][code] for code in codes]
    assert {"a": "강남 A", "b": "online", "c": None} == dict(zip(names, words, strict=True))


def test_a_partition_that_also_stands_in_the_file_is_read_there(tmp_path: Path) -> None:
    folder = tmp_path / "accounts" / "segment=x"
    folder.mkdir(parents=True)
    pl.DataFrame({"account": ["a", "b"], "segment": ["x", "x"]}).write_parquet(folder / "0.parquet")
    pl.DataFrame(PLAIN).write_parquet(tmp_path / "holdings.parquet")
    found = read_tables(str(tmp_path))
    assert (["x"], [0, 0]) == (found.words["segment"], found.tables["accounts"].values["segment"].tolist())


def test_columns_of_two_files_of_a_table_may_differ(tmp_path: Path) -> None:
    (tmp_path / "holdings").mkdir()
    pl.DataFrame(PLAIN).write_parquet(tmp_path / "holdings" / "0.parquet")
    text = "수량,계좌,종목,현재가\n9,c,A035720,65000\n"
    (tmp_path / "holdings" / "1.csv").write_text(text, encoding="utf-8")
    found = read_tables(str(tmp_path)).tables["holdings"]
    assert (["a", "b", "c"], [7, 8, 9]) == (found.account.to_list(), found.values["quantity"].tolist())
    assert [True, True, False] == pl.Series(found.values["price"]).is_nan().to_list()


def test_two_unknown_columns_of_one_name_are_both_carried(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account,memo,memo\na,1,2\nb,3,4\n", encoding="utf-8")
    pl.DataFrame(PLAIN).write_parquet(tmp_path / "holdings.parquet")
    found = read_tables(str(tmp_path))
    assert {"memo": ["1", "3"], "memo_2": ["2", "4"]} == found.tables["accounts"].carried.to_dict(as_series=False)
    assert [("accounts", "memo")] == list(dict.fromkeys(found.unused))


def test_lists_and_structs_are_carried_as_they_are_shown() -> None:
    accounts = pl.DataFrame({"account": ["a", "b"], "tags": [["x"], []], "grade": [{"of": 1}, {"of": 2}]})
    found = read_tables({"holdings": pl.DataFrame(PLAIN), "accounts": accounts}).tables["accounts"].carried
    assert ["['x']", "[]"] == found["tags"].to_list()
    assert ["{1}", "{2}"] == found["grade"].to_list()


@pytest.mark.parametrize("frame", [[1, 2], 7, object(), {"holdings": [1]}, pa.chunked_array([[1]])])
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    with pytest.raises(Refused, match="must be a path, a URL, or a frame of pandas, polars or Arrow"):
        read_tables(frame)


def test_frames_of_pandas_with_odd_columns() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: it comes with 'bench'")
    mixed = pandas.DataFrame(
        {"account": ["a", 5, NAN], "ticker": ["005930"] * 3, "quantity": [3, "4", None]}, dtype=object
    )
    found = read_tables(mixed)
    assert ["a", "5", None] == found.tables["holdings"].account.to_list()
    assert [(3, column, "empty", f"{column} must be given", "") for column in ("account", "quantity")] == told(found)
    named = mixed.iloc[:2].set_index("account")
    assert ["a", "5"] == read_tables(named).tables["holdings"].account.to_list()
    twice = pandas.DataFrame([["a", "005930", 1, 2]], columns=["account", "ticker", "quantity", "quantity"])
    with pytest.raises(Refused, match="must have one column of quantity, was 'quantity' and 'quantity'; take one out"):
        read_tables(twice)
