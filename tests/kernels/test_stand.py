"""Broker's pools revalued under many shocks at once, against where they stand under each shock alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from kernels.columns_of_oracle import columns_of, law_table_of, quotes_of
from strategies import Book, books

from gaemi.kernels._compile import compiled
from gaemi.kernels.pools import collateral_rate_bps
from gaemi.kernels.stand import nobody_stands, revalue, stand
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, Pool, Standing
from gaemi.units import BPS

MODES: dict[str, Callable[[Any], Any]] = {"compiled": compiled, "plain": lambda kernel: kernel}
LEFT_BPS = (10_000, 8_999, 5_000, 1, 0)
"""What is left of every price under each shock."""


def evening(book: Book) -> tuple[Borrowing, Quotes, LawTable]:
    law, market = law_table_of(book.law), book.days[0]
    return columns_of(book.accounts), quotes_of(market, market.before, market.fill, law), law


def found_by(mode: str, group: Borrowing, units: list[np.ndarray], now: Quotes, law: LawTable) -> list[list[int]]:
    names = range(now.unit.size)
    rates = np.array([[collateral_rate_bps(standing, name, now, law) for name in names] for standing in Standing])
    found = np.zeros((len(units), 2), np.int64)
    MODES[mode](revalue)(group, np.stack(units, axis=1), rates, law, found, 0, group.investor.size)
    return found.tolist()


def standing_under(group: Borrowing, now: Quotes, law: LawTable) -> list[int]:
    """Broker's pools under maintenance at the quotes, and the won that they lack, each rounded up."""
    stood = nobody_stands(group.investor.size)
    stand(group, now, law, stood, 0, group.investor.size)
    pool = Pool.BROKER.value
    debt, value, needed = stood.debt_won[pool], stood.collateral_won[pool], stood.maintenance_bps[pool]
    short = [-((BPS * int(v) - int(m) * int(d)) // BPS) for d, v, m in zip(debt, value, needed, strict=True) if d > 0]
    return [sum(won > 0 for won in short), sum(max(0, won) for won in short)]


@pytest.mark.parametrize("mode", sorted(MODES))
@given(book=books())
def test_under_one_shock_the_pools_lack_what_they_lack_where_they_stand(mode: str, book: Book) -> None:
    group, now, law = evening(book)
    assert [standing_under(group, now, law)] == found_by(mode, group, [now.unit], now, law)


@pytest.mark.parametrize("mode", sorted(MODES))
@given(book=books())
def test_many_shocks_at_once_find_what_each_finds_alone(mode: str, book: Book) -> None:
    group, now, law = evening(book)
    units = [now.unit * left // BPS for left in LEFT_BPS]
    alone = [standing_under(group, now._replace(unit=unit), law) for unit in units]
    assert alone == found_by(mode, group, units, now, law)


@given(book=books())
def test_pools_revalued_in_two_parts_add_up(book: Book) -> None:
    group, now, law = evening(book)
    rates = np.full((len(Standing), now.unit.size), BPS, np.int64)
    units, count = now.unit[:, None] // 2, group.investor.size
    whole, parts = np.zeros((1, 2), np.int64), np.zeros((1, 2), np.int64)
    revalue(group, units, rates, law, whole, 0, count)
    for start, stop in ((0, count // 2), (count // 2, count)):
        revalue(group, units, rates, law, parts, start, stop)
    assert whole.tolist() == parts.tolist()
