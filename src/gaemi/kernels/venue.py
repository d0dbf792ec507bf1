"""Venue: positions tested against the mark, closed on the book, and what the book leaves for the insurance fund.

A step of a venue is three passes over its accounts, none of which looks at another account: plan who is closed, work
out what the book would leave unpaid, and trade. Before the last the fund decides which accounts it can pay for; the
others are deleveraged, :mod:`gaemi.kernels.deleverage`. Funding is a pass of its own at its hours.

What venues leave open is decided so, and stated in docs/coins.md. An **isolated** position is taken over whole: all of
its margin is spent, what the book pays above the bankruptcy price goes to the fund, what it pays below comes from it.
An account on **shared margin** is closed position by position, the largest loss first and ties by contract, until it
has its maintenance again; it pays the fee of a liquidation to the fund and keeps the rest. Resting orders are not
modelled: there is nothing else to cancel.

Source: the liquidation pages of Binance and Bybit (2024); dYdX chain v4 (2024) for the strict test.
"""

from typing import NamedTuple

import numpy as np

from gaemi.chance import TRADER, word
from gaemi.records.positions import VenueAccounts
from gaemi.rules.market import filled_quantity
from gaemi.rules.perpetual import is_liquidatable, maintenance_micro, part_micro, share_rounded_up

SELL, BUY = 0, 1
"""Which side of the book a closing meets: a long position is sold, a short one is bought back."""

FEE_MICRO, SURPLUS_MICRO, REST_MICRO, DEFICIT_MICRO, ACCOUNTS_CLOSED = range(5)
MONEY = 5
"""What a fill moves: fees, money to the fund, money that the rest of the market takes in, deficits, accounts hit."""


class VenueTerms(NamedTuple):
    """The rules of a venue on one date: ``m`` contracts, ``t`` tiers; short schedules repeat their last tier."""

    floors_micro: np.ndarray  # int64[m, t]
    rates_e6: np.ndarray  # int64[m, t]
    amounts_micro: np.ndarray  # int64[m, t]
    taker_e6: int
    liquidation_e6: int


class VenueQuotes(NamedTuple):
    """Prices of a lot at one moment, int64 micro, and the share of each order that the book takes."""

    mark: np.ndarray  # [m]
    trade: np.ndarray  # [side, m] what the book pays and asks
    fill_bps: np.ndarray  # [side, m]


class FillTally(NamedTuple):
    """What fills add up to."""

    lots: np.ndarray  # int64[side, m] lots that traded
    value_micro: np.ndarray  # int64[side, m] their value at the mark
    money: np.ndarray  # int64[MONEY] micro


def fill_tally(contracts: int) -> FillTally:
    """A tally of nothing yet."""
    return FillTally(np.zeros((2, contracts), np.int64), np.zeros((2, contracts), np.int64), np.zeros(MONEY, np.int64))


def maintenance_of(terms: VenueTerms, contract: int, value_micro: int) -> int:
    """Maintenance of a position in ``contract`` worth ``value_micro``, 0 or more."""
    return maintenance_micro(
        value_micro, terms.floors_micro[contract], terms.rates_e6[contract], terms.amounts_micro[contract]
    )


def cross_equity(accounts: VenueAccounts, j: int, mark: np.ndarray) -> int:
    """The wallet and the profit of all positions on shared margin."""
    equity = accounts.wallet_micro[j]
    for slot in range(accounts.lots.shape[0]):
        if accounts.isolated[slot, j] == 0 and accounts.lots[slot, j] != 0:
            equity += accounts.lots[slot, j] * mark[accounts.instrument[slot, j]]
            equity -= accounts.entry_value_micro[slot, j]
    return int(equity)


def cross_maintenance(accounts: VenueAccounts, j: int, mark: np.ndarray, terms: VenueTerms) -> int:
    """The maintenance of all positions on shared margin, each by its own schedule."""
    needed = 0
    for slot in range(accounts.lots.shape[0]):
        if accounts.isolated[slot, j] == 0 and accounts.lots[slot, j] != 0:
            contract = accounts.instrument[slot, j]
            needed += maintenance_of(terms, contract, abs(accounts.lots[slot, j] * mark[contract]))
    return needed


