"""10 October 2025: what world venues closed by force, beside the record, and what won exchanges' accounts lost.

The venues' positions are assumed (:mod:`gaemi.people.traders`): which share of what is closed is long, and in which
hour most of it is, can be held against the record; how much is closed cannot, and no share of open positions is
claimed. None of the positions is Korean. Exchange accounts are those of the survey of June 2025.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from gaemi.coin_day import run_coins
from gaemi.coins.exchange import CoinStart, coin_start, exchange_part
from gaemi.coins.request import CoinRequest
from gaemi.coins.tables import ALTCOINS, table
from gaemi.coins.won_prices import dollar_bars, with_others, with_shipped, won_prices
from gaemi.errors import refuse
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import (
    coin_episode,
    episode_events,
    premium_bps,
    usdt_premium_bps,
    won_per_dollar,
)
from gaemi.market.coin_paths import MINUTES_A_DAY, coin_bar_path
from gaemi.market.marks import marks_of
from gaemi.people.traders import LEVELS, traders
from gaemi.sources.intraday import BarHistory, Bars
from gaemi.units import format_won
from gaemi.venue import VenueResult, fills_at, run_venue, schedules, terms_of, worst_case
from gaemi.workers import LocalWorkers, Progress

NAME = "oct-2025"
DAY = date(2025, 10, 10)
HOURS = 24
BEGINS = (0, 12, 20)
"""Hours of the day at which the 24 hours are begun: the record does not say when its own began. The first leads."""

PAIRS, FEWEST_PAIRS = 20_000, 200
"""Pairs of a long and a short trader of each level of leverage, and the fewest that a reduced run keeps."""

LONG_RECORD_PCT = 87.4
HOUR_RECORD = "2025-10-10T21"
SOURCE = "press of 11 October 2025, by CoinGlass: 16.7 of 19.1 bn dollars; the lowest trades stand in the bars of 21:00"
WORST_SHOWN = 12


def october_document(
    request: CoinRequest, bars: BarHistory | None, book: LawBook, workers: LocalWorkers, progress: Progress
) -> dict[str, Any]:
    """The parts of the document: exchange accounts, venues beside the record, sentences, misses. Raises Refused."""
    chosen = coin_episode(NAME)
    told = with_shipped(bars, chosen)
    start = _exchange(request, told, book)
    days, rates = (chosen.end - chosen.start).days, won_per_dollar(NAME)
    path = coin_bar_path(
        with_others(told, chosen, rates), start.instruments, chosen.start, days, rates, premium_bps(NAME),
        events=episode_events(NAME),
    )  # fmt: skip
    world = run_coins(start.begin(path, workers, feedback=False), progress)
    part = exchange_part(start, world, usdt_premium_bps(NAME))
    dollars = _dollars(told)
    finer = all(one.minutes < MINUTES_A_DAY for one in dollars)
    results = _venues(dollars, request, book, workers, progress, finer)
    central, worst = next((run.result, run.worst) for run in results if run.level == "central")
    rows = [_level_row(run) for run in results]
    document = {
        "on": str(chosen.start),
        "episode": {"name": NAME, "first": str(chosen.first), "end": str(chosen.end), "note": chosen.note},
        "exchange": {name: value for name, value in part.items() if name != "tables"},
        "bands": part["bands"],
        "liquidations": _steps(central),
        "venues": rows,
        "tables": [
            _record_table(rows, finer),
            _hours_table(central),
            _worst_table(worst),
            *part["tables"],
        ],
        "notes": _notes(finer),
        "topics": ("coins", "perpetual"),
    }
    document["misses"] = _misses(rows, finer)
    document["sentences"] = _sentences(document, rows, finer)
    return document


def _exchange(request: CoinRequest, bars: BarHistory, book: LawBook) -> CoinStart:
    on = coin_episode(NAME).start
    prices = won_prices(bars, on, won_per_dollar(NAME), premium_bps(NAME))
    return coin_start(book, on, request.scale, request.seed, prices)


@dataclass(frozen=True, slots=True)
class _Run:
    """One level of leverage over 24 hours, and the worst case of each name at the step with the most closed."""

    begin: str
    level: str
    result: VenueResult
    worst: list[dict[str, Any]]


def _dollars(bars: BarHistory) -> list[Bars]:
    """Bars for the venues. Raises Refused where bars within the day leave bitcoin out, which carries most positions."""
    found = dollar_bars(bars, coin_episode(NAME), won_per_dollar(NAME))
    if all(one.ticker != "BTCUSDT" for one in found):
        help = "add bars of BTCUSDT or KRW-BTC, or leave --prices out"
        raise refuse("--prices", "no bars of bitcoin within the day", "venues need them beside those of others", help)
    return found


def _venues(
    bars: list[Bars], request: CoinRequest, book: LawBook, workers: LocalWorkers, progress: Progress, finer: bool
) -> list[_Run]:
    """Every level of leverage from every beginning; of daily bars from the day's begin alone."""
    window = int(book.value("perpetual.mark_minutes", DAY))
    marks = marks_of(bars, window)
    terms, found = terms_of(book, DAY, marks.tickers), schedules(book, DAY, marks.tickers)
    asked = [(hour, level) for hour in (BEGINS if finer else BEGINS[:1]) for level in LEVELS]
    runs = []
    for done, (hour, level) in enumerate(asked):
        progress("venues", done, len(asked))
        first = np.datetime64(datetime(DAY.year, DAY.month, DAY.day, hour), "s")
        before, after = marks.until(first), marks.since(first).until(first + np.timedelta64(HOURS * 3600, "s"))
        who = traders(book, DAY, before, found, max(FEWEST_PAIRS, PAIRS // request.scale), level, request.seed)
        result = run_venue(who.accounts, after, fills_at(after), terms, workers, who.house)
        most = int(np.argmax([step.long_micro + step.short_micro for step in result.steps]))
        runs.append(_Run(f"{DAY}T{hour:02}", level, result, worst_case(who.accounts, after, most, terms, workers)))
    progress("venues", len(asked), len(asked))
    return runs


def _level_row(run: _Run) -> dict[str, Any]:
    """What can be said of one run: shares and the hour, no sum in dollars."""
    result = run.result
    total = result.liquidated_micro
    deleveraged = sum(step.deleveraged_micro for step in result.steps)
    paid = sum(step.deficit_micro for step in result.steps)
    share = result.long_share
    hour = result.busiest_hour()
    return {
        "begin": run.begin,
        "leverage": run.level,
        "long_pct": None if share is None else 100.0 * share,
        "busiest_hour": None if hour is None else str(hour),
        "in_busiest_hour_pct": None if hour is None else 100.0 * _within(result, hour) / total,
        "deleveraged_pct": 100.0 * deleveraged / total if total else None,
        "paid_by_fund_pct": 100.0 * paid / total if total else None,
        "uncovered_pct": 100.0 * -result.house.uncovered_micro / total if total else None,
    }


def _within(result: VenueResult, hour: np.datetime64) -> int:
    inside = [s for s in result.steps if (s.time - np.timedelta64(1, "s")).astype("datetime64[h]") == hour]
    return sum(step.long_micro + step.short_micro for step in inside)


def _steps(result: VenueResult) -> list[dict[str, Any]]:
    """Each step's part of all that was closed, by side, in per cent."""
    total = max(1, result.liquidated_micro)
    return [
        {
            "time": str(step.time)[:16],
            "long_pct": 100.0 * step.long_micro / total,
            "short_pct": 100.0 * step.short_micro / total,
        }
        for step in result.steps
    ]


def _record_table(rows: list[dict[str, Any]], finer: bool) -> dict[str, Any]:
    """Model beside record: a row for each beginning and level, and the record below them."""
    record = {"begin": "record", "leverage": SOURCE, "long_pct": LONG_RECORD_PCT, "busiest_hour": HOUR_RECORD}
    unknown = dict.fromkeys(("in_busiest_hour_pct", "deleveraged_pct", "paid_by_fund_pct", "uncovered_pct"))
    shown = [dict(row) | ({} if finer else {"busiest_hour": None, "in_busiest_hour_pct": None}) for row in rows]
    return table("record", "Model beside record: what venues close within 24 hours", RECORD, [*shown, record | unknown])


RECORD = (
    ("begin", "24 hours from, UTC", "text"),
    ("leverage", "leverage, or source", "text"),
    ("long_pct", "long", "pct"),
    ("busiest_hour", "hour with the most closed", "text"),
    ("in_busiest_hour_pct", "of it in that hour", "pct"),
    ("deleveraged_pct", "against other traders (ADL)", "pct"),
    ("paid_by_fund_pct", "paid by the fund", "pct"),
)


def _hours_table(result: VenueResult) -> dict[str, Any]:
    rows = [row for row in _steps(result) if row["long_pct"] or row["short_pct"]]
    columns = (("time", "until, UTC", "date"), ("long_pct", "long", "pct 2"), ("short_pct", "short", "pct 2"))
    return table("steps", "Closed at each step, part of all that was closed, central leverage", columns, rows)


def _worst_table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Names at their own low of the worst step: never added up."""
    most = sorted(rows, key=lambda row: (-row["longs"], row["ticker"]))[:WORST_SHOWN]
    columns = (
        ("ticker", "contract", "text"),
        ("longs", "long positions closed at its low", "count"),
        ("shorts", "short positions closed at its high", "count"),
    )
    caption = "Worst case a name, on last trades of the step with the most closed: not simultaneous, not added up"
    return table("worst_case", caption, columns, most)


def _notes(finer: bool) -> list[str]:
    found = [
        "Positions at world venues are assumed at three levels of leverage; none is Korean.",
        ALTCOINS,
        "Marks are closes of bars: what happened within a bar is not seen, and lows are a worst case a name.",
        "Marks that jump from bar to bar leave more to the fund and to other traders than those of every second.",
    ]
    if finer:
        found.append("Bitcoin, ether and XRP follow their won price over the day's rate, so the premium is in them.")
    else:
        found.append("Daily closes that ship: the hour is not known. --prices with bars within the day gives it.")
    return found


def _misses(rows: list[dict[str, Any]], finer: bool) -> list[str]:
    found = []
    shares = [row["long_pct"] for row in rows if row["long_pct"] is not None]
    if shares and not min(shares) <= LONG_RECORD_PCT <= max(shares):
        found.append(
            f"Long share {_span(shares)} % against {LONG_RECORD_PCT} %: nobody opens a position "
            "during the fall here, and what happened within a bar, where shorts were closed too, is not seen."
        )
    other = [row for row in rows if row["busiest_hour"] != HOUR_RECORD] if finer else []
    found += [
        f"The hour with the most closed is {row['busiest_hour']} UTC, not {HOUR_RECORD}, at {row['leverage']} leverage "
        f"from {row['begin']}."
        for row in other
    ]
    return found


def _span(shares: list[float]) -> str:
    low, high = f"{min(shares):.1f}", f"{max(shares):.1f}"
    return low if low == high else f"{low} to {high}"


def _sentences(document: dict[str, Any], rows: list[dict[str, Any]], finer: bool) -> list[str]:
    exchange = document["exchange"]
    lost = 100.0 * exchange["lost_won"] / exchange["held_before_won"]
    shares = [row["long_pct"] for row in rows if row["long_pct"] is not None]
    told = [
        f"Of what venues close by force in the 24 hours {_span(shares)} % is long, by assumed "
        f"leverage and the hour from which one counts (record {LONG_RECORD_PCT} %)."
        if shares
        else "On these prices venues close nothing."
    ]
    if finer:
        right = sum(row["busiest_hour"] == HOUR_RECORD for row in rows)
        told.append(
            f"Most is closed in the hour from {HOUR_RECORD[-2:]}:00 UTC in {right} of {len(rows)} runs. The lowest "
            "trades on record are of that hour, and the path is given: it is no forecast."
        )
    last = date.fromisoformat(document["episode"]["end"])
    told.append(
        f"Accounts at won exchanges held {format_won(exchange['held_before_won'])} in coins on {document['on']} and "
        f"{format_won(exchange['held_won'])} on {last}, {lost:.1f} % less: {format_won(exchange['lost_won'])}."
    )
    return told
