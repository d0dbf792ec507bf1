"""A book with positions and coins in one folder: both answers in one document, the positions first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path as File
from typing import Any

import polars as pl

from gaemi.answers.documents import run_record
from gaemi.book.coins import coin_book_answer
from gaemi.book.request import Request
from gaemi.book.taken import recorded
from gaemi.book.venue import VenueBookResult, venue_answer
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import SHIPPED_ON
from gaemi.sources.book.rejects import SHOWN, Rejects
from gaemi.sources.coin_tables import TABLES as COIN_TABLES
from gaemi.workers import Progress, silent

WON_SIDE = ("premium", "프리미엄", "krw", "usd", "halt")
"""Words of parts of a shock that move won prices alone: positions in USDT know nothing of them."""


def both_answer(request: Request, progress: Progress = silent, law: LawBook | None = None) -> VenueBookResult:
    """The venue's result with sentences, rows, tables and frames of the coins behind it.

    Both are of the same day. Raises Refused for what either of the two refuses.
    """
    on = request.on or (SHIPPED_ON if request.replay is not None or request.prices is None else None)
    asked = replace(request, on=on, rejects=None)
    positions, coins = _parted(request.source)
    shock, dropped = _of_positions(request.shock)
    first = venue_answer(replace(asked, source=positions, shock=shock, feedback=None), progress, law)
    second = coin_book_answer(
        replace(asked, source=coins, on=on or date.fromisoformat(first.document["on"])), progress, law
    )
    document, coin = first.document, second.document
    rejects = pl.concat([first.tables["rejects"], second.tables["rejects"]])
    if request.rejects is not None:
        Rejects([rejects]).write(File(request.rejects))
    for name in ("sentences", "rows", "unused", "notes"):
        document[name] = [*document[name], *coin[name]]
    if dropped:
        document["notes"].append(f"positions are in USDT: {', '.join(dropped)} moves the won prices of coins alone")
    document["notes"] = list(dict.fromkeys(document["notes"]))
    document["rejects"] = list(rejects.head(SHOWN).iter_rows(named=True))
    document["rejects_total"] = rejects.height
    document["run"] = run_record(recorded(request))
    if request.validate:
        document["passed"] = document["passed"] and coin["passed"]
        return VenueBookResult(document, {"rejects": rejects})
    _joined(document, coin)
    frames = {"positions": first.tables["positions"]}
    frames |= {f"coin_{name}": second.tables[name] for name in ("accounts", "loans")}
    return VenueBookResult(document, {**frames, "rejects": rejects})


def _joined(document: dict[str, Any], coin: Mapping[str, Any]) -> None:
    """Put the tables of coins behind those of positions, under names of their own, and the coin book beside them."""
    document["tables"] = [*document["tables"], *(table | {"name": f"coin_{table['name']}"} for table in coin["tables"])]
    known = {row["path"] for row in document["assumptions"]}
    document["assumptions"] += [row for row in coin["assumptions"] if row["path"] not in known]
    document["title"] = document["title"].replace("Positions of", "Positions and coins of")
    kept = ("totals", "by_coin", "nearest", "map", "scenario", "breaks")
    document["coin_book"] = {name: coin[name] for name in kept}


def _parted(source: Any) -> tuple[Any, Any]:
    """The source of positions and that of coins: of a mapping its tables, of a folder the folder itself."""
    if not isinstance(source, Mapping):
        return source, source
    coins = {name: part for name, part in source.items() if name in COIN_TABLES}
    return {name: part for name, part in source.items() if name not in COIN_TABLES}, coins


def _of_positions(shock: str | None) -> tuple[str | None, list[str]]:
    """The parts of a shock that positions follow, and those that only coins do."""
    if shock is None:
        return None, []
    parts = [part.strip() for part in shock.split(",")]
    dropped = [part for part in parts if any(word in part.lower() for word in WON_SIDE)]
    kept = [part for part in parts if part not in dropped]
    return ", ".join(kept) or None, dropped
