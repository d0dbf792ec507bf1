"""Columns of coins: every column is told of once, and a row is as narrow as promised."""

import numpy as np

from gaemi.records.coins import (
    COIN_AGE_BANDS,
    COIN_BORROWING,
    COIN_HOLDINGS,
    COIN_PLAIN,
    COIN_SIZE_BANDS,
    COIN_SIZE_EDGES_WON,
    OWES_NONE,
    CoinBorrowing,
    CoinPlain,
    CoinPopulation,
    coin_group,
    coin_loans,
)


def test_every_column_of_a_group_is_in_the_table_of_columns() -> None:
    assert CoinPlain._fields == tuple(column.name for column in (*COIN_PLAIN, *COIN_HOLDINGS))
    assert CoinBorrowing._fields == tuple(column.name for column in (*COIN_BORROWING, *COIN_HOLDINGS))


def test_an_account_has_24_bytes_and_a_holding_9() -> None:
    group = coin_group(100, 3)
    assert 100 * (24 + 3 * 9) == CoinPopulation([group], []).nbytes()


def test_bands_stand_between_their_edges() -> None:
    assert (6, 5, 5) == (len(COIN_SIZE_BANDS), len(COIN_SIZE_EDGES_WON), len(COIN_AGE_BANDS))


def test_loan_accounts_begin_without_a_debt() -> None:
    group = coin_loans(3)
    assert [OWES_NONE] * 3 == group.owed.tolist()
    assert 0 == int(group.owed_won.sum() + group.owed_lots.sum())


def test_a_scenario_copies_what_it_writes_and_shares_the_rest() -> None:
    people = CoinPopulation([coin_group(4, 1)], [coin_loans(2)])
    own = people.copy_for_scenario()
    own.plain[0].peak_won[:] = 7
    own.borrowing[0].cash_won[:] = 7
    assert (0, 0) == (int(people.plain[0].peak_won.sum()), int(people.borrowing[0].cash_won.sum()))
    assert np.shares_memory(own.plain[0].quantity, people.plain[0].quantity)
