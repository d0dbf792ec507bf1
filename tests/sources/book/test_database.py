"""A book in a PostgreSQL database: the same rows as in files, all of one moment, or a refusal in words."""

import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.fs as pa_fs
import pytest
from postgres import Server

from gaemi.errors import Refused
from gaemi.sources.book.cells import text_of
from gaemi.sources.book.database import DatabaseParts, is_database, parts_of_database
from gaemi.sources.book.parts import Part, file_part

pytest.importorskip("adbc_driver_postgresql", reason="adbc-driver-postgresql is not installed: it comes with 'db'")

TABLES = {
    "accounts": "account,cash,segment,called\nA1,5000000,강남 지점,2025-10-31\nA2,0,,\n",
    "loans": "account,principal,ticker,opened\nA1,45000000,005930,2025-09-01\n",
    "holdings": "account,ticker,quantity,price\nA1,005930,1000,71000.00\nA1,TSLL,300,20.48\nA2,000660,12,559000.00\n",
    "instruments": 'ticker,name,substitute,volume,halted\n005930,"Share, common",70.0,15000000,false\nTSLL,,,0,true\n',
}
COLUMNS = {
    "accounts": "account text, cash bigint, segment varchar(20), called date",
    "loans": "account text, principal numeric(15), ticker char(8), opened timestamp",
    "holdings": "account text, ticker text, quantity integer, price numeric(12, 2)",
    "instruments": "ticker text, name text, substitute numeric(4, 1), volume bigint, halted boolean",
}
LONG = "SELECT 'A' || i AS account, '005930' AS ticker, i AS quantity FROM generate_series(1, 1500000) AS i"


@pytest.fixture(scope="module")
def book(own_server: Server) -> str:
    """A database with the four tables in its search path and the same in the schema ``risk`` under other names."""
    name = own_server.database("book")
    made = ["CREATE SCHEMA risk;"]
    for table, text in TABLES.items():
        made += [f"CREATE TABLE {table} ({COLUMNS[table]});"]
        made += [f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER);\n{text}\\.\n"]
        made += [f'CREATE VIEW risk."All {table}" AS SELECT * FROM {table};']
    own_server.sql("\n".join(made), name)
    return name


def texts_of(part: Part) -> list[tuple[str | None, ...]]:
    """The rows of a part as the checker reads their text; a midnight is its day."""
    rows = [pl.DataFrame([text_of(column) for column in each.cells]).rows() for each in part.rows()]
    return [tuple(cell and cell.removesuffix(" 00:00:00") for cell in row) for batch in rows for row in batch]


def texts_of_files(folder: Path) -> dict[str, tuple[tuple[str, ...], list[tuple[str | None, ...]]]]:
    found = {}
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        part = file_part(pa_fs.LocalFileSystem(), str(folder / f"{name}.csv"), str(folder))
        found[name] = (part.headers, texts_of(part))
    return found


def faults_of(url: str, tables: Mapping[str, str] | None = None, queries: Mapping[str, str] | None = None) -> list[str]:
    """The faults on opening; else of the first part whose rows are refused."""
    with pytest.raises(Refused) as refused, parts_of_database(url, tables or {}, queries or {}) as parts:
        for each in parts.values():
            texts_of(each[0])
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("tables", "queries"),
    [
        ({}, {}),
        ({name: f"public.{name}" for name in TABLES}, {}),
        ({name: f"risk.All {name}" for name in TABLES}, {}),
        ({}, {name: f"SELECT * FROM {name};\n" for name in TABLES}),
        ({"holdings": 'risk."All holdings"'}, {"loans": "WITH all_of AS (TABLE loans) SELECT * FROM all_of -- loans"}),
    ],
    ids=["names of the book", "schema and name", "view with a space", "queries", "some of each"],
)
def test_tables_and_queries_give_the_rows_of_the_files(
    server: Server, book: str, tables: dict[str, str], queries: dict[str, str], tmp_path: Path
) -> None:
    with parts_of_database(server.url(book), tables, queries) as parts:
        found = {name: (each[0].headers, texts_of(each[0])) for name, each in parts.items()}
        names = {name: [part.name for part in each] for name, each in parts.items()}
    assert texts_of_files(tmp_path) == found
    assert {name: [f"query of {name}" if name in queries else tables.get(name, name)] for name in TABLES} == names


def test_a_table_that_is_neither_named_nor_there_is_left_out(server: Server) -> None:
    name = server.database("few")
    server.sql("CREATE SCHEMA far; CREATE TABLE far.loans (account text); CREATE TABLE positions (account text)", name)
    server.sql("CREATE MATERIALIZED VIEW instruments AS SELECT '005930'::text AS ticker", name)
    with parts_of_database(server.url(name), {"holdings": "positions"}, {}) as parts:
        assert ["holdings", "instruments"] == list(parts)
        assert [("005930",)] == texts_of(parts["instruments"][0])


