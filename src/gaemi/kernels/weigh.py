"""Weigh: what the accounts of a block hold, what of it secures their pools, and what the pools owe.

Columns are read in order, one slot after the other, and the sums of a block of accounts stay in the processor's
nearest cache. :mod:`gaemi.kernels.pools` answers the same for one account, where few are asked.
"""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.pools import collateral_rate_bps, pool_of_holding, pool_of_loan
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, LoanKind, Pool, Standing
from gaemi.rules.margin import collateral_won
from gaemi.units import won_value

BLOCK = 512
"""Accounts weighed together."""

_BROKER = Pool.BROKER.value
_POOLS = len(Pool)
_STANDINGS = len(Standing)
_LOAN_KINDS = len(LoanKind)


class Scales(NamedTuple):
    """Sums of one block, and the tables that sort holdings and loans into them."""

    inside_won: np.ndarray  # int64 [account of the block], holdings that stand in the account
    elsewhere_won: np.ndarray  # int64 [account of the block], the person's own elsewhere
    collateral_won: np.ndarray  # int64 [pool, account of the block]
    debt_won: np.ndarray  # int64 [pool, account of the block]
    rate_bps: np.ndarray  # int64 [standing, instrument]
    broker_bps: np.ndarray  # int64 [standing, instrument], 0 outside the broker's pool
    broker_owed: np.ndarray  # int64 [kind], 1 where the broker's pool secures the loan


def scales(quotes: Quotes, law: LawTable) -> Scales:
    """Empty scales, with the collateral rate of every standing and instrument under ``law``."""
    rate_bps = np.empty((_STANDINGS, quotes.unit.size), np.int64)
    broker_bps = np.zeros((_STANDINGS, quotes.unit.size), np.int64)
    for standing in range(_STANDINGS):
        for instrument in range(quotes.unit.size):
            rate_bps[standing, instrument] = collateral_rate_bps(standing, instrument, quotes, law)
            if pool_of_holding(standing) == _BROKER:
                broker_bps[standing, instrument] = rate_bps[standing, instrument]
    broker_owed = np.zeros(_LOAN_KINDS, np.int64)
    for kind in range(_LOAN_KINDS):
        broker_owed[kind] = int(pool_of_loan(kind) == _BROKER)
    return Scales(
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty((_POOLS, BLOCK), np.int64),
        np.empty((_POOLS, BLOCK), np.int64),
        rate_bps,
        broker_bps,
        broker_owed,
    )


def weigh(group: Borrowing, quotes: Quotes, law: LawTable, block: Scales, first: int, count: int) -> None:
    """Sum holdings and loans of the ``count`` accounts from ``first`` on into ``block``.

    Cash counts as collateral of the broker's pool and as value of nothing. Holdings and cash are floored to the won
    one by one, as in :func:`gaemi.kernels.pools.pool_collateral_won`. Nearly all collateral is the broker's: the other
    pools are asked for only in blocks where something of theirs was met.
    """
    inside, elsewhere, collateral, debt = block.inside_won, block.elsewhere_won, block.collateral_won, block.debt_won
    broker, owed, unit = collateral[_BROKER], debt[_BROKER], quotes.unit
    broker_bps, broker_owed = block.broker_bps, block.broker_owed
    cash_won = group.cash_won[first : first + count]
    collateral[_BROKER + 1 :] = 0
    debt[:] = 0
    for i in range(count):
        inside[i] = elsewhere[i] = 0
        broker[i] = collateral_won(cash_won[i], law.cash_rate_bps)
    others = 0
    for slot in range(group.instrument.shape[0]):
        instrument = group.instrument[slot, first : first + count]
        quantity = group.quantity[slot, first : first + count]
        standing = group.standing[slot, first : first + count]
        for i in range(count):
            won = won_value(quantity[i], unit[instrument[i]])
            away = won if standing[i] == Standing.ELSEWHERE else 0
            elsewhere[i] += away
            inside[i] += won - away
            broker[i] += collateral_won(won, broker_bps[standing[i], instrument[i]])
        for i in range(count):
            others |= int(standing[i] == Standing.STOCK_LOAN) | int(standing[i] == Standing.CFD)
    for loan in range(group.loan_kind.shape[0]):
        kind = group.loan_kind[loan, first : first + count]
        principal = group.principal_won[loan, first : first + count]
        for i in range(count):
            owed[i] += principal[i] * broker_owed[kind[i]]
        for i in range(count):
            others |= int(kind[i] == LoanKind.STOCK_LOAN) | int(kind[i] == LoanKind.CFD)
    if others != 0:
        _weigh_other_pools(group, unit, block, first, count)


def _weigh_other_pools(group: Borrowing, unit: np.ndarray, block: Scales, first: int, count: int) -> None:
    """Add collateral and debt of the pools after the broker's."""
    for slot in range(group.instrument.shape[0]):
        for i in range(count):
            standing, instrument = group.standing[slot, first + i], group.instrument[slot, first + i]
            pool = pool_of_holding(standing)
            if pool > _BROKER:
                won = won_value(group.quantity[slot, first + i], unit[instrument])
                block.collateral_won[pool, i] += collateral_won(won, block.rate_bps[standing, instrument])
    for loan in range(group.loan_kind.shape[0]):
        for i in range(count):
            pool = pool_of_loan(group.loan_kind[loan, first + i])
            if pool > _BROKER:
                block.debt_won[pool, i] += group.principal_won[loan, first + i]
