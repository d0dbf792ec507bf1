"""Auto-deleveraging: where the insurance fund is too small, positions of the other side are closed against their will.

An account whose deficit the fund cannot pay is taken off the book. Each of its positions is closed at its bankruptcy
price against positions of the other side, in the order of :func:`gaemi.rules.perpetual.deleveraging_score`, ties by
account, so that nobody is left owing anything. Nobody is deleveraged into debt, and no account that is being closed
itself. What finds nobody trades with the rest of the market, and the venue bears the difference.

Source: Binance's and Bybit's pages on auto-deleveraging (2024); dYdX chain v4 (2024) for the bankruptcy price of a part
of an account.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gaemi.kernels.venue import (
    BUY,
    SELL,
    VenueQuotes,
    VenueTerms,
    cross_equity,
    cross_maintenance,
    maintenance_of,
)
from gaemi.records.positions import VenueAccounts
from gaemi.rules.perpetual import bankruptcy_value, deleveraging_score, part_micro


class Claims(NamedTuple):
    """Positions to be closed at their bankruptcy price: int64 [claim], in the order in which they are served."""

    slot: np.ndarray
    account: np.ndarray
    worth_micro: np.ndarray  # signed: what closing the whole position must bring


class Deleveraged(NamedTuple):
    """What deleveraging adds up to."""

    lots: np.ndarray  # int64[side, contract] lots of claims closed against other accounts
    value_micro: np.ndarray  # int64[side, contract] their value at the mark
    rest_lots: np.ndarray  # int64[side, contract] lots of claims that found nobody
    rest_value_micro: np.ndarray  # int64[side, contract]
    money: np.ndarray  # int64[2]: what the rest of the market took in, what the venue bears (0 or less)


def deleveraged(contracts: int) -> Deleveraged:
    """A tally of nothing yet."""
    lots, value, rest_lots, rest_value = (np.zeros((2, contracts), np.int64) for _ in range(4))
    return Deleveraged(lots, value, rest_lots, rest_value, np.zeros(2, np.int64))


def deleverage(
    accounts: VenueAccounts,
    quotes: VenueQuotes,
    terms: VenueTerms,
    fund_micro: int,
    run: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> tuple[Deleveraged, int]:
    """Close what ``fund_micro`` cannot pay for; returns what moved and how many accounts were closed so.

    The fund pays accounts in the order of their numbers, each whole or not at all. ``run`` makes a kernel ready: it
    compiles it, or leaves it as it is.
    """
    missing = accounts.deficit_micro.sum(axis=0)
    short = np.flatnonzero(missing)
    short = short[np.argsort(accounts.investor[short], kind="stable")]
    unpaid = np.zeros(short.size, np.uint8)
    run(afford)(missing[short], fund_micro, unpaid)
    busy: np.ndarray = (accounts.order != 0).any(axis=0)
    tally = deleveraged(quotes.mark.size)
    taken = short[unpaid != 0]
    claims = _claims(accounts, quotes, terms, taken, run)
    contract = accounts.instrument[claims.slot, claims.account]
    is_long = accounts.lots[claims.slot, claims.account] > 0
    for each in np.unique(contract):
        for side, of_side in ((SELL, is_long), (BUY, ~is_long)):
            served = np.flatnonzero((contract == each) & of_side)
            if served.size:
                chosen = Claims(*(column[served] for column in claims))
                slots, rows = _queue(accounts, quotes, int(each), side, busy, run)
                run(serve)(accounts, quotes, chosen, slots, rows, tally)
    return tally, int(taken.size)


def afford(missing: np.ndarray, fund_micro: int, unpaid: np.ndarray) -> None:
    """Mark the accounts, in order, whose deficit is more than what is left of the fund."""
    left = fund_micro
    for k in range(missing.size):
        if missing[k] <= left:
            left -= missing[k]
        else:
            unpaid[k] = 1


def _claims(
    accounts: VenueAccounts, quotes: VenueQuotes, terms: VenueTerms, taken: np.ndarray, run: Callable[..., Any]
) -> Claims:
    """The claims of the accounts ``taken``, whose orders on the book are taken off."""
    size = taken.size * accounts.lots.shape[0]
    claims = Claims(*(np.zeros(size, np.int64) for _ in range(3)))
    count = np.zeros(1, np.int64)
    run(claim)(accounts, quotes, terms, taken, claims, count)
    return Claims(*(column[: count[0]] for column in claims))


def claim(
    accounts: VenueAccounts,
    quotes: VenueQuotes,
    terms: VenueTerms,
    taken: np.ndarray,
    claims: Claims,
    count: np.ndarray,
) -> None:
    """Write the claims of accounts: isolated positions with a deficit, and all of a shared margin that has one."""
    for k in range(taken.size):
        j = taken[k]
        shared = False
        for slot in range(accounts.lots.shape[0]):
            if accounts.deficit_micro[slot, j] == 0:
                continue
            if accounts.isolated[slot, j] == 0:
                shared = True
                continue
            worth = accounts.entry_value_micro[slot, j] - accounts.margin_micro[slot, j]
            _add_claim(accounts, slot, j, worth, claims, count)
        if shared:
            _claim_shared(accounts, j, quotes, terms, claims, count)


def _add_claim(accounts: VenueAccounts, slot: int, j: int, worth: int, claims: Claims, count: np.ndarray) -> None:
    claims.slot[count[0]] = slot
    claims.account[count[0]] = j
    claims.worth_micro[count[0]] = worth
    count[0] += 1
    accounts.order[slot, j] = 0
    accounts.deficit_micro[slot, j] = 0


def _claim_shared(
    accounts: VenueAccounts, j: int, quotes: VenueQuotes, terms: VenueTerms, claims: Claims, count: np.ndarray
) -> None:
    """Each position loses its share of the account's collateral; the last one takes what rounding left."""
    net = cross_equity(accounts, j, quotes.mark)
    needed = cross_maintenance(accounts, j, quotes.mark, terms)
    left = -accounts.wallet_micro[j]
    last = -1
    for slot in range(accounts.lots.shape[0]):
        if accounts.isolated[slot, j] == 0 and accounts.lots[slot, j] != 0:
            left += accounts.entry_value_micro[slot, j]
            if last < 0 or accounts.instrument[slot, j] > accounts.instrument[last, j]:
                last = slot
    for slot in range(accounts.lots.shape[0]):
        if accounts.isolated[slot, j] != 0 or accounts.lots[slot, j] == 0 or slot == last:
            continue
        contract = accounts.instrument[slot, j]
        value = accounts.lots[slot, j] * quotes.mark[contract]
        # As floats: the product of two amounts in micro leaves 63 bits.
        worth = int(bankruptcy_value(value, float(net), maintenance_of(terms, contract, abs(value)), needed))
        left -= worth
        _add_claim(accounts, slot, j, worth, claims, count)
    _add_claim(accounts, last, j, left, claims, count)


