"""Weigh: what the accounts of a block hold, what of it secures their pools, and what the pools owe.

Columns are read in order, one slot after the other, and the sums of a block of accounts stay in the processor's
nearest cache. :mod:`gaemi.kernels.pools` answers the same for one account, where few are asked.
"""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.pools import NO_POOL, collateral_rate_bps, pool_of_holding, pool_of_loan
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, LoanKind, Pool, Standing
from gaemi.rules.margin import collateral_won
from gaemi.units import won_value

BLOCK = 512
"""Accounts weighed together."""

IN_NO_POOL = len(Pool)
ELSEWHERE = len(Pool) + 1
SIDES = len(Pool) + 2
"""Rows of a weighing: the pools, then what stands in the account but in no pool, then the person's own elsewhere."""

_BROKER = Pool.BROKER.value
_STANDINGS = len(Standing)
_LOAN_KINDS = len(LoanKind)


class Scales(NamedTuple):
    """Sums of one block, and the tables that sort holdings and loans into them."""

    value_won: np.ndarray  # int64 [side, account of the block]
    collateral_won: np.ndarray  # int64 [side, account of the block]
    debt_won: np.ndarray  # int64 [side, account of the block]
    side_of_holding: np.ndarray  # uint8 [standing]
    side_of_loan: np.ndarray  # uint8 [kind]
    rate_bps: np.ndarray  # int64 [standing, instrument]


def scales(quotes: Quotes, law: LawTable) -> Scales:
    """Empty scales, with the collateral rate of every standing and instrument under ``law``."""
    side_of_holding = np.full(_STANDINGS, IN_NO_POOL, np.uint8)
    rate_bps = np.empty((_STANDINGS, quotes.unit.size), np.int64)
    for standing in range(_STANDINGS):
        if standing == Standing.ELSEWHERE:
            side_of_holding[standing] = ELSEWHERE
        elif pool_of_holding(standing) != NO_POOL:
            side_of_holding[standing] = pool_of_holding(standing)
        for instrument in range(quotes.unit.size):
            rate_bps[standing, instrument] = collateral_rate_bps(standing, instrument, quotes, law)
    side_of_loan = np.full(_LOAN_KINDS, IN_NO_POOL, np.uint8)
    for kind in range(_LOAN_KINDS):
        if pool_of_loan(kind) != NO_POOL:
            side_of_loan[kind] = pool_of_loan(kind)
    return Scales(
        np.empty((SIDES, BLOCK), np.int64),
        np.empty((SIDES, BLOCK), np.int64),
        np.empty((SIDES, BLOCK), np.int64),
        side_of_holding,
        side_of_loan,
        rate_bps,
    )


def weigh(group: Borrowing, quotes: Quotes, law: LawTable, block: Scales, first: int, count: int) -> None:
    """Sum holdings and loans of the ``count`` accounts from ``first`` on into ``block``.

    Cash counts as collateral of the broker's pool and as value of no side. Holdings and cash are floored to the won
    one by one, as in :func:`gaemi.kernels.pools.pool_collateral_won`.
    """
    value, collateral, debt = block.value_won, block.collateral_won, block.debt_won
    side_of_holding, side_of_loan, rate_bps, unit = (
        block.side_of_holding,
        block.side_of_loan,
        block.rate_bps,
        quotes.unit,
    )
    value[:] = 0
    collateral[:] = 0
    debt[:] = 0
    for slot in range(group.instrument.shape[0]):
        instrument = group.instrument[slot, first : first + count]
        quantity = group.quantity[slot, first : first + count]
        standing = group.standing[slot, first : first + count]
        for i in range(count):
            side = side_of_holding[standing[i]]
            won = won_value(quantity[i], unit[instrument[i]])
            value[side, i] += won
            collateral[side, i] += collateral_won(won, rate_bps[standing[i], instrument[i]])
    for loan in range(group.loan_kind.shape[0]):
        kind = group.loan_kind[loan, first : first + count]
        principal = group.principal_won[loan, first : first + count]
        for i in range(count):
            debt[side_of_loan[kind[i]], i] += principal[i]
    cash_won = group.cash_won[first : first + count]
    for i in range(count):
        collateral[_BROKER, i] += collateral_won(cash_won[i], law.cash_rate_bps)
