"""The book of a coin venue in words: its first sentences, and its tables as pages, terminal and files read them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gaemi.answers.coin_tables import print_told_book

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = "gaemi.venue/"
IF_NOBODY = "If nobody adds margin or closes first (mechanical layer); the book takes every order at the mark."
FEW_REJECTS = 5

Row = Mapping[str, Any]
Columns = Sequence[tuple[str, str, str]]

_CLOSED: Columns = (
    ("liquidated_long", "long liquidated", "number"),
    ("liquidated_short", "short liquidated", "number"),
    ("share_pct", "of open positions", "pct"),
    ("accounts", "accounts", "count"),
    ("paid_by_fund", "paid by the fund", "number"),
    ("deleveraged", "deleveraged", "number"),
    ("residual", "unpaid", "number"),
)
_OPEN: Columns = (("open_long", "long", "number"), ("open_short", "short", "number"))
_NEAREST: Columns = (
    ("account", "account", "text"),
    ("ticker", "contract", "text"),
    ("side", "side", "text"),
    ("mode", "mode", "text"),
    ("value", "value", "number"),
    ("mark", "mark", "number"),
    ("liquidation", "liquidated at", "number"),
    ("distance_pct", "away", "pct"),
    ("bankruptcy", "bankrupt at", "number"),
)
_CONTRACTS: Columns = (
    ("ticker", "contract", "text"),
    ("mark", "mark", "number"),
    ("positions", "positions", "count"),
    *_OPEN,
)
_BY_CONTRACT: Columns = (
    ("ticker", "contract", "text"),
    ("lowest_pct", "lowest mark", "pct"),
    ("highest_pct", "highest mark", "pct"),
    *_OPEN,
    ("liquidated_long", "long liquidated", "number"),
    ("liquidated_short", "short liquidated", "number"),
)
_HOURS: Columns = (
    ("time", "time", "text"),
    ("long", "long", "number"),
    ("short", "short", "number"),
    ("paid_by_fund", "paid by the fund", "number"),
    ("deleveraged", "deleveraged", "number"),
    ("fund", "fund", "number"),
)
_WORST: Columns = (
    ("ticker", "contract", "text"),
    ("low_pct", "low", "pct"),
    ("long_value", "long liquidated", "number"),
    ("open_long", "of long", "number"),
    ("high_pct", "high", "pct"),
    ("short_value", "short liquidated", "number"),
    ("open_short", "of short", "number"),
)
_BREAKS: Columns = (("measure", "what", "text"), ("fall_pct", "fall", "shock"), ("rise_pct", "rise", "shock"))


def is_venue(result: Mapping[str, Any]) -> bool:
    """Whether the result is the book of a coin venue."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def print_venue(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi book`` on positions (schema ``gaemi.venue/1``): sentences, rows read, its tables."""
    print_told_book(document, console, IF_NOBODY, FEW_REJECTS)


def sentences(document: Mapping[str, Any]) -> list[str]:
    """What a risk officer reads first: what is open, who is nearest, then what was asked."""
    totals, nearest = document["totals"], document["nearest"]
    said = [
        f"{totals['accounts']:,} accounts hold {_usdt(totals['open_long'])} long and {_usdt(totals['open_short'])} "
        f"short in {totals['contracts']:,} contracts; the rest of the market is the other side of the difference."
    ]
    if totals["under"]:
        under = totals["under"]
        many = f"{under:,} positions worth" if under > 1 else "1 position worth"
        said.append(f"Under maintenance at the mark: {many} {_usdt(totals['under_value'])}.")
    if nearest:
        said.append(_nearest_words(nearest[0], totals))
    if document["scenario"]:
        scenario = document["scenario"]
        said += [f"Under {scenario['words']}, {row['what']}: {closed_words(row)}" for row in scenario["rows"]]
    if document["replay"]:
        said += _replay_words(document["replay"])
    for row in document["breaks"] or []:
        fall, rise = (_move(row[name]) for name in ("fall_pct", "rise_pct"))
        said.append(f"All coins at once: {row['measure']} at {fall} or {rise}.")
    return said


