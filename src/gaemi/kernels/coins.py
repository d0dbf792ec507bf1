"""The steps of a day of coins: loan accounts tested and closed at each step, all accounts valued once at its end.

Spot accounts are only read, but for peaks and flags: coins that nobody owes for are sold by nobody but their owner.
"""

from typing import NamedTuple

import numpy as np

from gaemi.outcomes import Ever, outcome_of
from gaemi.records.coins import OWES_NONE, CoinBorrowing, CoinPlain
from gaemi.rules.coin_loan import after_closing, fee_won, is_closed
from gaemi.rules.coins import coin_won
from gaemi.units import BPS

BLOCK = 2048
"""Accounts valued together: their running sums stay in the processor's nearest cache."""

NEARLY_ALL = 10
"""An account is emptied when a tenth of the peak or less is left."""

GROSS_WON, SPENT_WON, TRADE_FEE_WON, LOAN_FEE_WON, REPAID_WON, RESIDUAL_WON, CLOSED, EMPTIED = range(8)
FLOWS = 8
"""What closing loan accounts moved: won of sales, of coins bought back, fees, won repaid and left unpaid; accounts."""

CASH_WON, OWED_WON, RESIDUAL_SUM_WON, DEBT_WON, HELD_WON, WAITING, WARNED = range(7)
SUMS = 7
"""Sums over loan accounts: cash, won owed, residual debt, all debt and all that is held at the prices, accounts that
wait for a halted coin, accounts at or over the warning."""


class CoinTerms(NamedTuple):
    """Terms of the day: ``close_bps``, ``warn_bps`` and ``fee_bps`` int64 [lender]; the exchange's fee of a trade."""

    close_bps: np.ndarray
    warn_bps: np.ndarray
    fee_bps: np.ndarray
    trade_bps: int
    today: int


class CoinTally(NamedTuple):
    """Lots of each coin that are sold and bought back, int64 [coin], and ``flows`` int64 [FLOWS]."""

    sold: np.ndarray
    bought: np.ndarray
    flows: np.ndarray


def coin_tally(coins: int) -> CoinTally:
    return CoinTally(np.zeros(coins, np.int64), np.zeros(coins, np.int64), np.zeros(FLOWS, np.int64))


def mark_coins(
    group: CoinPlain, unit: np.ndarray, held: np.ndarray, emptied: np.ndarray, start: int, stop: int
) -> None:
    """Value coin accounts ``start`` to ``stop``; raise peaks; note who fell to a tenth of the peak.

    ``unit`` int64 [coin]; ``held`` int64 [size, age, coin] takes won of coins, each holding rounded by itself;
    ``emptied`` int64 [size, age] counts those newly emptied.
    """
    worth = np.empty(BLOCK, np.int64)
    cell = held.reshape(-1)
    ages, coins = held.shape[1], held.shape[2]
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        size, age = group.size[first : first + count], group.age[first : first + count]
        cash_won = group.cash_won[first : first + count]
        for i in range(count):
            worth[i] = cash_won[i]
        for slot in range(group.instrument.shape[0]):
            instrument = group.instrument[slot, first : first + count]
            quantity = group.quantity[slot, first : first + count]
            for i in range(count):
                coin = instrument[i]
                won = coin_won(quantity[i], unit[coin])
                worth[i] += won
                cell[(size[i] * ages + age[i]) * coins + coin] += won
        peak_won = group.peak_won[first : first + count]
        flag = group.emptied[first : first + count]
        for i in range(count):
            if worth[i] > peak_won[i]:
                peak_won[i] = worth[i]
            elif NEARLY_ALL * worth[i] <= peak_won[i] and flag[i] == 0 and peak_won[i] > 0:
                flag[i] = 1
                emptied[size[i], age[i]] += 1


def count_coins(
    group: CoinPlain, accounts: np.ndarray, lots: np.ndarray, cash: np.ndarray, start: int, stop: int
) -> None:
    """Add accounts by (size, age), lots by coin, and cash in won to int64[1]."""
    for j in range(start, stop):
        accounts[group.size[j], group.age[j]] += 1
        cash[0] += group.cash_won[j]
    for slot in range(group.instrument.shape[0]):
        for j in range(start, stop):
            lots[group.instrument[slot, j]] += group.quantity[slot, j]


def debt_won(group: CoinBorrowing, j: int, unit: np.ndarray) -> int:
    """What a loan account owes at the prices, without the fee: won, and coins at what they cost."""
    debt = group.owed_won[j]
    if group.owed[j] != OWES_NONE:
        debt += coin_won(group.owed_lots[j], unit[group.owed[j]])
    return debt


