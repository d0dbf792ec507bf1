"""Sentences: the answer in words, first what the prices, then the firm, then the record say. Never advice."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gaemi.account.portfolio import Portfolio
from gaemi.account.standing import POOLS
from gaemi.answers import wording
from gaemi.law.firms import STRICTEST
from gaemi.records.columns import Pool
from gaemi.units import format_won

WHOLE_FROM = 1000.0

Rows = Sequence[Mapping[str, Any]]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def first_sentences(
    portfolio: Portfolio,
    tables: tuple[Rows, Rows, Rows],
    sale: Mapping[str, Any] | None,
    often: Mapping[str, Any] | None,
    coins: Sequence[str] = (),
) -> list[str]:
    """How far it is, what happens then, how often it came; the date of the prices and whose rules in the last.

    ``tables`` are the rows of pools, of holdings alone, and of positions; ``coins`` are sentences of their own.
    """
    said: list[str] = []
    pools, alone, positions = tables
    if not pools and not positions and not portfolio.coin_loans:
        said.append("Nothing is borrowed here: nobody can call this account or sell its holdings.")
    for pool in pools:
        if pool["shortfall_won"] > 0:
            said += _under(pool, sale)
        else:
            said.append(_distance(portfolio, pool, alone))
    if sale is not None and not sale["called_now"]:
        said.append(_sale(sale))
    said += [_position(row) for row in positions]
    said += coins
    if often is not None:
        said.append(often["words"])
    rules = (
        "the strictest rule of all firms, because yours is not named"
        if portfolio.firm == STRICTEST
        else (f"rules of firm class '{portfolio.firm}'")
    )
    tail = f"; {rules}; your firm may sell more." if pools else "."
    said.append(f"Prices of {wording.day_name(str(portfolio.on))} ({portfolio.prices_words}){tail}")
    return said


def _distance(portfolio: Portfolio, pool: Mapping[str, Any], alone: Sequence[Mapping[str, Any]]) -> str:
    before = "before its firm closes the contract" if pool["pool"] == POOLS[Pool.CFD] else "before a call"
    mine = [row for row in alone if row["pool"] == pool["pool"]]
    if len(mine) == 1 and mine[0]["call_price"] is not None:
        row = mine[0]
        return (
            f"{row['name']} can fall {wording.percent(row['call_fall_pct'])} to "
            f"{wording.whole(int(row['call_price']))} {before}."
        )
    if pool["fall_to_call_pct"] is None:
        return f"No fall of its holdings alone brings the {pool['pool']} pool to a call."
    count = "Both" if len(mine) == 2 else f"All {len(mine)}"
    return (
        f"{count} holdings of the {pool['pool']} pool can fall {wording.percent(pool['fall_to_call_pct'])} together "
        f"{before}."
    )


def _position(row: Mapping[str, Any]) -> str:
    behind = "its part of the wallet" if row["mode"] == "cross" else "its margin"
    head = f"The {row['side']} position in {row['ticker']}, {wording.decimal(row['times'])} times {behind},"
    if row["liquidation_price"] is None:
        return f"{head} is closed by the venue at no price above 0."
    move = "falls" if row["move_pct"] < 0 else "rises"
    level = wording.decimal(row["liquidation_price"], 0 if row["liquidation_price"] >= WHOLE_FROM else 4)
    lost = "its margin is gone" if row["mode"] == "isolated" else "the wallet pays for it"
    rest = ", the rest of its wallet unchanged" if row["mode"] == "cross" else ""
    return (
        f"{head} is closed by the venue when the price {move} {wording.percent(abs(row['move_pct']))} to "
        f"{level}{rest}, at any time of the day, and {lost}."
    )


def _under(pool: Mapping[str, Any], sale: Mapping[str, Any] | None) -> list[str]:
    said = [
        f"The account is under maintenance already: its ratio is {wording.percent(pool['ratio_pct'])}, "
        f"{wording.percent(pool['maintenance_pct'], 0)} are asked, {format_won(pool['shortfall_won'])} are missing."
    ]
    if sale is not None and sale["sale_date"]:
        said.append(f"If prices stay as they are and you do nothing, {_what_is_sold(sale)}.")
    return said


def _sale(sale: Mapping[str, Any]) -> str:
    closes = sale["closes"]
    pooled = {row["ticker"] for row in sale["sold"]}
    told = [row for row in closes if row["ticker"] in pooled] or closes
    if len(told) == 1:
        supposed = f"closes at {wording.whole(int(told[0]['close']))}"
        supposed = f"If it {supposed} on {_day(sale['close_date'])}"
    else:
        supposed = f"If they close 5 % below that on {_day(sale['close_date'])}"
    if not sale["sold"]:
        return f"{supposed} and you do nothing, nothing is sold in the sessions after."
    return f"{supposed} and you do nothing, {_what_is_sold(sale)}."


def _what_is_sold(sale: Mapping[str, Any]) -> str:
    parts = [
        f"about {wording.whole(row['quantity'])} of {wording.whole(row['held'])} shares"
        + (f" of {row['name']}" if len(sale["sold"]) > 1 else "")
        for row in sale["sold"]
    ]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    left = f"about {format_won(sale['left_won'])} is left"
    if sale["residual_won"] > 0:
        left = f"nothing is left and {format_won(sale['residual_won'])} is still owed"
    return f"on {_day(sale['sale_date'])} at {sale['time']} {listed} are sold and {left}"


def _day(text: str) -> str:
    """``Monday 3 November`` of an ISO date."""
    day = date.fromisoformat(text)
    return f"{WEEKDAYS[day.weekday()]} {day.day} {day:%B}"


def often_words(name: str, sessions: int, share: float, recorded: Mapping[str, Any] | None) -> str:
    """How often such a fall came, from the record; without one, what the closed form says, and that it is no record.

    ``name`` is whose falls are counted where the account holds several, else empty.
    """
    of = f" of {name}" if name else ""
    times = round(100 * share)
    often = "less than once" if times == 0 else f"{times} times" if times > 1 else "once"
    if recorded is not None:
        years = (date.fromisoformat(recorded["last"]) - date.fromisoformat(recorded["first"])).days / 365.25
        span = "In the last ten years" if years > 9.5 else f"In the {years:.1f} years on record"
        return f"{span} a fall that size{of} came within {sessions} days {often} in 100."
    return (
        f"With today's volatility and normal returns a fall that size{of} comes within {sessions} days {often} in 100; "
        f"--prices would say how often it came."
    )


def warning(odds: Sequence[Mapping[str, Any]], care_share: float) -> str | None:
    """The first line where ruin is likely under any of the drifts: in plain words, with its error; else None."""
    worst: tuple[float, float, str, str] | None = None
    for each in odds:
        rows = {row["outcome"]: row for row in each["rows"]}
        for outcome in ("wiped out", "residual debt"):
            row = rows[outcome]
            if row["ever_share"] >= care_share and (worst is None or row["ever_share"] > worst[0]):
                worst = (row["ever_share"], row["ever_error"], outcome, each["drift"])
    if worst is None:
        return None
    low = [next(row["ever_share"] for row in each["rows"] if row["outcome"] == worst[2]) for each in odds]
    what = "nine tenths of this money are lost" if worst[2] == "wiped out" else "all is lost and debt remains"
    if round(100 * min(low)) == round(100 * max(low)):
        return f"On {100 * worst[0]:.0f} of 100 paths {what} before the date, however prices drift."
    spread = f"{100 * min(low):.0f} to {100 * max(low):.0f}"
    return f"On {spread} of 100 paths {what} before the date, depending on how prices drift."
