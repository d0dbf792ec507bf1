"""A book in a PostgreSQL database: tables, views and queries of one moment, streamed as Arrow batches through ADBC.

All of a book is read in one transaction, repeatable read and read-only: accounts, loans and holdings are those of the
same instant, whatever is written meanwhile, and nothing that a query calls can write.
"""

import contextlib
import re
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.records.book import TABLES
from gaemi.sources.book.parts import Part, Rows, numbered
from gaemi.sources.book.store import secrets_of, shown_url

SCHEMES = ("postgresql://", "postgres://")
CONNECTION = {
    "application_name": "gaemi",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""Settings of the connection that a URL may set otherwise: a server that falls silent is noticed within a minute."""

SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL lock_timeout TO '30s'",
    "SET LOCAL DateStyle TO ISO",
    "SET LOCAL TimeZone TO 'Asia/Seoul'",
    # Rows have numbers: neither another reader's scan nor parallel workers may change their order between two runs.
    "SET LOCAL synchronize_seqscans TO off",
    "SET LOCAL max_parallel_workers_per_gather TO 0",
)
AS_THEY_ARE = {"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name"}
AS_TEXT = {"money": "CAST(CAST({} AS numeric) AS text)", "timestamptz": "CAST(CAST({} AS timestamp) AS text)"}
"""Types that need another form before they are text: money would be in cents, a moment is told in Korea's time.

Every other type is cast to text by the server, dates too: Arrow's day has no ``infinity``, and the driver would hand
over a wrong day for it. The checker reads such text as it reads a CSV file.
"""

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^".]+)'
_QUERY_HELP = "write one SELECT, without a parameter"
_ALLOWED = {
    "25006": ("a query must only read", "the whole book is read in a read-only transaction"),
    "42501": ("must be readable to this user", "GRANT SELECT on it"),
    "42601": ("must be one SELECT", _QUERY_HELP),
    "42703": ("must name columns that are there", ""),
    "42P01": ("must be a table or view of the database", ""),
    "55P03": ("must be readable within half a minute", "somebody holds a lock on it: try again later"),
    "57014": ("must be read in the time that the server allows", "raise statement_timeout, or read a prepared table"),
}
"""What is allowed and what to do by SQLSTATE. Source: PostgreSQL 15 documentation, appendix A, error codes."""

_STATES = {"in a read-only transaction": "25006", "due to lock timeout": "55P03", "due to statement timeout": "57014"}
"""SQLSTATE by what is said, for errors amid a stream, which come without."""


class DatabaseParts(dict[str, list[Part]]):
    """The parts of each table of the book, all of one open transaction; ``close`` it when all is read."""

    def __init__(self, parts: Mapping[str, list[Part]], session: "_Session") -> None:
        super().__init__(parts)
        self._session = session

    def close(self) -> None:
        """End the transaction and the connection; rows that are asked for later are refused."""
        self._session.close()

    def __enter__(self) -> "DatabaseParts":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_database(text: str) -> bool:
    """Whether a source names a PostgreSQL database."""
    return text.lower().startswith(SCHEMES)


def parts_of_database(url: str, tables: Mapping[str, str], queries: Mapping[str, str]) -> DatabaseParts:
    """The parts of a book in a PostgreSQL database by table of the book, one part each: accounts, loans and so on.

    ``tables`` maps a table of the book to a table or view (``risk.positions``; ``"Risk"."Positions"`` where dots or
    quotes are in the names; upper and lower case count), ``queries`` maps it to a SELECT. Where neither is given, the
    relation of exactly that name in the search path is used, if there is one; holdings are needed.

    All is read in ONE transaction, repeatable read and read-only, so that the book is of one moment. It stays open
    until ``close`` of what is returned, at the latest until that and its parts are gone. Parts are read one after
    another, each as often as wanted, never two at a time. Rows are numbered from 1 as the database gives them.

    :raises Refused: every fault of the tables and queries; a database that cannot be reached; and, from the rows of a
        part, a database that goes away half-way.
    """
    wanted = _wanted(url, tables, queries)
    session = _Session(url)
    parts: dict[str, list[Part]] = {}
    faults: list[Fault] = []
    try:
        wanted |= {key: (key, "") for key in session.known(set(TABLES) - set(wanted))}
        if "holdings" not in wanted:
            help = "name it: --table holdings=NAME, or --query holdings=SELECT"
            faults.append(Fault(session.shown, "no table holdings in its search path", "holdings must be given", help))
        for key in TABLES:
            if key in wanted:
                try:
                    parts[key] = [_part(session, key, *wanted[key])]
                except Refused as refused:
                    faults += refused.faults
        if faults:
            raise Refused(faults)
    except BaseException:
        session.close()
        raise
    return DatabaseParts(parts, session)


def _wanted(url: str, tables: Mapping[str, str], queries: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Table and query of each table of the book that is named; one of the two is empty."""
    shown = shown_url(url)
    faults = []
    if not is_database(url):
        faults.append(Fault(shown, "another kind of URL", f"must begin with {' or '.join(SCHEMES)}"))
    for key, text in (*tables.items(), *queries.items()):
        if key not in TABLES:
            faults.append(Fault(shown, f"'{key}'", f"must be one of {', '.join(TABLES)}", closest(key, TABLES)))
        elif not text.strip():
            faults.append(Fault(shown, "nothing", f"the table or query of {key} must be given"))
    for key in tables:
        if key in queries:
            faults.append(Fault(shown, "both", f"{key} must be a table or a query", "take one out"))
    if faults:
        raise Refused(faults)
    return {key: (text, "") for key, text in tables.items()} | {key: ("", text) for key, text in queries.items()}


def _part(session: "_Session", key: str, table: str, query: str) -> Part:
    """The part of one table or query; what cannot be read is told before any row is."""
    name = table or f"query of {key}"
    source = f"SELECT * FROM {_quoted(table, session.shown)}" if table else query.strip().rstrip("; \t\n")
    schema = session.schema(source, name)
    if not schema.names:
        raise refuse(session.where(name), "nothing that gives columns", "must be one SELECT", _QUERY_HELP)
    places = [f"c{place}" for place in range(len(schema))]
    columns = ", ".join(_cast(place, column) for place, column in zip(places, schema, strict=True))
    # Inside of brackets only a SELECT can stand; the line's end closes a comment that the query may end with.
    text = f"SELECT {columns} FROM ({source}\n) AS given ({', '.join(places)})"
    session.tried(f"{text} LIMIT 0", name)

    def rows() -> Iterator[Rows]:
        first = 1
        for batch in session.batches(text, name):
            yield numbered(first, batch)
            first += batch.num_rows

    return Part(name, tuple(schema.names), rows)


def _cast(place: str, column: pa.Field) -> str:
    """The column as it is handed over; its type as PostgreSQL names it comes with the schema of the driver.

    A driver before 1.13 does not name it: all columns are text then, which the checker reads too.
    """
    kind = (column.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
    if kind in AS_THEY_ARE:
        return place
    return f"{AS_TEXT.get(kind, 'CAST({} AS text)').format(place)} AS {place}"


def _quoted(table: str, shown: str) -> str:
    """The name as quoted identifiers, so that it can be nothing but a name."""
    table = table.strip()
    if not re.fullmatch(rf"{_IDENTIFIER}(?:\.{_IDENTIFIER}){{0,2}}", table) or "\0" in table:
        raise refuse(shown, f"'{table}'", "must be the name of a table", 'write it as positions or risk."Positions"')
    names = [part[1:-1].replace('""', '"') if part[0] == '"' else part for part in re.findall(_IDENTIFIER, table)]
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class _Session:
    """One connection and its one transaction."""

    def __init__(self, url: str) -> None:
        self.shown = shown_url(url)
        self._secrets = secrets_of(url)
        self._reading = ""
        self._cursors: list[Any] = []
        driver = _driver(self.shown)
        self._problems = (driver.Error, pa.ArrowException, OSError, RuntimeError)
        try:
            self.connection: Any = driver.connect(_with_settings(url))
        except self._problems as problem:
            help = (
                "check host, port, database, user and password; is the server running? "
                "signs like @ and / in a password are written %40 and %2F"
            )
            raise refuse(self.shown, self._told(problem), "must be a database that lets this user in", help) from None
        self._end = weakref.finalize(self, _close, self.connection, self._cursors)
        try:
            self._begin()
        except self._problems as problem:
            self.close()
            raise Refused([self._fault("", problem)]) from None

    def close(self) -> None:
        self._end()
        self.connection = None

    def where(self, name: str) -> str:
        return f"{self.shown} {name}".strip()

    def known(self, names: set[str]) -> list[str]:
        """Which of these are relations of the search path, readable or not: one that may not be read is refused.

        ``information_schema`` would leave those out, and materialised views.
        """
        listed = ", ".join(f"('{name}')" for name in sorted(names))
        text = f"SELECT name FROM (VALUES {listed}) AS asked (name) WHERE to_regclass(name) IS NOT NULL"
        try:
            return [row[0] for row in self._fetched(text)] if names else []
        except self._problems as problem:
            raise Refused([self._fault("", problem)]) from None

    def schema(self, text: str, name: str) -> pa.Schema:
        """The columns that a query gives, without running it."""
        try:
            with self.connection.cursor() as cursor:
                return cursor.adbc_execute_schema(text)
        except self._problems as problem:
            raise Refused([self._again(name, problem)]) from None

    def tried(self, text: str, name: str) -> None:
        """Run a query that gives no row, so that one that may not be run is refused before any is."""
        try:
            self._fetched(text)
        except self._problems as problem:
            raise Refused([self._again(name, problem)]) from None

    def batches(self, text: str, name: str) -> Iterator[pa.RecordBatch]:
        """The batches of a query; an error at any of them is a refusal, and ends the connection.

        A stream that is left half-way stays among the cursors: the driver reads its rest before it runs anything else.
        """
        if self.connection is None:
            allowed = "must be read while its connection is open"
            raise refuse(self.where(name), "a closed connection", allowed, "open the source anew")
        # The driver drops the rest of a stream without a word when another begins.
        assert not self._reading, f"{self._reading} is still being read: parts of a database are read one by one"
        self._reading = name
        self._cursors[:] = [cursor := self.connection.cursor()]
        try:
            cursor.execute(text)
            for batch in cursor.fetch_record_batch():
                # A database without an encoding of its own can hold text that is no UTF-8.
                batch.validate(full=True)
                yield batch
            self._cursors.clear()
        except self._problems as problem:
            fault = self._fault(name, problem)
            self.close()
            raise Refused([fault]) from None
        finally:
            self._reading = ""
            cursor.close()

    def _begin(self) -> None:
        with self.connection.cursor() as cursor:
            for text in SETTINGS:
                cursor.execute(text)
        found = self._fetched(
            "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
        )
        assert found == [("repeatable read", "on")], found

    def _fetched(self, text: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()

    def _again(self, name: str, problem: Exception) -> Fault:
        """The fault; then a new transaction, in which the faults of the other tables are found."""
        fault = self._fault(name, problem)
        try:
            self.connection.rollback()
            self._begin()
            if getattr(problem, "sqlstate", None) == "42P01":
                near = closest(name, self._all_tables())
                return Fault(fault.where, fault.found, fault.allowed, near or fault.help)
        except self._problems as lost:
            raise Refused([fault, self._fault("", lost)]) from None
        return fault

    def _all_tables(self) -> list[str]:
        text = (
            "SELECT CASE WHEN pg_table_is_visible(pg_class.oid) THEN relname::text ELSE nspname || '.' || relname END "
            "FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
            "AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        )
        return [row[0] for row in self._fetched(text)]

    def _fault(self, name: str, problem: Exception) -> Fault:
        state = getattr(problem, "sqlstate", None)
        state = state or next((state for words, state in _STATES.items() if words in str(problem)), "")
        whole = ("must be readable to its last row", "nothing of this source was used: try again")
        allowed, help = _ALLOWED.get(state, whole)
        return Fault(self.where(name), self._told(problem), allowed, help)

    def _told(self, problem: Exception) -> str:
        """What the server or driver says, in one line, without a password."""
        details: dict[Any, Any] = dict(getattr(problem, "details", None) or ())
        primary = details.get("PG_DIAG_MESSAGE_PRIMARY", details.get(b"PG_DIAG_MESSAGE_PRIMARY"))
        text = primary.decode(errors="replace") if isinstance(primary, bytes) else primary or str(problem)
        text = re.sub(r"^(?:[A-Z_]+: )?\[libpq\] (?:Failed to connect: )?", "", text.strip())
        text = re.sub(r"^(?:Execution error \[\w+\]: )?(?:ERROR|FATAL):\s+", "", text)
        line = (text.splitlines() or [type(problem).__name__])[0]
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return f"'{line[:200].strip()}'"


def _driver(shown: str) -> Any:
    try:
        import adbc_driver_postgresql.dbapi
    except ImportError:
        found = "a database, and no adbc-driver-postgresql is installed"
        raise refuse(shown, found, "databases are read through that package", "pip install 'gaemi[db]'") from None
    return adbc_driver_postgresql.dbapi


def _close(connection: Any, cursors: list[Any]) -> None:
    """End a connection, which may be broken: whatever it says then, the book was read or refused before."""
    # Without a cancellation the rest of a stream that was left half-way would be read first, however long it is.
    ends = [connection.adbc_cancel] if cursors else []
    for end in (*ends, *[cursor.close for cursor in cursors], connection.rollback, connection.close):
        with contextlib.suppress(Exception):
            end()
    cursors.clear()


def _with_settings(url: str) -> str:
    """The URL with the settings of ``CONNECTION`` that it does not make itself."""
    made = {pair.partition("=")[0] for pair in url.partition("?")[2].split("&")}
    added = "&".join(f"{key}={value}" for key, value in CONNECTION.items() if key not in made)
    return f"{url}{'&' if '?' in url else '?'}{added}"
