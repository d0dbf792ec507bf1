"""The book view: from a firm's tables to the document and the tables that terminal, page, JSON and Parquet share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.book import exposure, standing
from gaemi.book.accounts import Book, book_of
from gaemi.book.names import date_of, won_per_dollar
from gaemi.book.request import DAYS, Request, check_request
from gaemi.book.reverse import break_rows
from gaemi.book.risk import risk_rows
from gaemi.book.scenario import Scenario, asked_shock, run_replay, run_shock, scenario_rows
from gaemi.book.sentences import sentences
from gaemi.book.stage import Stage, keep_calls, unpaid_won
from gaemi.book.tables import account_table, day_table, instrument_table, loan_table
from gaemi.book.taken import recorded, taken_rows, validation
from gaemi.checkpoints import accounts_hash, run_folder
from gaemi.errors import refuse
from gaemi.kernels._compile import is_compiled
from gaemi.kernels.call import call_pools
from gaemi.law.lawbook import LawBook, load
from gaemi.means import crew, only_here
from gaemi.records.columns import Population
from gaemi.run import RESULTS_VERSION, Start
from gaemi.sources.book.reader import BookTables, read_tables
from gaemi.sources.coin_tables import holds_coins
from gaemi.sources.positions import holds_positions
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.workers import Progress, Workers, silent

if TYPE_CHECKING:
    from gaemi.book.coins import CoinBookResult
    from gaemi.book.venue import VenueBookResult

SCHEMA = "gaemi.book/1"
ABOVE_PCT = 20
"""Orders above this share of a name's opening volume are counted: the firm becomes the market there."""

SHOWN_MORNING = 20

CARRIED = ("accounts", "instruments", "loans")
"""Tables whose unread columns are kept."""


@dataclass(slots=True)
class BookResult(Answer):
    """Result of a book run. ``tables`` are the large ones: accounts, days, loans, rejects (polars frames by name)."""

    tables: dict[str, pl.DataFrame]

    @property
    def frame(self) -> pl.DataFrame:
        """One row an account, as :data:`gaemi.records.book.ROW` has it; of a validation the rejects."""
        return self.tables["accounts"] if "accounts" in self.tables else self.tables["rejects"]


def book(
    request: Request, progress: Progress = silent, law: LawBook | None = None
) -> "BookResult | VenueBookResult | CoinBookResult":
    """Which accounts of a book break: tonight, tomorrow, under a shock, a replay, over paths.

    A source that holds positions and no holdings is the book of a coin venue, see :mod:`gaemi.book.venue`; one of coins
    or coin loans that of an exchange, see :mod:`gaemi.book.coins`; one of both is both, see :mod:`gaemi.book.both`.

    Raises Refused for anything in the request that cannot be taken. Rows that cannot are rejected, counted and told.
    """
    began = perf_counter()
    coins, positions = holds_coins(request.source), holds_positions(request.source)
    if coins or positions:
        _check_rejects(request)
        only_here(request, "a book of coins")
        return _of_coins(coins, positions)(request, progress, law)
    check_request(request)
    _check_rejects(request)
    law = law or load()
    read, made, history = _read(request, law, progress)
    read_seconds = round(perf_counter() - began, 2)
    if request.validate:
        only_here(request, "--validate")
        return _validation(request, read, made, began)
    sources = (request.source, request.prices, request.replay)
    with run_folder("book", request, law.version, *sources) as folder, crew(request) as workers:
        stage = _stage(request, law, made, history, workers)
        stage.folder = folder
        if folder is not None:
            groups = made.population.borrowing
            folder.same("accounts", accounts_hash(groups, made.held_plain, made.names.instruments.price))
        if request.shock is not None:
            asked_shock(stage)  # refused here, before the work
        progress("engine" if is_compiled(call_pools) else "engine (compiling once)", 0, 1)
        keep_calls(stage)
        result = _answer(stage, progress)
        threads = workers.threads
    seconds = round(perf_counter() - began, 2)
    result.document["timing"] = {"seconds": seconds, "read_seconds": read_seconds, "threads": threads}
    return result


