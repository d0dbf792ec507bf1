"""People at the won exchanges who held LUNA, most of whom bought while it fell: what they paid, and what was left.

Published are how many held it on a few days and how many coins they had. When within a day they came and how much
each paid is drawn: the spread of amounts is the survey's, their mean an assumption. Nobody sells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from gaemi.chance import log
from gaemi.coins.terra_record import EPISODE, HELD, Count, Record, counts, naive, won_prices
from gaemi.kernels._compile import compiled
from gaemi.kernels.hold import NEVER, SCALE, Crowd, Held, come, hold
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import won_per_dollar
from gaemi.market.stablecoins import MINUTE, ONE_DAY, draw_line
from gaemi.units import floor_div_half_up, largest_remainder
from gaemi.workers import LocalWorkers

HOURS_AHEAD = timedelta(hours=9)
"""Korean time over UTC: the counts are of Korean days."""

ROWS_A_TASK = 8_192
E6, E3 = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Entrants:
    """Holders who came on a Korean day; ``day`` is None for those who had the coin before the window."""

    day: date | None
    holders: int
    first: int
    last: int


def entrants(published: tuple[Count, ...]) -> list[Entrants]:
    """Who came on which day: between two published counts evenly over the days in between, from HELD's first on."""
    before = [count for count in published if count.day < HELD.first][-1]
    groups = [Entrants(None, before.holders, 0, 1)]
    last = before
    for count in published:
        if count.day <= before.day or count.day > HELD.last:
            continue
        begin = max(last.day + ONE_DAY, HELD.first + 2 * ONE_DAY)  # the fall begins on 9 May
        days = [begin + i * ONE_DAY for i in range((count.day - begin).days + 1)]
        for day, holders in zip(days, largest_remainder(count.holders - last.holders, [1] * len(days)), strict=True):
            midnight = datetime(day.year, day.month, day.day) - HOURS_AHEAD
            groups.append(Entrants(day, holders, HELD.minute(midnight), HELD.minute(midnight + ONE_DAY)))
        last = count
    return groups


