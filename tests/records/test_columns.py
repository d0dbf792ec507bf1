from dataclasses import fields

import numpy as np
import pytest
from toytown import TICKERS, instruments, one_thread

from gaemi.records import columns
from gaemi.records.columns import NEVER, Borrowing, Plain, Population, Standing, borrowing_group, plain_group
from gaemi.run import copied


def test_the_table_of_columns_names_every_column_in_order() -> None:
    plain = [c.name for c in (*columns.PLAIN, *columns.HOLDINGS)]
    borrowing = [c.name for c in (*columns.BORROWING, *columns.BORROWED_HOLDINGS, *columns.LOANS)]
    assert plain == list(Plain._fields)
    assert borrowing == list(Borrowing._fields)


@pytest.mark.parametrize(("group", "table"), [
    (plain_group(3, 2), (*columns.PLAIN, *columns.HOLDINGS)),
    (borrowing_group(3, 2, 1), (*columns.BORROWING, *columns.BORROWED_HOLDINGS, *columns.LOANS)),
])  # fmt: skip
def test_a_group_has_the_types_of_the_table(group: Plain | Borrowing, table: tuple[columns.Column, ...]) -> None:
    assert {c.name: np.dtype(c.dtype) for c in table} == {n: a.dtype for n, a in zip(group._fields, group, strict=True)}


def test_a_new_group_is_empty_and_its_clocks_stand() -> None:
    group = borrowing_group(3, 2, 1)
    assert (2, 3) == group.instrument.shape == group.called_day.shape
    assert (1, 3) == group.principal_won.shape
    assert NEVER == group.called_day.max() == group.sale_day.min()
    assert 0 == group.quantity.sum() == group.principal_won.sum() == Standing.ELSEWHERE


def test_a_holding_and_an_account_take_the_room_that_the_design_allows() -> None:
    holding = sum(np.dtype(c.dtype).itemsize for c in columns.HOLDINGS)
    plain = sum(np.dtype(c.dtype).itemsize for c in columns.PLAIN)
    assert holding <= 14
    assert plain <= 64


def test_a_scenario_copies_what_it_writes_and_shares_the_rest() -> None:
    people = Population([plain_group(2, 1)], [borrowing_group(2, 1, 1)], weight=3)
    copy = copied(people, one_thread())
    shared = {
        n for n, a, b in zip(Plain._fields, people.plain[0], copy.plain[0], strict=True) if np.shares_memory(a, b)
    }
    assert set(Plain._fields) - {"peak_won", "wiped"} == shared
    assert not any(np.shares_memory(a, b) for a, b in zip(people.borrowing[0], copy.borrowing[0], strict=True))
    assert (3, 4) == (copy.weight, copy.accounts())


def test_instruments_have_one_value_a_row() -> None:
    with pytest.raises(AssertionError, match="price has one value an instrument"):
        instruments(price=np.array([1, 2]))
    table = instruments()
    assert list(range(4)) == [table.row(ticker) for ticker in TICKERS]
    for f in fields(table):
        if column := f.metadata.get("column"):
            assert np.dtype(column.dtype) == getattr(table, f.name).dtype