def _of_coins(coins: bool, positions: bool) -> Callable[..., "VenueBookResult | CoinBookResult"]:
    """Who answers for a book of coins, of positions, or of both."""
    if coins and positions:
        from gaemi.book.both import both_answer

        return both_answer
    if coins:
        from gaemi.book.coins import coin_book_answer

        return coin_book_answer
    from gaemi.book.venue import venue_answer

    return venue_answer


def _check_rejects(request: Request) -> None:
    """Refuse a place for the rejects before the work."""
    if request.rejects is None:
        return
    path = File(request.rejects)
    if path.suffix.lower() not in (".csv", ".parquet", ".pq"):
        raise refuse("--rejects", str(path), "must be a file that ends in .csv or .parquet")
    if not path.parent.is_dir():
        raise refuse("--rejects", str(path), "must be in a folder that exists", f"make {path.parent} first")


def _read(request: Request, law: LawBook, progress: Progress) -> tuple[BookTables, Book, PriceHistory | None]:
    read = read_tables(request.source, request.tables, request.queries, progress)
    source = request.prices if request.prices is not None else read.source.prices
    if source is None and request.replay is not None and File(str(request.replay)).exists():
        source = request.replay
    history = read_prices(source) if source is not None else None
    on = date_of(request.on, law, history, read)
    progress("checking", 0, 1)
    try:
        made = book_of(read, law, on, history, request.firm)
    finally:
        # Also of a book of which nothing is left: that is when one wants to see why.
        if request.rejects is not None:
            read.rejects.write(File(request.rejects))
    progress("checking", 1, 1)
    return read, made, history


def _stage(request: Request, law: LawBook, made: Book, history: PriceHistory | None, workers: Workers) -> Stage:
    instruments = made.names.instruments
    owes = np.zeros(made.owners.count, dtype=bool)
    owes[made.borrowers] = True
    plain_won = int(made.cash_won[~owes].sum())
    start = Start(law, instruments, Population([], made.population.borrowing), made.held_plain, plain_won)
    return Stage(request, law, made, start, won_per_dollar(law, made.on, history), workers, history)


def _answer(stage: Stage, progress: Progress) -> BookResult:
    request = stage.request
    days = request.days or DAYS
    evening = stage.evening()
    now = standing.standing_of(stage, evening)
    ahead = standing.ahead_of(stage, now)
    progress("falls by band", 0, 1)
    bands = standing.band_rows(stage, now, ahead, days, request.feedback is not False)
    progress("falls by band", 1, 1)
    scenario = _scenario(stage, progress)
    breaks = risk = None
    if request.break_share is not None:
        breaks = break_rows(stage, now, lambda done, whole: progress("reverse stress", done, whole))
    if request.paths:
        risk = risk_rows(stage, lambda done, whole: progress("paths", done, whole))
    morning = standing.morning_rows(stage, ahead)
    totals = _totals(stage, now, ahead, morning, risk)
    last = scenario.fed if scenario else None
    rejects = stage.made.read.rejects.frame()
    document = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(stage.on),
        "kind": "replay" if request.replay else "shock" if request.shock else "book",
        "title": f"Book of {stage.made.read.source.words}",
        "law_version": stage.law.version,
        "seed": request.seed,
        "layers": ["mechanical"],
        "feedback": bool(request.feedback) if request.replay else request.feedback is not False,
        "sentences": [],
        **_source(stage, rejects),
        "totals": totals,
        "bands": bands,
        "due_dates": [str(day) for day in stage.dates(standing.DUE_SESSIONS)[1:]],
        "morning": morning[:SHOWN_MORNING],
        "limits": exposure.limit_rows(stage, now),
        "concentration": exposure.concentration(stage, now),
        "names": exposure.name_rows(stage, evening, scenario.named if scenario else ()),
        "groups": exposure.group_rows(stage, now, last),
        "call_map": standing.call_map_rows(stage, evening, now),
        "scenario": scenario_rows(stage, scenario, now) if scenario else None,
        "breaks": breaks,
        "risk": risk,
        "assumptions": assumptions(stage.law, stage.on),
        "run": run_record(recorded(request)),
    }
    document["sentences"] = sentences(document)
    tables = {
        "accounts": account_table(stage, now, ahead, last),
        "days": day_table(stage, _worlds(scenario, ahead)),
        "loans": loan_table(stage),
        "instruments": instrument_table(stage),
        "rejects": rejects,
    }
    return BookResult(document, tables)