def test_every_kind_of_column_arrives_well(server: Server, book: str) -> None:
    query = """
        SELECT 1::smallint AS small, 2 AS whole, 9007199254740993::bigint AS large, 0.5::real AS half,
            0.1::float8 AS tenth, true AS flag, ' x ' AS text, 'y'::char(4) AS padded, 12.50::numeric AS number,
            'NaN'::numeric AS nothing, '$1,234.50'::money AS money, date '2025-10-31' AS day, date 'infinity' AS never,
            timestamp '2025-10-31 15:30' AS moment, timestamptz '2025-10-31 00:00+09' AS midnight,
            '6f1c7a52-0000-4000-8000-000000000001'::uuid AS id, ARRAY[1, 2] AS list, '005930'::name AS name
        UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL"""
    with parts_of_database(server.url(book), {}, {"holdings": query}) as parts:
        (rows,) = parts["holdings"][0].rows()
    assert [1, 2] == rows.numbers.tolist()
    first, second = rows.cells.rows()
    expected = (
        1,
        2,
        9007199254740993,
        0.5,
        0.1,
        True,
        " x ",
        "y   ",
        "12.50",
        "NaN",
        "1234.50",
        "2025-10-31",
        "infinity",
    )
    others = ("2025-10-31 15:30:00", "2025-10-31 00:00:00", "6f1c7a52-0000-4000-8000-000000000001", "{1,2}", "005930")
    assert (*expected, *others) == first
    assert (None,) * 18 == second
    numbers = [pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.Boolean]
    assert [*numbers, *[pl.String] * 12] == rows.cells.dtypes


def test_the_headers_are_those_of_the_query_even_where_two_are_the_same(server: Server, book: str) -> None:
    query = 'SELECT account AS "계좌 ""번호""", ticker, ticker, 1 AS c1 FROM holdings ORDER BY quantity LIMIT 1'
    with parts_of_database(server.url(book), {}, {"holdings": query}) as parts:
        assert ('계좌 "번호"', "ticker", "ticker", "c1") == parts["holdings"][0].headers
        assert [("A2", "000660", "000660", "1")] == texts_of(parts["holdings"][0])


def test_a_database_in_the_encoding_of_korean_offices_is_read(server: Server) -> None:
    name = server.database("offices", "ENCODING 'EUC_KR' LOCALE 'C'")
    server.sql("SET client_encoding TO 'UTF8'; CREATE TABLE 잔고 (계좌 text); INSERT INTO 잔고 VALUES ('김개미')", name)
    with parts_of_database(server.url(name), {"holdings": "잔고"}, {}) as parts:
        assert ("계좌",) == parts["holdings"][0].headers
        assert [("김개미",)] == texts_of(parts["holdings"][0])


def test_text_of_no_known_encoding_is_refused(server: Server) -> None:
    name = server.database("bytes", "ENCODING 'SQL_ASCII' LOCALE 'C'")
    server.sql("CREATE TABLE holdings (account text); INSERT INTO holdings VALUES (E'\\xB1\\xE8')", name)
    assert ["must be readable to its last row"] == [
        fault.split(": ")[1].split(",")[0] for fault in faults_of(server.url(name))
    ]


def test_the_book_is_of_one_moment(server: Server) -> None:
    name = server.database("moment")
    server.sql("CREATE TABLE holdings (account text); CREATE TABLE loans (account text)", name)
    server.sql("INSERT INTO holdings VALUES ('before'); INSERT INTO loans VALUES ('before')", name)
    with parts_of_database(server.url(name), {}, {}) as parts:
        server.sql("INSERT INTO holdings VALUES ('after'); DELETE FROM loans", name)
        first = [texts_of(parts[table][0]) for table in ("holdings", "loans")]
        server.sql("DELETE FROM holdings", name)
        second = [texts_of(parts[table][0]) for table in ("holdings", "loans")]
    assert [[("before",)], [("before",)]] == first == second


def test_rows_are_numbered_on_through_all_batches(server: Server, book: str) -> None:
    with parts_of_database(server.url(book), {}, {"holdings": LONG}) as parts:
        batches = list(parts["holdings"][0].rows())
    assert len(batches) > 1
    numbers = np.concatenate([rows.numbers for rows in batches])
    assert np.array_equal(np.arange(1, 1_500_001), numbers)
    assert np.array_equal(numbers, np.concatenate([rows.cells["2"].to_numpy() for rows in batches]))


def halfway(parts: DatabaseParts) -> Iterator[object]:
    """The rows of the holdings, of which the first batch was read."""
    rows = parts["holdings"][0].rows()
    assert len(next(rows).numbers) < 1_500_000
    return rows