def _queue(
    accounts: VenueAccounts, quotes: VenueQuotes, contract: int, side: int, busy: np.ndarray, run: Callable[..., Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Slots and accounts of the positions that stand against claims of ``side``, in the order they are taken."""
    opposite = accounts.lots < 0 if side == SELL else accounts.lots > 0
    slots, rows = np.nonzero(opposite & (accounts.instrument == contract) & ~busy)
    score = np.zeros(rows.size)
    run(score_all)(accounts, quotes.mark, slots, rows, score)
    order = np.lexsort((accounts.isolated[slots, rows], accounts.investor[rows], -score))
    return slots[order], rows[order]


def score_all(
    accounts: VenueAccounts, mark: np.ndarray, slots: np.ndarray, rows: np.ndarray, score: np.ndarray
) -> None:
    """The place in the queue of each position, float64, in ``score``."""
    for k in range(rows.size):
        slot, j = slots[k], rows[k]
        value = accounts.lots[slot, j] * mark[accounts.instrument[slot, j]]
        entry = accounts.entry_value_micro[slot, j]
        if accounts.isolated[slot, j] != 0:
            equity = accounts.margin_micro[slot, j] + value - entry
        else:
            equity = cross_equity(accounts, j, mark)
        score[k] = deleveraging_score(value - entry, max(1, abs(entry)), max(1, abs(value)), max(1, equity))


def serve(
    accounts: VenueAccounts,
    quotes: VenueQuotes,
    claims: Claims,
    slots: np.ndarray,
    rows: np.ndarray,
    tally: Deleveraged,
) -> None:
    """Close claims of one contract and side, each in turn, against the positions ``slots``, ``rows`` of the queue."""
    place = 0
    for k in range(claims.slot.size):
        slot, j = claims.slot[k], claims.account[k]
        contract = accounts.instrument[slot, j]
        sign = 1 if accounts.lots[slot, j] > 0 else -1
        side = SELL if sign > 0 else BUY
        left, worth = abs(accounts.lots[slot, j]), claims.worth_micro[k]
        while left > 0 and sign * worth > 0 and place < rows.size:
            other, i = slots[place], rows[place]
            lots = min(left, abs(accounts.lots[other, i]))
            price = part_micro(worth, lots, left)
            if lots == 0 or not _taken(accounts, other, i, lots, -price, quotes.mark):
                place += 1
                continue
            left, worth = left - lots, worth - price
            tally.lots[side, contract] += lots
            tally.value_micro[side, contract] += lots * quotes.mark[contract]
        _close_claim(accounts, slot, j, claims.worth_micro[k])
        traded = sign * left * quotes.trade[side, contract]
        tally.rest_lots[side, contract] += left
        tally.rest_value_micro[side, contract] += left * quotes.mark[contract]
        tally.money[0] -= traded
        tally.money[1] += traded - worth


def _taken(accounts: VenueAccounts, slot: int, j: int, lots: int, price_micro: int, mark: np.ndarray) -> bool:
    """Close ``lots`` of a position in the queue for ``price_micro``, signed; False where that would leave a debt."""
    held = abs(accounts.lots[slot, j])
    signed = lots if accounts.lots[slot, j] > 0 else -lots
    entry = part_micro(accounts.entry_value_micro[slot, j], lots, held)
    margin = part_micro(accounts.margin_micro[slot, j], lots, held)
    if accounts.isolated[slot, j] != 0:
        if margin + price_micro - entry < 0:
            return False
    elif cross_equity(accounts, j, mark) + price_micro - signed * mark[accounts.instrument[slot, j]] < 0:
        return False
    accounts.wallet_micro[j] += margin + price_micro - entry
    accounts.margin_micro[slot, j] -= margin
    accounts.entry_value_micro[slot, j] -= entry
    accounts.lots[slot, j] -= signed
    return True


def _close_claim(accounts: VenueAccounts, slot: int, j: int, worth_micro: int) -> None:
    """The position is gone for exactly its worth: an isolated margin is spent, a shared one gets the difference."""
    if accounts.isolated[slot, j] == 0:
        accounts.wallet_micro[j] += worth_micro - accounts.entry_value_micro[slot, j]
    accounts.margin_micro[slot, j] = 0
    accounts.entry_value_micro[slot, j] = 0
    accounts.lots[slot, j] = 0
