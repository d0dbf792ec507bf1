"""The book of an exchange: from coins and coin loans to the document that terminal, page, JSON and Parquet share.

A folder that holds positions beside them is answered by both parts in one document, positions first.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from gaemi.answers.coin_book_sheets import sentences, tables
from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.book import coin_runs
from gaemi.book.coin_accounts import CoinBook, coin_book, lots_won
from gaemi.book.coin_distance import loan_frame, nearest_rows, within_won
from gaemi.book.coin_names import coin_prices
from gaemi.book.coin_runs import CoinStage
from gaemi.book.request import Request, check_request
from gaemi.book.taken import UNREAD_OF_COINS, recorded, refuse_unread, taken_rows, validation
from gaemi.coin_day import CoinWorld
from gaemi.law.lawbook import LawBook, load
from gaemi.people.instruments import SHIPPED_ON
from gaemi.records.coins import OWES_NONE
from gaemi.run import RESULTS_VERSION
from gaemi.sources.coin_tables import holds_coins, read_coin_tables
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.workers import LocalWorkers, Progress, silent

__all__ = ("CoinBookResult", "coin_book_answer", "holds_coins")

SCHEMA = "gaemi.coin-book/1"
SHOWN_NEAREST = 20
WITHIN_PCT = (5, 10, 20)
FEW_ROWS = 20_000
"""A book of so few rows runs faster as plain Python than kernels compile."""

UNREAD = {name: option for name, option in UNREAD_OF_COINS.items() if name != "feedback"}
READ_PARAMETERS = (
    *("coin_loan.forced_sale_ratio", "coin_loan.warning_ratio", "coin_loan.fee", "coin_loan.fee_cap"),
    *("coins.fee", "coins.price", "coins.beta", "coins.turnover", "coins.turnover_share", "coins.volatility"),
    *("coins.impact_coefficient", "coins.permanent_share", "coins.decay_a_day", "people.won_per_dollar"),
)
"""What this view reads of the law, so that its answers list no assumption that they do not rest on."""


@dataclass(slots=True)
class CoinBookResult(Answer):
    """Result of an exchange's book. ``tables`` are the large ones: accounts, loans and rejects (frames by name)."""

    tables: dict[str, pl.DataFrame]

    @property
    def frame(self) -> pl.DataFrame:
        """One row an account with what it holds, before and after a scenario; of a validation the rejects."""
        return self.tables.get("accounts", self.tables["rejects"])


def coin_book_answer(request: Request, progress: Progress = silent, law: LawBook | None = None) -> CoinBookResult:
    """What an exchange's accounts hold, which loans are closed: now, under a shock, in a replay, at which move.

    Raises Refused for anything in the request that cannot be taken. Rows that cannot are rejected, counted and told.
    """
    began = perf_counter()
    check_request(request)
    refuse_unread(request, UNREAD, "a book of coins")
    law = law or load()
    progress("reading", 0, 1)
    read = read_coin_tables(request.source, law.keys("coin_lender"))
    try:
        bars = read_bars(request.prices) if request.prices is not None else None
        on = book_date(request, bars)
        # Bars of a replay are those of its days, not of the book's.
        prices = coin_prices(read, law, on, bars if request.replay is None else None)
        made = coin_book(read, prices, law, on)
    finally:
        # Also of a book of which nothing is left: that is when one wants to see why.
        if request.rejects is not None:
            read.rejects.write(File(request.rejects))
    progress("reading", 1, 1)
    read_seconds = round(perf_counter() - began, 2)
    notes = [*prices.notes, *made.notes, *_loan_notes(made), *(bars.notes if bars is not None else ())]
    if request.validate:
        return _validation(request, made, on, notes, began)
    with LocalWorkers(request.threads, plain=made.coins.height + made.loans.height <= FEW_ROWS) as workers:
        stage = CoinStage(made, law, on, workers, request.seed)
        result = _answer(request, stage, bars, notes, progress)
        threads = workers.threads
    seconds = round(perf_counter() - began, 2)
    result.document["timing"] = {"seconds": seconds, "read_seconds": read_seconds, "threads": threads}
    return result


def book_date(request: Request, bars: BarHistory | None) -> date:
    """The day of the book: the one asked for, else the last of the bars that price it, else the shipped one."""
    if request.on is not None:
        return request.on
    if bars is not None and request.replay is None:
        last: date = max(one.start[-1] for one in bars.bars).astype("datetime64[D]").astype(date)
        return last
    return SHIPPED_ON


def _answer(
    request: Request, stage: CoinStage, bars: BarHistory | None, notes: list[str], progress: Progress
) -> CoinBookResult:
    made, law, on = stage.made, stage.law, stage.on
    loans, rejects = loan_frame(made, stage.terms()), made.read.rejects.frame()
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(on),
        "kind": "replay" if request.replay else "shock" if request.shock else "coin book",
        "verb": "book",
        "title": f"Coins of {made.read.words}",
        "law_version": law.version,
        "seed": request.seed,
        "layers": ["mechanical"],
        "sentences": [],
        "source": {"words": made.read.words},
        **taken_rows(made.read.rows(), made.read.unused, rejects),
        "notes": notes,
        "totals": _totals(made, loans),
        "by_coin": _coins(made),
        "nearest": nearest_rows(loans, SHOWN_NEAREST),
        "map": coin_runs.map_rows(stage, progress),
        "scenario": None,
        "breaks": None,
    }
    world = _scenario(request, stage, bars, document, progress)
    if request.break_share is not None:
        document["breaks"] = coin_runs.break_rows(stage, request.break_bps, progress)
    document["assumptions"] = [
        row
        for row in assumptions(law, on, topics=("coins", "coin_loan"))
        if str(row["path"]) in READ_PARAMETERS and (made.loans.height or not str(row["path"]).startswith("coin_loan"))
    ]
    document["run"] = run_record(recorded(request))
    document["sentences"] = sentences(document)
    document["tables"] = tables(document)
    frames = {"accounts": _account_frame(made, world), "loans": _loan_frame(made, loans, world)}
    return CoinBookResult(document, {**frames, "rejects": rejects})


