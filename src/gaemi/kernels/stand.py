"""Stand: where each borrowing account stands to its call, and what a name at its lower limit would leave unpaid."""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.pools import (
    collateral_rate_bps,
    maintenance_of,
    pool_collateral_won,
    pool_debt_won,
    pool_of_holding,
)
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, Pool
from gaemi.rules.margin import collateral_won
from gaemi.units import BPS, won_value


class Stood(NamedTuple):
    """Where ``n`` accounts stand, by pool: all int64 [pool, n]."""

    collateral_won: np.ndarray  # collateral value, cash of the broker's pool included
    falling_won: np.ndarray  # the part of it that a common fall of domestic names takes along
    debt_won: np.ndarray  # principal
    maintenance_bps: np.ndarray


def nobody_stands(accounts: int) -> Stood:
    """Empty columns for ``accounts``."""
    return Stood(*(np.zeros((len(Pool), accounts), np.int64) for _ in Stood._fields))


def stand(group: Borrowing, quotes: Quotes, law: LawTable, stood: Stood, start: int, stop: int) -> None:
    """Write where accounts ``start`` to ``stop`` stand at the quotes."""
    for j in range(start, stop):
        for pool in range(group.called_day.shape[0]):
            falling = 0
            for slot in range(group.instrument.shape[0]):
                instrument = group.instrument[slot, j]
                if pool_of_holding(group.standing[slot, j]) == pool and quotes.domestic[instrument] != 0:
                    rate = collateral_rate_bps(group.standing[slot, j], instrument, quotes, law)
                    falling += collateral_won(won_value(group.quantity[slot, j], quotes.unit[instrument]), rate)
            stood.falling_won[pool, j] = falling
            stood.collateral_won[pool, j] = pool_collateral_won(group, j, pool, quotes, law)
            stood.debt_won[pool, j] = pool_debt_won(group, j, pool)
            stood.maintenance_bps[pool, j] = maintenance_of(group, j, pool, law)


class Locked(NamedTuple):
    """What names secure and what they would leave unpaid; ``n`` names, ``k`` closes at the lower limit."""

    lots: np.ndarray  # int64 [n] shares in pools with a loan
    accounts: np.ndarray  # int64 [n] accounts of those pools
    unpaid_won: np.ndarray  # int64 [n, k] more than is unpaid at today's prices, nothing sold meanwhile


def lock_names(
    group: Borrowing, quotes: Quotes, locked_unit: np.ndarray, locked: Locked, start: int, stop: int
) -> None:
    """Add what each name alone leaves unpaid after closes at its lower limit, in accounts ``start`` to ``stop``.

    ``locked_unit`` is int64 [k, n]: value of a lot in 1024ths of a won after each close. A pool is unpaid by what its
    loans exceed its shares at the market and its cash.
    """
    for j in range(start, stop):
        for pool in range(group.called_day.shape[0]):
            debt = pool_debt_won(group, j, pool)
            if debt == 0:
                continue
            worth = group.cash_won[j] if pool == Pool.BROKER else 0
            for slot in range(group.instrument.shape[0]):
                if pool_of_holding(group.standing[slot, j]) == pool:
                    worth += won_value(group.quantity[slot, j], quotes.unit[group.instrument[slot, j]])
            for slot in range(group.instrument.shape[0]):
                if _is_first_of_name(group, j, slot, pool):
                    _lock_one(group, j, slot, quotes, locked_unit, debt - worth, locked)


def _is_first_of_name(group: Borrowing, j: int, slot: int, pool: int) -> bool:
    """Whether a slot is the first in which the pool holds its name: financed and other shares stand apart."""
    if pool_of_holding(group.standing[slot, j]) != pool or group.quantity[slot, j] == 0:
        return False
    for other in range(slot):
        same = group.instrument[other, j] == group.instrument[slot, j] and group.quantity[other, j] > 0
        if same and pool_of_holding(group.standing[other, j]) == pool:
            return False
    return True


def _lock_one(
    group: Borrowing, j: int, slot: int, quotes: Quotes, locked_unit: np.ndarray, lacking: int, locked: Locked
) -> None:
    """Add all holdings of the name of ``slot`` in its pool, which lacks ``lacking`` today (below 0: has more)."""
    name, pool = group.instrument[slot, j], pool_of_holding(group.standing[slot, j])
    locked.accounts[name] += 1
    for other in range(slot, group.instrument.shape[0]):
        if group.instrument[other, j] == name and pool_of_holding(group.standing[other, j]) == pool:
            locked.lots[name] += group.quantity[other, j]
    for k in range(locked_unit.shape[0]):
        lost = 0
        for other in range(slot, group.instrument.shape[0]):
            if group.instrument[other, j] == name and pool_of_holding(group.standing[other, j]) == pool:
                quantity = group.quantity[other, j]
                lost += won_value(quantity, quotes.unit[name]) - won_value(quantity, locked_unit[k, name])
        locked.unpaid_won[name, k] += max(0, lacking + lost) - max(0, lacking)


def revalue(
    group: Borrowing, units: np.ndarray, rate_bps: np.ndarray, law: LawTable, found: np.ndarray, start: int, stop: int
) -> None:
    """Broker's pools of accounts ``start`` to ``stop`` under ``s`` shocks at once, nothing sold.

    ``units`` is int64 [n, s]: value of a lot under each shock, side by side for each name; ``rate_bps`` int64
    [standing, n]. Adds to ``found``, int64 [s, 2], the number of pools under maintenance and the won that they lack.
    """
    shocks = units.shape[1]
    value = np.empty(shocks, np.int64)
    for j in range(start, stop):
        debt = pool_debt_won(group, j, Pool.BROKER.value)
        if debt == 0:
            continue
        value[:] = collateral_won(group.cash_won[j], law.cash_rate_bps)
        for slot in range(group.instrument.shape[0]):
            quantity, standing = group.quantity[slot, j], group.standing[slot, j]
            if quantity == 0 or pool_of_holding(standing) != Pool.BROKER:
                continue
            name = group.instrument[slot, j]
            _add_value(quantity, units[name], rate_bps[standing, name], value)
        needed = law.maintenance_bps[group.firm[j]] * debt
        for s in range(shocks):
            lacking = needed - BPS * value[s]
            if lacking > 0:
                found[s, 0] += 1
                found[s, 1] += (lacking + BPS - 1) // BPS


def _add_value(quantity: int, unit: np.ndarray, rate_bps: int, value: np.ndarray) -> None:
    """Add the collateral value of one holding under each shock: :func:`gaemi.rules.margin.collateral_won`, written out.

    What is known to be above 0 is divided without a question about its sign, in half the time.
    """
    if rate_bps == BPS:
        for s in range(value.shape[0]):
            value[s] += won_value(quantity, unit[s])
    elif rate_bps > 0:
        for s in range(value.shape[0]):
            counted = won_value(quantity, unit[s]) * rate_bps
            if counted > 0:
                value[s] += counted // BPS