def test_a_part_left_halfway_can_be_read_again_and_so_can_the_others(server: Server, book: str) -> None:
    with parts_of_database(server.url(book), {}, {"holdings": LONG}) as parts:
        halfway(parts)
        assert [("A1", "45000000", "005930", "2025-09-01")] == texts_of(parts["loans"][0])
        assert 1_500_000 == sum(len(rows.numbers) for rows in parts["holdings"][0].rows())


def test_two_parts_are_never_read_at_a_time(server: Server, book: str) -> None:
    """The driver would drop the rest of the first without a word."""
    with parts_of_database(server.url(book), {}, {"holdings": LONG}) as parts:
        rows = halfway(parts)
        with pytest.raises(AssertionError, match="query of holdings is still being read"):
            next(parts["loans"][0].rows())
        assert next(rows) is not None


def terminate(server: Server) -> None:
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gaemi'")


def cancel(server: Server) -> None:
    server.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'gaemi'")


def crash(server: Server) -> None:
    server.stop(signal.SIGQUIT)


@pytest.mark.parametrize("end", [terminate, cancel, crash])
def test_a_database_that_goes_away_halfway_is_refused(server: Server, book: str, end: object) -> None:
    assert callable(end)
    parts = parts_of_database(server.url(book), {}, {"holdings": LONG})
    rows = halfway(parts)
    end(server)
    with pytest.raises(Refused) as refused:
        list(rows)
    (fault,) = refused.value.faults
    assert f"{server.shown(book)} query of holdings" == fault.where
    expected = ("must be readable to its last row", "nothing of this source was used: try again")
    assert expected == (fault.allowed, fault.help)
    with pytest.raises(Refused, match="must be read while its connection is open, was a closed connection"):
        list(parts["loans"][0].rows())


def test_an_error_of_a_late_row_is_refused(server: Server, book: str) -> None:
    query = "SELECT account, ticker, 1 / (1400000 - quantity) AS quantity FROM (" + LONG + ") AS long"
    with parts_of_database(server.url(book), {}, {"holdings": query}) as parts:
        rows = halfway(parts)
        with pytest.raises(Refused, match="must be readable to its last row, was 'division by zero'"):
            list(rows)


def test_rows_of_a_closed_book_are_refused(server: Server, book: str) -> None:
    with parts_of_database(server.url(book), {}, {}) as parts:
        pass
    with pytest.raises(Refused, match="holdings: must be read while its connection is open, was a closed connection"):
        list(parts["holdings"][0].rows())


def test_a_book_that_nobody_holds_leaves_no_connection(server: Server, book: str) -> None:
    parts = parts_of_database(server.url(book), {}, {})
    del parts
    for _ in range(100):
        count = server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gaemi'")
        if count == "0":
            break
    assert "0" == count


def test_who_is_not_let_in_is_told_so_without_the_password(server: Server, book: str) -> None:
    fault = (
        f'{server.shown(book)}: must be a database that lets this user in, was \'connection to server at "127.0.0.1", '
        f'port {server.port} failed: FATAL:  password authentication failed for user "keeper"\'; '
        "check host, port, database, user and password; is the server running? "
        "signs like @ and / in a password are written %40 and %2F"
    )
    assert [fault] == faults_of(server.url(book, password="wrong"))
    assert 'database "nowhere" does not exist' in faults_of(server.url("nowhere"))[0]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgresql://keeper:hidden@127.0.0.1:1/book", "port 1 failed: Connection refused'"),
        ("postgresql://keeper:hidden@127.0.0.1:x1/book", 'invalid integer value "x1" for connection option "port"\''),
        ("postgresql://keeper:hid#den/@127.0.0.1/book", 'was \'invalid integer value "***" for'),
        ("postgresql://127.0.0.1:1/book?user=keeper&password=hidden", "port 1 failed: Connection refused'"),
        ("postgresql://keeper:hidden@no-such-host.invalid/book", "could not translate host name"),
        ("mysql://keeper:hidden@host/book", "must begin with postgresql:// or postgres://, was another kind of URL"),
    ],
)
def test_a_server_that_cannot_be_reached_is_refused(url: str, found: str) -> None:
    (fault,) = faults_of(url)
    assert found in fault
    assert "hid" not in fault and "den" not in fault


def test_every_fault_of_the_tables_and_queries_is_told(server: Server, book: str) -> None:
    tables = {"accounts": "acounts", "holdings": "risk.All holding", "loans": 'x"; DROP TABLE loans; --'}
    shown = server.shown(book)
    view = "must be a table or view of the database"
    assert [
        f"{shown} acounts: {view}, was 'relation \"acounts\" does not exist'; did you mean 'accounts'?",
        f"{shown}: must be the name of a table, was 'x\"; DROP TABLE loans; --'; "
        'write it as positions or risk."Positions"',
        f"{shown} risk.All holding: {view}, was 'relation \"risk.All holding\" does not exist'; "
        "did you mean 'risk.All holdings'?",
        f"{shown} query of instruments: must name columns that are there, was 'column \"nmae\" does not exist'",
    ] == faults_of(server.url(book), tables, {"instruments": "SELECT nmae FROM instruments"})
    assert "1" == server.sql("SELECT count(*) FROM loans", book)


