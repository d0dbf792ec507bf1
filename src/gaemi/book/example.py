"""An example book: accounts of the country's population, written out as the tables that a firm hands over.

The book is the country made smaller (or larger): one account an investor, with the borrowers, loans, collateral ratios,
kinds, firm classes and names of ``people.yaml``, whose sources and ranges stand there. Three assumptions of its own:
a firm sees :data:`SEEN_HERE` of what an investor without a loan holds, the rest stands at other firms; of a borrower's
holdings it sees those that the population puts into the account of the loan; the segment is the age band.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gaemi.answers.folder import check_folder, placed
from gaemi.book.concentrated import Concentration, concentrated, concentration
from gaemi.book.crowd import FIRST_ID, ID_DIGITS, Crowd, Lines, crowd_of, lines_of
from gaemi.errors import Fault, Refused
from gaemi.law.lawbook import LawBook, load
from gaemi.people.balances import Balances, shipped_balances
from gaemi.people.instruments import Row, instrument_rows, instruments, shipped_rows, won_per_dollar_times_100
from gaemi.people.investors import investors_at
from gaemi.people.plan import unit_values
from gaemi.people.population import build
from gaemi.people.state import STATE_DATE
from gaemi.records.book import INSTRUMENTS, LOAN_KINDS
from gaemi.records.columns import AGE_BANDS, Instruments, LoanKind, Population
from gaemi.sources.tickers import KOSDAQ, KOSPI, USDKRW
from gaemi.workers import Progress, silent

SCHEMA = "gaemi.book.example"
MOST_ACCOUNTS = 20_000_000
MOST_CONCENTRATED = 1_000_000
LEAST_PERSONS = 10_000
"""A smaller country is not built: shares of a hundredth would not show. A smaller book is drawn from this one."""

PERSONS_A_BORROWER = 14
"""At least one person in so many borrows (1.1 of 14.1 million): so many are built for an account that borrows."""

ROWS = 1_000_000
"""Accounts written at a time, and rows of a row group."""

UNIX_EPOCH = date(1970, 1, 1).toordinal()
_TYPES = {
    "volume": pa.int64(),
    "issued": pa.int64(),
    "halted": pa.int8(),
    "price": pa.float64(),
    "volatility": pa.float64(),
}
_LEFT_OUT = {"substitute"}


class Country(NamedTuple):
    """What an example is written from: the population, its instruments, and what it was built to reach."""

    population: Population
    rows: tuple[Row, ...]
    table: Instruments
    units: np.ndarray
    balances: Balances


def write_example(
    count: int, folder: Path, seed: int = 0, names: Sequence[str] = (), book: LawBook | None = None,
    progress: Progress = silent, on: date | None = None, prices: Any = None,
) -> Path:  # fmt: skip
    """Write a book of ``count`` accounts into ``folder``, whole or not at all; returns the folder.

    The folder holds accounts, loans, holdings, instruments and prices as Parquet (columns of ``records.book``; rows in
    order of account), and a manifest with the rows and won of each table. The same count and seed give the same bytes.

    With ``names`` the book is of another kind, an assumption of its own: every account borrows, and each loan finances
    one of these names, all with the same odds. Loans, ratios, cash and firm classes are the country's; what else
    stands in the account are other named shares, or the other names where ``prices`` know nothing else. ``prices`` (a
    source of ``sources.prices``) and ``on`` give closes, volume and volatility of names that gaemi does not ship, from
    the 60 sessions to ``on`` (by default the last date of the prices); issued shares are then left out.

    Raises Refused, with every fault, for a count outside 1 to 20 million, names without a price, a folder in use.
    """
    check_folder(folder)
    _check(count, seed, names, on, prices)
    book = book or load()
    chosen = concentration(names, book, on, prices) if names else None
    progress("population", 0, 1)
    country = _country(book, count * PERSONS_A_BORROWER if chosen else count, seed)
    progress("population", 1, 1)
    if chosen is None:
        abroad = country.table.currency != 0
        crowd = crowd_of(country.population.plain, country.population.borrowing, abroad, _firm_upper(book), count, seed)
    else:
        groups = concentrated(country.population.borrowing, country.units, chosen, seed)
        abroad = np.zeros(len(chosen.quotes), dtype=bool)
        crowd = crowd_of([], groups, abroad, _firm_upper(book), count, seed)
    return placed(folder, lambda made: _write(made, country, crowd, chosen, book, progress))


def _check(count: int, seed: int, names: Sequence[str], on: date | None, prices: Any) -> None:
    faults = []
    most = MOST_CONCENTRATED if names else MOST_ACCOUNTS
    if not 1 <= count <= most:
        with_names = " where names are given" if names else ""
        faults.append(Fault("--example", f"{count:,}", f"must be from 1 to {most:,} accounts{with_names}"))
    if not 0 <= seed < 2**32:
        faults.append(Fault("--seed", str(seed), "must be from 0 to 4,294,967,295"))
    if not names:
        given = (("--on", on), ("--prices", prices))
        faults += [
            Fault(option, str(value), "is for an example of given names", f"leave it out: the state is of {STATE_DATE}")
            for option, value in given
            if value is not None
        ]
    if faults:
        raise Refused(faults)


def _country(book: LawBook, at_least: int, seed: int) -> Country:
    """The country of the shipped state with ``at_least`` persons. Above its own number shares are issued in proportion:
    else more could be held than there is."""
    facts = investors_at(STATE_DATE)
    persons = max(at_least, LEAST_PERSONS)
    balances = shipped_balances().on_or_before(STATE_DATE).scaled(persons, facts.persons)
    table = instruments(book, STATE_DATE)
    if persons > facts.persons:
        table = replace(table, issued=table.issued * persons // facts.persons)
    population, _ = build(book, STATE_DATE, table, balances, seed, facts=facts.scaled(persons))
    units = unit_values(table, won_per_dollar_times_100(book, STATE_DATE))
    return Country(population, instrument_rows(book, STATE_DATE), table, units, balances)


def _firm_upper(book: LawBook) -> np.ndarray:
    """Upper ends of the law's shares of the firm classes, bps: int64 [class]."""
    share = book.value("margin.firm_share", STATE_DATE)
    return np.cumsum([share[firm] for firm in book.keys("firm_class")]).astype(np.int64)