def plan(
    accounts: VenueAccounts, quotes: VenueQuotes, terms: VenueTerms, ordered: np.ndarray, start: int, stop: int
) -> None:
    """Write which lots the venue closes and add them to ``ordered`` int64 [side, contract]."""
    for j in range(start, stop):
        shared = False
        for slot in range(accounts.lots.shape[0]):
            accounts.order[slot, j] = 0
            accounts.deficit_micro[slot, j] = 0
            lots = accounts.lots[slot, j]
            if lots == 0:
                continue
            if accounts.isolated[slot, j] == 0:
                shared = True
                continue
            contract = accounts.instrument[slot, j]
            value = lots * quotes.mark[contract]
            equity = accounts.margin_micro[slot, j] + value - accounts.entry_value_micro[slot, j]
            if is_liquidatable(maintenance_of(terms, contract, abs(value)), equity):
                accounts.order[slot, j] = abs(lots)
                ordered[SELL if lots > 0 else BUY, contract] += abs(lots)
        if shared:
            _plan_shared(accounts, j, quotes, terms, ordered)


def _plan_shared(accounts: VenueAccounts, j: int, quotes: VenueQuotes, terms: VenueTerms, ordered: np.ndarray) -> None:
    """Order positions on shared margin until the rest has its maintenance, if all fill at the book's price."""
    equity = cross_equity(accounts, j, quotes.mark)
    needed = cross_maintenance(accounts, j, quotes.mark, terms)
    while is_liquidatable(needed, equity):
        slot = _largest_loss(accounts, j, quotes.mark)
        contract = accounts.instrument[slot, j]
        lots = accounts.lots[slot, j]
        side = SELL if lots > 0 else BUY
        value, traded = lots * quotes.mark[contract], lots * quotes.trade[side, contract]
        accounts.order[slot, j] = abs(lots)
        ordered[side, contract] += abs(lots)
        needed -= maintenance_of(terms, contract, abs(value))
        equity += traded - value - share_rounded_up(abs(traded), terms.taker_e6 + terms.liquidation_e6)


def _largest_loss(accounts: VenueAccounts, j: int, mark: np.ndarray) -> int:
    """Slot of the position on shared margin without an order that has lost most at the mark, ties by contract."""
    best, best_profit = -1, 0
    for slot in range(accounts.lots.shape[0]):
        lots = accounts.lots[slot, j]
        if lots == 0 or accounts.isolated[slot, j] != 0 or accounts.order[slot, j] != 0:
            continue
        contract = accounts.instrument[slot, j]
        profit = lots * mark[contract] - accounts.entry_value_micro[slot, j]
        equal = profit == best_profit and contract < accounts.instrument[best, j]
        if best < 0 or profit < best_profit or equal:
            best, best_profit = slot, profit
    return best


def close(
    accounts: VenueAccounts,
    quotes: VenueQuotes,
    terms: VenueTerms,
    trades: int,
    tally: FillTally,
    start: int,
    stop: int,
) -> None:
    """With ``trades`` 1 the orders trade with the rest of the market and the fund pays what they leave unpaid;
    with 0 nothing moves, and what each order would leave unpaid is written beside it.

    The deficit of shared margin stands at the account's first ordered slot. Where nothing moves, what an account with a
    deficit would pay to the fund is not counted: it cannot pay for its own deficit.
    """
    for j in range(start, stop):
        wallet, first, left = accounts.wallet_micro[j], -1, 0
        surplus, missing, hit = 0, 0, 0
        for slot in range(accounts.lots.shape[0]):
            held = abs(accounts.lots[slot, j])
            if accounts.isolated[slot, j] == 0 and held != 0:
                left += 1
            if accounts.order[slot, j] == 0:
                continue
            lots, gained, fund = _outcome(accounts, slot, j, quotes, terms)
            if accounts.isolated[slot, j] != 0:
                surplus += max(0, gained)
                accounts.deficit_micro[slot, j] = max(0, -gained)
                missing += max(0, -gained)
            else:
                wallet += gained
                surplus += fund
                first = slot if first < 0 else first
                left -= 1 if lots == held else 0
            if trades != 0 and lots != 0:
                hit = 1
                _trade(accounts, slot, j, lots, quotes, terms, tally)
        if first >= 0 and left == 0 and wallet < 0:
            accounts.deficit_micro[first, j] = -wallet
            missing -= wallet
            wallet = 0
        if trades != 0:
            accounts.wallet_micro[j] = wallet
        tally.money[DEFICIT_MICRO] += missing
        tally.money[ACCOUNTS_CLOSED] += hit
        if trades != 0 or missing == 0:
            tally.money[SURPLUS_MICRO] += surplus


