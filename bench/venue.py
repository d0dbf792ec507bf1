"""A venue for perpetuals: all positions tested at one mark, then closed, paid for by the fund, or deleveraged."""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from bench.figures import Figure, seconds
from gaemi.kernels.venue import VenueQuotes, VenueTerms
from gaemi.law.lawbook import load
from gaemi.records.positions import MICRO, VenueAccounts, copied, empty_accounts, house_of, total_micro
from gaemi.units import BPS
from gaemi.venue import VenueStep, terms_of, venue_step
from gaemi.workers import LocalWorkers

THREADS = 2
ON = date(2025, 10, 10)
TICKERS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "SUIUSDT", "DOGEUSDT", "LINKUSDT", "ENAUSDT")
POSITIONS = 1_000_000
QUICK = 100
SLOTS = 2
LEVERAGE = (2, 16)
FALL_BPS, BELOW_BPS = 900, 100
"""How far the marks fall in the step that closes, and how far below them the book pays: some of it is not covered."""


class NotKept(AssertionError):
    """A step made or lost money, or closed nothing where it should: no time is believed."""


def invented_accounts(positions: int, mark: np.ndarray) -> VenueAccounts:
    """Accounts of two positions each, opened at the marks at 2 to 15 times: a long and a short trader in turns.

    Every other pair of traders stands on one shared margin.
    """
    accounts = empty_accounts(positions // SLOTS, SLOTS)
    number, count = np.arange(positions // SLOTS), mark.size
    luck = np.random.Generator(np.random.PCG64(1))
    shared = number // 2 % 2 == 1
    accounts.investor[:] = number
    for slot in range(SLOTS):
        contract = (number // 2 + slot) % count
        lots = luck.integers(100, 10_000, number.size) * np.where(number % 2 == 0, 1, -1)
        paid = lots * mark[contract]
        margin = -(-np.abs(paid) // luck.integers(*LEVERAGE, number.size))
        accounts.instrument[slot], accounts.lots[slot], accounts.entry_value_micro[slot] = contract, lots, paid
        accounts.isolated[slot] = ~shared
        accounts.margin_micro[slot] = np.where(shared, 0, margin)
        accounts.wallet_micro[:] += np.where(shared, margin, 0)
    return accounts


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time one step of a venue: nobody is closed, the fund pays for all, the fund is empty."""
    positions = POSITIONS // QUICK if quick else POSITIONS
    mark = (1 + np.arange(len(TICKERS))) * MICRO
    say(f"venue: {positions:,} positions")
    accounts, terms = invented_accounts(positions, mark), terms_of(load(), ON, TICKERS)
    fallen = mark * (BPS - FALL_BPS) // BPS
    cases = (("nobody closed", mark, 0), ("closed, the fund pays", fallen, 2**61), ("closed, no fund", fallen, 0))
    with LocalWorkers(THREADS) as workers:
        for name, at, fund in cases:
            steps = [_timed(accounts, at, fund, terms, workers) for _ in range(repeats + 1)][1:]  # the first compiles
            step = steps[-1][1]
            if bool(step.accounts) != (at is fallen):
                raise NotKept(f"{name}: {step.accounts:,} accounts were closed")
            note = f"{step.accounts:,} accounts closed, {step.deleveraged_micro // MICRO:,} deleveraged"
            title = f"a step of a venue, {positions:,} positions, {name}"
            yield Figure(title, "ms", tuple(1e3 * took for took, _ in steps), note=note)


def _timed(
    accounts: VenueAccounts, mark: np.ndarray, fund_micro: int, terms: VenueTerms, workers: LocalWorkers
) -> tuple[float, VenueStep]:
    """Seconds of one step on copies of the accounts, and the step; all money is counted before and after."""
    own = copied(accounts)
    house = house_of(own, mark.size, fund_micro)
    trade = np.stack((mark * (BPS - BELOW_BPS) // BPS, mark * (BPS + BELOW_BPS) // BPS))
    quotes = VenueQuotes(mark, trade, np.full(trade.shape, BPS, np.int64))
    before, found = total_micro(own, house, mark), []
    took = seconds(lambda: found.append(venue_step(own, house, quotes, terms, workers)))
    if before != total_micro(own, house, mark):
        raise NotKept("money before and after a step is not the same to the micro")
    return took, found[0]