def won_path(record: Record) -> np.ndarray:
    """Millionths of a won of a coin at each minute of HELD, int64: the dollar price at the day's rate, no premium."""
    rates = won_per_dollar(EPISODE)
    a_day = np.array([rates[day] for day in HELD.days])
    return _millionths(record.held_price * np.repeat(a_day, record.held_price.size // a_day.size))


def won_path_of_press(record: Record) -> np.ndarray:
    """The same with the won prices of the press from the halt of deposits on, logarithms in straight lines.

    With deposits halted no coin could come from abroad, so that the won price stood far above the dollar price.
    """
    path = won_path(record) / E6
    halted = next(naive(event.time) for event in record.events if event.what == "deposits halted")
    left = HELD.minute(halted)
    price = float(path[left])
    for time, won in won_prices():
        right = (time - HELD.start) // MINUTE
        draw_line(path, (left, price), (right, won))
        left, price = right, won
    return _millionths(path)


def _millionths(won: np.ndarray) -> np.ndarray:
    return np.maximum((won * E6 + 0.5).astype(np.int64), 1)


def crowd_of(book: LawBook, on: date) -> Crowd:
    """The bands of the survey in force on a date, and what scales their values to the mean purchase."""
    persons, low, high = (
        book.value(path, on) for path in ("coins.size_bands", "stablecoin.band_from", "stablecoin.band_to")
    )
    total = sum(persons.values())
    log_from = np.array([log(float(low[band])) for band in persons])
    width = np.array([log(high[band] / low[band]) for band in persons])
    means = [(high[band] - low[band]) / log(high[band] / low[band]) for band in persons]
    mean = sum(count * one for count, one in zip(persons.values(), means, strict=True)) / total
    upper = np.cumsum(np.array(list(persons.values()), np.int64)) / total
    return Crowd(upper, log_from, width, book.value("stablecoin.crash_purchase", on) / mean)


@dataclass(frozen=True, slots=True)
class Holders:
    """Everybody who held the coin: columns of the kernel, what each paid in won, and the group each belongs to."""

    held: Held
    cost_won: np.ndarray
    group: np.ndarray
    groups: list[Entrants]
    price_e6: np.ndarray


def holders_of(
    book: LawBook, price: np.ndarray, seed: int, groups: list[Entrants] | None = None, plain: bool = False
) -> Holders:
    """Lay out all holders of the published counts, or of ``groups``; the kernel has yet to value them.

    ``price`` is int64 [minutes of HELD] in millionths of a won; ``plain`` draws without the compiler.

    Who was there before is given coins in proportion to draws so that they add up to the published number, and costs
    what these were worth at the window's first minute.
    """
    published = counts()
    groups = groups or entrants(published)
    number = sum(group.holders for group in groups)
    group = np.repeat(np.arange(len(groups)), [one.holders for one in groups])
    window = np.array([[one.first, one.last] for one in groups], np.int64)[group]
    entry, won = np.zeros(number, np.int32), np.zeros(number, np.int64)
    day = HELD.first.toordinal()
    draw = come if plain else compiled(come)
    draw(crowd_of(book, HELD.first - ONE_DAY), day, window, seed, entry, won)
    entry[group == 0] = 0
    coins = won * E3 * E6 // price[entry]
    first = [count for count in published if count.day < HELD.first][-1]
    before = int((group == 0).sum())
    share = first.coins * E3 * before // first.holders
    coins[:before] = largest_remainder(share, won[:before].tolist())
    coins = np.maximum(coins, 1)
    highest = np.maximum.accumulate(price[::-1])[::-1][entry]
    assert float((coins.astype(np.float64) * highest).max()) < 9e18, "a value in the units of the kernel fits 63 bits"
    cost = coins * price[entry] // SCALE
    peak, end = np.zeros(number, np.int64), np.zeros(number, np.int64)
    held = Held(entry, coins, peak, end, np.full(number, NEVER, np.int32))
    return Holders(held, cost, group, groups, price)


def follow(
    holders: Holders, workers: LocalWorkers, told: Callable[[int, int], None] | None = None, plain: bool = False
) -> None:
    """Value every holder at every minute; ``told`` hears how many are done; ``plain`` runs without the compiler."""
    number, kernel = holders.held.entry.size, hold if plain else compiled(hold)
    done = [0]

    def work(start: int, stop: int) -> None:
        kernel(holders.held, holders.price_e6, start, stop)
        done[0] += stop - start
        if told is not None:
            told(done[0], number)

    workers.over(number, ROWS_A_TASK, work)


def holder_rows(holders: Holders) -> list[dict[str, Any]]:
    """By day of entry: people, coins, won paid, won left at the end, who lost nine tenths of the highest value."""
    held, rows = holders.held, []
    for number, group in enumerate(holders.groups):
        mine = holders.group == number
        cost, left = int(holders.cost_won[mine].sum()), int(held.end_won[mine].sum())
        rows.append(
            {
                "entry": "before" if group.day is None else str(group.day),
                "holders": group.holders,
                "coins": floor_div_half_up(int(held.coins_e3[mine].sum()), E3),
                "cost_won": cost,
                "end_won": left,
                "lost_won": cost - left,
                "lost_pct": 100.0 * (cost - left) / cost if cost else None,
                "losers": int((held.end_won[mine] < holders.cost_won[mine]).sum()),
                "emptied": int((held.emptied[mine] != NEVER).sum()),
            }
        )
    return rows


def count_rows(holders: Holders, book: LawBook) -> list[dict[str, Any]]:
    """The published counts beside the model's at the end of each Korean day that lies in the window."""
    users = int(book.value("coins.accounts", HELD.first - ONE_DAY))
    held, rows = holders.held, []
    for count in counts():
        midnight = datetime(count.day.year, count.day.month, count.day.day) + ONE_DAY - HOURS_AHEAD
        there = held.entry < max(HELD.minute(midnight), 1)
        inside = HELD.first - ONE_DAY <= count.day <= HELD.last
        rows.append(
            {
                "date": str(count.day),
                "holders": count.holders,
                "coins": count.coins,
                "share_of_accounts_pct": 100.0 * count.holders / users,
                "model_holders": int(there.sum()) if inside else None,
                "model_coins": floor_div_half_up(int(held.coins_e3[there].sum()), E3) if inside else None,
                "source": count.source,
            }
        )
    return rows
