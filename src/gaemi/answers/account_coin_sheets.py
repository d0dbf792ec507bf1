"""The tables of ``gaemi account`` for what never closes: positions, their wallet, coin loans, and a replay of coins."""

from collections.abc import Mapping, Sequence
from typing import Any

from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.wording import UNKNOWN, decimal, percent, won, won_short


def amount(value: float | None) -> str:
    """A price or amount of any size: whole from a thousand on, with more decimals the smaller it is."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    digits = 0 if size >= 1000 or value == int(value) else 2 if size >= 1 else 4 if size >= 0.01 else 8
    body = decimal(value, digits)
    return body.rstrip("0").rstrip(".") if "." in body else body


def positions(result: Record) -> Sheet | None:
    """Each position: what backs it, where its venue closes it, and where all that backs it is lost."""
    columns: list[Column] = [
        ("position", "text", _position),
        number("price", "price", amount),
        number("behind it", "margin", amount),
        number("times", "times", lambda value: UNKNOWN if value is None else decimal(value, 1)),
        number("closed at", "liquidation_price", amount),
        number("move to it", "move_pct", percent),
        number("nothing left at", "bankruptcy_price", amount),
        number("worth, won", "worth_won", won_short),
        number("funding a day, won", "funding_day_won", won_short),
    ]
    return sheet("Positions, each with the rest unchanged", result.get("positions") or [], columns)


def _position(row: Record) -> str:
    """``BTCUSDT long, 0.5 from 120,000, cross``."""
    return f"{row['ticker']} {row['side']}, {amount(row['quantity'])} from {amount(row['entry'])}, {row['mode']}"


def wallet_words(result: Record) -> str:
    """The shared wallet in one sentence; empty where there is none."""
    found = result.get("wallet")
    if not found:
        return ""
    fall, rise = found["fall_pct"], found["rise_pct"]
    moves = [f"a fall of {percent(fall)}" for _ in (1,) if fall is not None]
    moves += [f"a rise of {percent(rise)}" for _ in (1,) if rise is not None]
    reach = f"{' or '.join(moves)} of all prices on it" if moves else "no common move of prices"
    return (
        f"The wallet holds {amount(found['wallet'])} and is worth {amount(found['equity'])} with its positions, which "
        f"need {amount(found['maintenance'])}: {reach} brings it to its liquidation."
    )


def coin_loans(result: Record) -> Sheet | None:
    """Each coin loan: debt and what stands for it, and the price of the coin at which it is sold, at any hour."""
    columns: list[Column] = [
        text("loan on", "ticker"),
        number("debt", "debt_won", won_short),
        number("held", "held_won", won_short),
        number("debt over held", "ratio_pct", percent),
        number("sold at", "forced_ratio_pct", percent),
        number("price now", "price", amount),
        number("price at the sale", "sale_price", amount),
        number("move to it", "move_pct", percent),
    ]
    return sheet("Coin loans, in won; sold at any hour of the week", result.get("coin_loans") or [], columns)


def endings(result: Record) -> Sheet | None:
    """What the coins of a replay were at the top and at the start, what they brought when sold, and held."""
    told = _coins(result).get("endings") or {}
    if not told:
        return None
    rows: list[tuple[str, ...]] = []
    if told["top"] is not None:
        rows.append(("at the top", str(told["top"]["date"]), won(told["top"]["won"])))
    rows.append(("at the start", str((result.get("horizon") or {}).get("from")), won(told["start_won"])))
    if told["sold"] is not None:
        how = "sold, after the fee" if told["sold"]["exact"] else "sold, after the fee, between two closes"
        rows.append((how, f"{told['sold']['time']} Korean time", won(told["sold"]["won"])))
    rows.append(("held: lowest close", str(told["lowest"]["date"]), won(told["lowest"]["won"])))
    rows.append(("held to the end", str(told["held"]["date"]), won(told["held"]["won"])))
    return Sheet("The coins", (("when", "text"), ("time", "text"), ("worth", "number")), tuple(rows))


def events(result: Record) -> Sheet | None:
    """What venues stopped and closed, in Korean time, with what the account was then where it is known."""
    columns: list[Column] = [
        text("Korean time", "time"),
        text("name", "ticker"),
        ("what", "text", _what),
        number("net worth then, won", "net_worth_won", won_short),
    ]
    return sheet("What was stopped and closed", _coins(result).get("events") or [], columns)


def _what(row: Record) -> str:
    return f"{row['venue']}: {row['what']}" if row["venue"] else f"{row['what']} {row['source']}"


def is_coin_replay(result: Record) -> bool:
    """Whether a result is a replay of coins."""
    return bool(_coins(result))


def _coins(result: Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (result.get("replay") or {}).get("coins") or {}
    return found


def halts(rows: Sequence[Record]) -> list[Record]:
    """The events that stop somebody from selling or moving coins."""
    words = ("halted", "disabled", "delisted", "ended")
    return [row for row in rows if row["venue"] and any(word in row["what"] for word in words)]
