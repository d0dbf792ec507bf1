"""Traders of perpetuals at world venues, for a replay: an assumed population, and what it assumes.

Nobody publishes who holds which position at which leverage, so everything here is an assumption of the law's topic
``perpetual``: the spread of leverage at three levels, the share of each coin, the share of traders on one shared
margin, the spread of sizes, the fund. None of these traders is Korean: positions of Korean accounts have no source,
stand in no headline, and enter only with an account file or a book that names them.

What is not assumed: open positions are as many lots long as short, trader by trader; each was opened at a mark of the
bars before the start; and each is open at the start, that is, no mark in between has closed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.chance import exp, normal
from gaemi.errors import Fault, Refused, closest
from gaemi.kernels._compile import compiled
from gaemi.kernels.venue import draw_traders
from gaemi.law.lawbook import LawBook
from gaemi.market.marks import Marks
from gaemi.records.positions import MICRO, MOST_LOTS, House, Schedule, VenueAccounts, empty_accounts, house_of
from gaemi.rules.perpetual import E6
from gaemi.units import BPS

LEVELS = ("low", "central", "high")
OTHER = "other"
SLOTS = 2
"""Traders on shared margin hold two coins, the others one."""

PAIRS_TO_COMPILE_FOR = 5_000

_SIZE, _CROSS, _COIN, _ENTRY, _LEVERAGE = 0, 1, 2, 4, 6  # draws of a trader; coin and entry by slot, leverage by side
_DRAWS = 8


@dataclass(frozen=True, slots=True)
class Traders:
    """Accounts at the last mark before the start, their house, and how many positions had to be opened at the start."""

    accounts: VenueAccounts
    house: House
    opened_at_start: int


def traders(
    book: LawBook, on: date, before: Marks, found: Sequence[Schedule], pairs: int, level: str = "central", seed: int = 1
) -> Traders:
    """``pairs`` pairs of a long and a short trader with the same lots of the same coins, opened at the same marks.

    ``before`` are the marks up to the start, of which the last is the start itself; ``found`` are the schedules of its
    contracts. The leverage of the two is drawn apart. A position that a mark since its entry would have closed is
    opened at the start instead. Luck belongs to the trader: pair ``k`` is the same in a population of any size.

    Raises :class:`gaemi.errors.Refused` for a level that the law does not have.
    """
    if level not in LEVELS:
        allowed = f"must be one of {', '.join(LEVELS)}"
        raise Refused([Fault("leverage", f"'{level}'", allowed, closest(level, LEVELS))])
    accounts = empty_accounts(2 * pairs, SLOTS)
    accounts.investor[:] = np.arange(2 * pairs)
    cumulative = _coin_bounds(book, on, before.tickers)
    times = tuple(book.value("perpetual.leverage", on)[level])
    median, spread = book.value("perpetual.position_value", on)
    cross_bps = int(book.value("perpetual.cross_share", on))
    draw = _Draws(seed, pairs)
    is_cross = draw.uniforms(_CROSS) * BPS < cross_bps
    size = np.array([median * MICRO * exp(spread / 100 * z) for z in draw.normals(_SIZE)])
    coins = _coins(draw, cumulative)
    opened = 0
    for slot in range(SLOTS):
        holds = is_cross | (slot == 0)
        coin = coins[slot]
        row = (draw.uniforms(_ENTRY + slot) * before.times.size).astype(np.int64)
        value = size / np.where(is_cross, SLOTS, 1)
        lots = np.clip(np.floor(value / before.micro[-1, coin]), 1, MOST_LOTS).astype(np.int64)
        rate_e6 = _rates_e6(found, coin, lots * before.micro[-1, coin])
        for side in (0, 1):
            here = slice(side, None, 2)
            leverage = np.minimum(_leverages(draw, times, side), np.maximum(E6 // (2 * rate_e6), 1))
            entry = _entries(before, coin, row, leverage, rate_e6 / E6, side)
            opened += int(((entry == before.times.size - 1) & (row != entry) & holds).sum())
            signed = np.where(holds, lots if side == 0 else -lots, 0)
            paid = signed * before.micro[entry, coin]
            margin = np.where(holds, -(-np.abs(paid) // leverage), 0)
            accounts.instrument[slot, here] = coin
            accounts.lots[slot, here] = signed
            accounts.entry_value_micro[slot, here] = paid
            accounts.isolated[slot, here] = ~is_cross
            accounts.margin_micro[slot, here] = np.where(is_cross, 0, margin)
            accounts.wallet_micro[here] += np.where(is_cross, margin, 0)
    fund = _fund_micro(book, on, accounts, before)
    return Traders(accounts, house_of(accounts, len(before.tickers), fund), opened)


class _Draws:
    """The draws of all pairs: one word for each pair and purpose, whatever their number."""

    def __init__(self, seed: int, pairs: int) -> None:
        self._words = np.zeros((_DRAWS, pairs), np.int64)
        draw = compiled(draw_traders) if pairs > PAIRS_TO_COMPILE_FOR else draw_traders
        draw(seed, self._words)

    def uniforms(self, draw: int) -> np.ndarray:
        return (self._words[draw] + 0.5) / 4294967296.0  # as chance.uniform

    def normals(self, draw: int) -> np.ndarray:
        return np.array([normal(int(each)) for each in self._words[draw]])


def _coin_bounds(book: LawBook, on: date, tickers: Sequence[str]) -> np.ndarray:
    """Upper ends of the coins' parts of 0 to 1; coins that the law does not name share its part of others equally."""
    share = book.value("perpetual.contract_share", on)
    named = [ticker for ticker in tickers if ticker in share]
    rest = len(tickers) - len(named)
    weights = np.array([share[t] if t in share else share[OTHER] / rest for t in tickers])
    bounds = np.cumsum(weights) / weights.sum()
    bounds[-1] = 1.0
    return bounds


