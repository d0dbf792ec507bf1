"""The book: a whole run from Parquet, a million rows of CSV checked, and all loans revalued under twenty shocks."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.day import Disagree
from bench.figures import Figure, Target, pairs, ratio
from bench.loan_book import FALLS_BPS, Answer, LoanBook, Revalued, Tables, loan_book, tables_of
from bench.processes import measure
from gaemi.workers import LocalWorkers

THREADS = 2
ACCOUNTS, CSV_ACCOUNTS = 14_000_000, 250_000
"""Accounts of the books: 14 million have 41 million holdings; four tables of a quarter of a million have 1.01 million
rows."""

QUICK = 100
SHOCK = "KOSPI -20%, KOSDAQ -25% over 3d"
RUN_SECONDS, RUN_GIB, CSV_SECONDS, TIMES = 60.0, 6.0, 5.0, 15.0
SLOW_REPEATS = 2
"""Pairs for a peer that takes half a minute."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way of revaluing: how it is made, and whether it needs so long that few pairs must do."""

    name: str
    make: Callable[[], object]
    slow: bool


def peers(tables: Tables) -> list[Peer]:
    """Each peer twice: with a row for every shock, as one would first write it, and in one pass over the holdings."""
    from bench.book_in_duckdb import DuckdbBook
    from bench.book_in_polars import PolarsBook

    return [
        Peer("Polars, a column a shock", lambda: PolarsBook(tables, wide=True), False),
        Peer("DuckDB, a column a shock", lambda: DuckdbBook(tables, THREADS, wide=True), False),
        Peer("Polars, a row a shock", lambda: PolarsBook(tables), True),
        Peer("DuckDB, a row a shock", lambda: DuckdbBook(tables, THREADS), True),
    ]


def figures(quick: bool, repeats: int, say: Callable[[str], None], given: Path | None = None) -> Iterator[Figure]:
    """Time the processes, then the revaluation. ``given`` is a folder that ``gaemi book --example`` wrote, to be used
    in place of a new one."""
    size = QUICK if quick else 1
    with tempfile.TemporaryDirectory(prefix="gaemi-bench-") as place:
        folder = given or _example(ACCOUNTS // size, Path(place) / "book", say)
        csv = _as_csv(_example(CSV_ACCOUNTS // size, Path(place) / "small", say), Path(place) / "csv")
        say("compiling what is not compiled yet")
        measure("book", str(csv), "--shock", SHOCK)
        yield from _runs(folder, Path(place), 1 if quick else 3, not quick, say)
        yield from _checks(csv, 1 if quick else 5, not quick, say)
        say("reading the loan book")
        yield from revaluations(loan_book(folder), repeats, not quick, say)


def _example(accounts: int, folder: Path, say: Callable[[str], None]) -> Path:
    say(f"an example of {accounts:,} accounts")
    measure("book", "--example", str(accounts), "--out", str(folder))
    return folder


def _as_csv(folder: Path, to: Path) -> Path:
    """The tables of a folder once more as CSV."""
    to.mkdir()
    for path in sorted(folder.glob("*.parquet")):
        pl.read_parquet(path).write_csv(to / f"{path.stem}.csv")
    return to


def _rows(folder: Path, name: str) -> int:
    """Rows of a table, be it Parquet or CSV."""
    path = folder / f"{name}.parquet"
    scan = pl.scan_parquet(path) if path.is_file() else pl.scan_csv(folder / f"{name}.csv")
    return int(scan.select(pl.len()).collect().item())


def _runs(folder: Path, place: Path, repeats: int, judged: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """Read, check, stress ten sessions with feedback, write: one process from start to end."""
    runs, inside = [], []
    for number in range(repeats):
        say(f"gaemi book, run {number + 1} of {repeats}")
        run = place / f"run-{number}"
        runs.append(measure("book", str(folder), "--shock", SHOCK, "--out", str(run)))
        inside.append(json.loads((run / "result.json").read_text(encoding="utf-8"))["timing"]["read_seconds"])
    note = f"{_rows(folder, 'accounts'):,} accounts, {_rows(folder, 'holdings'):,} holdings in Parquet"
    yield Figure(
        "gaemi book: read, check, stress, write",
        "s",
        tuple(seconds for seconds, _ in runs),
        Target(RUN_SECONDS) if judged else None,
        note,
    )
    yield Figure("of it: read and check", "s", tuple(inside))
    yield Figure("gaemi book: peak memory", "GiB", tuple(gib for _, gib in runs), Target(RUN_GIB) if judged else None)


def _checks(csv: Path, repeats: int, judged: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """A whole book in CSV read and checked, from start to end of a process."""
    say("gaemi book --validate")
    rows = sum(_rows(csv, name) for name in ("accounts", "loans", "holdings", "instruments"))
    seconds = tuple(measure("book", str(csv), "--validate")[0] for _ in range(repeats))
    target = Target(CSV_SECONDS) if judged else None
    yield Figure("gaemi book --validate, CSV", "s", seconds, target, f"{rows:,} rows in four files")


def revaluations(book: LoanBook, repeats: int, judged: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """All broker's pools of the book under every shock, ours in turns with each peer.

    Raises Disagree where somebody finds another number of accounts or of won under any shock.
    """
    with LocalWorkers(THREADS) as workers:
        ours, tables = Revalued(book, workers), tables_of(book)
        ours()  # compiles
        wanted = ours.answer()
        for peer in peers(tables):
            say(f"{len(FALLS_BPS)} shocks: {peer.name}")
            other = peer.make()
            yield from _against(ours, other, peer, SLOW_REPEATS if peer.slow else repeats, (wanted, judged))
            del other
        note = f"{book.accounts:,} borrowers, {book.holdings:,} holdings"
        times = pairs(ours, lambda: None, 3 * repeats, lambda: None)
        yield Figure(f"{len(FALLS_BPS)} shocks: ours", "ms", tuple(1e3 * ours for ours, _ in times), None, note)


def _against(ours: Revalued, other: object, peer: Peer, repeats: int, terms: tuple[Answer, bool]) -> Iterator[Figure]:
    """``terms``: the answer to be found, and whether the target counts."""
    wanted, judged = terms
    other()  # type: ignore[operator]  # the first time is not timed: it warms caches and is checked
    found: Answer = other.answer()  # type: ignore[attr-defined]
    if found != wanted:
        raise Disagree(f"{peer.name} found {found}, expected {wanted}")
    timed = pairs(ours, other, repeats, lambda: None)  # type: ignore[arg-type]
    name = f"{len(FALLS_BPS)} shocks: {peer.name}"
    yield Figure(name, "ms", tuple(1e3 * seconds for _, seconds in timed))
    yield Figure(f"{name} / ours", "times", ratio(timed), Target(TIMES, least=True) if judged else None)