def test_a_name_of_a_table_is_nothing_but_a_name(server: Server, book: str) -> None:
    (fault,) = faults_of(server.url(book), {"holdings": "loans; DROP TABLE loans; --"})
    assert "was 'relation \"loans; DROP TABLE loans; --\" does not exist'" in fault
    assert "1" == server.sql("SELECT count(*) FROM loans", book)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELEC * FROM holdings", "must be one SELECT, was 'syntax error at or near \"SELEC\"'"),
        ("SELECT 1 AS account; DROP TABLE loans", "must be one SELECT, was 'cannot insert multiple commands"),
        ("DELETE FROM loans", "must be one SELECT, was nothing that gives columns"),
        ("DELETE FROM loans RETURNING *", "must be one SELECT, was 'syntax error"),
        ("COMMIT", "must be one SELECT, was nothing that gives columns"),
        (
            "WITH gone AS (DELETE FROM loans RETURNING *) SELECT * FROM gone",
            "data-modifying statement must be at the top",
        ),
        ("SELECT 1) AS a (c0), (SELECT 2", "must be one SELECT, was 'syntax error"),
        (
            "SELECT emptied() AS account",
            "a query must only read, was 'cannot execute DELETE in a read-only transaction'",
        ),
        ("SELECT * FROM loans FOR UPDATE", "a query must only read, was 'cannot execute SELECT FOR UPDATE"),
        ("SELECT $1::text AS account", "'there is no parameter $1'"),
    ],
)
def test_a_query_that_does_not_only_read_is_refused(server: Server, book: str, query: str, expected: str) -> None:
    server.sql(
        "CREATE OR REPLACE FUNCTION emptied() RETURNS int LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM loans; RETURN 1; END $$",
        book,
    )
    (fault,) = faults_of(server.url(book), {}, {"holdings": query})
    assert expected in fault
    assert "1" == server.sql("SELECT count(*) FROM loans", book)


def test_a_read_that_takes_longer_than_the_server_allows_is_refused(server: Server, book: str) -> None:
    url = server.url(book) + "?options=-c%20statement_timeout%3D50"
    (fault,) = faults_of(url, {}, {"holdings": "SELECT pg_sleep(60)::text AS account"})
    assert "was 'canceling statement due to statement timeout'" in fault


def test_a_table_that_may_not_be_read_is_refused_and_not_left_out(server: Server, book: str) -> None:
    server.sql("CREATE ROLE guest LOGIN PASSWORD 'guest'; GRANT SELECT ON holdings TO guest", book)
    url = server.url(book, "guest", "guest")
    assert [
        f"{server.shown(book).replace('keeper', 'guest')} {table}: must be readable to this user, "
        f"was 'permission denied for table {table}'; GRANT SELECT on it"
        for table in ("accounts", "loans", "instruments")
    ] == faults_of(url)


def test_holdings_are_needed(server: Server) -> None:
    assert [
        f"{server.shown()}: holdings must be given, was no table holdings in its search path; "
        "name it: --table holdings=NAME, or --query holdings=SELECT"
    ] == faults_of(server.url())


def test_what_is_named_wrongly_is_refused_before_anybody_is_asked() -> None:
    url = "postgresql://keeper@127.0.0.1:1/book"
    assert [
        f"{url}: must be one of accounts, loans, holdings, instruments, was 'holding'; did you mean 'holdings'?",
        f"{url}: the table or query of loans must be given, was nothing",
        f"{url}: accounts must be a table or a query, was both; take one out",
    ] == faults_of(url, {"holding": "x", "accounts": "a", "loans": " "}, {"accounts": "SELECT 1"})


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    assert [
        "postgresql://host/book: databases are read through that package, was a database, and no "
        "adbc-driver-postgresql is installed; pip install 'gaemi[db]'"
    ] == faults_of("postgresql://host/book")


@pytest.mark.parametrize(
    ("text", "expected"), [("postgres://h/b", True), ("PostgreSQL://h/b", True), ("s3://b", False)]
)
def test_a_database_is_told_by_its_scheme(text: str, expected: bool) -> None:
    assert expected == is_database(text)


def test_a_day_is_read_as_a_day(server: Server, book: str) -> None:
    with parts_of_database(server.url(book), {}, {}) as parts:
        (rows,) = parts["accounts"][0].rows()
    assert [date(2025, 10, 31), None] == rows.cells["3"].str.to_date().to_list()
