"""Kernel that takes away what a new law would not have lent, and lets a part of it find another way."""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.lend import Prices, broker_pool, measure
from gaemi.records.columns import Borrowing
from gaemi.units import ceil_div, won_value

_ELSEWHERE, _FINANCED, _STOCK_LOAN_LOT = 0, 1, 4  # records.columns.Standing
_MARGIN, _STOCK_LOAN = 1, 3  # records.columns.LoanKind
OWN_MONEY_OF_STOCK_LOAN = 3
"""A stock loan is at most this many times the own money that goes with it."""


class Bar(NamedTuple):
    """The two laws at the origin of a margin loan, and where barred borrowing goes.

    ``before_bps`` and ``after_bps`` are what may be lent of a purchase, by instrument.
    """

    before_bps: np.ndarray
    after_bps: np.ndarray
    limit_won: int
    displaced_bps: int
    stock_loan_bps: int
    fund_row: int
    fund_leverage_percent: int
    maintenance_bps: np.ndarray
    substitute_bps: int


def allowed_won(bar: Bar, group: Borrowing, at: int, allowed: np.ndarray) -> None:
    """Fill ``allowed`` with the principal of each margin loan under the new law; the customer's limit cuts the last."""
    left = bar.limit_won
    for k in range(allowed.size):
        allowed[k] = 0
        if group.loan_kind[k, at] == _MARGIN:
            row = int(group.financed[k, at])
            principal = int(group.principal_won[k, at])
            allowed[k] = min(principal, principal * bar.after_bps[row] // bar.before_bps[row], left)
            left -= allowed[k]


def financed_slot(group: Borrowing, at: int, row: int) -> int:
    """The slot of the financed lot of an instrument, -1 where the account has none."""
    found = -1
    for s in range(group.quantity.shape[0]):
        if group.standing[s, at] == _FINANCED and group.instrument[s, at] == row and group.quantity[s, at] > 0:
            found = s
    return found


def units_for_stock_loan(bar: Bar, prices: Prices, group: Borrowing, at: int, slot: int, won: int) -> tuple[int, int]:
    """Units of the lot that leave with a stock loan of ``won``, and the won that they carry.

    They are worth the loan and a third more, rounded up to a unit, unless that unit would put what stays behind under
    maintenance: then one unit less goes, and carries so much less.
    """
    own = OWN_MONEY_OF_STOCK_LOAN
    price = int(prices.unit_value[group.instrument[slot, at]]) >> 10
    units = min(ceil_div(ceil_div(won * (own + 1), own), price), int(group.quantity[slot, at]))
    moved = min(won, units * price * own // (own + 1))
    value, loans = broker_pool(group, at, prices, bar.substitute_bps)
    if 10000 * (value - units * price) < bar.maintenance_bps[group.firm[at]] * (loans - moved):
        units = max(0, units - 1)
        moved = min(won, units * price * own // (own + 1))
    return units, moved


def to_stock_loan(group: Borrowing, at: int, k: int, slot: int, units: int, moved: int) -> None:
    """Move ``moved`` won of loan ``k`` to the account's stock loan, with ``units`` of its lot to secure it."""
    loan = group.loan_kind.shape[0] - 1
    free = group.quantity.shape[0] - 3 + k
    group.quantity[slot, at] -= units
    group.instrument[free, at] = group.instrument[slot, at]
    group.quantity[free, at] = units
    group.standing[free, at] = _STOCK_LOAN_LOT
    if group.loan_kind[loan, at] != _STOCK_LOAN:
        group.loan_kind[loan, at] = _STOCK_LOAN
        group.financed[loan, at] = group.financed[k, at]
        group.opened[loan, at] = group.opened[k, at]
        group.interest_from[loan, at] = group.interest_from[k, at]
        group.due[loan, at] = group.due[k, at]
    group.principal_won[loan, at] += moved
    group.settled_won[loan, at] += moved
    group.principal_won[k, at] -= moved
    group.settled_won[k, at] -= moved


def sell_down(bar: Bar, prices: Prices, group: Borrowing, at: int, k: int, slot: int, repaid: int, abroad: int) -> int:
    """Sell units of the lot to repay ``repaid`` and ``abroad`` won of loan ``k``; the won repaid.

    For ``abroad`` own money goes into the leveraged fund, so much that the exposure stays, but never so much that the
    pool falls under maintenance. What whole units bring beyond that stays as cash.
    """
    row = int(group.instrument[slot, at])
    price = int(prices.unit_value[row]) >> 10
    invested = 0
    if abroad > 0:
        invested = abroad * 100 // (bar.fund_leverage_percent - 100)
        value, loans = broker_pool(group, at, prices, bar.substitute_bps)
        least = ceil_div(bar.maintenance_bps[group.firm[at]] * (loans - repaid - abroad), 10000)
        invested = max(0, min(invested, value - repaid - abroad - least))
    units = min(ceil_div(repaid + abroad + invested, price), int(group.quantity[slot, at]))
    proceeds = units * price
    paid = min(repaid + abroad, proceeds)
    group.quantity[slot, at] -= units
    group.principal_won[k, at] -= paid
    group.settled_won[k, at] -= paid
    rest = proceeds - paid
    fund_value = int(prices.unit_value[bar.fund_row])
    fund_units = (min(invested, rest) << 10) // fund_value
    if fund_units > 0:
        free = group.quantity.shape[0] - 1
        already = int(group.quantity[free, at])
        before = won_value(already, fund_value)
        cost = won_value(already + fund_units, fund_value) - before
        if cost > rest:
            fund_units -= 1
            cost = won_value(already + fund_units, fund_value) - before
        group.instrument[free, at] = bar.fund_row
        group.quantity[free, at] = already + fund_units
        group.standing[free, at] = _ELSEWHERE
        rest -= cost
    group.cash_won[at] += rest
    return paid


def bar_loans(bar: Bar, prices: Prices, group: Borrowing, span: tuple[int, int], barred: np.ndarray) -> None:
    """Cut margin loans to what the new law lends; ``barred`` adds up the won cut, moved to stock loans, and abroad.

    The group's last three holding slots and its last loan slot are free for what replaces the loans. Net worth of
    every person is the same before and after, in won.
    """
    allowed = np.zeros(group.loan_kind.shape[0], dtype=np.int64)
    for at in range(span[0], span[1]):
        allowed_won(bar, group, at, allowed)
        changed = False
        for k in range(allowed.size - 1):
            if group.loan_kind[k, at] != _MARGIN:
                continue
            won = int(group.principal_won[k, at]) - int(allowed[k])
            slot = financed_slot(group, at, int(group.financed[k, at]))
            if won <= 0 or slot < 0:
                continue
            changed = True
            displaced = won * bar.displaced_bps // 10000
            borrowed = displaced * bar.stock_loan_bps // 10000
            units, moved = units_for_stock_loan(bar, prices, group, at, slot, borrowed)
            if moved > 0:
                to_stock_loan(group, at, k, slot, units, moved)
            paid = sell_down(bar, prices, group, at, k, slot, won - displaced, displaced - borrowed)
            barred[0] += moved + paid
            barred[1] += moved
            barred[2] += max(0, paid - (won - displaced))
        if changed:
            size = group.size[at]
            measure(prices, group, at)
            group.size[at] = size
