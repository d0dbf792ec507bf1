"""``gaemi book`` from the outside: what is printed, which files are left, and the code with which it ends."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from views.conftest import gaemi, refusals

from gaemi.records.book import TABLES
from gaemi.sources.book.rejects import COLUMNS, SHOWN

ON = ("--on", "2025-10-31")
HELP = "a book is a file, a folder, a URL of an object store or of PostgreSQL; `gaemi book --template` shows one"
SHORT = "short positions and overdrafts are not taken, see docs/book.md#short"
HOLDINGS = "account,ticker,quantity,loan\nA,005930,100,5000000\nB,000660,-4,\nC,999990,1.5,x\nD,000660,9,\n"
FAULTS = [
    ("holdings", "h.csv", 3, "quantity", "'-4'", "quantity must be above 0", SHORT),
    ("holdings", "h.csv", 4, "loan", "'x'", "loan must be whole won", "write it as 140,000,000 or 140m or 1억 4천만"),
    (
        "holdings", "h.csv", 4, "quantity", "'1.5'", "quantity must be a whole number of shares",
        "fractions are not taken, see docs/book.md#fractions",
    ),
]  # fmt: skip


@pytest.fixture
def good(tmp_path: Path) -> str:
    (tmp_path / "g.csv").write_text("account,ticker,quantity,loan\nA,005930,100,5000000\n", encoding="utf-8")
    return str(tmp_path / "g.csv")


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    (tmp_path / "h.csv").write_text(HOLDINGS, encoding="utf-8")
    return str(tmp_path / "h.csv")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --validate.


def test_a_book_without_a_fault_passes(good: str, tmp_path: Path) -> None:
    answer = gaemi("book", good, "--validate", *ON)
    assert 0 == answer.code
    assert "1 rows read: 1 accepted, 0 rejected." in answer.out
    assert answer.out.rstrip().endswith("The book passed.")
    assert ["g.csv"] == left(tmp_path)


def test_a_book_with_rejects_ends_with_one_and_tells_them(mixed: str, tmp_path: Path) -> None:
    answer = gaemi("book", mixed, "--validate", *ON)
    assert 1 == answer.code
    assert "4 rows read: 2 accepted, 2 rejected." in answer.out
    words = " ".join(answer.out.split())
    for _, file, row, column, found, allowed, help in FAULTS:
        assert f"{file} row {row}, {column}: {allowed}, was {found}; {help}" in words
    assert answer.out.rstrip().endswith("The book did NOT pass.")
    assert ["h.csv"] == left(tmp_path)


def test_a_validation_as_json_has_every_count(mixed: str) -> None:
    answer = gaemi("book", mixed, "--validate", "--json", *ON)
    document = json.loads(answer.out)
    assert (1, "gaemi.book-validation/1", False) == (answer.code, document["schema"], document["passed"])
    assert [{"table": "holdings", "read": 4, "accepted": 2, "rejected": 2}] == document["rows"]
    assert (len(FAULTS), FAULTS) == (document["rejects_total"], [tuple(each.values()) for each in document["rejects"]])


def test_a_book_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("account,ticker,quantity\nA,005930,0\nB,999990,4\n", encoding="utf-8")
    found = refusals("book", str(tmp_path / "h.csv"), "--validate", *ON, "--rejects", str(tmp_path / "bad.csv"))
    assert [
        "file h.csv: a book must hold at least one accepted holding, was no accepted holding; "
        "the first reject: row 2, '0': quantity must be above 0"
    ] == found
    assert ["bad.csv", "h.csv"] == left(tmp_path)
    assert [2, 3] == pl.read_csv(tmp_path / "bad.csv")["row"].to_list()


def test_a_run_of_a_book_with_rejects_is_a_success_and_says_so(mixed: str) -> None:
    answer = gaemi("book", mixed, "--json", "--days", "2", *ON)
    document = json.loads(answer.out)
    assert (0, 2) == (answer.code, document["rows"][0]["rejected"])
    assert 2 == document["totals"]["accounts"]
    assert "Rows read = accepted + rejected: holdings 4 = 2 + 2" in " ".join(
        gaemi("book", mixed, "--days", "2", *ON).out.split()
    )


# --rejects FILE.


def test_rejects_as_csv_hold_all_faults_of_all_rows(mixed: str, tmp_path: Path) -> None:
    gaemi("book", mixed, "--validate", *ON, "--rejects", str(tmp_path / "bad.csv"))
    with (tmp_path / "bad.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert (list(COLUMNS), [[str(cell) for cell in fault] for fault in FAULTS]) == (header, rows)
    assert ["bad.csv", "h.csv"] == left(tmp_path)


@pytest.mark.parametrize("name", ["bad.parquet", "bad.PQ"])
def test_rejects_as_parquet_hold_the_same(name: str, mixed: str, tmp_path: Path) -> None:
    gaemi("book", mixed, "--validate", *ON, "--rejects", str(tmp_path / name))
    found = pl.read_parquet(tmp_path / name, glob=False)
    assert (list(COLUMNS), FAULTS) == (found.columns, found.rows())
    assert sorted([name, "h.csv"]) == left(tmp_path)


def test_rejects_are_complete_where_the_screen_shows_a_few(tmp_path: Path) -> None:
    count = 5_000
    rows = "".join(f"A{i},00593,-{i},much\n" for i in range(1, count + 1))
    (tmp_path / "h.csv").write_text(f"account,ticker,quantity,loan\nA,005930,1,\n{rows}", encoding="utf-8")
    answer = gaemi("book", str(tmp_path / "h.csv"), "--validate", "--json", *ON, "--rejects", str(tmp_path / "b.csv"))
    document, found = json.loads(answer.out), pl.read_csv(tmp_path / "b.csv")
    assert (SHOWN, 2 * count) == (len(document["rejects"]), document["rejects_total"])
    assert (2 * count, count) == (found.height, found["row"].n_unique())
    assert [(3, "loan", "'much'"), (3, "quantity", "'-1'")] == found.select("row", "column", "found").rows()[:2]


def test_no_rejects_leave_an_empty_table_and_replace_an_old_one(good: str, tmp_path: Path) -> None:
    for name, read in (("bad.csv", pl.read_csv), ("bad.parquet", pl.read_parquet)):
        (tmp_path / name).write_text("of yesterday", encoding="utf-8")
        assert 0 == gaemi("book", good, "--validate", *ON, "--rejects", str(tmp_path / name)).code
        assert (list(COLUMNS), 0) == (read(tmp_path / name).columns, read(tmp_path / name).height)


def test_a_book_that_cannot_be_read_leaves_the_rejects_of_yesterday(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("of yesterday", encoding="utf-8")
    refusals("book", str(tmp_path / "none.csv"), "--validate", *ON, "--rejects", str(tmp_path / "bad.csv"))
    assert (["bad.csv"], "of yesterday") == (left(tmp_path), (tmp_path / "bad.csv").read_text(encoding="utf-8"))


def test_a_place_in_which_no_rejects_can_be_is_refused_before_the_work(mixed: str, tmp_path: Path) -> None:
    for place, fault in (
        (tmp_path / "bad.txt", "must be a file that ends in .csv or .parquet, was {}"),
        (tmp_path / "no" / "bad.csv", f"must be in a folder that exists, was {{}}; make {tmp_path / 'no'} first"),
    ):
        found = refusals("book", mixed, "--validate", *ON, "--rejects", str(place))
        assert [f"--rejects: {fault.format(place)}"] == found
    assert ["h.csv"] == left(tmp_path)


def test_a_folder_in_the_place_of_the_rejects_is_refused_and_left(mixed: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").mkdir()
    (fault,) = refusals("book", mixed, "--validate", *ON, "--rejects", str(tmp_path / "bad.csv"))
    assert fault.startswith("--rejects: must be a file that can be written (")
    assert ["bad.csv", "h.csv"] == left(tmp_path)


# --template and --example.


def test_the_template_that_is_written_is_read_without_a_reject(tmp_path: Path) -> None:
    assert 0 == gaemi("book", "--template", "--out", str(tmp_path / "book")).code
    assert sorted(f"{table}.csv" for table in TABLES) == left(tmp_path / "book")
    answer = gaemi("book", str(tmp_path / "book"), "--validate", "--json", *ON)
    document = json.loads(answer.out)
    assert (0, True, 0) == (answer.code, document["passed"], document["rejects_total"])
    assert list(TABLES) == sorted((row["table"] for row in document["rows"]), key=list(TABLES).index)
    assert all(row["accepted"] == row["read"] > 0 for row in document["rows"])


def test_the_template_on_the_screen_names_every_column() -> None:
    answer = gaemi("book", "--template")
    assert 0 == answer.code
    assert [] == [
        column.name for columns in TABLES.values() for column in columns if f"  {column.name} (" not in answer.out
    ]


def test_an_example_book_passes(tmp_path: Path) -> None:
    assert 0 == gaemi("book", "--example", "500", "--out", str(tmp_path / "book")).code
    answer = gaemi("book", str(tmp_path / "book"), "--validate", "--json")
    document = json.loads(answer.out)
    assert (0, 0, "2025-10-31") == (answer.code, document["rejects_total"], document["on"])
    assert {"accounts": 500} == {row["table"]: row["read"] for row in document["rows"] if row["table"] == "accounts"}


# What is refused.


@pytest.mark.parametrize(("arguments", "fault"), [
    ((), "gaemi book: needs a book, was no source; give a file, a folder or a URL; --template shows the tables, "
         "--example 1000 --out DIR makes some"),
    (("nowhere.csv",), f"nowhere.csv: must be a file or a folder, was nothing there; {HELP}"),
    (("--example", "5"), "--example: needs a folder to be written, was 5; give --out DIR"),
    (("--example", "5", "--template"), "--example: cannot stand beside --template, was 5; give one of the two"),
    (("x", "--table", "holdings=risk.positions"),
     "--table: belongs to a database, was holdings; give a URL as postgresql://user@host/risk"),
    (("postgresql://h/b", "--table", "positions=x"),
     "--table: tables of a book are accounts, loans, holdings, instruments, was 'positions'; "
     'write --table "holdings=risk.positions"'),
])  # fmt: skip
def test_a_request_that_cannot_be_taken_is_refused(arguments: tuple[str, ...], fault: str) -> None:
    assert [fault] == refusals("book", *arguments)


def test_every_fault_of_a_request_is_told_at_once(good: str) -> None:
    found = refusals("book", good, "--days", "0", "--paths", "7", "--shock", "-5%", "--replay", "covid-2020")
    assert ["--replay", "--paths", "--days"] == [fault.split(":")[0] for fault in found]


def test_own_prices_need_a_date(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("account,ticker,quantity,price\nA,005930,1,100\n", encoding="utf-8")
    assert [
        "--on: a book with its own prices needs its date, was prices in the table of holdings and no date; "
        "give --on 2025-10-31"
    ] == refusals("book", str(tmp_path / "h.csv"), "--validate")


def test_one_corrupt_file_of_a_folder_leaves_no_result(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "holdings.csv").write_text(HOLDINGS, encoding="utf-8")
    (tmp_path / "book" / "loans.parquet").write_bytes(b"PAR1")
    (fault,) = refusals("book", str(tmp_path / "book"), *ON, "--out", str(tmp_path / "run"))
    assert fault.startswith("loans.parquet: must be a readable table, was '")
    assert ["book"] == left(tmp_path)
