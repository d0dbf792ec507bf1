"""10 October 2025: what world venues closed by force, beside the record, and what won exchanges' accounts lost.

The venues' positions are assumed (:mod:`gaemi.people.traders`): which share of what is closed is long, and in which
hour most of it is, can be held against the record; how much is closed cannot, and no share of open positions is
claimed. None of the positions is Korean. Exchange accounts are those of the survey of June 2025.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from gaemi.coins.exchange import CoinStart, coin_start, exchange_part, run_days
from gaemi.coins.request import CoinRequest
from gaemi.coins.tables import table
from gaemi.coins.won_prices import dollar_bars, with_others, won_prices
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import coin_episode, episode_bars, episode_events, premium_bps, won_per_dollar
from gaemi.market.coin_paths import coin_bar_path
from gaemi.market.marks import marks_of
from gaemi.people.traders import LEVELS, traders
from gaemi.sources.intraday import BarHistory
from gaemi.units import format_won
from gaemi.venue import VenueResult, fills_at, run_venue, schedules, terms_of, worst_case
from gaemi.workers import LocalWorkers, Progress

NAME = "oct-2025"
HOURS = 24
FROM = datetime(2025, 10, 10, 12, tzinfo=UTC)
"""The 24 hours of the record begin here; of daily bars the day itself is taken."""

DAY = date(2025, 10, 10)
PAIRS = 20_000
"""Pairs of a long and a short trader of each level of leverage."""

LONG_RECORD_PCT = 87.4
HOUR_RECORD = "2025-10-10T21"
SOURCE = "press of 11 October 2025, by CoinGlass: 16.7 of 19.1 bn dollars; the lowest trades stand in the bars of 21:00"
WORST_SHOWN = 12


def october_document(
    request: CoinRequest, bars: BarHistory | None, book: LawBook, workers: LocalWorkers, progress: Progress
) -> dict[str, Any]:
    """The parts of the document: exchange accounts, venues beside the record, sentences, misses. Raises Refused."""
    finer = bars is not None
    told = episode_bars(NAME) if bars is None else bars
    start = _exchange(request, told, book)
    chosen = coin_episode(NAME)
    days, rates = (chosen.end - chosen.start).days, won_per_dollar(NAME)
    path = coin_bar_path(
        with_others(told, chosen, rates), start.instruments, chosen.start, days, rates, premium_bps(NAME),
        events=episode_events(NAME),
    )  # fmt: skip
    world = run_days(start.begin(path, workers, feedback=False), progress)
    part = exchange_part(start, world)
    results = dict(_venues(told, request, book, workers, progress, finer))
    central = results["central"][0]
    rows = [_level_row(level, result) for level, (result, _) in results.items()]
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
            _worst_table(results["central"][1]),
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


def _venues(
    bars: BarHistory, request: CoinRequest, book: LawBook, workers: LocalWorkers, progress: Progress, finer: bool
) -> Iterator[tuple[str, tuple[VenueResult, list[dict[str, Any]]]]]:
    """At each level of leverage: the 24 hours, and the worst case of each name at the step with the most closed."""
    chosen = coin_episode(NAME)
    window = int(book.value("perpetual.mark_minutes", DAY))
    marks = marks_of(dollar_bars(bars, chosen, won_per_dollar(NAME)), window)
    begin = FROM if finer else datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    first = np.datetime64(begin.replace(tzinfo=None), "s")
    before, after = marks.until(first), marks.since(first).until(first + np.timedelta64(HOURS * 3600, "s"))
    terms, found = terms_of(book, DAY, marks.tickers), schedules(book, DAY, marks.tickers)
    for done, level in enumerate(LEVELS):
        progress("venues", done, len(LEVELS))
        who = traders(book, DAY, before, found, max(1, PAIRS // request.scale), level, request.seed)
        result = run_venue(who.accounts, after, fills_at(after), terms, workers, who.house)
        most = int(np.argmax([step.long_micro + step.short_micro for step in result.steps]))
        yield level, (result, worst_case(who.accounts, after, most, terms, workers))
    progress("venues", len(LEVELS), len(LEVELS))


def _level_row(level: str, result: VenueResult) -> dict[str, Any]:
    """What can be said of one level: shares and the hour, no sum in dollars."""
    total = result.liquidated_micro
    deleveraged = sum(step.deleveraged_micro for step in result.steps)
    paid = sum(step.deficit_micro for step in result.steps)
    share = result.long_share
    hour = result.busiest_hour()
    return {
        "leverage": level,
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
    """Model beside record, one row a figure that can be held against it."""
    by_level = {row["leverage"]: row for row in rows}

    def line(what: str, field: str, record: Any, source: str) -> dict[str, Any]:
        return {
            "what": what,
            **{level: _said(by_level[level][field]) for level in LEVELS},
            "record": record,
            "source": source,
        }

    found = [line("long share of what was closed", "long_pct", f"{LONG_RECORD_PCT} %", SOURCE)]
    if finer:
        found.append(line("hour with the most closed, UTC", "busiest_hour", HOUR_RECORD, SOURCE))
        found.append(line("part of it in that hour", "in_busiest_hour_pct", None, "not published"))
    found.append(line("closed against other traders (ADL)", "deleveraged_pct", None, "not published"))
    found.append(line("paid by the fund", "paid_by_fund_pct", None, "not published"))
    columns = [("what", "what", "text"), *((level, f"leverage {level}", "text") for level in LEVELS)]
    columns += [("record", "record", "text"), ("source", "source of the record", "text")]
    return table("record", "Model beside record, 24 hours of 10 and 11 October 2025", columns, found)


def _said(value: Any) -> str | None:
    return f"{value:.1f} %" if isinstance(value, float) else value


def _hours_table(result: VenueResult) -> dict[str, Any]:
    rows = [row for row in _steps(result) if row["long_pct"] or row["short_pct"]]
    columns = (("time", "until, UTC", "text"), ("long_pct", "long", "pct 2"), ("short_pct", "short", "pct 2"))
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
        "Marks are closes of bars: what happened within a bar is not seen, and lows are a worst case a name.",
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
            f"Long share {min(shares):.1f} to {max(shares):.1f} % against {LONG_RECORD_PCT} %: nobody opens a position "
            "during the fall here, and what happened within a bar, where shorts were closed too, is not seen."
        )
    if finer and any(row["busiest_hour"] != HOUR_RECORD for row in rows):
        hours = ", ".join(sorted({str(row["busiest_hour"]) for row in rows}))
        found.append(f"The hour with the most closed is {hours} UTC, not {HOUR_RECORD}.")
    return found


def _sentences(document: dict[str, Any], rows: list[dict[str, Any]], finer: bool) -> list[str]:
    exchange = document["exchange"]
    lost = 100.0 * exchange["lost_won"] / exchange["held_before_won"]
    shares = [row["long_pct"] for row in rows if row["long_pct"] is not None]
    told = [
        f"Of what venues close by force in the 24 hours {min(shares):.1f} to {max(shares):.1f} % is long, by assumed "
        f"leverage (record {LONG_RECORD_PCT} %)."
        if shares
        else "On these prices venues close nothing."
    ]
    if finer:
        hours = sorted({str(row["busiest_hour"]) for row in rows})
        told.append(f"Most is closed in the hour from {' or '.join(hours)}:00 UTC (record {HOUR_RECORD}:00).")
    last = date.fromisoformat(document["episode"]["end"])
    told.append(
        f"Accounts at won exchanges held {format_won(exchange['held_before_won'])} in coins on {document['on']} and "
        f"{format_won(exchange['held_won'])} on {last}, {lost:.1f} % less: {format_won(exchange['lost_won'])}."
    )
    return told