def _write(
    made: Path, country: Country, crowd: Crowd, chosen: Concentration | None, book: LawBook, progress: Progress
) -> None:
    quotes = chosen.quotes if chosen else [_quote(row, country, i) for i, row in enumerate(country.rows)]
    on = chosen.on if chosen else STATE_DATE
    tickers = tuple(quote["ticker"] for quote in quotes)
    tables = {
        "instruments": _instruments(quotes),
        "prices": _prices(chosen.closes if chosen else _closes(book, country), on),
    }
    for name, table in tables.items():
        with _writer(made, name, table.schema) as alone:
            alone.write_table(table)
    rows = {name: table.num_rows for name, table in tables.items()}
    won = dict.fromkeys(("cash", *LOAN_KINDS), 0)
    writers: dict[str, pq.ParquetWriter] = {}
    try:
        spans = [(low, min(low + ROWS, crowd.size)) for low in range(0, crowd.size, ROWS)]
        for done, lines in enumerate(_ahead(crowd, spans)):
            progress("tables", done, len(spans))
            for name, table, amounts in _tables(lines, spans[done][0], tickers, book):
                if name not in writers:
                    writers[name] = _writer(made, name, table.schema)
                writers[name].write_table(table, row_group_size=ROWS)
                rows[name] = rows.get(name, 0) + table.num_rows
                won = {key: value + amounts.get(key, 0) for key, value in won.items()}
        progress("tables", len(spans), len(spans))
    finally:
        for writer in writers.values():
            writer.close()
    manifest = {
        "schema": f"{SCHEMA}/folder", "law_version": book.version, "seed": crowd.seed, "on": on.isoformat(),
        "names": list(chosen.names) if chosen else [], "rows": dict(sorted(rows.items())), "won": won,
    }  # fmt: skip
    if chosen is None:
        manifest["published_won"] = _published(country.balances, crowd.size)
    (made / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _ahead(crowd: Crowd, spans: Sequence[tuple[int, int]]) -> Iterator[Lines]:
    """The rows of each span in order; those of the next are made while one's are written."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(lines_of, crowd, *spans[0])
        for span in spans[1:]:
            lines, coming = coming.result(), pool.submit(lines_of, crowd, *span)
            yield lines
        yield coming.result()


def _published(built: Balances, accounts: int) -> dict[str, int]:
    """The published balances times accounts over investors: what the loans of a whole book come to."""
    persons = investors_at(STATE_DATE).persons
    part = shipped_balances().on_or_before(built.date).scaled(accounts, persons)
    return {
        "cash": part.deposits_won,
        "margin": part.margin_kospi_won + part.margin_kosdaq_won,
        "pledged": part.pledged_won,
    }


def _tables(
    lines: Lines, first: int, tickers: Sequence[str], book: LawBook
) -> Iterator[tuple[str, pa.Table, dict[str, int]]]:
    """The three tables of some accounts with the won in them; ``first`` is the place of the first account."""
    firms, size = book.keys("firm_class"), lines.cash_won.size
    accounts = {
        "account": _ids(first + np.arange(size)),
        "cash": pa.array(lines.cash_won),
        "firm": _words(lines.firm, firms),
        "segment": _words(lines.age, AGE_BANDS),
    }
    yield "accounts", pa.table(accounts), {"cash": int(lines.cash_won.sum())}
    loans = {
        "account": _ids(first + lines.borrower),
        "principal": pa.array(lines.principal_won),
        "kind": _words(lines.loan_kind - LoanKind.MARGIN, LOAN_KINDS),
        "ticker": _words(lines.financed, tickers),
        "quantity": pa.array(lines.lot),
        "opened": _dates(lines.opened),
        "due": _dates(lines.due),
    }
    of_kind = {
        word: int(lines.principal_won[lines.loan_kind == kind].sum())
        for kind, word in enumerate(LOAN_KINDS, start=int(LoanKind.MARGIN))
    }
    yield "loans", pa.table(loans), of_kind
    holdings = {
        "account": _ids(first + lines.holder),
        "ticker": _words(lines.instrument, tickers),
        "quantity": pa.array(lines.quantity),
    }
    yield "holdings", pa.table(holdings), {}


def _ids(places: np.ndarray) -> pa.StringArray:
    """Account ids as text: A00000001 for place 0."""
    text = np.full((places.size, ID_DIGITS + 1), ord(FIRST_ID), dtype=np.uint8)
    rest = places + 1
    for digit in range(ID_DIGITS, 0, -1):
        text[:, digit] = ord("0") + rest % 10
        rest = rest // 10
    ends = np.arange(places.size + 1, dtype=np.int32) * (ID_DIGITS + 1)
    return pa.StringArray.from_buffers(places.size, pa.py_buffer(ends), pa.py_buffer(text))


def _words(codes: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(list(words), pa.string()))


def _dates(ordinals: np.ndarray) -> pa.Array:
    return pa.array((ordinals - UNIX_EPOCH).astype(np.int32)).cast(pa.date32())


def _writer(made: Path, name: str, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a table: every reader finds plain text in its words; ids are too many for a dictionary."""
    words = [column for column in schema.names if column != "account"]
    writer = pq.ParquetWriter(
        made / f"{name}.parquet", schema, compression="zstd", compression_level=1, use_dictionary=words,
        store_schema=False,
    )  # fmt: skip
    writer.add_key_value_metadata({"gaemi_schema": f"{SCHEMA}/{name}", "gaemi_schema_version": "1"})
    return writer


def _quote(row: Row, country: Country, place: int) -> dict[str, Any]:
    """A row of the table of instruments; what is not known is None."""
    dollars = bool(country.table.currency[place])
    return {
        "ticker": row.ticker,
        "name": row.name,
        "board": row.board.name,
        "kind": row.kind.name.lower(),
        "group": str(row.group + 1) if row.group < 3 else None,
        "price": row.price / 100 if dollars else float(row.price),
        "volume": (row.turnover_won << 10) // int(country.units[place]),
        "volatility": round(row.volatility * 100, 4),
        "issued": int(country.table.issued[place]),
        "halted": int(row.halted),
        "underlying": row.underlying or None,
        "currency": "USD" if dollars else "KRW",
    }


def _instruments(quotes: Sequence[dict[str, Any]]) -> pa.Table:
    names = [column.name for column in INSTRUMENTS if column.name not in _LEFT_OUT]
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in names])
    return pa.Table.from_pylist([{name: quote.get(name) for name in names} for quote in quotes], schema=schema)


def _closes(book: LawBook, country: Country) -> dict[str, float]:
    """Closes of the state's date by ticker: named instruments, the two indices and the won's rate."""
    named = {row.ticker for row in shipped_rows()}
    quotes = (_quote(row, country, i) for i, row in enumerate(country.rows) if row.ticker in named)
    found = {quote["ticker"]: quote["price"] for quote in quotes}
    for index in (KOSPI, KOSDAQ):
        found[index] = book.value("people.index_level", STATE_DATE, index) / 100
    found[USDKRW] = float(book.value("people.won_per_dollar", STATE_DATE))
    return found


def _prices(closes: dict[str, float], on: date) -> pa.Table:
    """A long table of one day: date, ticker, close."""
    columns = {"date": [on] * len(closes), "ticker": list(closes), "close": list(closes.values())}
    return pa.table(
        columns, schema=pa.schema([("date", pa.date32()), ("ticker", pa.string()), ("close", pa.float64())])
    )