def order_closing(
    group: CoinBorrowing, unit: np.ndarray, open_to_trade: np.ndarray, terms: CoinTerms, tally: CoinTally,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Test loan accounts at the prices of a step; who is at the ratio is to be closed, now or when its coins trade.

    ``open_to_trade`` uint8 [coin]. The tally takes the lots that those sell and buy back who can trade now, and counts
    them under CLOSED: who holds won alone and owes won alone is closed without a trade.
    """
    owed, instrument, quantity = group.owed, group.instrument[0], group.quantity[0]
    owed_lots, owed_won, cash_won, lender, closing = (
        group.owed_lots, group.owed_won, group.cash_won, group.lender, group.closing
    )  # fmt: skip
    for j in range(start, stop):
        debt = owed_won[j]
        if owed[j] != OWES_NONE:
            debt += coin_won(owed_lots[j], unit[owed[j]])
        if debt == 0 and closing[j] == 0:
            continue
        worth = cash_won[j] + coin_won(quantity[j], unit[instrument[j]])
        if closing[j] == 0 and not is_closed(debt, worth, terms.close_bps[lender[j]]):
            continue
        closing[j] = 1
        if can_trade(group, j, open_to_trade):
            tally.flows[CLOSED] += 1
            tally.sold[instrument[j]] += quantity[j]
            if owed[j] != OWES_NONE:
                tally.bought[owed[j]] += owed_lots[j]


def can_trade(group: CoinBorrowing, j: int, open_to_trade: np.ndarray) -> bool:
    """Whether every coin that closing the account needs trades now."""
    if group.quantity[0, j] > 0 and open_to_trade[group.instrument[0, j]] == 0:
        return False
    return group.owed_lots[j] == 0 or open_to_trade[group.owed[j]] != 0


def close_accounts(
    group: CoinBorrowing, unit: np.ndarray, open_to_trade: np.ndarray, terms: CoinTerms, tally: CoinTally,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Close accounts that are to be closed and can trade, at the prices of the sale: sell, buy back, pay.

    A debt in coins bears its fee on the price of the end. What the account cannot pay stays a residual debt in won.
    """
    closing = group.closing
    for j in range(start, stop):
        if closing[j] == 0 or not can_trade(group, j, open_to_trade):
            continue
        coin, lots = group.instrument[0, j], group.quantity[0, j]
        gross = coin_won(lots, unit[coin])
        cost = 0
        if group.owed[j] != OWES_NONE:
            cost = coin_won(group.owed_lots[j], unit[group.owed[j]])
            tally.bought[group.owed[j]] += group.owed_lots[j]
        repaid = group.owed_won[j]
        trade = (gross + cost) * terms.trade_bps // BPS
        loan_fee = fee_won(repaid + cost, terms.fee_bps[group.lender[j]], terms.today - group.opened[j])
        left, unpaid = after_closing(group.cash_won[j], gross, cost, trade + loan_fee, repaid)
        tally.sold[coin] += lots
        flows = tally.flows
        flows[GROSS_WON] += gross
        flows[SPENT_WON] += cost
        flows[TRADE_FEE_WON] += trade
        flows[LOAN_FEE_WON] += loan_fee
        flows[REPAID_WON] += repaid
        flows[RESIDUAL_WON] += unpaid
        flows[CLOSED] += 1
        group.cash_won[j] = left
        group.quantity[0, j] = 0
        group.owed_lots[j] = 0
        group.owed[j] = OWES_NONE
        group.owed_won[j] = 0
        group.residual_won[j] += unpaid
        group.sold_won[j] += gross + cost
        ever = Ever.FORCE_SOLD.value
        if unpaid > 0:
            ever |= Ever.RESIDUAL_DEBT.value
        group.ever[j] |= ever
        closing[j] = 0


def mark_loans(
    group: CoinBorrowing, unit: np.ndarray, terms: CoinTerms, sums: np.ndarray, owed: np.ndarray, lots: np.ndarray,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Value loan accounts at the close: peaks, flags, and the sums of SUMS; ``owed`` and ``lots`` int64 [coin]."""
    for j in range(start, stop):
        debt = debt_won(group, j, unit)
        worth = group.cash_won[j] + coin_won(group.quantity[0, j], unit[group.instrument[0, j]])
        net = worth - debt - group.residual_won[j]
        if net > group.peak_won[j]:
            group.peak_won[j] = net
        ever = 0
        if group.peak_won[j] > 0 and NEARLY_ALL * net <= group.peak_won[j]:
            ever |= Ever.EMPTIED.value
        if debt > worth:
            ever |= Ever.ZEROED.value
        if ever != 0:
            group.ever[j] |= ever
        sums[CASH_WON] += group.cash_won[j]
        sums[OWED_WON] += group.owed_won[j]
        sums[RESIDUAL_SUM_WON] += group.residual_won[j]
        sums[DEBT_WON] += debt
        sums[HELD_WON] += worth
        sums[WAITING] += group.closing[j]
        if is_closed(debt, worth, terms.warn_bps[group.lender[j]]):
            sums[WARNED] += 1
        lots[group.instrument[0, j]] += group.quantity[0, j]
        if group.owed[j] != OWES_NONE:
            owed[group.owed[j]] += group.owed_lots[j]


def count_outcomes(group: CoinBorrowing, outcomes: np.ndarray, start: int, stop: int) -> None:
    """Count loan accounts by their worst outcome: ``outcomes`` int64 [class] in the order of the enum ``Outcome``."""
    for j in range(start, stop):
        outcomes[outcome_of(group.ever[j])] += 1
