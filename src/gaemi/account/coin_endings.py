"""Coin endings: what coins were worth at the top, what they bring when sold at a time, and what they are if held."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from typing import Any

import numpy as np

from gaemi.account.coin_tape import DAY_MINUTES, KOREAN_HOURS, Tape, Won, end_of
from gaemi.account.coin_walk import Walk, won_prices
from gaemi.errors import refuse
from gaemi.market.coin_episodes import CoinEpisode
from gaemi.rules.market import fee_won
from gaemi.sources.tickers import is_won_coin

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})(?::\d{2})?\s*(KST|UTC|Z|\+09:?00|\+00:?00)?", re.IGNORECASE)
_HELP = 'write it in Korean time as "2022-05-12 09:00", or with UTC behind it'


@dataclass(frozen=True, slots=True)
class Sale:
    """What all coins bring at a time: before the fee and after it. ``between`` are the worths at the closes around it.

    ``exact`` is False where only closes of days are known: the price in between is then taken on the straight line of
    its logarithm.
    """

    second: int
    gross_won: int
    won: int
    between: tuple[int, int]
    exact: bool


def sale_second(text: str, episode: CoinEpisode, where: str) -> int:
    """The second of UTC of a written time, Korean unless it says UTC.

    Raises Refused for a time off the episode and for a day without a time.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise refuse(where, f"'{text}'", "a time of sale must have a day and a time of day", _HELP)
    try:
        moment = datetime.fromisoformat(f"{found[1]} {found[2].zfill(5)}").replace(tzinfo=UTC)
    except ValueError:
        raise refuse(where, f"'{text}'", "must be a time that exists", _HELP) from None
    in_utc = found[3] is not None and not found[3].upper().startswith(("KST", "+09"))
    second = int(moment.timestamp()) - (0 if in_utc else KOREAN_HOURS * 3600)
    first, last = end_of(episode.start), end_of(episode.end)
    if not first <= second <= last:
        allowed = f"must lie within the episode, {korean(first)} to {korean(last)} in Korean time"
        raise refuse(where, f"{korean(second)} Korean time", allowed, _HELP)
    return second


def korean(second: int) -> str:
    """A time of UTC as Korean clocks show it: ``2022-05-12 09:00``."""
    return f"{datetime.fromtimestamp(second, UTC) + timedelta(hours=KOREAN_HOURS):%Y-%m-%d %H:%M}"


def sale_of_coins(
    walk: Walk, tapes: Mapping[str, Tape], won: Won, second: int, fee_bps: int
) -> tuple[Sale, dict[str, float]]:
    """All coins sold at a time, and the price of each in the currency of its ticker."""
    gross, fees, exact = 0, 0, True
    ends, prices = [0, 0], {}
    for ticker, worth in walk.coins.items():
        factor, around, known = _level(tapes[ticker], won, second)
        start, _, _ = _level(tapes[ticker], won, int(walk.second[0]))
        exact &= known
        got = round(float(worth[0]) * factor / start)
        gross, fees = gross + got, fees + fee_won(got, fee_bps)
        for side in (0, 1):
            ends[side] += round(float(worth[0]) * around[side] / start)
        closes = walk.price[ticker]
        shown = factor / start if is_won_coin(ticker) else _pair(tapes[ticker], walk, second)
        prices[ticker] = float(closes[0]) * shown
    return Sale(second, gross, gross - fees, (ends[0], ends[1]), exact), prices


def _pair(tape: Tape, walk: Walk, second: int) -> float:
    """A dollar price over the start's."""
    now, _, _ = _close_at(tape, second)
    start, _, _ = _close_at(tape, int(walk.second[0]))
    return now / start


def _level(tape: Tape, won: Won, second: int) -> tuple[float, tuple[float, float], bool]:
    """The won price at a time, those at the closes around it, and whether a bar ended close by."""
    close, (before, after), known = _close_at(tape, second)
    factor = float(won_prices(tape, np.ones(1), np.array([second]), won)[0])
    return close * factor, (before * factor, after * factor), known


def _close_at(tape: Tape, second: int) -> tuple[float, tuple[float, float], bool]:
    """The close of the bar that ended last; within a bar of a day, a point between two closes."""
    place = max(0, tape.place(second))
    close = float(tape.close[place])
    if int(tape.end[place]) == second or place + 1 == tape.end.size or int(tape.minutes[place + 1]) < DAY_MINUTES:
        return close, (close, close), True
    begin, end, after = int(tape.end[place]), int(tape.end[place + 1]), float(tape.close[place + 1])
    part = (second - begin) / (end - begin)
    return exp(log(close) + part * (log(after) - log(close))), (close, after), False


def top_of(
    episode: CoinEpisode, first: date, walk: Walk, tapes: Mapping[str, Tape], won: Won
) -> tuple[date, int] | None:
    """The day at whose close the coins were worth most, from ``first`` to the end, and what; None without coins."""
    best: tuple[date, int] | None = None
    begin = int(walk.second[0])
    day = first
    while day <= episode.end and walk.coins:
        second, worth = end_of(day), 0.0
        if all(tape.place(second) >= 0 for tape in tapes.values()):
            for ticker, series in walk.coins.items():
                level, start = _level(tapes[ticker], won, second)[0], _level(tapes[ticker], won, begin)[0]
                worth += float(series[0]) * level / start
            if best is None or round(worth) > best[1]:
                best = day, round(worth)
        day += timedelta(days=1)
    return best


def endings(
    walk: Walk, episode: CoinEpisode, top: tuple[date, int] | None, sale: Sale | None, prices: Mapping[str, float]
) -> dict[str, Any]:
    """Both endings for the document: sold at a time, and held to the end, with the lowest close of a day."""
    coins = sum(walk.coins.values(), np.zeros(walk.second.size))
    days = [second for second in walk.second.tolist() if second % (DAY_MINUTES * 60) == 0]
    lowest = min(days, key=lambda second: float(coins[walk.place(second)]))
    sold = None
    if sale is not None:
        sold = {
            "time": korean(sale.second),
            "prices": dict(prices),
            "gross_won": sale.gross_won,
            "won": sale.won,
            "exact": sale.exact,
            "between_won": list(sale.between),
        }
    return {
        "top": None if top is None else {"date": str(top[0]), "won": top[1]},
        "start_won": round(float(coins[0])),
        "sold": sold,
        "held": {"date": str(episode.end), "won": round(float(coins[-1]))},
        "lowest": {
            "date": str((datetime.fromtimestamp(lowest, UTC) - timedelta(days=1)).date()),
            "won": round(float(coins[walk.place(lowest)])),
        },
    }
