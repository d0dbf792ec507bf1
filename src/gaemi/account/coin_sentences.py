"""Sentences of coins: what they are worth, and what an episode made of them. Never advice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gaemi.answers import wording
from gaemi.market.coin_episodes import CoinEpisode
from gaemi.sources.account_coins import CoinLine, written
from gaemi.sources.tickers import Calendar, calendar_of
from gaemi.units import format_won

MOST_STOPS = 4


def coins_held(holdings: Sequence[Mapping[str, Any]]) -> list[str]:
    """One sentence for all coins of an account, from the rows of its holdings."""
    rows = [row for row in holdings if calendar_of(row["ticker"]) is Calendar.EVERY_DAY]
    if not rows:
        return []
    parts = [f"{quantity_words(row['quantity'])} {row['name']} at {price_words(row)}" for row in rows]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    total = sum(row["value_won"] for row in rows)
    verb = "is" if len(rows) == 1 and rows[0]["quantity"] == 1 else "are"
    return [f"{listed} {verb} worth {format_won(total)}: no pool counts them, so no firm calls or sells them."]


def quantity_words(quantity: float) -> str:
    """A quantity as people write it: ``4,605.82``, ``0.5``."""
    return written(Decimal(repr(quantity)) if isinstance(quantity, float) else Decimal(quantity))


def price_words(row: Mapping[str, Any]) -> str:
    """A price of any size in its currency: ``160,000,000 won``, ``0.49 won``, ``3,800.5 dollars``."""
    return f"{coin_price_words(row['price'])} {'won' if row['currency'] == 'won' else 'dollars'}"


def coin_price_words(price: float) -> str:
    """A price with as many decimals as its size needs.

    >>> coin_price_words(143297.0), coin_price_words(0.277), coin_price_words(0.0000512)
    ('143,297', '0.277', '0.0000512')
    """
    digits = 0 if price >= 100_000 else 2 if price >= 1 else 4 if price >= 0.01 else 8
    body = f"{price:,.{digits}f}"
    return body.rstrip("0").rstrip(".") if "." in body else body


def replay_sentences(
    episode: CoinEpisode,
    replay: Mapping[str, Any],
    coins: Sequence[CoinLine],
    positions: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What the episode did: the top, the start, sold at a time, held to the end; what venues closed and stopped."""
    told, said = replay["coins"], []
    days = f"{wording.day_name(replay['days'][0]['date'])} to {wording.day_name(replay['days'][-1]['date'])}"
    ends = told["endings"]
    if ends is not None:
        said += _coins(ends, coins, f"Through {episode.name}, {days}")
    if positions:
        said += _positions(told["events"], positions)
    if ends is None or positions:
        start, end = format_won(max(0, replay["start_won"])), format_won(max(0, replay["end_won"]))
        said.append(f"In all, through {episode.name}, {days}, {start} become {end}.")
    said += _stops(told["events"], replay["days"][-1]["date"])
    step = told["step_minutes"]
    how = "one price a day, at 09:00 Korean time" if step == 1440 else f"a price every {step} minutes" * (step > 1)
    said.append(f"Worked out from {how or 'a price a minute'}; won prices are dollars x rate x recorded premium.")
    return said


def _coins(ends: Mapping[str, Any], coins: Sequence[CoinLine], head: str) -> list[str]:
    what = " and ".join(f"{written(line.quantity)} {line.symbol}" for line in coins)
    top, said = ends["top"], []
    was = ""
    if top is not None and top["won"] > ends["start_won"]:
        was = f" that were {format_won(top['won'])} at the top, on {wording.day_name(top['date'])},"
    begin = f"{head}, {what}{was or ' that'} begin as {format_won(ends['start_won'])}."
    said.append(begin)
    of = top["won"] if top is not None else ends["start_won"]
    sold = ends["sold"]
    if sold is not None:
        lost = wording.percent(100 * (1 - sold["won"] / of)) if of else wording.UNKNOWN
        brings = f"they bring {format_won(sold['won'])} after the fee, {lost} below the top"
        said.append(f"Sold on {_time(sold['time'])}, {brings}.")
        if not sold["exact"]:
            before, after = (format_won(won) for won in sold["between_won"])
            said.append(
                f"Only closes of days are known there, {before} at the one before and {after} at the one after: the "
                "price is taken on the straight line of its logarithm between the two."
            )
    held, lowest = ends["held"], ends["lowest"]
    words = f"Held to the end, the close of {wording.day_name(held['date'])}, they are {format_won(held['won'])}"
    if lowest["won"] < held["won"] and lowest["date"] != held["date"]:
        words += f"; the lowest close, {wording.day_name(lowest['date'])}, is {format_won(lowest['won'])}"
    said.append(words + ".")
    return said


def _stops(events: Sequence[Mapping[str, Any]], last: str) -> list[str]:
    """What stopped coins from being moved or sold within the episode, the first times of each; the table has all."""
    seen: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if event["venue"] and event["time"][:10] <= last and "halted" in event["what"]:
            seen.setdefault(f"{event['what']} by {event['venue']}", event)
    shown = [f"{what} on {_time(event['time'])}" for what, event in list(seen.items())[:MOST_STOPS]]
    if not shown:
        return []
    more = len(seen) - len(shown)
    tail = f"; {more} more are in the table" if more > 0 else ""
    return [f"On the way: {'; '.join(shown)}{tail}."]


def _positions(events: Sequence[Mapping[str, Any]], positions: Sequence[Mapping[str, Any]]) -> list[str]:
    said = []
    for row in positions:
        name = f"{row['ticker']} {row['side']}"
        mine = [event for event in events if event["ticker"] == name and not event["venue"]]
        closed = next((event for event in mine if event["what"].startswith("closed")), None)
        worst = next((event for event in mine if event["what"].startswith("would")), None)
        if closed is not None:
            words = f"The position {name} is closed by its venue on {_time(closed['time'])}, on the mark price"
        else:
            words = f"The position {name} stays open on the mark price"
        if worst is not None and (closed is None or worst["time"] < closed["time"]):
            words += f"; taking the extreme of a single bar for the mark, at worst on {_time(worst['time'])}"
        said.append(words + ".")
    return said


def _time(text: str) -> str:
    """``12 May 2022 at 12:00 Korean time``."""
    day, _, hour = text.partition(" ")
    return f"{wording.day_name(day)} at {hour} Korean time"
