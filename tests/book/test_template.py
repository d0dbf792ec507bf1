"""The template of a book: every column explained, and rows that hang together."""

import csv
from pathlib import Path

import pytest

from gaemi.book.template import allowed, template_text, write_template
from gaemi.errors import Refused
from gaemi.records.book import HOLDINGS, LOANS, TABLES
from gaemi.sources.book.reader import read_tables
from gaemi.sources.book.words import HEADERS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_template(tmp_path_factory.mktemp("template") / "book")


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def line_of(table: str, name: str) -> str:
    text = template_text()
    part = text[text.index(f"\n{table}\n") :]
    return next(line for line in part.splitlines() if line.startswith(f"  {name} ("))


def test_each_column_has_a_line_with_what_is_allowed_its_meaning_and_its_other_headers() -> None:
    for table, columns in TABLES.items():
        for column in columns:
            line = line_of(table, column.name)
            others = HEADERS[table][column.name]
            missing = [part for part in (allowed(column), column.unit, column.meaning, *others) if part not in line]
            assert [] == missing, f"{table}.{column.name}"


def test_a_line_says_whether_a_column_is_needed() -> None:
    for table, columns in TABLES.items():
        needed = [column.name for column in columns if "(needed; " in line_of(table, column.name)]
        assert [column.name for column in columns if column.required] == needed


def test_what_is_allowed_is_said_in_words() -> None:
    by_name = {column.name: column for column in (*LOANS, *HOLDINGS)}
    assert "margin, pledged, stock_loan, unsettled or cfd" == allowed(LOANS[2])
    assert "KRW" == allowed(LOANS[-1])
    assert "whole number above 0, up to 2,000,000,000" == allowed(by_name["quantity"])


def test_files_have_the_columns_of_the_schema_and_stand_in_the_text_too(folder: Path) -> None:
    assert sorted(f"{table}.csv" for table in TABLES) == sorted(path.name for path in folder.iterdir())
    for table, columns in TABLES.items():
        lines = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        assert ",".join(column.name for column in columns) == lines[0]
        assert [] == [line for line in lines if f"    {line}\n" not in template_text()]


def test_needed_cells_of_the_example_rows_are_filled(folder: Path) -> None:
    for table, columns in TABLES.items():
        needed = [column.name for column in columns if column.required]
        assert all(row[name] for row in rows(folder, table) for name in needed)
        assert len(rows(folder, table)) in (1, 2)


def test_example_rows_hang_together(folder: Path) -> None:
    accounts = {row["account"] for row in rows(folder, "accounts")}
    held = {(row["account"], row["ticker"]): int(row["quantity"]) for row in rows(folder, "holdings")}
    assert accounts == {account for account, _ in held}
    assert {row["ticker"] for row in rows(folder, "instruments")} == {ticker for _, ticker in held}
    for loan in rows(folder, "loans"):
        assert int(loan["quantity"]) <= held[loan["account"], loan["ticker"]]


def test_the_reader_accepts_every_row_of_the_template(folder: Path) -> None:
    found = {row["table"]: (row["read"], row["rejected"]) for row in read_tables(str(folder)).rows()}
    assert {table: (len(rows(folder, table)), 0) for table in TABLES} == found


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="--out"):
        write_template(tmp_path)
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]