def closed_words(row: Row) -> str:
    """What a run did, in one sentence."""
    if not row["liquidated"]:
        return "nothing is liquidated."
    told = (
        f"{_usdt(row['liquidated'])} in {row['accounts']:,} accounts are liquidated, {row['long_share_pct']:.1f} % of "
        f"it long, {row['share_pct']:.1f} % of the open positions; the fund pays {_usdt(row['paid_by_fund'])} and "
        f"goes from {_usdt(row['fund_before'])} to {_usdt(row['fund_after'])}"
    )
    told += (
        f", {_usdt(row['deleveraged'])} of winners are deleveraged" if row["deleveraged"] else ", nobody is deleveraged"
    )
    return told + (f", {_usdt(row['residual'])} stay unpaid." if row["residual"] > 0 else ", nothing stays unpaid.")


def tables(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables of a venue's book, each ``{name, caption, columns, rows}``, money in USDT; none without rows."""
    scenario = document["scenario"] or {}
    found = [
        _table("nearest", "Nearest to liquidation, all else at the mark", document["nearest"], _NEAREST),
        _table("contracts", "Open positions by contract, USDT", document["contracts"], _CONTRACTS),
        _table("map", "All coins at once by, USDT", document["map"], (("move_pct", "move", "shock"), *_CLOSED)),
        _table(
            "scenario", f"Scenario: {scenario.get('words')}", scenario.get("rows"), (("what", "move", "text"), *_CLOSED)
        ),
        _table("scenario_contracts", "The move at once, by contract", scenario.get("contracts"), _BY_CONTRACT),
        *_replay_tables(document["replay"] or {}),
        _table("breaks", "Smallest move of all coins at once", document["breaks"], _BREAKS),
    ]
    return [table for table in found if table["rows"]]


def _replay_tables(replay: Row) -> list[dict[str, Any]]:
    hours = f"Replay of {replay.get('name')}: what was liquidated, by begin of the hour or bar (UTC)"
    worst = "Worst case of each contract alone, on last-trade lows and highs: never to be added up"
    return [
        _table("replay_hours", hours, replay.get("hours"), _HOURS),
        _table("replay_contracts", "The replay by contract", replay.get("contracts"), _BY_CONTRACT),
        _table("replay_worst", worst, replay.get("worst"), _WORST),
    ]


def _table(name: str, caption: str, rows: Sequence[Row] | None, columns: Columns) -> dict[str, Any]:
    return {"name": name, "caption": caption, "columns": [list(column) for column in columns], "rows": list(rows or [])}


def _nearest_words(row: Row, totals: Row) -> str:
    where = "under the mark" if row["side"] == "long" else "above the mark"
    away = "now" if row["distance_pct"] == 0 else f"{abs(row['distance_pct']):.1f} % {where}"
    within = (
        f"{_usdt(totals['within_5_pct'])} of positions lie within 5 % and {_usdt(totals['within_10_pct'])} within 10 %"
    )
    return (
        f"Nearest to liquidation: account {row['account']}, {row['side']} {_usdt(row['value'])} of {row['ticker']} "
        f"({row['mode']}), at {row['liquidation']:,.6g}, {away}; {within}."
    )


def _replay_words(replay: Row) -> list[str]:
    bars = "days" if replay["minutes"] >= 1440 else f"bars of {replay['minutes']} minutes"
    said = [
        f"Moved as in {replay['name']} ({replay['first']} to {replay['end']}, {bars}): {closed_words(replay['totals'])}"
    ]
    if replay["busiest_hour"]:
        said.append(f"Most of it in the hour from {replay['busiest_hour']} UTC.")
    return said


def _move(pct: float | None) -> str:
    return "no move up to 95 %" if pct is None else "already now" if pct == 0 else f"{pct:+g} %"


def _usdt(amount: float) -> str:
    """An amount of the quote currency with three or four figures: ``12.3 m USDT``."""
    for unit, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(amount) >= unit:
            return f"{amount / unit:,.4g} {word} USDT"
    return f"{amount:,.4g} USDT" if amount else "0 USDT"
