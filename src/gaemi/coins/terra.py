"""Terra in May 2022, model beside record: what the module minted, who held the coin in Korea, what was halted when."""

from datetime import date
from typing import Any

from gaemi.answers.documents import assumptions
from gaemi.behaviour.runs import reserve_run
from gaemi.coins.terra_chain import (
    PROPOSED,
    Setting,
    day_rows,
    hour_rows,
    moment_rows,
    peg_row,
    runs_of,
    setting_of,
    variant_row,
)
from gaemi.coins.terra_holders import (
    Holders,
    count_rows,
    follow,
    holder_rows,
    holders_of,
    won_path,
    won_path_of_press,
)
from gaemi.coins.terra_record import EPISODE, HELD, SPAN, Record, record_of
from gaemi.coins.terra_words import misses, sentences
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import coin_episode
from gaemi.rules.stablecoin import capacity_a_block
from gaemi.sources.intraday import BarHistory
from gaemi.units import BPS
from gaemi.workers import LocalWorkers, Progress, silent

SCHEMA = "gaemi.terra/1"
RESERVE = "USDT"
RUN_BEFORE, RUN_LOW, RUN_AFTER = date(2022, 5, 11), date(2022, 5, 12), date(2022, 5, 14)
"""Days of the run on the reserve-backed coin: its supply before, its lowest price, its supply after."""

SPREADS = (0.02, 0.40)
"""Spreads at which the module's capacity is told: that of the published capacity, and the one quoted in the crash."""

TOPICS = ("stablecoin", "coins")
ASSUMED = ("stablecoin.", "coins.size_bands", "coins.accounts")
"""Topics of the law, and which of their parameters this answer reads."""


def terra_document(
    bars: BarHistory | None, seed: int, book: LawBook, progress: Progress = silent, threads: int | None = None
) -> dict[str, Any]:
    """The replay as JSON takes it: rows by day, hour and moment, variants, holders, events, words and what is missed.

    ``bars`` may hold LUNA by the minute and UST by the hour; without them the shipped daily closes are used, and the
    document says so. Raises Refused for bars with gaps or with prices of 0 inside the run.
    """
    record = record_of(bars)
    setting = setting_of(book, record)
    runs = runs_of(setting, lambda done, of: progress("minting", done, of))
    hours = hour_rows(setting, runs[0])
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "episode": {
            "name": EPISODE,
            "first": str(HELD.first),
            "end": str(HELD.last),
            "note": coin_episode(EPISODE).note,
        },
        "seed": seed,
        "law_version": book.version,
        "path": record.path,
        "within_days": record.price_until > 0,
        "rows": day_rows(setting, runs[0]),
        "moments": moment_rows(setting, runs[0]),
        "hours": hours,
        "peg": peg_row(setting, hours),
        "variants": [variant_row(setting, run) for run in runs],
        "capacity": capacity_rows(setting),
        "reserve": reserve_row(setting),
        "holders": _holders(setting, seed, progress, threads),
        "events": _events(record),
    }
    document["misses"] = misses(document)
    assumed = assumptions(book, SPAN.first, topics=TOPICS)
    document["assumptions"] = [row for row in assumed if str(row["path"]).startswith(ASSUMED)]
    document["sentences"] = sentences(document)
    return document


def _holders(setting: Setting, seed: int, progress: Progress, threads: int | None) -> dict[str, Any]:
    """Holders at the dollar price, and beside it at the won prices of the press."""
    record, book = setting.record, setting.book
    found: dict[str, Any] = {}
    paths = {"dollar_price": won_path(record), "won_price": won_path_of_press(record)}
    with LocalWorkers(threads) as workers:
        for name, price in paths.items():
            holders: Holders = holders_of(book, price, seed)
            words = f"holders at the {name.replace('_', ' ')}"
            follow(holders, workers, lambda done, of, words=words: progress(words, done, of))  # type: ignore[misc]
            rows = holder_rows(holders)
            found[name] = {"rows": rows, "counts": count_rows(holders, book), "total": _total(rows)}
    return found


def _total(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Sums over the days of entry, of everybody and of those who came during the fall."""
    sums = {name: sum(row[name] for row in rows) for name in ("holders", "coins", "cost_won", "end_won", "lost_won")}
    came = [row for row in rows if row["entry"] != "before"]
    return sums | {
        "losers": sum(row["losers"] for row in rows),
        "came_holders": sum(row["holders"] for row in came),
        "came_lost_won": sum(row["lost_won"] for row in came),
    }


def capacity_rows(setting: Setting) -> list[dict[str, Any]]:
    """Dollars a day that can be burned for ever at a spread, by the law in force and by proposal 1164."""
    book, rows = setting.book, []
    blocks, dollars = (book.value(f"stablecoin.{name}", SPAN.first) for name in ("blocks_a_day", "sdr_dollars"))
    for name, on in (("in force", SPAN.first), ("proposal 1164", PROPOSED)):
        base, recovery = (book.value(f"stablecoin.{each}", on) for each in ("base_pool", "recovery_period"))
        for spread in SPREADS:
            a_day = capacity_a_block(float(base), recovery, spread) * blocks * dollars
            rows.append({"law": name, "spread_pct": 100.0 * spread, "dollars_a_day": a_day})
    return rows


def reserve_row(setting: Setting) -> dict[str, Any]:
    """The run on the reserve-backed coin of the same week: prices that redemption leaves room for, and the record."""
    record = setting.record
    bars = record.daily.of(RESERVE)
    place = [str(day) for day in bars.start.astype("datetime64[D]")].index(str(RUN_LOW))
    found = reserve_run(setting.book, RUN_LOW, record.usdt[RUN_BEFORE], record.usdt[RUN_AFTER])
    low = float(bars.low[place])
    return {
        "coin": RESERVE,
        "from": str(RUN_BEFORE),
        "to": str(RUN_AFTER),
        "supply_before": record.usdt[RUN_BEFORE],
        "supply_after": record.usdt[RUN_AFTER],
        "redeemed_pct": 100.0 * found.redeemed_share,
        "low_model_usd": found.low,
        "stressed_low_model_usd": found.stressed_low,
        "low_record_usd": low,
        "close_record_usd": float(bars.close[place]),
        "below_model_bps": round(BPS * (found.low - low)),
    }


def _events(record: Record) -> list[dict[str, str]]:
    return [
        {
            "time": f"{event.time:%Y-%m-%d %H:%M}",
            "ticker": event.ticker,
            "what": event.what,
            "venue": event.venue,
            "source": event.source,
        }
        for event in record.events
    ]
