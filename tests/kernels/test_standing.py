"""Where accounts stand and what locked names leave unpaid, against the weighing in blocks and a plain search."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from kernels.columns_of_oracle import columns_of, law_table_of, quotes_of
from strategies import Book, books

from gaemi.kernels._compile import compiled
from gaemi.kernels.pools import pool_of_holding
from gaemi.kernels.stand import Locked, lock_names, nobody_stands, stand
from gaemi.kernels.weigh import scales, weigh
from gaemi.records.columns import Pool
from gaemi.units import won_value

MODES: dict[str, Callable[[Any], Any]] = {"compiled": compiled, "plain": lambda kernel: kernel}


def quotes(book: Book, law: Any) -> Any:
    market = book.days[0]
    return quotes_of(market, market.before, market.fill, law)


def stood(book: Book, twin: Callable[[Any], Any]) -> Any:
    group, law = columns_of(book.accounts), law_table_of(book.law)
    found = nobody_stands(group.investor.size)
    twin(stand)(group, quotes(book, law), law, found, 0, group.investor.size)
    return found


@pytest.mark.parametrize("mode", sorted(MODES))
@given(book=books())
def test_collateral_and_debt_are_those_of_the_weighing_in_blocks(mode: str, book: Book) -> None:
    group, law = columns_of(book.accounts), law_table_of(book.law)
    now = quotes(book, law)
    block, found = scales(now, law), stood(book, MODES[mode])
    weigh(group, now, law, block, 0, group.investor.size)
    count, pools = group.investor.size, len(Pool)
    assert found.collateral_won.tolist() == block.collateral_won[:pools, :count].tolist()
    assert found.debt_won.tolist() == block.debt_won[:pools, :count].tolist()


@given(book=books())
def test_what_falls_is_what_is_gone_when_domestic_names_are_worth_nothing(book: Book) -> None:
    group, law = columns_of(book.accounts), law_table_of(book.law)
    now = quotes(book, law)
    gone = now._replace(unit=np.where(now.domestic != 0, 0, now.unit))
    left = nobody_stands(group.investor.size)
    stand(group, gone, law, left, 0, group.investor.size)
    found = stood(book, MODES["plain"])
    assert (found.collateral_won - left.collateral_won).tolist() == found.falling_won.tolist()


@pytest.mark.parametrize("mode", sorted(MODES))
@given(book=books())
def test_a_locked_name_leaves_unpaid_what_a_plain_search_finds(mode: str, book: Book) -> None:
    group, law = columns_of(book.accounts), law_table_of(book.law)
    now = quotes(book, law)
    count = now.unit.size
    down = np.stack([now.unit * 7 // 10, now.unit * 49 // 100])
    found = Locked(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros((count, 2), np.int64))
    MODES[mode](lock_names)(group, now, down, found, 0, group.investor.size)
    today = unpaid(group, now.unit)
    for name in range(count):
        for k in range(2):
            unit = now.unit.copy()
            unit[name] = down[k, name]
            assert unpaid(group, unit) - today == found.unpaid_won[name, k]


def unpaid(group: Any, unit: np.ndarray) -> int:
    """Won by which the loans of pools exceed their shares at the market and the broker's cash."""
    total = 0
    for j in range(group.investor.size):
        for pool in Pool:
            kinds = (1, 2) if pool == Pool.BROKER else (3,)
            owed = sum(
                int(w) for k, w in zip(group.loan_kind[:, j], group.principal_won[:, j], strict=True) if k in kinds
            )
            worth = int(group.cash_won[j]) if pool == Pool.BROKER else 0
            for slot in range(group.quantity.shape[0]):
                if pool_of_holding(int(group.standing[slot, j])) == pool:
                    worth += won_value(int(group.quantity[slot, j]), int(unit[group.instrument[slot, j]]))
            total += max(0, owed - worth)
    return total