def _coins(draw: _Draws, bounds: np.ndarray) -> list[np.ndarray]:
    """The coin of each slot; where the second would be the first again, it is the one after it."""
    first, second = (
        np.searchsorted(bounds, draw.uniforms(_COIN + slot), side="right").clip(0, bounds.size - 1)
        for slot in range(SLOTS)
    )
    return [first, np.where(second == first, (first + 1) % bounds.size, second)]


def _leverages(draw: _Draws, table: Sequence[Sequence[int]], side: int) -> np.ndarray:
    bounds = np.cumsum([row[1] for row in table]) / BPS
    times = np.array([row[0] for row in table])
    return times[np.searchsorted(bounds, draw.uniforms(_LEVERAGE + side), side="right").clip(0, times.size - 1)]


def _rates_e6(found: Sequence[Schedule], coin: np.ndarray, value_micro: np.ndarray) -> np.ndarray:
    """The rate of the tier in which each position's value falls: the amounts left out, a little too strict."""
    rates = np.zeros(coin.size, np.int64)
    for m, schedule in enumerate(found):
        here = coin == m
        tier = np.searchsorted(np.array(schedule.floors_micro), value_micro[here], side="right") - 1
        rates[here] = np.array(schedule.rates_e6)[tier]
    return rates


def _entries(
    before: Marks, coin: np.ndarray, row: np.ndarray, leverage: np.ndarray, rate: np.ndarray, side: int
) -> np.ndarray:
    """The row of the marks at which each position was opened: as drawn, or the last where a mark since closed it.

    A position of leverage L is closed at (1 - 1/L) / (1 - rate) of its entry, its mirror for shorts.
    """
    last = before.times.size - 1
    if side == 0:
        worst = np.minimum.accumulate(before.micro[::-1], axis=0)[::-1][row, coin]
        gone = worst * (1 - rate) <= before.micro[row, coin] * (1 - 1 / leverage)
    else:
        worst = np.maximum.accumulate(before.micro[::-1], axis=0)[::-1][row, coin]
        gone = worst * (1 + rate) >= before.micro[row, coin] * (1 + 1 / leverage)
    return np.where(gone, last, row)


def _fund_micro(book: LawBook, on: date, accounts: VenueAccounts, before: Marks) -> int:
    """The fund: the law's share of the value of all long positions at the start."""
    mark = before.micro[-1]
    value = (np.maximum(accounts.lots, 0) * mark[accounts.instrument]).sum()
    return int(value) * int(book.value("perpetual.insurance_fund", on)) // BPS
