"""The book of a coin venue: from its positions to the document that terminal, page, JSON and Parquet share."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.answers.venue_sheets import sentences, tables
from gaemi.book import venue_replay, venue_runs
from gaemi.book.request import Request, check_request
from gaemi.book.taken import UNREAD_OF_COINS, recorded, refuse_unread, taken_rows, validation
from gaemi.book.venue_accounts import VenueBook, marks_now, venue_book
from gaemi.book.venue_distance import position_frame
from gaemi.book.venue_runs import VenueStage
from gaemi.book.venue_shock import parse_coin_shock
from gaemi.errors import refuse
from gaemi.kernels.venue import BUY, SELL
from gaemi.law.lawbook import LawBook, load
from gaemi.people.instruments import SHIPPED_ON
from gaemi.records.positions import MICRO
from gaemi.run import RESULTS_VERSION
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.sources.positions import holds_positions, read_positions
from gaemi.venue import terms_of
from gaemi.workers import LocalWorkers, Progress, silent

__all__ = ("VenueBookResult", "holds_positions", "venue_answer")

SCHEMA = "gaemi.venue/1"
SHOWN_NEAREST = 20
WITHIN_PCT = (5, 10, 20)


@dataclass(slots=True)
class VenueBookResult(Answer):
    """Result of a venue's book. ``tables`` are the large ones: positions and rejects (polars frames by name)."""

    tables: dict[str, pl.DataFrame]

    @property
    def frame(self) -> pl.DataFrame:
        """One row a position with its prices of liquidation and bankruptcy; of a validation the rejects."""
        return self.tables.get("positions", self.tables["rejects"])


def venue_answer(request: Request, progress: Progress = silent, law: LawBook | None = None) -> VenueBookResult:
    """Which positions of a venue are closed: now, under a shock, in a replay, at which move; who pays.

    Raises Refused for anything in the request that cannot be taken. Rows that cannot are rejected, counted and told.
    """
    began = perf_counter()
    check_request(request)
    refuse_unread(request, UNREAD_OF_COINS, "a book of positions")
    law = law or load()
    progress("reading", 0, 1)
    read = read_positions(request.source)
    bars = read_bars(request.prices) if request.prices is not None else None
    on = _date(request, law, bars)
    marks, notes = marks_now(read, bars if request.replay is None else None)
    if request.on is None and request.replay is None and bars is None:
        notes.append(f"no date is given: the terms of {on} are used; --on says another day")
    try:
        made = venue_book(read, marks, law, int(law.value("perpetual.insurance_fund", on)))
    finally:
        # Also of a book of which nothing is left: that is when one wants to see why.
        if request.rejects is not None:
            read.rejects.write(File(request.rejects))
    progress("reading", 1, 1)
    read_seconds = round(perf_counter() - began, 2)
    if request.validate:
        return _validation(request, made, on, began)
    with LocalWorkers(request.threads, plain=made.accounts.lots.size <= venue_runs.FEW_SLOTS) as workers:
        start = np.datetime64(on, "s")
        stage = VenueStage(made, terms_of(law, on, made.tickers), workers, start)
        result = _answer(request, stage, law, on, bars, notes, progress)
        threads = workers.threads
    seconds = round(perf_counter() - began, 2)
    result.document["timing"] = {"seconds": seconds, "read_seconds": read_seconds, "threads": threads}
    return result


def _date(request: Request, law: LawBook, bars: BarHistory | None) -> date:
    """The day whose terms hold: the one asked for, else that of the episode, else of the last bar, else the shipped."""
    on = request.on
    if on is None and request.replay is not None:
        on = venue_replay.episode_of(str(request.replay))[0].start
    if on is None and bars is not None:
        on = max(one.start[-1] for one in bars.bars).astype("datetime64[D]").astype(date)
    on = on or SHIPPED_ON
    entry = law.parameter("perpetual.tiers").entries
    first = next(one.since for one in entry if law.value("perpetual.tiers", one.since)["other"] is not None)
    if on < first:
        raise refuse("--on", str(on), f"perpetual contracts begin on {first}", "give that day or a later one")
    return on


def _answer(
    request: Request,
    stage: VenueStage,
    law: LawBook,
    on: date,
    bars: BarHistory | None,
    notes: list[str],
    progress: Progress,
) -> VenueBookResult:
    made = stage.made
    positions, rejects = position_frame(made, stage.terms), made.read.rejects.frame()
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(on),
        "kind": "replay" if request.replay else "shock" if request.shock else "venue",
        "verb": "book",
        "title": f"Positions of {made.read.words}",
        "law_version": law.version,
        "seed": request.seed,
        "layers": ["mechanical"],
        "sentences": [],
        "source": {"words": made.read.words},
        **taken_rows(made.read.rows(), made.read.unused, rejects),
        "notes": [*made.notes, *notes, *(bars.notes if bars is not None else ()), *_fund_note(made)],
        "totals": _totals(made, positions),
        "contracts": _contracts(made, positions),
        "nearest": _nearest(positions),
        "map": venue_runs.map_rows(stage, progress),
        "scenario": None,
        "replay": None,
        "breaks": None,
    }
    if request.shock is not None:
        shock = parse_coin_shock(request.shock, made.tickers)
        rows, contracts = venue_runs.scenario_rows(stage, shock)
        document["scenario"] = {"words": str(shock), "rows": rows, "contracts": contracts}
    if request.replay is not None:
        document["replay"] = _replay(stage, law, on, str(request.replay), bars)
        document["notes"] += document["replay"].pop("notes")
    if request.break_share is not None:
        document["breaks"] = venue_runs.break_rows(stage, request.break_bps, progress)
    document["assumptions"] = [
        row for row in assumptions(law, on, topics=("perpetual",)) if str(row["path"]) in READ_PARAMETERS
    ]
    document["run"] = run_record(recorded(request))
    document["sentences"] = sentences(document)
    document["tables"] = tables(document)
    return VenueBookResult(document, {"positions": positions, "rejects": rejects})