def _trade(
    accounts: VenueAccounts, slot: int, j: int, lots: int, quotes: VenueQuotes, terms: VenueTerms, tally: FillTally
) -> None:
    """Take ``lots`` off the position, with its share of entry value and margin, and count what the rest took in."""
    contract, held = accounts.instrument[slot, j], abs(accounts.lots[slot, j])
    side = SELL if accounts.lots[slot, j] > 0 else BUY
    traded = lots * quotes.trade[side, contract]
    tally.lots[side, contract] += lots
    tally.value_micro[side, contract] += lots * quotes.mark[contract]
    tally.money[FEE_MICRO] += share_rounded_up(traded, terms.taker_e6)
    tally.money[REST_MICRO] += -traded if side == SELL else traded
    accounts.margin_micro[slot, j] -= part_micro(accounts.margin_micro[slot, j], lots, held)
    accounts.entry_value_micro[slot, j] -= part_micro(accounts.entry_value_micro[slot, j], lots, held)
    accounts.lots[slot, j] -= lots if side == SELL else -lots


def _outcome(
    accounts: VenueAccounts, slot: int, j: int, quotes: VenueQuotes, terms: VenueTerms
) -> tuple[int, int, int]:
    """Lots of an order that fill, what its margin or wallet gains by it, and the fee that goes to the fund."""
    contract = accounts.instrument[slot, j]
    held = abs(accounts.lots[slot, j])
    side = SELL if accounts.lots[slot, j] > 0 else BUY
    lots = filled_quantity(accounts.order[slot, j], quotes.fill_bps[side, contract])
    traded = lots * quotes.trade[side, contract]
    fee = share_rounded_up(traded, terms.taker_e6)
    gained = (traded if side == SELL else -traded) - part_micro(accounts.entry_value_micro[slot, j], lots, held) - fee
    if accounts.isolated[slot, j] != 0:
        return lots, gained + part_micro(accounts.margin_micro[slot, j], lots, held), 0
    fund = share_rounded_up(traded, terms.taker_e6 + terms.liquidation_e6) - fee
    return lots, gained - fund, fund


def pay_funding(accounts: VenueAccounts, a_lot_micro: np.ndarray, paid: np.ndarray, start: int, stop: int) -> None:
    """Longs pay ``a_lot_micro`` int64 [contract] a lot and shorts get it; ``paid`` int64 [1] is what accounts paid.

    Isolated positions pay from their own margin.
    """
    for j in range(start, stop):
        for slot in range(accounts.lots.shape[0]):
            if accounts.lots[slot, j] == 0:
                continue
            due = accounts.lots[slot, j] * a_lot_micro[accounts.instrument[slot, j]]
            paid[0] += due
            if accounts.isolated[slot, j] != 0:
                accounts.margin_micro[slot, j] -= due
            else:
                accounts.wallet_micro[j] -= due


def worst_case(
    accounts: VenueAccounts,
    mark: np.ndarray,
    extremes: np.ndarray,
    terms: VenueTerms,
    found: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Positions that would be closed if their own contract alone touched its extreme, all others at the mark.

    ``extremes`` int64 [side, contract]: the low, which longs fear, and the high. ``found`` int64 [measure, side,
    contract]: positions, and their value at the mark in micro.
    """
    for j in range(start, stop):
        equity = cross_equity(accounts, j, mark)
        needed = cross_maintenance(accounts, j, mark, terms)
        for slot in range(accounts.lots.shape[0]):
            lots = accounts.lots[slot, j]
            if lots == 0:
                continue
            contract = accounts.instrument[slot, j]
            side = SELL if lots > 0 else BUY
            value, touched = lots * mark[contract], lots * extremes[side, contract]
            then = maintenance_of(terms, contract, abs(touched))
            if accounts.isolated[slot, j] != 0:
                left = accounts.margin_micro[slot, j] + touched - accounts.entry_value_micro[slot, j]
            else:
                left = equity + touched - value
                then += needed - maintenance_of(terms, contract, abs(value))
            if is_liquidatable(then, left):
                found[0, side, contract] += 1
                found[1, side, contract] += abs(value)


def draw_traders(seed: int, drawn: np.ndarray) -> None:
    """One 32-bit word of each trader, by number, for each purpose: int64 [draw, trader]."""
    for draw in range(drawn.shape[0]):
        for number in range(drawn.shape[1]):
            drawn[draw, number] = word(seed, 0, TRADER, 0, number, draw)
