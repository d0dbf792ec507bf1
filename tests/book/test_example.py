"""The example book: what it holds, that it hangs together, and that the same call gives the same bytes."""

import json
import os
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import stdev

import numpy as np
import polars as pl
import pytest

from gaemi.book.example import LEAST_PERSONS, write_example
from gaemi.days import is_session, sessions_between
from gaemi.errors import Refused
from gaemi.law.lawbook import LawBook, load
from gaemi.people.balances import shipped_balances
from gaemi.people.investors import investors_at
from gaemi.people.state import STATE_DATE
from gaemi.records.book import LOAN_KINDS, TABLES, Cell
from gaemi.sources.book.reader import read_tables
from gaemi.sources.prices import read_prices

ACCOUNTS = 20_000
MODULE = sys.modules[write_example.__module__]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "books"
KINDS_OF_CELLS = {
    Cell.ID: {pl.String}, Cell.TEXT: {pl.String}, Cell.TICKER: {pl.String}, Cell.WORD: {pl.String},
    Cell.UNITS: {pl.Int64}, Cell.SHARES: {pl.Int64}, Cell.WON: {pl.Int64}, Cell.DEBT: {pl.Int64},
    Cell.PRICE: {pl.Float64}, Cell.SHARE: {pl.Float64}, Cell.DATE: {pl.Date}, Cell.FLAG: {pl.Int8},
}  # fmt: skip
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_example(ACCOUNTS, tmp_path_factory.mktemp("example") / "book")


@pytest.fixture(scope="module")
def book(folder: Path) -> Frames:
    return frames(folder)


@pytest.fixture(scope="module")
def law() -> LawBook:
    return load()