READ_PARAMETERS = (
    "perpetual.tiers",
    "perpetual.taker_fee",
    "perpetual.liquidation_fee",
    "perpetual.insurance_fund",
    "perpetual.mark_minutes",
)
"""What this view reads of the law, so that its answers list no assumption that they do not rest on."""


def _totals(made: VenueBook, positions: pl.DataFrame) -> dict[str, Any]:
    values = made.values
    near = positions.with_columns(pl.col("distance_pct").abs().alias("away"))
    totals = {
        "accounts": len(made.names),
        "positions": positions.height,
        "contracts": len(made.tickers),
        "open_long": int(values[SELL].sum()) / MICRO,
        "open_short": int(values[BUY].sum()) / MICRO,
        "wallets": int(made.accounts.wallet_micro.sum()) / MICRO,
        "margins": int(made.accounts.margin_micro.sum()) / MICRO,
        "fund": made.house.fund_micro / MICRO,
        "under": near.filter(pl.col("away") == 0).height,
        "under_value": float(near.filter(pl.col("away") == 0)["value"].sum()),
    }
    return totals | {
        f"within_{pct}_pct": float(near.filter(pl.col("away") <= pct)["value"].sum()) for pct in WITHIN_PCT
    }


def _contracts(made: VenueBook, positions: pl.DataFrame) -> list[dict[str, Any]]:
    counts = dict(positions.group_by("ticker").len().iter_rows())
    rows = [
        {
            "ticker": ticker,
            "mark": float(made.mark[at]),
            "positions": counts[ticker],
            "open_long": int(made.values[SELL, at]) / MICRO,
            "open_short": int(made.values[BUY, at]) / MICRO,
        }
        for at, ticker in enumerate(made.tickers)
    ]
    return sorted(rows, key=lambda row: (-row["open_long"] - row["open_short"], row["ticker"]))


def _nearest(positions: pl.DataFrame) -> list[dict[str, Any]]:
    """The positions nearest to liquidation, the larger one first where two are as near."""
    near = positions.drop_nulls("distance_pct").with_columns(
        pl.col("distance_pct").abs().alias("away"),
        pl.when("isolated").then(pl.lit("isolated")).otherwise(pl.lit("cross")).alias("mode"),
    )
    kept = near.sort("away", "value", "account", "ticker", descending=[False, True, False, False]).head(SHOWN_NEAREST)
    return list(kept.drop("away", "isolated").iter_rows(named=True))


def _replay(stage: VenueStage, law: LawBook, on: date, name: str, bars: BarHistory | None) -> dict[str, Any]:
    episode, own = venue_replay.episode_of(name)
    bars, made = bars if bars is not None else own, stage.made
    minutes = int(law.value("perpetual.mark_minutes", on))
    found = venue_replay.replay_marks(made, episode, bars, minutes)
    result = stage.run(found.marks)
    hour = result.busiest_hour()
    return {
        "name": episode.name,
        "note": episode.note,
        "first": str(episode.first),
        "end": str(episode.end),
        "minutes": found.minutes,
        "totals": venue_runs.totals_of(stage, result, found.marks),
        "busiest_hour": None if hour is None or found.minutes > 60 else str(hour).replace("T", " ") + ":00",
        "hours": venue_replay.hour_rows(result, found.minutes),
        "contracts": venue_runs.contract_rows(stage, result, found.marks),
        "worst": venue_replay.worst_rows(made, found.marks, stage.terms, stage.workers),
        "marks": list(found.marks.rules),
        "followers": list(found.followers),
        "notes": list(found.notes),
    }


def _fund_note(made: VenueBook) -> list[str]:
    if made.fund_given:
        return []
    return [
        "the insurance fund is not given: the law's assumed share of the larger side is used; "
        "give a row insurance_fund in wallets"
    ]


def _validation(request: Request, made: VenueBook, on: date, began: float) -> VenueBookResult:
    """What was read and rejected, and nothing run."""
    who = f"{len(made.names):,} accounts with {made.frame.height:,} positions in {len(made.tickers):,} contracts."
    read, rejects = made.read, made.read.rejects.frame()
    taken = taken_rows(read.rows(), read.unused, rejects)
    return VenueBookResult(validation(request, read.words, on, who, taken, made.notes, began), {"rejects": rejects})