def _worlds(scenario: Scenario | None, ahead: standing.Ahead) -> dict[str, Any]:
    """The runs whose days are written, by name."""
    worlds: dict[str, Any] = {"prices stand still": ahead.world}
    if scenario is not None:
        worlds["scenario"] = scenario.fed
        if scenario.unfed is not None:
            worlds["scenario, no feedback"] = scenario.unfed
    return worlds


def _scenario(stage: Stage, progress: Progress) -> Scenario | None:
    request = stage.request
    if request.shock is None and request.replay is None:
        return None
    if request.replay is not None:
        return run_replay(stage, progress)
    return run_shock(stage, asked_shock(stage), progress)


def _source(stage: Stage, rejects: pl.DataFrame) -> dict[str, Any]:
    """Where the rows came from, how many were taken, and what is not known."""
    made, read = stage.made, stage.made.read
    prices = "closes of the given history" if stage.history is not None else "closes that ship with gaemi"
    own = [name for name in ("instruments", "holdings") if read.tables[name].given("price")]
    if own:
        prices = f"prices in the table of {own[0]}, else {prices}"
    notes = [*made.names.notes, *_firm_notes(stage)]
    notes += [f"not used, being no table of a book: {name}" for name in read.source.unused]
    taken = taken_rows(read.rows(), read.unused, rejects, CARRIED)
    return {"source": {"words": read.source.words, "prices": prices}, **taken, "notes": notes}


def _firm_notes(stage: Stage) -> list[str]:
    words = exposure.FIRM_WORDS[-1]
    strictest = int((stage.made.firm[stage.made.borrowers] == len(exposure.FIRM_WORDS) - 1).sum())
    if not strictest:
        return []
    told = "the firm is not given: the strictest rules of all firms are used" if stage.request.firm is None else words
    return [f"{strictest:,} borrowing accounts: {told}; give --firm or a column firm"]


def _totals(
    stage: Stage, now: standing.Standing, ahead: standing.Ahead, morning: list[dict[str, Any]], risk: Any
) -> dict[str, Any]:
    made, under = stage.made, now.under
    above = sum(1 for row in morning if (row["opening_volume_pct"] or 0) > ABOVE_PCT)
    unpaid = next((row["p99_won"] for row in (risk or {"rows": []})["rows"] if row["measure"] == "unpaid"), None)
    return {
        "accounts": made.owners.count,
        "borrowers": int(made.borrowers.size),
        "loans_won": int(now.debt_won.sum()),
        "collateral_won": int(now.collateral_won.sum()),
        "holdings_won": int(stage.holdings_won.sum()),
        "unsettled_won": int(now.unsettled_won.sum()),
        "under_accounts": int(under.sum()),
        "under_won": int(now.debt_won[under].sum()),
        "short_won": int(now.short_won.sum()),
        "morning_won": sum(row["won"] for row in morning),
        "morning_names": len(morning),
        "morning_names_above": above,
        "above_pct": ABOVE_PCT,
        "unpaid_won": unpaid_won(ahead.world),
        "unpaid_99_won": unpaid,
    }


def _validation(request: Request, read: BookTables, made: Book, began: float) -> BookResult:
    """What was read and rejected, and nothing run."""
    rejects = read.rejects.frame()
    who = (
        f"{made.owners.count:,} accounts, {made.borrowers.size:,} of them with loans, in "
        f"{len(made.names.instruments.ticker):,} names, at the close of {made.on}."
    )
    taken = taken_rows(read.rows(), read.unused, rejects, CARRIED)
    document = validation(request, read.source.words, made.on, who, taken, made.names.notes, began)
    return BookResult(document, {"rejects": rejects})