def frames(folder: Path) -> Frames:
    return {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def claims(book: Frames) -> pl.DataFrame:
    """Shares held and shares that loans are on, by account and ticker of every loan."""
    claimed = book["loans"].group_by("account", "ticker").agg(pl.col("quantity").sum().alias("claimed"))
    return claimed.join(book["holdings"], on=["account", "ticker"], how="left")


def pools(book: Frames, price: pl.DataFrame, law: LawBook, on: date) -> pl.DataFrame:
    """Collateral and loans of the accounts with margin or pledged loans, and the maintenance of their firms in bps."""
    lots = claims({"loans": book["loans"].filter(pl.col("kind") != "unsettled"), "holdings": book["holdings"]})
    worth = book["holdings"].join(price, on="ticker").join(lots.drop("quantity"), on=["account", "ticker"], how="left")
    claimed = pl.col("claimed").fill_null(0)
    rate = law.value("margin.substitute_rate", on) / 10_000
    value = pl.col("price") * (claimed + rate * (pl.col("quantity") - claimed))
    maintenance = law.value("margin.maintenance", on)
    loans = book["loans"].group_by("account").agg(pl.col("principal").sum(), pl.col("kind"))
    return (
        worth.group_by("account")
        .agg(value.sum().alias("collateral"))
        .join(loans.filter(~pl.col("kind").list.contains("unsettled")), on="account")
        .join(book["accounts"], on="account")
        .with_columns(pl.col("firm").replace_strict(maintenance).alias("maintenance"))
        .with_columns(ratio=(pl.col("collateral") + pl.col("cash")) / pl.col("principal"))
    )


@pytest.mark.parametrize("table", sorted(TABLES))
def test_columns_have_the_names_the_order_and_the_types_of_the_schema(book: Frames, table: str) -> None:
    known = {column.name: KINDS_OF_CELLS[column.cell] for column in TABLES[table]}
    assert [name for name in known if name in book[table].columns] == book[table].columns
    assert {} == {name: kind for name, kind in book[table].schema.items() if kind.base_type() not in known[name]}


def test_accounts_are_as_many_as_asked_each_with_an_id_of_its_own_in_order(book: Frames) -> None:
    assert [f"A{number:08d}" for number in range(1, ACCOUNTS + 1)] == book["accounts"]["account"].to_list()


@pytest.mark.parametrize("table", ["loans", "holdings"])
def test_rows_stand_in_order_of_account_and_every_account_is_known(book: Frames, table: str) -> None:
    account = book[table]["account"]
    assert account.is_sorted()
    assert [] == sorted(set(account) - set(book["accounts"]["account"]))


def test_every_account_holds_something_and_no_name_twice(book: Frames) -> None:
    assert set(book["accounts"]["account"]) == set(book["holdings"]["account"])
    assert not book["holdings"].select("account", "ticker").is_duplicated().any()


def test_an_account_holds_about_as_many_names_as_one_of_several_firms_sees(book: Frames) -> None:
    assert 2.9 == pytest.approx(book["holdings"].height / ACCOUNTS, abs=0.1)


def test_every_name_stands_in_the_table_of_instruments_with_a_price(book: Frames) -> None:
    known = book["instruments"].filter(pl.col("price") > 0)["ticker"]
    assert [] == sorted(set(book["holdings"]["ticker"]) - set(known))
    assert known.n_unique() == len(known)


def test_loans_are_on_no_more_shares_than_the_account_holds(book: Frames) -> None:
    assert claims(book).filter(pl.col("claimed") <= pl.col("quantity")).height == claims(book).height > 0


def test_a_whole_book_owes_its_part_of_the_published_balances_to_the_won(book: Frames) -> None:
    persons = investors_at(STATE_DATE).persons
    published = shipped_balances().on_or_before(STATE_DATE).scaled(ACCOUNTS, persons)
    won = dict(book["loans"].group_by("kind").agg(pl.col("principal").sum()).iter_rows())
    assert published.margin_kospi_won + published.margin_kosdaq_won == won["margin"]
    assert published.pledged_won == won["pledged"]
    assert published.deposits_won == book["accounts"]["cash"].sum()


def test_as_many_accounts_borrow_as_in_the_country(book: Frames, law: LawBook) -> None:
    persons = investors_at(STATE_DATE).persons
    for kind in ("margin", "pledged"):
        wanted = law.value(f"people.{kind}_borrowers", STATE_DATE) * ACCOUNTS // persons
        assert wanted == book["loans"].filter(pl.col("kind") == kind)["account"].n_unique()


def test_firm_classes_have_the_shares_of_the_law(book: Frames, law: LawBook) -> None:
    counts = dict(book["accounts"]["firm"].value_counts().iter_rows())
    for firm, share in law.value("margin.firm_share", STATE_DATE).items():
        assert share / 10_000 == pytest.approx(counts[firm] / ACCOUNTS, abs=0.015)


def test_pools_stand_between_maintenance_and_the_highest_ratio_of_the_state(book: Frames, law: LawBook) -> None:
    price = book["instruments"].filter(pl.col("currency") == "KRW").select("ticker", "price")
    found = pools(book, price, law, STATE_DATE)
    assert 0 == found.filter(pl.col("ratio") * 10_000 < pl.col("maintenance")).height
    highest = law.value("people.highest_ratio", STATE_DATE)
    # A loan smaller than a share is on a whole one, so a few stand higher.
    assert found.filter(pl.col("ratio") > highest).height < found.height / 50


def test_loans_run_at_the_state_and_fall_due_no_earlier(book: Frames) -> None:
    assert book["loans"]["opened"].max() <= STATE_DATE <= book["loans"]["due"].min()
    assert all(is_session(day) for day in book["loans"]["opened"].unique())


def test_the_manifest_says_what_the_tables_hold(folder: Path, book: Frames) -> None:
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {name: table.height for name, table in book.items()} == told["rows"]
    assert book["loans"]["principal"].sum() == sum(told["won"][kind] for kind in LOAN_KINDS)
    assert told["published_won"] == {name: told["won"][name] for name in told["published_won"]}


def test_the_prices_are_a_history_of_the_states_day(folder: Path) -> None:
    history = read_prices(folder / "prices.parquet")
    assert (STATE_DATE,) == history.dates
    assert (4107.5, 107_500.0) == (history.close_on("KOSPI", STATE_DATE), history.close_on("005930", STATE_DATE))


def test_the_reader_accepts_every_row(folder: Path, book: Frames) -> None:
    rows = read_tables(str(folder)).rows()
    assert {name: (book[name].height, 0) for name in TABLES} == {
        row["table"]: (row["accepted"], row["rejected"]) for row in rows
    }


def test_the_same_bytes_with_any_number_of_threads(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert contents(folder) == contents(write_example(ACCOUNTS, tmp_path / "one"))


def test_another_seed_gives_another_book(folder: Path, tmp_path: Path) -> None:
    assert (
        contents(folder)["holdings.parquet"] != contents(write_example(ACCOUNTS, tmp_path / "x", 1))["holdings.parquet"]
    )


def test_the_same_rows_in_pieces_of_any_size(book: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "ROWS", 7_001)
    pieces = frames(write_example(ACCOUNTS, tmp_path / "pieces"))
    assert [] == [name for name in book if not book[name].equals(pieces[name])]


@pytest.mark.parametrize("count", [1, 7, LEAST_PERSONS - 1])
def test_a_small_book_has_all_its_tables(count: int, tmp_path: Path) -> None:
    found = frames(write_example(count, tmp_path / "small"))
    assert [*sorted(TABLES), "prices"] == sorted(found)
    assert count == found["accounts"].height == found["holdings"]["account"].n_unique()
    assert claims(found).filter(pl.col("claimed") > pl.col("quantity")).height == 0


# A book of given names.

ON = date(2023, 4, 21)
NAMES = ("111110", "222220", "333330")


def history(folder: Path, *names: str) -> Path:
    """Closes and volumes of the 80 sessions to ``ON`` and of five after it; each name has its own level."""
    days = sessions_between(ON - timedelta(days=130), ON + timedelta(days=7))
    rows = [
        (day, name, 1_000 * (1 + place) + 10 * (i * (7 + place) % 11), 5_000 + 3 * i)
        for place, name in enumerate(names)
        for i, day in enumerate(days)
    ]
    path = folder / "history.csv"
    pl.DataFrame(rows, ["date", "ticker", "close", "volume"], orient="row").write_csv(path)
    return path


@pytest.fixture(scope="module")
def concentrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Frames]:
    place = tmp_path_factory.mktemp("concentrated")
    source = history(place, *NAMES, "005930")
    return source, frames(write_example(1_000, place / "book", 3, NAMES, prices=str(source), on=ON))


def test_every_account_of_a_book_of_names_borrows_and_every_loan_is_on_one(concentrated: tuple[Path, Frames]) -> None:
    book = concentrated[1]
    assert set(book["accounts"]["account"]) == set(book["loans"]["account"])
    assert set(NAMES) == set(book["loans"]["ticker"])
    assert {"005930", *NAMES} == set(book["holdings"]["ticker"])
    assert claims(book).filter(pl.col("claimed") <= pl.col("quantity")).height == claims(book).height


def test_no_account_of_a_book_of_names_holds_a_name_twice(concentrated: tuple[Path, Frames]) -> None:
    assert not concentrated[1]["holdings"].select("account", "ticker").is_duplicated().any()


def test_a_book_of_names_keeps_the_ratios_of_the_country(concentrated: tuple[Path, Frames], law: LawBook) -> None:
    book = concentrated[1]
    found = pools(book, book["instruments"].select("ticker", "price"), law, ON)
    assert 0 == found.filter(pl.col("ratio") * 10_000 < pl.col("maintenance")).height
    assert found["ratio"].median() < 2.2


def test_names_are_measured_over_the_sixty_sessions_to_the_day(concentrated: tuple[Path, Frames]) -> None:
    source, book = concentrated
    past = pl.read_csv(source, try_parse_dates=True, schema_overrides={"ticker": pl.String})
    past = past.filter((pl.col("ticker") == NAMES[1]) & (pl.col("date") <= ON)).tail(61)
    close = past["close"].to_list()
    returns = [float(np.log(after / before)) for before, after in pairwise(close)]
    row = book["instruments"].row(1, named=True)
    assert (NAMES[1], close[-1]) == (row["ticker"], row["price"])
    assert round(sum(past["volume"].to_list()[1:]) / 60) == row["volume"]
    assert 100 * stdev(returns) == pytest.approx(row["volatility"], abs=1e-4)
    assert row["issued"] is None


def test_dates_of_a_book_of_names_move_with_its_day(concentrated: tuple[Path, Frames]) -> None:
    book = concentrated[1]
    assert book["loans"]["opened"].max() <= ON <= book["loans"]["due"].min()
    assert all(is_session(day) for day in book["loans"]["opened"].unique())
    assert [ON] == book["prices"]["date"].unique().to_list()


def test_two_loans_on_the_only_name_share_its_shares(tmp_path: Path) -> None:
    source = history(tmp_path, NAMES[0])
    book = frames(write_example(300, tmp_path / "book", names=NAMES[:1], prices=str(source), on=ON))
    both = claims(book).join(book["loans"].group_by("account").len().filter(pl.col("len") == 2), on="account")
    assert both["claimed"].to_list() == both["quantity"].to_list()
    assert both.height > 0
    assert 300 == book["holdings"].height


def test_shipped_names_need_no_prices(tmp_path: Path) -> None:
    book = frames(write_example(200, tmp_path / "book", names=("247540", "003670")))
    assert {"247540", "003670"} == set(book["loans"]["ticker"])
    assert [STATE_DATE] == book["prices"]["date"].unique().to_list()


def test_the_example_of_april_2023_hangs_together() -> None:
    tables = {
        path.stem: pl.read_csv(path, schema_overrides={"ticker": pl.String}, try_parse_dates=True)
        for path in (EXAMPLES / "april_2023").glob("*.csv")
    }
    assert ["accounts", "holdings", "loans"] == sorted(tables)
    assert {"004690", "016710", "017390", "030210", "004360"} == set(tables["loans"]["ticker"])
    assert claims(tables).filter(pl.col("claimed") <= pl.col("quantity")).height == claims(tables).height
    assert tables["loans"]["opened"].max() <= ON <= tables["loans"]["due"].min()
    assert all("price" not in table.columns for table in tables.values())


# What is refused.


def faults(**asked: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        write_example(**asked)  # type: ignore[arg-type]
    return [(fault.where, fault.found) for fault in refused.value.faults]


def test_counts_and_seeds_out_of_range_are_refused_together(tmp_path: Path) -> None:
    for count in (0, -3, 20_000_001):
        found = faults(count=count, folder=tmp_path / "none", seed=2**32)
        assert [("--example", f"{count:,}"), ("--seed", "4294967296")] == found
    assert [] == list(tmp_path.iterdir())


def test_a_date_and_prices_without_names_are_refused(tmp_path: Path) -> None:
    found = faults(count=5, folder=tmp_path / "none", on=ON, prices="history.csv")
    assert [("--on", "2023-04-21"), ("--prices", "history.csv")] == found


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert [("--out", str(tmp_path))] == faults(count=5, folder=tmp_path)
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]


def test_an_earlier_example_is_replaced(tmp_path: Path) -> None:
    write_example(5, tmp_path / "book")
    write_example(6, tmp_path / "book")
    assert 6 == frames(tmp_path / "book")["accounts"].height
    assert ["book"] == [path.name for path in tmp_path.iterdir()]


def test_a_disk_that_fills_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(MODULE.json, "dumps", full)
    assert [("--out", str(tmp_path / "book"))] == faults(count=5, folder=tmp_path / "book")
    assert [] == list(tmp_path.iterdir())


def test_names_without_a_price_are_refused_all_at_once(tmp_path: Path) -> None:
    source = history(tmp_path, *NAMES)
    asked = ("111110", "999990", "111110", "TQQQ")
    found = faults(count=5, folder=tmp_path / "none", names=asked, prices=str(source), on=ON)
    assert [("--names", "'111110'"), ("--names", "'999990'"), ("--names", "'TQQQ'")] == found


def test_names_without_sixty_sessions_are_refused(tmp_path: Path) -> None:
    source = history(tmp_path, *NAMES)
    early = sessions_between(ON - timedelta(days=130), ON)[20]
    with pytest.raises(Refused, match=r"111110"):
        write_example(5, tmp_path / "none", names=NAMES[:1], prices=str(source), on=early)


def test_without_prices_only_shipped_shares_that_trade_are_names(tmp_path: Path) -> None:
    asked = ("004690", "122630", "NVDA", "207940")
    found = faults(count=5, folder=tmp_path / "none", names=asked, on=ON)
    assert [("--on", "2023-04-21"), *(("--names", f"'{name}'") for name in asked)] == found


def test_a_book_of_names_is_no_larger_than_the_country_has_borrowers(tmp_path: Path) -> None:
    assert [("--example", "1,000,001")] == faults(count=1_000_001, folder=tmp_path / "none", names=("005930",))
