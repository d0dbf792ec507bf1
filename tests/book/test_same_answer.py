"""The same book from files, frames, libraries and a database, its rows in any order, on any number of threads: one
document and one table of accounts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow.parquet as pa_parquet
import pytest
from book import invented
from book.invented import ON
from postgres import Server

import gaemi
from gaemi.book.view import BookResult

SHOCK = "KOSPI -18%, KOSDAQ -24%, USDKRW +6% over 2d, 111110 -30% x2 locked fill 5%"
NO_PANDAS = "pandas is not installed: it comes with 'bench'"
NO_DUCKDB = "duckdb is not installed: it comes with 'bench'"
NO_ADBC = "adbc-driver-postgresql is not installed: it comes with 'db'"
Tables = dict[str, pl.DataFrame]


class Answer(NamedTuple):
    document: dict[str, Any]
    accounts: pl.DataFrame


def answer(source: Any, threads: int = 1) -> Answer:
    result: BookResult = gaemi.book(source, on=ON, shock=SHOCK, days=4, threads=threads)
    told = {key: part for key, part in result.document.items() if key not in ("run", "timing", "source", "title")}
    return Answer(told, result.frame.sort("account"))


def check_same(expected: Answer, found: Answer) -> None:
    assert expected.document == found.document
    assert expected.accounts.schema == found.accounts.schema
    assert expected.accounts.equals(found.accounts)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return invented.book()


@pytest.fixture(scope="module")
def expected(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """The answer from a folder of four Parquet files."""
    return answer(as_parquet(tables, tmp_path_factory.mktemp("book")))


def as_parquet(tables: Tables, folder: Path) -> str:
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return str(folder)


def as_csv(tables: Tables, folder: Path) -> str:
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv")
    return str(folder)


def as_csv_of_an_office(tables: Tables, folder: Path) -> str:
    """CP949, semicolons, carriage returns, compact dates."""
    for name, table in tables.items():
        text = table.write_csv(separator=";", date_format="%Y%m%d", line_terminator="\r\n")
        (folder / f"{name}.csv").write_bytes(text.encode("cp949"))
    return str(folder)


def as_partitions(tables: Tables, folder: Path) -> str:
    """Accounts in folders by segment, loans and holdings in files of unequal size, one table as CSV."""
    for place, (segment, part) in enumerate(tables["accounts"].partition_by("segment", as_dict=True).items()):
        here = folder / "accounts" / f"segment={segment[0]}"
        here.mkdir(parents=True)
        part.drop("segment").write_parquet(here / f"{place}.parquet")
    for name in ("loans", "holdings"):
        (folder / name).mkdir()
        for place, (first, stop) in enumerate(((0, 1), (1, 1), (1, 200), (200, None))):
            tables[name][first:stop].write_parquet(folder / name / f"part-{place}.parquet")
    tables["instruments"].write_csv(folder / "instruments.csv")
    return str(folder)


def as_polars(tables: Tables, folder: Path) -> Tables:
    return tables


def as_lazy(tables: Tables, folder: Path) -> dict[str, pl.LazyFrame]:
    return {name: table.lazy() for name, table in tables.items()}


def as_arrow(tables: Tables, folder: Path) -> dict[str, Any]:
    return {name: table.to_arrow() for name, table in tables.items()}


def as_dictionaries(tables: Tables, folder: Path) -> Tables:
    """Text as codes of words, as libraries keep columns of few words."""
    return {name: table.with_columns(pl.col(pl.String).cast(pl.Categorical)) for name, table in tables.items()}


def as_text(tables: Tables, folder: Path) -> Tables:
    return {name: table.select(pl.all().cast(pl.String)) for name, table in tables.items()}


def as_pandas(tables: Tables, folder: Path) -> dict[str, Any]:
    pandas = pytest.importorskip("pandas", reason=NO_PANDAS)
    return {name: pandas.DataFrame(table.to_dict(as_series=False)) for name, table in tables.items()}


def as_parquet_of_pandas(tables: Tables, folder: Path) -> str:
    for name, table in as_pandas(tables, folder).items():
        table.to_parquet(folder / f"{name}.parquet")
    return str(folder)


def as_parquet_of_arrow(tables: Tables, folder: Path) -> str:
    """Small row groups, dictionaries, another compression."""
    for name, table in tables.items():
        pa_parquet.write_table(table.to_arrow(), folder / f"{name}.parquet", compression="gzip", row_group_size=50)
    return str(folder)


def as_parquet_of_duckdb(tables: Tables, folder: Path) -> str:
    duckdb = pytest.importorskip("duckdb", reason=NO_DUCKDB)
    for name, table in tables.items():
        given = table.to_arrow()  # found by its name
        duckdb.sql(f"COPY (SELECT * FROM given) TO '{folder / name}.parquet' (FORMAT parquet)")
        assert given.num_rows == table.height
    return str(folder)


WAYS: tuple[Callable[[Tables, Path], Any], ...] = (
    as_csv, as_csv_of_an_office, as_partitions, as_polars, as_lazy, as_arrow, as_dictionaries, as_text, as_pandas,
    as_parquet_of_pandas, as_parquet_of_arrow, as_parquet_of_duckdb,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__[3:])
def test_every_way_in_gives_the_same_answer(
    way: Callable[[Tables, Path], Any], tables: Tables, expected: Answer, tmp_path: Path
) -> None:
    check_same(expected, answer(way(tables, tmp_path)))


def test_a_database_gives_the_same_answer(server: Server, tables: Tables, expected: Answer) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason=NO_ADBC)
    name = server.database("same")
    kinds = {pl.String: "text", pl.Int64: "bigint", pl.Int32: "integer", pl.Float64: "numeric(15, 4)", pl.Date: "date"}
    for table, frame in tables.items():
        columns = ", ".join(f'"{column}" {kinds[type(dtype)]}' for column, dtype in frame.schema.items())
        copied = f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER);\n{frame.write_csv()}\\.\n"
        server.sql(f"CREATE TABLE {table} ({columns});\n{copied}", name)
    check_same(expected, answer(server.url(name)))


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_in_another_order_give_the_same_answer(seed: int, tables: Tables, expected: Answer) -> None:
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in tables.items()}
    check_same(expected, answer(shuffled))


def test_two_threads_give_the_same_answer(tables: Tables, expected: Answer) -> None:
    check_same(expected, answer(tables, threads=2))


def test_the_book_has_all_that_a_book_may_hold(tables: Tables, expected: Answer) -> None:
    """Else the tests above would prove little."""
    document, accounts = expected
    assert [0] * 4 == [row["rejected"] for row in document["rows"]]
    assert {"margin", "pledged", "stock_loan", "unsettled"} == set(tables["loans"]["kind"])
    assert 0 < document["totals"]["under_accounts"] < document["totals"]["borrowers"] < document["totals"]["accounts"]
    assert accounts["outcome"].n_unique() > 3
    assert accounts["residual_won"].sum() > 0
    assert document["totals"]["morning_won"] > 0