def _scenario(
    request: Request, stage: CoinStage, bars: BarHistory | None, document: dict[str, Any], progress: Progress
) -> CoinWorld | None:
    """Run the shock or the replay that was asked for and put it into the document."""
    if request.shock is not None:
        shock = coin_runs.asked_shock(request.shock, stage.made)
        path = coin_runs.shock_path(stage, shock)
        feedback = request.feedback is not False
        world = coin_runs.run_path(stage, path, feedback, progress)
        days = f"over {path.days} {'day' if path.days == 1 else 'days'}"
        part = coin_runs.scenario_part(stage, world, f"{days}{', sales move prices' if feedback else ''}")
        at_once = {"what": "at once"} | stage.at_once(path.price[-1])
        document["scenario"] = {"words": coin_runs.shock_words(request.shock), **part, "rows": [at_once, *part["rows"]]}
        return world
    if request.replay is None:
        return None
    found = coin_runs.replay_path(stage, str(request.replay), bars)
    world = coin_runs.run_path(stage, found.path, bool(request.feedback), progress)
    part = coin_runs.scenario_part(stage, world, "as recorded")
    told = f"the prices of {found.name} ({found.first} to {found.end})"
    document["scenario"] = {"words": told, "note": found.note, **part}
    document["notes"] = [*document["notes"], *found.notes]
    return world


def _totals(made: CoinBook, loans: pl.DataFrame) -> dict[str, Any]:
    under = loans.filter(pl.col("move_pct") == 0)
    totals = {
        "accounts": made.accounts,
        "coins": len(made.read.coins),
        "held_won": int(made.coins_won(made.instruments.price).sum()),
        "cash_won": int(made.cash_won.sum()),
        "loans": loans.height,
        "debt_won": int(loans["debt_won"].sum()),
        "collateral_won": int(loans["held_won"].sum()),
        "under": under.height,
        "under_won": int(under["debt_won"].sum()),
    }
    return totals | {f"within_{pct}_pct_won": within_won(loans, pct) for pct in WITHIN_PCT}


def _coins(made: CoinBook) -> list[dict[str, Any]]:
    """A row a coin: its price, who holds it, what stands for loans and what is owed in it, in won."""
    table, group = made.instruments, made.borrowing
    shape = len(table.ticker)
    held, pledged, owed, many = (np.zeros(shape, np.int64) for _ in range(4))
    row = made.coins["coin_row"].to_numpy()
    np.add.at(held, row, lots_won(made.coins["lots"].to_numpy(), table.price[row]))
    np.add.at(many, row, 1)
    np.add.at(pledged, group.instrument[0], lots_won(group.quantity[0], table.price[group.instrument[0]]))
    owes = group.owed != OWES_NONE
    np.add.at(owed, group.owed[owes], lots_won(group.owed_lots[owes], table.price[group.owed[owes]]))
    rows = [
        {
            "coin": coin,
            "price_won": float(table.price_won[at]),
            "accounts": int(many[at]),
            "held_won": int(held[at]),
            "collateral_won": int(pledged[at]),
            "owed_won": int(owed[at]),
        }
        for at, coin in enumerate(table.symbols)
        if coin in made.read.coins
    ]
    return sorted(rows, key=lambda one: (-one["held_won"] - one["collateral_won"] - one["owed_won"], one["coin"]))


def _account_frame(made: CoinBook, world: CoinWorld | None) -> pl.DataFrame:
    """One row an account: deposit and coins in won, and the coins after the scenario."""
    before = made.coins_won(made.instruments.price)
    columns = {"account": made.names, "cash_won": made.cash_won, "coins_won": before}
    if world is not None:
        after = made.coins_won(world.unit)
        columns |= {"coins_after_won": after, "lost_won": before - after}
    return pl.DataFrame(columns)


def _loan_frame(made: CoinBook, loans: pl.DataFrame, world: CoinWorld | None) -> pl.DataFrame:
    """One row a loan, and what became of it in the scenario."""
    if world is None or not world.population.borrowing:
        return loans
    group = world.population.borrowing[0]
    closed = coin_runs.closed_loans(made, world)
    left = np.where(closed, group.cash_won, 0)
    return loans.with_columns(
        pl.Series("closed", closed), pl.Series("left_won", left), pl.Series("residual_won", group.residual_won)
    )


def _loan_notes(made: CoinBook) -> list[str]:
    notes = []
    bare = made.loans["lender"].null_count()
    if bare:
        notes.append(f"{bare:,} loans: the lender is not given, the strictest class is used; give a column lender")
    undated = made.loans["opened"].null_count()
    if undated:
        notes.append(f"{undated:,} loans: the day is not given, they are counted as of today and bear no fee before it")
    return notes


def _validation(request: Request, made: CoinBook, on: date, notes: list[str], began: float) -> CoinBookResult:
    """What was read and rejected, and nothing run."""
    who = f"{made.accounts:,} accounts with {len(made.read.coins):,} coins, and {made.loans.height:,} loans."
    read, rejects = made.read, made.read.rejects.frame()
    taken = taken_rows(read.rows(), read.unused, rejects)
    return CoinBookResult(validation(request, read.words, on, who, taken, notes, began), {"rejects": rejects})
