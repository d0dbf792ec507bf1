"""Shards: every account in one, all accounts of a person in the same, and the whole put together again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from run.conftest import BEFORE_THE_CHANGE
from toytown.people import crowd

from gaemi.records.shards import Dealt, copy_of, deal, join, joined, part_of, picked, replaced, shard_of

INVESTORS = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=200).map(lambda n: np.array(n, np.int64))
SHARES = st.lists(st.integers(1, 9), min_size=1, max_size=8)


@given(INVESTORS, SHARES)
def test_a_person_is_in_one_shard_wherever_it_stands(investors: np.ndarray, shares: list[int]) -> None:
    found = shard_of(investors, shares)
    assert (shard_of(investors[::-1], shares)[::-1] == found).all()
    assert found.min() >= 0 and found.max() < len(shares)


def test_numbers_in_a_row_are_dealt_by_the_shares() -> None:
    counts = np.bincount(shard_of(np.arange(100_000), (1, 5, 2)), minlength=3)
    assert np.abs(counts / 100_000 - np.array([1, 5, 2]) / 8).max() < 0.002


def test_one_shard_takes_all() -> None:
    assert (shard_of(np.array([0, 2**63 - 1]), (3,)) == 0).all()


@pytest.mark.parametrize("shares", [(1,), (1, 1, 1), (1, 5, 2), (1,) * 16])
def test_what_was_dealt_is_put_together_as_it_was(shares: tuple[int, ...]) -> None:
    people = crowd(BEFORE_THE_CHANGE, 200, plain=80)
    for groups in (people.borrowing, people.plain):
        back = joined(Dealt.of(groups, shares))
        for group, other in zip(groups, back, strict=True):
            assert type(group) is type(other)
            for column, again in zip(group, other, strict=True):
                assert column.dtype == again.dtype
                np.testing.assert_array_equal(column, again)


def test_a_group_more_is_dealt_as_the_others() -> None:
    people = crowd(BEFORE_THE_CHANGE, 100)
    tables = Dealt.of(people.borrowing[:1], (2, 1))
    tables.add(people.borrowing[0], (2, 1))
    assert len(tables) == 4 and tables.whole == 2
    np.testing.assert_array_equal(joined(tables)[1].investor, people.borrowing[0].investor)


def test_some_columns_are_put_together_too() -> None:
    group = crowd(BEFORE_THE_CHANGE, 50).borrowing[0]
    parts = [(picked(part, ("cash_won", "quantity")), rows) for part, rows in deal(group, (1, 1))]
    cash, quantity = join(parts)
    np.testing.assert_array_equal(cash, group.cash_won)
    np.testing.assert_array_equal(quantity, group.quantity)


def test_copies_are_of_the_named_columns_alone() -> None:
    group = crowd(BEFORE_THE_CHANGE, 20).borrowing[0]
    copy = copy_of(group, ("cash_won",))
    assert copy.cash_won is not group.cash_won and copy.quantity is group.quantity
    other = replaced(group, ("cash_won",), (group.cash_won + 1,))
    assert (other.cash_won == group.cash_won + 1).all() and other.quantity is group.quantity
    assert part_of((group.cash_won,), np.array([1]))[0].tolist() == [group.cash_won[1]]
