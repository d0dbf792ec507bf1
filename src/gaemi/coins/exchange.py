"""Exchange accounts of the country on a date, and what a path of prices does to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from gaemi.answers.coin_measures import altcoin_share, coin_rows
from gaemi.coin_day import CoinWorld, begin_coins
from gaemi.coins.tables import exchange_tables, table
from gaemi.errors import Fault, Refused
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_paths import CoinPath
from gaemi.people.coin_accounts import CoinBuilder, setting_of
from gaemi.people.coin_borrowers import coin_borrowers
from gaemi.people.coin_instruments import coin_instruments, survey_of
from gaemi.people.targets import Targets
from gaemi.records.coins import CoinInstruments, CoinPopulation
from gaemi.workers import LocalWorkers


@dataclass(frozen=True, slots=True)
class CoinStart:
    """Exchange accounts at the close of a day: the survey they are built on, the coins, the accounts, the targets."""

    book: LawBook
    on: date
    survey: date
    instruments: CoinInstruments
    population: CoinPopulation
    targets: Targets
    seed: int

    def begin(self, path: CoinPath, workers: LocalWorkers, feedback: bool) -> CoinWorld:
        """A world of these accounts before the first day of the path. Raises Refused where a holding gets too large."""
        _check_size(self.population, self.instruments, path)
        parts = (self.book, self.on, self.instruments, self.population, path, workers)
        return begin_coins(*parts, self.seed, feedback)


def _check_size(population: CoinPopulation, instruments: CoinInstruments, path: CoinPath) -> None:
    """Refuse prices at which a holding, in units of 2 ** -22 of a won, no longer fits 63 bits; doubling always fits."""
    highest = path.price.max(axis=0)
    faults = []
    for row in np.flatnonzero(highest > 2.0):
        lots = [g.quantity[g.instrument == row].max(initial=0) for g in population.plain]
        for group in population.borrowing:
            lots.append(group.quantity[group.instrument == row].max(initial=0))
            lots.append(group.owed_lots[group.owed == row].max(initial=0))
        room = (2**62 - 1) // max(1, int(max(lots, default=0)) * int(instruments.price[row]))
        if highest[row] > room:
            allowed = f"the price of {instruments.ticker[row]} must stay under {room} times its start"
            faults.append(
                Fault("--shock", f"{highest[row]:.0f} times", allowed, "a holding would be too large to count")
            )
    if faults:
        raise Refused(faults)


def coin_start(book: LawBook, on: date, scale: int, seed: int, prices: Mapping[str, float] | None = None) -> CoinStart:
    """Build the accounts of the survey in force on the date, at ``prices`` (won by coin) where they are given.

    Raises Refused before the first survey.
    """
    instruments = coin_instruments(book, on, prices)
    population, targets = CoinBuilder(setting_of(book, on, instruments, scale, seed)).build()
    population.borrowing.extend(coin_borrowers(book, on, instruments, scale, seed))
    return CoinStart(book, on, survey_of(book, on), instruments, population, targets, seed)


def exchange_part(start: CoinStart, world: CoinWorld, usdt_bps: Mapping[date, float] | None = None) -> dict[str, Any]:
    """What the days did to exchange accounts, ready for JSON: figures, bands for the chart, and tables.

    ``usdt_bps`` is the recorded premium of USDT by day, where there is one.
    """
    rows = coin_rows(world)
    for row in rows["days"]:
        told = (usdt_bps or {}).get(date.fromisoformat(row["date"]))
        row["usdt_premium_pct"] = None if told is None else told / 100
    bands = [
        {"band": row["size"], "before_won": row["held_before_won"], "after_won": row["held_won"]}
        for row in rows["bands"]
    ]
    first, last = world.records[0], world.records[-1]
    figures = {name: rows[name] for name in ("accounts", "held_before_won", "held_won", "lost_won", "emptied")}
    return {
        "on": str(start.on),
        "survey": str(start.survey),
        "accounts_surveyed": int(start.book.value("coins.accounts", start.survey)),
        **figures,
        "altcoin_share_before_pct": 100.0 * altcoin_share(world, first),
        "altcoin_share_pct": 100.0 * altcoin_share(world, last),
        "premium_before_pct": 100.0 * first.premium,
        "premium_pct": 100.0 * last.premium,
        "prices": rows["note"],
        "overlap": overlap(start),
        "bands": bands,
        "loans": rows["loans"],
        "outcomes": rows["outcomes"],
        "tables": [*exchange_tables(rows), overlap_table(start), target_table(start)],
    }


def overlap(start: CoinStart) -> dict[str, Any]:
    """How many persons stand behind the accounts, and how many of them hold shares: an assumption with its range."""
    accounts = int(start.book.value("coins.accounts", start.survey))
    found: dict[str, Any] = {}
    share, each = (start.book.entry(f"coins.{name}", start.on) for name in ("stock_overlap", "accounts_a_person"))
    for name, part, many in (
        ("central", share.value, each.value), ("low", share.low, each.high), ("high", share.high, each.low),
    ):  # fmt: skip
        persons = round(accounts / float(many))
        found[name] = {"persons": persons, "stock_investors": persons * int(part) // 10_000}
    return found


def overlap_table(start: CoinStart) -> dict[str, Any]:
    """The overlap as a table: what is assumed of persons behind accounts."""
    columns = (
        ("case", "assumed", "text"),
        ("persons", "persons behind the accounts", "heads"),
        ("stock_investors", "of them hold shares too", "heads"),
    )
    rows = [{"case": name} | told for name, told in overlap(start).items()]
    return table("overlap", "Persons behind the accounts (assumption: nobody publishes it)", columns, rows)


def target_table(start: CoinStart) -> dict[str, Any]:
    """Published totals of the survey and what the built accounts reach."""
    columns = (
        ("name", "total", "text"),
        ("unit", "unit", "text"),
        ("target", "published", "number"),
        ("reached", "reached", "number"),
        ("source", "source", "text"),
    )
    rows = [
        {"name": each.name, "unit": each.unit, "target": each.target, "reached": each.reached, "source": each.source}
        for each in start.targets
    ]
    return table("targets", "How the exchange accounts meet the survey", columns, rows)
